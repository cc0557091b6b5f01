//! How the Redis transport is set up.

use std::time::Duration;

use chassis::config::Secret;
use serde::{Deserialize, Serialize};

/// Where Redis is and how much is asked of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// `redis://[user:password@]host:port/database`; behind Sentinels its user, password and database count, and the
    /// Sentinels say which host.
    pub url: Secret<String>,
    /// The Sentinels that know which Redis is the primary, `redis://host:port` each; none: `url` is the only one.
    pub sentinels: Vec<String>,
    /// What the Sentinels call the primary.
    pub primary: String,
    /// Leads every key, so that several meshes can share one Redis.
    pub prefix: String,
    /// About how many events a topic keeps for consumers that are away.
    pub stream_length_max: u64,
    /// Connections for publishing and acknowledging; each consumer has one more of its own.
    pub pool_max: usize,
    /// How long a read waits for an event before it looks around.
    pub block_ms: u64,
    /// After how long an unacknowledged event of a silent consumer is taken over.
    pub claim_idle_ms: u64,
    /// How long any other answer may take.
    pub response_timeout_ms: u64,
}

// === impl Config ===

impl Config {
    /// The longest wait of a blocking read.
    pub(crate) fn block(&self) -> Duration {
        Duration::from_millis(self.block_ms)
    }

    /// The patience with any other command.
    pub(crate) fn response_timeout(&self) -> Duration {
        Duration::from_millis(self.response_timeout_ms)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            url: Secret::new("redis://127.0.0.1:6379/0".to_owned()),
            sentinels: vec![],
            primary: "mathildanesth".to_owned(),
            prefix: "mathildanesth".to_owned(),
            stream_length_max: 100_000,
            pool_max: 8,
            block_ms: 2_000,
            claim_idle_ms: 30_000,
            response_timeout_ms: 2_000,
        }
    }
}
