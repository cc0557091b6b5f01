//! What an operator may set.

use std::time::Duration;

use chassis::config::{Configuration, Server, Target};
use durable::DbConfig;
use serde::{Deserialize, Serialize};

use crate::app::Limits;

/// The configuration of the planning process.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How the process is reached and bounded.
    pub server: Server,
    /// Planning's own database.
    pub db: DbConfig,
    /// Where events travel.
    pub bus: bus::Config,
    /// Where staff is.
    pub staff: Target,
    /// Where leave is.
    pub leave: Target,
    /// How long a solver may stay silent before its task goes to another one, milliseconds. Short, so that a killed
    /// solver is missed soon; one that was only slow keeps its task as long as nobody else took it.
    pub task_lease_ms: u64,
    /// How often solvers report their progress, milliseconds.
    pub task_report_interval_ms: u64,
    /// How often the solvers of a task may be lost before its operation fails.
    pub task_attempts_max: i32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: Server::default(),
            db: DbConfig::at("sqlite://data/planning.sqlite"),
            bus: bus::Config::default(),
            staff: Target::named("staff"),
            leave: Target::named("leave"),
            task_lease_ms: 3_000,
            task_report_interval_ms: 500,
            task_attempts_max: 10,
        }
    }
}

impl Configuration for Config {
    fn server(&self) -> &Server {
        &self.server
    }
}

impl Config {
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            lease: Duration::from_millis(self.task_lease_ms),
            report_interval: Duration::from_millis(self.task_report_interval_ms),
            attempts_max: self.task_attempts_max,
        }
    }
}
