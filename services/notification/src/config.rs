//! What an operator may set.

use chassis::config::{Configuration, Server, Target};
use durable::DbConfig;
use serde::{Deserialize, Serialize};

/// The configuration of the notification process.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How the process is reached and bounded.
    pub server: Server,
    /// Notification's own database.
    pub db: DbConfig,
    /// Where events travel.
    pub bus: bus::Config,
    /// Where staff is.
    pub staff: Target,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: Server::default(),
            db: DbConfig::at("sqlite://data/notification.sqlite"),
            bus: bus::Config::default(),
            staff: Target::named("staff"),
        }
    }
}

impl Configuration for Config {
    fn server(&self) -> &Server {
        &self.server
    }
}
