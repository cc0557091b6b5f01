//! What both transports can do.

use std::time::Duration;

use async_trait::async_trait;
use proto::event::v1::Envelope;
use tokio::sync::broadcast;

use crate::{Epoch, Error, Mark, delivery::Source};

/// How many events a slow listener of a tail may lag behind before it loses the oldest.
pub(crate) const TAIL_LENGTH_MAX: usize = 1_024;

/// A way for events to travel.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends the events of one topic in order.
    async fn publish(&self, topic: &str, envelopes: Vec<Envelope>) -> Result<(), Error>;

    /// Joins a consumer group.
    fn queue(&self, topic: &str, group: &str) -> Box<dyn Source>;

    /// Listens to new events.
    fn tail(&self, topic: &str) -> broadcast::Receiver<Envelope>;

    /// The name of what the transport remembers.
    async fn epoch(&self) -> Result<Epoch, Error>;

    /// Leaves a mark for the other instances, unless a greater one is there.
    async fn leave(&self, name: &str, value: &str, kept: Duration) -> Result<(), Error>;

    /// Opens a mark whose value is owed.
    async fn open(&self, name: &str, token: &str, kept: Duration) -> Result<(), Error>;

    /// Leaves the value of a mark that was opened.
    async fn close(&self, name: &str, token: &str, value: &str, kept: Duration) -> Result<(), Error>;

    /// The mark of a name, which may be one that was left longer than `kept` ago.
    async fn find(&self, name: &str, kept: Duration) -> Result<Mark, Error>;

    /// Answers when the transport works.
    async fn check(&self) -> Result<(), Error>;
}
