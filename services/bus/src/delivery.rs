//! The queue side: an event is handed to one member of a group until a member acknowledges it.

use std::collections::HashSet;

use async_trait::async_trait;
use proto::event::v1::Envelope;

use crate::{Error, metric};

/// One member of a consumer group.
pub struct Queue {
    topic: String,
    source: Box<dyn Source>,
}

/// One event in hand. Dropped without [`Delivery::ack`] it comes again, before anything newer.
pub struct Delivery {
    /// The event.
    pub envelope: Envelope,
    receipt: Box<dyn Receipt>,
}

/// Where a queue's events come from.
#[async_trait]
pub trait Source: Send {
    /// Waits for the next event; safe to drop while it waits.
    async fn next(&mut self) -> Result<Delivery, Error>;

    /// The events in hand that come next.
    fn upcoming(&self) -> Vec<Envelope> {
        vec![]
    }

    /// Takes those of the events in hand off the group's list that have these ids; answers how many.
    async fn skip(&mut self, _ids: &HashSet<String>) -> Result<usize, Error> {
        Ok(0)
    }
}

/// How a transport learns that an event was handled. Its `Drop` gives the event back.
#[async_trait]
pub trait Receipt: Send {
    /// Takes the event off the group's list.
    async fn ack(self: Box<Self>) -> Result<(), Error>;
}

// === impl Queue ===

impl Queue {
    pub(crate) fn new(topic: &str, source: Box<dyn Source>) -> Self {
        Self { topic: topic.to_owned(), source }
    }

    /// The topic this queue listens to.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// Waits for the next event. An error means that the transport is down: wait a little and ask again.
    pub async fn next(&mut self) -> Result<Delivery, Error> {
        let delivery = self.source.next().await?;
        metric::delivered(&self.topic, 1);
        Ok(delivery)
    }

    /// The events that are in hand already and come next: what can be done together. May be none.
    pub fn upcoming(&self) -> Vec<Envelope> {
        self.source.upcoming()
    }

    /// Acknowledges those of the events in hand that have these ids, all at once; answers how many.
    pub async fn skip(&mut self, ids: &HashSet<String>) -> Result<usize, Error> {
        let skipped = self.source.skip(ids).await?;
        metric::delivered(&self.topic, skipped);
        Ok(skipped)
    }
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").field("topic", &self.topic).finish_non_exhaustive()
    }
}

// === impl Delivery ===

impl Delivery {
    pub(crate) fn new(envelope: Envelope, receipt: Box<dyn Receipt>) -> Self {
        Self { envelope, receipt }
    }

    /// Says that the event's effect is committed. When this fails the event comes again.
    pub async fn ack(self) -> Result<(), Error> {
        self.receipt.ack().await
    }
}

impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Delivery").field("event", &self.envelope.id).finish_non_exhaustive()
    }
}
