//! What a member of a consumer group asks of Redis, on one connection of its own.

use std::sync::Arc;

use async_trait::async_trait;
use deadpool_redis::redis::{Cmd, FromRedisValue, aio::MultiplexedConnection, cmd};
use uuid::Uuid;

use super::{
    Shared,
    reply::{self, Claimed, Read},
};
use crate::{
    Error,
    member::{Acknowledge, Entry, READ_COUNT, Stream, Which},
};

/// How many pending entries of silent consumers one claim takes over.
const CLAIM_COUNT: usize = 100;

pub(super) struct RedisStream {
    shared: Arc<Shared>,
    key: String,
    group: String,
    consumer: String,
    connection: Option<MultiplexedConnection>,
}

struct RedisGroup {
    shared: Arc<Shared>,
    key: String,
    group: String,
}

// === impl RedisStream ===

impl RedisStream {
    pub(super) fn new(shared: Arc<Shared>, topic: &str, group: &str) -> Self {
        Self {
            key: shared.stream_key(topic),
            shared,
            group: group.to_owned(),
            consumer: Uuid::now_v7().to_string(),
            connection: None,
        }
    }

    async fn ask<T: FromRedisValue>(&mut self, command: &Cmd) -> Result<T, Error> {
        let Some(connection) = self.connection.as_mut() else {
            return Err(Error::Unavailable("not connected".to_owned()));
        };
        command.query_async(connection).await.map_err(Error::from)
    }
}

#[async_trait]
impl Stream for RedisStream {
    async fn open(&mut self) -> Result<(), Error> {
        self.connection = Some(self.shared.connections.blocking().await?);
        Ok(())
    }

    fn close(&mut self) {
        self.connection = None;
    }

    async fn create_group(&mut self) -> Result<(), Error> {
        let mut command = cmd("XGROUP");
        // From the beginning: an event published before its first consumer came is still for it.
        command.arg("CREATE").arg(&self.key).arg(&self.group).arg("0").arg("MKSTREAM");
        match self.ask::<()>(&command).await {
            Err(Error::Unavailable(text)) if text.contains("BUSYGROUP") => Ok(()),
            other => other,
        }
    }

    async fn claim(&mut self) -> Result<usize, Error> {
        let mut cursor = "0-0".to_owned();
        let mut count = 0;
        loop {
            let mut command = cmd("XAUTOCLAIM");
            command.arg(&self.key).arg(&self.group).arg(&self.consumer);
            command.arg(self.shared.config.claim_idle_ms).arg(&cursor).arg("COUNT").arg(CLAIM_COUNT);
            let (next, claimed, _) = self.ask::<Claimed>(&command).await?;
            if !claimed.is_empty() {
                count += claimed.len();
                tracing::info!(
                    count = claimed.len(),
                    group = self.group,
                    "took over events of a silent consumer"
                );
            }
            if next == "0-0" {
                return Ok(count);
            }
            cursor = next;
        }
    }

    async fn read(&mut self, which: Which) -> Result<Option<Vec<Entry>>, Error> {
        let mut command = cmd("XREADGROUP");
        command.arg("GROUP").arg(&self.group).arg(&self.consumer).arg("COUNT").arg(READ_COUNT);
        if which == Which::New {
            command.arg("BLOCK").arg(self.shared.config.block_ms);
        }
        let from = if which == Which::New { ">" } else { "0" };
        command.arg("STREAMS").arg(&self.key).arg(from);
        match self.ask::<Read>(&command).await {
            Ok(reply) => {
                let entries = reply.into_iter().flatten().flat_map(|(_, entries)| entries);
                let read = |entry| Entry { envelope: reply::envelope(&entry), id: entry.0 };
                Ok(Some(entries.map(read).collect()))
            }
            Err(Error::Unavailable(text)) if text.contains("NOGROUP") => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn acknowledge(&self) -> Arc<dyn Acknowledge> {
        let (shared, key, group) = (self.shared.clone(), self.key.clone(), self.group.clone());
        Arc::new(RedisGroup { shared, key, group })
    }
}

// === impl RedisGroup ===

#[async_trait]
impl Acknowledge for RedisGroup {
    async fn acknowledge(&self, ids: &[&str]) -> Result<(), Error> {
        let mut connection = self.shared.connection().await?;
        let mut command = cmd("XACK");
        command.arg(&self.key).arg(&self.group).arg(ids);
        self.shared.within(command.query_async::<()>(&mut *connection)).await
    }
}
