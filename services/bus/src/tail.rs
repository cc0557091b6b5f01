//! The broadcast side: every listener hears what is new, and nobody waits for a listener.

use proto::event::v1::Envelope;
use tokio::sync::broadcast::{self, error::RecvError};

use crate::metric;

/// A listener at the end of a topic. Lossy by design: a hint that the database has something new.
pub struct Tail {
    topic: String,
    receiver: broadcast::Receiver<Envelope>,
}

// === impl Tail ===

impl Tail {
    pub(crate) fn new(topic: &str, receiver: broadcast::Receiver<Envelope>) -> Self {
        Self { topic: topic.to_owned(), receiver }
    }

    /// Waits for the next event, stepping over those this listener was too slow for; `None` when the bus is
    /// gone. Safe to drop while it waits.
    pub async fn next(&mut self) -> Option<Envelope> {
        loop {
            match self.receiver.recv().await {
                Ok(envelope) => return Some(envelope),
                Err(RecvError::Lagged(count)) => metric::missed(&self.topic, count),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

impl std::fmt::Debug for Tail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tail").field("topic", &self.topic).finish_non_exhaustive()
    }
}
