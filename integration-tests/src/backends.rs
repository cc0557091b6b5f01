//! PostgreSQL and Redis together, and how the suites of the crates find them.

use std::{io, process::Command};

use toml::{Table, Value, toml};

use crate::{
    foundation::Foundation,
    postgres::{Postgres, Standby},
    redis::Redis,
};

/// Suites run on PostgreSQL when this names a server.
pub const POSTGRES_VARIABLE: &str = "MATHILDANESTH_TEST_POSTGRES";
/// Suites run on Redis when this names a server.
pub const REDIS_VARIABLE: &str = "MATHILDANESTH_TEST_REDIS";

/// Both servers.
pub struct Backends {
    /// One server for all databases.
    pub postgres: Postgres,
    /// The bus.
    pub redis: Redis,
    /// A server that follows the first, from which reads that may be stale are served.
    pub standby: Option<Standby>,
}

impl Backends {
    /// Starts both.
    ///
    /// # Errors
    /// When one is not installed or does not come up.
    pub fn start() -> io::Result<Self> {
        Ok(Self { postgres: Postgres::start()?, redis: Redis::start()?, standby: None })
    }

    /// Starts both, and a standby.
    ///
    /// # Errors
    /// When one is not installed or does not come up.
    pub fn start_replicated() -> io::Result<Self> {
        let mut backends = Self::start()?;
        backends.standby = Some(backends.postgres.standby()?);
        Ok(backends)
    }

    /// Tells a command where they are.
    pub fn tell(&self, command: &mut Command) {
        command.env(POSTGRES_VARIABLE, self.postgres.url()).env(REDIS_VARIABLE, self.redis.url());
    }
}

impl Foundation for Backends {
    fn create_database(&self, service: &str) -> io::Result<()> {
        self.postgres.create_database(service).map(drop)
    }

    fn database(&self, service: &str, _instance: usize) -> Table {
        let url = format!("{}/{service}", self.postgres.url());
        let mut table = toml! { url = url };
        if let Some(standby) = &self.standby {
            let url = format!("{}/{service}", standby.url());
            table.insert("replica_url".to_owned(), Value::from(url));
        }
        table
    }

    fn bus(&self) -> Table {
        let url = self.redis.url();
        toml! { url = url }
    }

    fn lose_bus(&mut self) -> io::Result<()> {
        self.redis.kill();
        self.redis.restart()
    }

    fn mend_bus(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn command(&self, words: &[&str]) -> io::Result<String> {
        self.redis.command(words)
    }

    fn query(&self, service: &str, sql: &str) -> io::Result<Vec<String>> {
        self.postgres.query(service, sql)
    }

    fn wait_until_whole(&self) -> io::Result<()> {
        Ok(())
    }
}
