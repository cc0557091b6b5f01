//! What an operator may set.

use chassis::config::{Configuration, Server, Target};
use serde::{Deserialize, Serialize};

/// The gateway's configuration. The size of messages, the number of calls at once and their longest deadline are
/// `server.limits`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the process listens, its certificates and limits.
    pub server: Server,
    /// Where staff is.
    pub staff: Target,
    /// Where leave is.
    pub leave: Target,
    /// Where planning is.
    pub planning: Target,
    /// Where notification is.
    pub notification: Target,
    /// Origins beside the gateway's own whose pages may call: `https://planning.example.org`.
    pub origins: Vec<String>,
    /// Deadline of a call that names none, in milliseconds.
    pub deadline_ms_default: u64,
    /// Streams open at once.
    pub streams_max: usize,
    /// How often notification is told how many calls came in, by which it suggests quiet hours; what a process that dies
    /// has not told is lost. From 1 to 240 seconds.
    pub traffic_report_seconds: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: Server::default(),
            staff: Target::named("staff"),
            leave: Target::named("leave"),
            planning: Target::named("planning"),
            notification: Target::named("notification"),
            origins: Vec::new(),
            deadline_ms_default: 15_000,
            streams_max: 4096,
            traffic_report_seconds: 60,
        }
    }
}

impl Configuration for Config {
    fn server(&self) -> &Server {
        &self.server
    }
}
