//! Connections to the primary: the one address there is, or whichever the Sentinels name.

use std::ops::{Deref, DerefMut};

use deadpool_redis::{
    PoolConfig, Runtime, Timeouts,
    redis::{
        AsyncConnectionConfig, Client, ErrorKind, IntoConnectionInfo, RedisError, ServerErrorKind,
        aio::MultiplexedConnection,
        sentinel::{SentinelClient, SentinelNodeConnectionInfo, SentinelServerType},
    },
    sentinel,
};
use tokio::{sync::Mutex, time::timeout};

use crate::{Config, Error};

/// A pool for short commands, and what is needed to open the connections that block.
pub(super) struct Connections {
    source: Source,
    blocking: AsyncConnectionConfig,
    /// How long opening a connection may take, questions to Sentinels included.
    patience: std::time::Duration,
}

enum Source {
    Single { pool: deadpool_redis::Pool, client: Client },
    Watched { pool: sentinel::Pool, client: Mutex<SentinelClient> },
}

/// A connection of the pool.
pub(super) enum Short {
    Single(deadpool_redis::Connection),
    Watched(sentinel::Connection),
}

/// Whether the server that answered is no primary any more.
pub(super) fn is_deposed(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
}

// === impl Connections ===

impl Connections {
    pub(super) fn new(config: &Config) -> Result<Self, Error> {
        let patience = config.response_timeout();
        // Above the block time, so that only a dead server ends the wait.
        let blocking = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(patience))
            .set_response_timeout(Some(config.block() + patience));
        let source =
            if config.sentinels.is_empty() { Source::single(config) } else { Source::watched(config) };
        Ok(Self { source: source?, blocking, patience })
    }

    /// A connection for a short command.
    pub(super) async fn short(&self) -> Result<Short, Error> {
        let unavailable = |error: &dyn std::fmt::Display| Error::Unavailable(error.to_string());
        match &self.source {
            Source::Single { pool, .. } => {
                pool.get().await.map(Short::Single).map_err(|error| unavailable(&error))
            }
            Source::Watched { pool, .. } => {
                let got = pool.get().await;
                got.map(Short::Watched).map_err(|error| unavailable(&error))
            }
        }
    }

    /// A connection of its own for one blocking reader.
    pub(super) async fn blocking(&self) -> Result<MultiplexedConnection, Error> {
        let open = async {
            match &self.source {
                Source::Single { client, .. } => {
                    client.get_multiplexed_async_connection_with_config(&self.blocking).await
                }
                Source::Watched { client, .. } => {
                    client.lock().await.get_async_connection_with_config(&self.blocking).await
                }
            }
        };
        match timeout(self.patience, open).await {
            Ok(connection) => Ok(connection?),
            Err(_) => Err(Error::Unavailable("no primary answered in time".to_owned())),
        }
    }

    /// Drops what the pool holds: it leads to a server that is no primary any more.
    pub(super) fn forget(&self) {
        match &self.source {
            Source::Single { pool, .. } => drop(pool.retain(|_, _| false)),
            Source::Watched { pool, .. } => drop(pool.retain(|_, _| false)),
        }
    }
}

fn misconfigured(error: &dyn std::fmt::Display) -> Error {
    Error::Misconfigured(error.to_string())
}

fn pool_config(config: &Config) -> PoolConfig {
    let patience = Some(config.response_timeout());
    let mut pool = PoolConfig::new(config.pool_max);
    pool.timeouts = Timeouts { wait: patience, create: patience, recycle: patience };
    pool
}

// === impl Source ===

impl Source {
    fn single(config: &Config) -> Result<Self, Error> {
        let url = config.url.expose().as_str();
        let client = Client::open(url).map_err(|error| misconfigured(&error))?;
        let mut settings = deadpool_redis::Config::from_url(url);
        settings.pool = Some(pool_config(config));
        let pool = settings.create_pool(Some(Runtime::Tokio1)).map_err(|error| misconfigured(&error))?;
        Ok(Self::Single { pool, client })
    }

    fn watched(config: &Config) -> Result<Self, Error> {
        let node = config.url.expose().as_str().into_connection_info();
        let node = node.map_err(|error| misconfigured(&error))?.redis_settings().clone();
        let info = SentinelNodeConnectionInfo::default().set_redis_connection_info(node.clone());
        let (addresses, name) = (config.sentinels.clone(), config.primary.clone());
        let client = SentinelClient::build(addresses, name, Some(info), SentinelServerType::Master)
            .map_err(|error| misconfigured(&error))?;
        let mut settings = sentinel::Config::from_urls(
            config.sentinels.clone(),
            config.primary.clone(),
            sentinel::SentinelServerType::Master,
        )
        .with_node_connection_info(Some(sentinel::SentinelNodeConnectionInfo {
            tls_mode: None,
            redis_connection_info: Some(node.into()),
        }));
        settings.pool = Some(pool_config(config));
        let pool = settings.create_pool(Some(Runtime::Tokio1)).map_err(|error| misconfigured(&error))?;
        Ok(Self::Watched { pool, client: Mutex::new(client) })
    }
}

// === impl Short ===

impl Deref for Short {
    type Target = MultiplexedConnection;

    fn deref(&self) -> &MultiplexedConnection {
        match self {
            Self::Single(connection) => connection,
            Self::Watched(connection) => connection,
        }
    }
}

impl DerefMut for Short {
    fn deref_mut(&mut self) -> &mut MultiplexedConnection {
        match self {
            Self::Single(connection) => connection,
            Self::Watched(connection) => connection,
        }
    }
}
