//! Where a service's database is.

use std::time::Duration;

use chassis::config::Secret;
use serde::{Deserialize, Serialize};

/// The address of a database and how much is asked of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DbConfig {
    /// `sqlite://PATH` (the file is made when absent) or `postgres://user:password@host:port/database`.
    pub url: Secret<String>,
    /// The address of the standbys, or of what balances between them, for reads that may be stale; PostgreSQL only.
    /// It may be away: then the primary is asked. The same for all instances of a service, or for none: the others
    /// do not tell what they write.
    pub replica_url: Option<Secret<String>>,
    /// How stale an answer may be; a replica that is further behind is not asked.
    pub replica_staleness_max_ms: u64,
    /// How stale an answer may be while the primary is away: everything that only reads goes on for so long.
    pub replica_outage_staleness_max_ms: u64,
    /// Connections at most: to each of primary and replica on PostgreSQL, the readers on SQLite (which has one writer).
    pub pool_max: u32,
    /// How long a call waits for a free connection (PostgreSQL).
    pub acquire_timeout_ms: u64,
    /// How long one statement may take (PostgreSQL), and how long a locked file or its one writer is waited for (SQLite).
    pub statement_timeout_ms: u64,
}

// === impl DbConfig ===

impl DbConfig {
    /// A database at this address, everything else as usual.
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: Secret::new(url.into()), ..Self::default() }
    }

    pub(crate) fn replica_staleness_max(&self) -> Duration {
        Duration::from_millis(self.replica_staleness_max_ms)
    }

    pub(crate) fn replica_outage_staleness_max(&self) -> Duration {
        Duration::from_millis(self.replica_outage_staleness_max_ms)
    }

    pub(crate) fn acquire_timeout(&self) -> Duration {
        Duration::from_millis(self.acquire_timeout_ms)
    }

    pub(crate) fn statement_timeout(&self) -> Duration {
        Duration::from_millis(self.statement_timeout_ms)
    }
}

impl Default for DbConfig {
    fn default() -> Self {
        Self {
            url: Secret::new("sqlite://data/service.sqlite".to_owned()),
            replica_url: None,
            replica_staleness_max_ms: 5_000,
            replica_outage_staleness_max_ms: 60_000,
            pool_max: 8,
            acquire_timeout_ms: 800,
            statement_timeout_ms: 5_000,
        }
    }
}
