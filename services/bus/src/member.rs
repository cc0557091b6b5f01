//! A member of a consumer group: which entries of a stream it takes, and in which order, whatever it and its like
//! dropped, lost or left behind.
//!
//! What it asks of the server is a [`Stream`]: Redis in production, a simulated server where faults are played.

use std::{
    collections::{HashSet, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use proto::event::v1::Envelope;
use tokio::time::Instant;

use crate::{
    Error,
    delivery::{Delivery, Receipt, Source},
};

/// How many entries one read brings.
pub const READ_COUNT: usize = 32;

/// One entry of a stream.
#[derive(Debug)]
pub struct Entry {
    /// Names it for the acknowledgement.
    pub id: String,
    /// Its event; none when nobody can ever read it.
    pub envelope: Option<Envelope>,
}

/// Which entries a read brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those this member was given and has not acknowledged, oldest first.
    Pending,
    /// Those no member of the group was given; waits a while for one.
    New,
}

/// One topic's stream, as one member of one group asks for it. An error closes the connection.
#[async_trait]
pub trait Stream: Send {
    /// Opens the connection.
    async fn open(&mut self) -> Result<(), Error>;

    /// Forgets the connection.
    fn close(&mut self);

    /// Makes the group unless it is there, from the beginning of the stream.
    async fn create_group(&mut self) -> Result<(), Error>;

    /// Takes over what members that were silent for too long have not acknowledged; answers how many entries.
    async fn claim(&mut self) -> Result<usize, Error>;

    /// At most [`READ_COUNT`] entries; `None` when the group is not there.
    async fn read(&mut self, which: Which) -> Result<Option<Vec<Entry>>, Error>;

    /// Where entries are acknowledged.
    fn acknowledge(&self) -> Arc<dyn Acknowledge>;
}

/// Takes entries off a group's list.
#[async_trait]
pub trait Acknowledge: Send + Sync {
    /// Takes these off.
    async fn acknowledge(&self, ids: &[&str]) -> Result<(), Error>;
}

/// A member of a group.
pub struct Member<S> {
    stream: S,
    is_open: bool,
    read: VecDeque<Entry>,
    /// Something in hand was given back, or claimed: read this member's own pending entries first.
    is_behind: Arc<AtomicBool>,
    claim_every: Duration,
    claimed_at: Instant,
}

struct StreamReceipt {
    acknowledge: Arc<dyn Acknowledge>,
    id: String,
    is_behind: Arc<AtomicBool>,
    is_done: bool,
}

// === impl Member ===

impl<S: Stream> Member<S> {
    /// A member that looks for what silent members left when it comes, and then this often.
    pub fn new(stream: S, claim_every: Duration) -> Self {
        Self {
            stream,
            is_open: false,
            read: VecDeque::new(),
            is_behind: Arc::new(AtomicBool::new(false)),
            claim_every,
            claimed_at: Instant::now(),
        }
    }

    /// Opens the connection, makes the group and takes over what dead members left.
    async fn prepare(&mut self) -> Result<(), Error> {
        if !self.is_open {
            self.stream.open().await?;
            self.is_open = true;
            self.stream.create_group().await?;
            self.claim().await?;
            // What this member had in hand when the connection broke.
            self.is_behind.store(true, Ordering::Relaxed);
        } else if self.claimed_at.elapsed() >= self.claim_every {
            self.claim().await?;
        }
        Ok(())
    }

    async fn claim(&mut self) -> Result<(), Error> {
        if self.stream.claim().await? > 0 {
            self.is_behind.store(true, Ordering::Relaxed);
        }
        self.claimed_at = Instant::now();
        Ok(())
    }

    async fn fetch(&mut self, which: Which) -> Result<Vec<Entry>, Error> {
        if let Some(entries) = self.stream.read(which).await? {
            return Ok(entries);
        }
        // The server was emptied; the relays find out by the epoch and send again.
        self.stream.create_group().await?;
        Ok(Vec::new())
    }

    async fn step(&mut self) -> Result<Option<Delivery>, Error> {
        self.prepare().await?;
        if self.is_behind.swap(false, Ordering::Relaxed) {
            self.read = self.fetch(Which::Pending).await?.into();
            // There may be more of them than one read brings.
            self.is_behind.store(self.read.len() == READ_COUNT, Ordering::Relaxed);
        } else if self.read.is_empty() {
            self.read = self.fetch(Which::New).await?.into();
        }
        let Some(entry) = self.read.pop_front() else { return Ok(None) };
        let receipt = Box::new(StreamReceipt {
            acknowledge: self.stream.acknowledge(),
            id: entry.id,
            is_behind: self.is_behind.clone(),
            is_done: false,
        });
        match entry.envelope {
            Some(envelope) => Ok(Some(Delivery::new(envelope, receipt))),
            None => receipt.ack().await.map(|()| None),
        }
    }
}

#[async_trait]
impl<S: Stream> Source for Member<S> {
    async fn next(&mut self) -> Result<Delivery, Error> {
        loop {
            match self.step().await {
                Ok(Some(delivery)) => return Ok(delivery),
                Ok(None) => {}
                Err(error) => {
                    self.stream.close();
                    self.is_open = false;
                    return Err(error);
                }
            }
        }
    }

    fn upcoming(&self) -> Vec<Envelope> {
        // What was given back comes before these.
        let is_behind = self.is_behind.load(Ordering::Relaxed);
        self.read.iter().filter(|_| !is_behind).filter_map(|entry| entry.envelope.clone()).collect()
    }

    async fn skip(&mut self, ids: &HashSet<String>) -> Result<usize, Error> {
        let is_skipped = |entry: &Entry| entry.envelope.as_ref().is_some_and(|event| ids.contains(&event.id));
        let skipped: Vec<&str> =
            self.read.iter().filter(|entry| is_skipped(entry)).map(|entry| entry.id.as_str()).collect();
        let count = skipped.len();
        if count > 0 {
            self.stream.acknowledge().acknowledge(&skipped).await?;
            self.read.retain(|entry| !is_skipped(entry));
        }
        Ok(count)
    }
}

// === impl StreamReceipt ===

#[async_trait]
impl Receipt for StreamReceipt {
    async fn ack(mut self: Box<Self>) -> Result<(), Error> {
        self.acknowledge.acknowledge(&[&self.id]).await?;
        self.is_done = true;
        Ok(())
    }
}

impl Drop for StreamReceipt {
    fn drop(&mut self) {
        if !self.is_done {
            self.is_behind.store(true, Ordering::Relaxed);
        }
    }
}
