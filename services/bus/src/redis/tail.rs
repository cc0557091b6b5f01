//! One reader a topic and process, feeding all listeners of this process.

use std::{sync::Arc, time::Duration};

use deadpool_redis::redis::{aio::MultiplexedConnection, cmd};
use proto::event::v1::Envelope;
use tokio::{sync::broadcast::WeakSender, time::sleep};

use super::{
    Shared,
    reply::{self, Entry, Read},
};
use crate::Error;

/// How long the reader rests after an error.
const REST: Duration = Duration::from_millis(500);

struct Reader {
    shared: Arc<Shared>,
    key: String,
    /// The last entry seen; `None` until the end of the stream is known.
    position: Option<String>,
    connection: Option<MultiplexedConnection>,
}

/// Reads until the bus is dropped.
pub(super) fn spawn(shared: Arc<Shared>, topic: &str, sender: WeakSender<Envelope>) {
    let key = shared.stream_key(topic);
    let mut reader = Reader { shared, key, position: None, connection: None };
    tokio::spawn(async move {
        while let Some(sender) = sender.upgrade() {
            match reader.read().await {
                Ok(entries) => {
                    for envelope in entries.iter().filter_map(reply::envelope) {
                        let _ = sender.send(envelope);
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, stream = reader.key, "the tail lost its connection");
                    reader.connection = None;
                    drop(sender);
                    sleep(REST).await;
                }
            }
        }
    });
}

// === impl Reader ===

impl Reader {
    async fn read(&mut self) -> Result<Vec<Entry>, Error> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.shared.connections.blocking().await?,
        };
        let position = match self.position.clone() {
            Some(position) => position,
            None => self.end(&mut connection).await?,
        };
        let mut command = cmd("XREAD");
        command.arg("COUNT").arg(100).arg("BLOCK").arg(self.shared.config.block_ms);
        command.arg("STREAMS").arg(&self.key).arg(&position);
        let reply: Read = command.query_async(&mut connection).await?;
        self.connection = Some(connection);
        let entries: Vec<Entry> = reply.into_iter().flatten().flat_map(|(_, entries)| entries).collect();
        self.position = entries.last().map(|(id, _)| id.clone()).or(Some(position));
        Ok(entries)
    }

    /// The id after which everything is new. Asked once: later reads go on from what they saw, so a broken
    /// connection leaves no gap.
    async fn end(&self, connection: &mut MultiplexedConnection) -> Result<String, Error> {
        let mut command = cmd("XREVRANGE");
        command.arg(&self.key).arg("+").arg("-").arg("COUNT").arg(1);
        let last: Vec<Entry> = command.query_async(connection).await?;
        Ok(last.into_iter().next().map_or_else(|| "0-0".to_owned(), |(id, _)| id))
    }
}
