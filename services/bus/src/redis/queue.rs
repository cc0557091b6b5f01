//! A member of a consumer group on one connection of its own.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use deadpool_redis::redis::{Cmd, FromRedisValue, aio::MultiplexedConnection, cmd};
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    Shared,
    reply::{self, Claimed, Entry, Read},
};
use crate::{
    Error,
    delivery::{Delivery, Receipt, Source},
};

/// How many entries one read brings.
const READ_COUNT: usize = 32;

/// How many pending entries of silent consumers one claim takes over.
const CLAIM_COUNT: usize = 100;

pub(super) struct RedisSource {
    shared: Arc<Shared>,
    key: String,
    group: String,
    consumer: String,
    connection: Option<MultiplexedConnection>,
    read: VecDeque<Entry>,
    /// Something in hand was given back, or claimed: read this consumer's own pending entries first.
    is_behind: Arc<AtomicBool>,
    claimed_at: Instant,
}

struct RedisReceipt {
    shared: Arc<Shared>,
    key: String,
    group: String,
    id: String,
    is_behind: Arc<AtomicBool>,
    is_done: bool,
}

// === impl RedisSource ===

impl RedisSource {
    pub(super) fn new(shared: Arc<Shared>, topic: &str, group: &str) -> Self {
        Self {
            key: shared.stream_key(topic),
            shared,
            group: group.to_owned(),
            consumer: Uuid::now_v7().to_string(),
            connection: None,
            read: VecDeque::new(),
            is_behind: Arc::new(AtomicBool::new(false)),
            claimed_at: Instant::now(),
        }
    }

    /// Opens the connection, makes the group and takes over what dead consumers left.
    async fn prepare(&mut self) -> Result<(), Error> {
        let claim_idle = Duration::from_millis(self.shared.config.claim_idle_ms);
        if self.connection.is_none() {
            self.connection = Some(self.shared.connections.blocking().await?);
            self.create_group().await?;
            self.claim().await?;
            // What this consumer had in hand when the connection broke.
            self.is_behind.store(true, Ordering::Relaxed);
        } else if self.claimed_at.elapsed() >= claim_idle {
            self.claim().await?;
        }
        Ok(())
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

    async fn claim(&mut self) -> Result<(), Error> {
        let mut cursor = "0-0".to_owned();
        loop {
            let mut command = cmd("XAUTOCLAIM");
            command.arg(&self.key).arg(&self.group).arg(&self.consumer);
            command.arg(self.shared.config.claim_idle_ms).arg(&cursor).arg("COUNT").arg(CLAIM_COUNT);
            let (next, claimed, _) = self.ask::<Claimed>(&command).await?;
            if !claimed.is_empty() {
                tracing::info!(
                    count = claimed.len(),
                    group = self.group,
                    "took over events of a silent consumer"
                );
                self.is_behind.store(true, Ordering::Relaxed);
            }
            if next == "0-0" {
                self.claimed_at = Instant::now();
                return Ok(());
            }
            cursor = next;
        }
    }

    /// Reads this consumer's pending entries (`0`) or new ones (`>`).
    async fn fetch(&mut self, from: &str) -> Result<Vec<Entry>, Error> {
        let mut command = cmd("XREADGROUP");
        command.arg("GROUP").arg(&self.group).arg(&self.consumer).arg("COUNT").arg(READ_COUNT);
        if from == ">" {
            command.arg("BLOCK").arg(self.shared.config.block_ms);
        }
        command.arg("STREAMS").arg(&self.key).arg(from);
        match self.ask::<Read>(&command).await {
            Ok(reply) => Ok(reply.into_iter().flatten().flat_map(|(_, entries)| entries).collect()),
            Err(Error::Unavailable(text)) if text.contains("NOGROUP") => {
                // Redis was emptied; the relays find out by the epoch and send again.
                self.create_group().await?;
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    async fn ask<T: FromRedisValue>(&mut self, command: &Cmd) -> Result<T, Error> {
        let Some(connection) = self.connection.as_mut() else {
            return Err(Error::Unavailable("not connected".to_owned()));
        };
        command.query_async(connection).await.map_err(Error::from)
    }

    async fn step(&mut self) -> Result<Option<Delivery>, Error> {
        self.prepare().await?;
        if self.is_behind.swap(false, Ordering::Relaxed) {
            self.read = self.fetch("0").await?.into();
            // There may be more of them than one read brings.
            self.is_behind.store(self.read.len() == READ_COUNT, Ordering::Relaxed);
        } else if self.read.is_empty() {
            self.read = self.fetch(">").await?.into();
        }
        let Some(entry) = self.read.pop_front() else { return Ok(None) };
        let envelope = reply::envelope(&entry);
        let receipt = Box::new(RedisReceipt {
            shared: self.shared.clone(),
            key: self.key.clone(),
            group: self.group.clone(),
            id: entry.0,
            is_behind: self.is_behind.clone(),
            is_done: false,
        });
        match envelope {
            Some(envelope) => Ok(Some(Delivery::new(envelope, receipt))),
            None => receipt.ack().await.map(|()| None),
        }
    }
}

#[async_trait]
impl Source for RedisSource {
    async fn next(&mut self) -> Result<Delivery, Error> {
        loop {
            match self.step().await {
                Ok(Some(delivery)) => return Ok(delivery),
                Ok(None) => {}
                Err(error) => {
                    self.connection = None;
                    return Err(error);
                }
            }
        }
    }
}

// === impl RedisReceipt ===

#[async_trait]
impl Receipt for RedisReceipt {
    async fn ack(mut self: Box<Self>) -> Result<(), Error> {
        let mut connection = self.shared.connection().await?;
        let mut command = cmd("XACK");
        command.arg(&self.key).arg(&self.group).arg(&self.id);
        self.shared.within(command.query_async::<()>(&mut *connection)).await?;
        self.is_done = true;
        Ok(())
    }
}

impl Drop for RedisReceipt {
    fn drop(&mut self) {
        if !self.is_done {
            self.is_behind.store(true, Ordering::Relaxed);
        }
    }
}
