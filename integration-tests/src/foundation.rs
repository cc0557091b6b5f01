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

    /// Ends whoever holds the bus as a power cut would; somebody holds it again afterwards.
    ///
    /// # Errors
    /// When nobody does.
    fn lose_bus(&mut self) -> io::Result<()>;

    /// Starts again what was ended of the bus.
    ///
    /// # Errors
    /// When it does not come up.
    fn mend_bus(&mut self) -> io::Result<()>;

    /// Sends a command to the bus.
    ///
    /// # Errors
    /// When nobody answers.
    fn command(&self, words: &[&str]) -> io::Result<String>;

    /// Rows of a query of a service's database, fields separated by `|`.
    ///
    /// # Errors
    /// When it fails; the text says why.
    fn query(&self, service: &str, sql: &str) -> io::Result<Vec<String>>;

    /// Waits until nothing of it is missing.
    ///
    /// # Errors
    /// When that takes too long.
    fn wait_until_whole(&self) -> io::Result<()>;
}
