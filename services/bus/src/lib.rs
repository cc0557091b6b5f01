//! Events between processes.
//!
//! One [`Bus`], two modes:
//! - **queue**: every group sees every event, one member of the group handles it, and what is not
//!   acknowledged comes again ([`Bus::queue`]);
//! - **broadcast**: each instance reads the tail of a topic to wake its streams ([`Bus::tail`]); this one may
//!   lose events, so whoever uses it also polls the database behind it.
//!
//! Beside events it keeps [`Mark`]s: what the instances of a service tell each other for a few seconds.
//!
//! Two transports: inside one process (`local.rs`) and Redis Streams (`redis.rs`). Both deliver at least once
//! and pass the same suite ([`testing::bus_suite`]).
//!
//! **Invariant**: the bus owns nothing. Whatever it carries can be sent again from an outbox, so it may be
//! emptied at any time.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod config;
mod delivery;
mod error;
mod local;
mod mark;
mod member;
mod metric;
mod probe;
mod redis;
mod tail;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod transport;

use std::{sync::Arc, time::Duration};

use chassis::Probe;
use proto::event::v1::Envelope;

pub use config::Config;
pub use delivery::{Delivery, Queue};
pub use error::Error;
pub use mark::{Mark, Marks};
pub use tail::Tail;

/// The way events travel; cheap to clone.
#[derive(Clone)]
pub struct Bus {
    transport: Arc<dyn transport::Transport>,
}

/// What a transport remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Epoch {
    /// Names the memory: another one knows nothing of what was sent.
    pub memory: String,
    /// Names the run of the server that holds it: another one may lack what was sent last, for a replica follows its
    /// primary at a distance, and a file is written behind what was acknowledged.
    pub run: String,
}

// === impl Bus ===

impl Bus {
    /// A bus inside this process: the all-in-one and tests.
    pub fn local() -> Self {
        Self { transport: Arc::new(local::Local::default()) }
    }

    /// A bus over Redis. Does not wait for Redis: a bus that is down delays events and stops nothing.
    pub async fn connect(config: &Config) -> Result<Self, Error> {
        Ok(Self { transport: Arc::new(redis::Redis::new(config.clone())?) })
    }

    /// Sends one event.
    ///
    /// Local: resolves once every group of the topic has acknowledged, and fails when one of them went away;
    /// dropping the future withdraws what nobody has taken yet. Redis: resolves once Redis holds the event.
    pub async fn publish(&self, topic: &str, envelope: Envelope) -> Result<(), Error> {
        self.publish_all(topic, vec![envelope]).await
    }

    /// Sends several events of a topic in their order; an error says nothing about which of them arrived.
    pub async fn publish_all(&self, topic: &str, envelopes: Vec<Envelope>) -> Result<(), Error> {
        let count = envelopes.len() as u64;
        let outcome = self.transport.publish(topic, envelopes).await;
        metric::published(topic, count, outcome.is_ok());
        outcome
    }

    /// Joins a group of a topic. The group exists from this call on (Redis: from its first read on, with the
    /// events the stream still holds), so services join before any relay starts.
    pub fn queue(&self, topic: &str, group: &str) -> Queue {
        Queue::new(topic, self.transport.queue(topic, group))
    }

    /// Listens to the new events of a topic, on this instance, from now on.
    pub fn tail(&self, topic: &str) -> Tail {
        Tail::new(topic, self.transport.tail(topic))
    }

    /// Names the memory of the transport and who holds it: where the answer is another than last time, what was sent
    /// may have to be sent again.
    pub async fn epoch(&self) -> Result<Epoch, Error> {
        self.transport.epoch().await
    }

    /// Leaves a mark for the other instances, unless a greater one is there; of two marks of a name the texts are
    /// compared. It is forgotten after `kept`.
    pub async fn leave_mark(&self, name: &str, value: &str, kept: Duration) -> Result<(), Error> {
        self.transport.leave(name, value, kept).await
    }

    /// Opens a mark whose value is owed, for `kept` at most: whoever closes the last one that was opened must know the values
    /// of all before it.
    pub async fn open_mark(&self, name: &str, token: &str, kept: Duration) -> Result<(), Error> {
        self.transport.open(name, token, kept).await
    }

    /// Leaves the value of a mark that was opened.
    pub async fn close_mark(
        &self,
        name: &str,
        token: &str,
        value: &str,
        kept: Duration,
    ) -> Result<(), Error> {
        self.transport.close(name, token, value, kept).await
    }

    /// The greatest mark of a name that was left less than `kept` ago, or an older one that is not forgotten yet.
    pub async fn find_mark(&self, name: &str, kept: Duration) -> Result<Mark, Error> {
        self.transport.find(name, kept).await
    }

    /// Tells whether the transport answers.
    pub fn probe(&self) -> Box<dyn Probe> {
        Box::new(probe::BusProbe(self.transport.clone()))
    }
}

impl std::fmt::Debug for Bus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bus").finish_non_exhaustive()
    }
}
