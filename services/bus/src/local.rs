//! The bus of one process.
//!
//! A publisher waits until each group has acknowledged: an outbox row is marked relayed only after the
//! consumers' commits, so a process killed in between finds the row again at its next start.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use futures::future::join_all;
use proto::event::v1::Envelope;
use tokio::sync::{Notify, broadcast, oneshot};

use crate::{
    Epoch, Error, Mark, Marks,
    delivery::{Delivery, Receipt, Source},
    transport::{TAIL_LENGTH_MAX, Transport},
};

/// Topics by name.
#[derive(Default)]
pub(crate) struct Local {
    topics: Mutex<HashMap<String, Arc<Topic>>>,
    marks: Mutex<Marks>,
}

struct Topic {
    groups: Mutex<HashMap<String, Arc<Group>>>,
    tail: broadcast::Sender<Envelope>,
}

#[derive(Default)]
struct Group {
    state: Mutex<GroupState>,
    ready: Notify,
}

#[derive(Default)]
struct GroupState {
    jobs: VecDeque<Job>,
    member_count: usize,
}

/// An event waiting for one group, and the publisher waiting for the group.
struct Job {
    envelope: Envelope,
    done: oneshot::Sender<()>,
}

struct LocalSource {
    topic: Arc<Topic>,
    group_name: String,
    group: Arc<Group>,
}

struct LocalReceipt {
    group: Arc<Group>,
    job: Option<Job>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every critical section here is a few moves of whole values: a panic cannot leave one half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

// === impl Local ===

impl Local {
    fn topic(&self, name: &str) -> Arc<Topic> {
        lock(&self.topics)
            .entry(name.to_owned())
            .or_insert_with(|| {
                Arc::new(Topic { groups: Mutex::default(), tail: broadcast::channel(TAIL_LENGTH_MAX).0 })
            })
            .clone()
    }
}

#[async_trait]
impl Transport for Local {
    async fn publish(&self, topic: &str, envelopes: Vec<Envelope>) -> Result<(), Error> {
        let shared = self.topic(topic);
        let groups: Vec<Arc<Group>> = lock(&shared.groups).values().cloned().collect();
        let mut acknowledgements = Vec::with_capacity(envelopes.len() * groups.len());
        for envelope in envelopes {
            for group in &groups {
                let (done, acknowledged) = oneshot::channel();
                group.push(Job { envelope: envelope.clone(), done });
                acknowledgements.push(acknowledged);
            }
            // Nobody listening is fine: a tail is a hint.
            let _ = shared.tail.send(envelope);
        }
        drop(groups);
        let outcomes = join_all(acknowledgements).await;
        if outcomes.iter().any(Result::is_err) {
            return Err(Error::Unacknowledged(topic.to_owned()));
        }
        Ok(())
    }

    fn queue(&self, topic: &str, group: &str) -> Box<dyn Source> {
        let topic = self.topic(topic);
        let joined = lock(&topic.groups).entry(group.to_owned()).or_default().clone();
        lock(&joined.state).member_count += 1;
        Box::new(LocalSource { topic, group_name: group.to_owned(), group: joined })
    }

    fn tail(&self, topic: &str) -> broadcast::Receiver<Envelope> {
        self.topic(topic).tail.subscribe()
    }

    async fn epoch(&self) -> Result<Epoch, Error> {
        // Nothing is ever held between publisher and consumer, so there is nothing to lose.
        Ok(Epoch { memory: "local".to_owned(), run: String::new() })
    }

    async fn leave(&self, name: &str, value: &str, kept: Duration) -> Result<(), Error> {
        lock(&self.marks).leave(name, value, Instant::now(), kept);
        Ok(())
    }

    async fn open(&self, name: &str, token: &str, kept: Duration) -> Result<(), Error> {
        lock(&self.marks).open(name, token, Instant::now(), kept);
        Ok(())
    }

    async fn close(&self, name: &str, token: &str, value: &str, kept: Duration) -> Result<(), Error> {
        lock(&self.marks).close(name, token, value, Instant::now(), kept);
        Ok(())
    }

    /// Never unknown: whoever could have left a mark did so in this process.
    async fn find(&self, name: &str, _kept: Duration) -> Result<Mark, Error> {
        Ok(lock(&self.marks).find(name, Instant::now()))
    }

    async fn check(&self) -> Result<(), Error> {
        Ok(())
    }
}

// === impl Group ===

impl Group {
    fn push(&self, job: Job) {
        self.hold(|jobs| jobs.push_back(job));
    }

    fn give_back(&self, job: Job) {
        self.hold(|jobs| jobs.push_front(job));
    }

    /// Keeps a job for a member; without members it is dropped, and its publisher told by that.
    fn hold(&self, keep: impl FnOnce(&mut VecDeque<Job>)) {
        let mut state = lock(&self.state);
        if state.member_count > 0 {
            keep(&mut state.jobs);
            self.ready.notify_one();
        }
    }

    fn take(&self) -> Option<Job> {
        let mut state = lock(&self.state);
        while let Some(job) = state.jobs.pop_front() {
            // A publisher that gave up has not marked the event as sent, and will send it again.
            if !job.done.is_closed() {
                if !state.jobs.is_empty() {
                    self.ready.notify_one();
                }
                return Some(job);
            }
        }
        None
    }
}

// === impl LocalSource ===

#[async_trait]
impl Source for LocalSource {
    async fn next(&mut self) -> Result<Delivery, Error> {
        loop {
            let ready = self.group.ready.notified();
            if let Some(job) = self.group.take() {
                let envelope = job.envelope.clone();
                let receipt = LocalReceipt { group: self.group.clone(), job: Some(job) };
                return Ok(Delivery::new(envelope, Box::new(receipt)));
            }
            ready.await;
        }
    }
}

impl Drop for LocalSource {
    fn drop(&mut self) {
        let mut groups = lock(&self.topic.groups);
        let mut state = lock(&self.group.state);
        state.member_count -= 1;
        if state.member_count == 0 {
            // Dropping the jobs tells their publishers that this group will not answer.
            state.jobs.clear();
            groups.remove(&self.group_name);
        }
    }
}

// === impl LocalReceipt ===

#[async_trait]
impl Receipt for LocalReceipt {
    async fn ack(mut self: Box<Self>) -> Result<(), Error> {
        if let Some(job) = self.job.take() {
            // The publisher may have stopped waiting; its event comes again and meets the inbox.
            let _ = job.done.send(());
        }
        Ok(())
    }
}

impl Drop for LocalReceipt {
    fn drop(&mut self) {
        if let Some(job) = self.job.take() {
            self.group.give_back(job);
        }
    }
}
