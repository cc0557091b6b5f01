//! What a mesh stands on: a database for each service and a bus.

use std::io;

use toml::Table;

/// Databases and a bus, as the services' configurations name them.
pub trait Foundation {
    /// Makes a service's empty database.
    ///
    /// # Errors
    /// When it cannot be made.
    fn create_database(&self, service: &str) -> io::Result<()>;

    /// The section `[db]` of an instance of a service.
    fn database(&self, service: &str, instance: usize) -> Table;

    /// The section `[bus]` of every service.
    fn bus(&self) -> Table;
}
