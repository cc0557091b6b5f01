//! A server of streams, as Redis keeps them, with a replica that lags behind: the members that ask it are production's
//! (`bus::testing::Member`).

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use bus::{
    Bus, Epoch, Error, Mark,
    testing::{Acknowledge, Entry, Member, READ_COUNT, Source, Stream, Transport, Which},
};
use proto::event::v1::Envelope;
use tokio::{
    sync::{Notify, broadcast},
    time::{Instant, timeout},
};

use super::{Plant, Sim, machine::Machine};

/// After how long what a silent member holds is taken over: the configuration's default.
const CLAIM_IDLE: Duration = Duration::from_secs(30);

/// How long a read waits for an entry: the configuration's default.
const BLOCK: Duration = Duration::from_secs(2);

/// The server; clones share it.
#[derive(Clone)]
pub struct Broker {
    sim: Arc<Sim>,
    state: Arc<Mutex<State>>,
    grown: Arc<Notify>,
}

struct State {
    data: Data,
    replica: Data,
    run: u64,
    is_down: bool,
    next_id: u64,
    next_memory: u64,
    next_member: u64,
    tails: Vec<(Arc<Machine>, String, broadcast::Sender<Envelope>)>,
}

/// What a server remembers.
#[derive(Clone, Default)]
struct Data {
    memory: Option<u64>,
    topics: BTreeMap<String, Topic>,
}

#[derive(Clone, Default)]
struct Topic {
    entries: Vec<(u64, Envelope)>,
    groups: BTreeMap<String, Group>,
}

#[derive(Clone, Default)]
struct Group {
    last: u64,
    pending: BTreeMap<u64, (u64, Instant)>,
}

struct Line {
    broker: Broker,
    machine: Arc<Machine>,
}

struct SimulatedStream {
    broker: Broker,
    machine: Arc<Machine>,
    topic: String,
    group: String,
    member: u64,
    /// The run of the server this connection was opened to.
    run: Option<u64>,
}

fn lost() -> Error {
    Error::Unavailable("the simulated server does not answer".to_owned())
}

// === impl Broker ===

impl Broker {
    pub fn new(sim: &Arc<Sim>) -> Self {
        let state = State {
            data: Data::default(),
            replica: Data::default(),
            run: 1,
            is_down: false,
            next_id: 0,
            next_memory: 0,
            next_member: 0,
            tails: Vec::new(),
        };
        Self { sim: sim.clone(), state: Arc::new(Mutex::new(state)), grown: Arc::new(Notify::new()) }
    }

    /// The bus as a process on a machine sees it.
    pub fn bus(&self, machine: &Arc<Machine>) -> Bus {
        bus::testing::over(Arc::new(Line { broker: self.clone(), machine: machine.clone() }))
    }

    /// Forgets everything: FLUSHALL.
    pub fn flush(&self) {
        self.sim.trace.say("the bus is flushed");
        self.state.lock().unwrap().data = Data::default();
    }

    /// How many entries it holds for a topic.
    pub fn holds(&self, topic: &str) -> usize {
        self.state.lock().unwrap().data.topics.get(topic).map_or(0, |topic| topic.entries.len())
    }

    /// The replica hears of everything up to now.
    pub fn replicate(&self) {
        let mut state = self.state.lock().unwrap();
        state.replica = state.data.clone();
    }

    /// The primary is lost; from now on its replica is asked, which lacks what it had not heard yet.
    pub fn fail_over(&self) {
        self.sim.trace.say("the bus fails over");
        let mut state = self.state.lock().unwrap();
        state.data = state.replica.clone();
        state.run += 1;
    }

    /// Stops the server, or starts it again with what it remembers.
    pub fn stop(&self, is_down: bool) {
        self.sim.trace.say(format_args!("the bus {}", if is_down { "stops" } else { "starts" }));
        let mut state = self.state.lock().unwrap();
        state.is_down = is_down;
        state.run += u64::from(!is_down);
    }

    /// One command: there, done at once, and back.
    async fn command<T>(
        &self,
        machine: &Machine,
        run: Option<u64>,
        command: impl FnOnce(&mut State) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.sim.travel(machine).await.map_err(|_| lost())?;
        let done = {
            let mut state = self.state.lock().unwrap();
            if state.is_down || run.is_some_and(|run| run != state.run) {
                return Err(lost());
            }
            command(&mut state)?
        };
        self.sim.travel(machine).await.map_err(|_| lost())?;
        Ok(done)
    }
}

// === impl Line ===

#[async_trait::async_trait]
impl Transport for Line {
    async fn publish(&self, topic: &str, envelopes: Vec<Envelope>) -> Result<(), Error> {
        let sim = &self.broker.sim;
        let count = envelopes.len();
        let is_forgotten = sim.plant == Some(Plant::PublishForgets) && sim.chance.happens(0.1);
        // A pipeline that breaks in the middle leaves its beginning.
        let arrived = if sim.is_faulty(0.02) { sim.chance.below(count + 1) } else { count };
        self.broker
            .command(&self.machine, None, |state| {
                let grown = state.data.topics.entry(topic.to_owned()).or_default();
                for envelope in envelopes.iter().take(if is_forgotten { 0 } else { arrived }) {
                    state.next_id += 1;
                    grown.entries.push((state.next_id, envelope.clone()));
                    for (machine, own, tail) in &state.tails {
                        if own == topic && !machine.is_cut() {
                            let _ = tail.send(envelope.clone());
                        }
                    }
                }
                Ok(())
            })
            .await?;
        self.broker.grown.notify_waiters();
        sim.trace.say(format_args!("{} publishes {arrived} of {count} on {topic}", self.machine.name));
        if arrived < count { Err(lost()) } else { Ok(()) }
    }

    fn queue(&self, topic: &str, group: &str) -> Box<dyn Source> {
        let member = {
            let mut state = self.broker.state.lock().unwrap();
            state.next_member += 1;
            state.next_member
        };
        let (broker, machine) = (self.broker.clone(), self.machine.clone());
        let (topic, group) = (topic.to_owned(), group.to_owned());
        let stream = SimulatedStream { broker, machine, topic, group, member, run: None };
        Box::new(Member::new(stream, CLAIM_IDLE))
    }

    /// Nobody reads from a standby here.
    async fn leave(&self, _name: &str, _value: &str, _kept: Duration) -> Result<(), Error> {
        Err(lost())
    }

    async fn open(&self, _name: &str, _token: &str, _kept: Duration) -> Result<(), Error> {
        Err(lost())
    }

    async fn close(&self, _name: &str, _token: &str, _value: &str, _kept: Duration) -> Result<(), Error> {
        Err(lost())
    }

    async fn find(&self, _name: &str, _kept: Duration) -> Result<Mark, Error> {
        Err(lost())
    }

    fn tail(&self, topic: &str) -> broadcast::Receiver<Envelope> {
        let (sender, receiver) = broadcast::channel(64);
        self.broker.state.lock().unwrap().tails.push((self.machine.clone(), topic.to_owned(), sender));
        receiver
    }

    async fn epoch(&self) -> Result<Epoch, Error> {
        let named = self.broker.command(&self.machine, None, |state| {
            let memory = *state.data.memory.get_or_insert_with(|| {
                state.next_memory += 1;
                state.next_memory
            });
            Ok(Epoch { memory: memory.to_string(), run: state.run.to_string() })
        });
        named.await
    }

    async fn check(&self) -> Result<(), Error> {
        self.broker.command(&self.machine, None, |_| Ok(())).await
    }
}

// === impl SimulatedStream ===

impl SimulatedStream {
    async fn ask<T>(&self, ask: impl FnOnce(Option<&mut Topic>) -> T) -> Result<T, Error> {
        let topic = self.topic.clone();
        self.broker.command(&self.machine, self.run, |state| Ok(ask(state.data.topics.get_mut(&topic)))).await
    }
}

#[async_trait::async_trait]
impl Stream for SimulatedStream {
    async fn open(&mut self) -> Result<(), Error> {
        self.run = None;
        let run = self.broker.command(&self.machine, None, |state| Ok(state.run)).await?;
        self.run = Some(run);
        Ok(())
    }

    fn close(&mut self) {
        self.run = None;
    }

    async fn create_group(&mut self) -> Result<(), Error> {
        let (topic, group) = (self.topic.clone(), self.group.clone());
        let create = |state: &mut State| {
            state.data.topics.entry(topic).or_default().groups.entry(group).or_default();
            Ok(())
        };
        self.broker.command(&self.machine, self.run, create).await
    }

    async fn claim(&mut self) -> Result<usize, Error> {
        let (group, member, now) = (self.group.clone(), self.member, Instant::now());
        let claim = move |topic: Option<&mut Topic>| {
            let group = topic.and_then(|topic| topic.groups.get_mut(&group));
            let mut count = 0;
            for (holder, since) in group.into_iter().flat_map(|group| group.pending.values_mut()) {
                if now.duration_since(*since) >= CLAIM_IDLE {
                    (*holder, *since) = (member, now);
                    count += 1;
                }
            }
            count
        };
        self.ask(claim).await
    }

    async fn read(&mut self, which: Which) -> Result<Option<Vec<Entry>>, Error> {
        let give_up = Instant::now() + BLOCK;
        loop {
            let grown = self.broker.grown.clone();
            let grown = grown.notified();
            let (group, member) = (self.group.clone(), self.member);
            let is_forgotten = self.broker.sim.plant == Some(Plant::AcknowledgedAtDelivery);
            let read = move |topic: Option<&mut Topic>| {
                let topic = topic?;
                let group = topic.groups.get_mut(&group)?;
                let now = Instant::now();
                let entry = |(id, envelope): &(u64, Envelope)| Entry {
                    id: id.to_string(),
                    envelope: Some(envelope.clone()),
                };
                let found: Vec<Entry> = if which == Which::Pending {
                    let own = |id: &u64| group.pending.get(id).is_some_and(|(holder, _)| *holder == member);
                    topic.entries.iter().filter(|(id, _)| own(id)).take(READ_COUNT).map(entry).collect()
                } else {
                    let new = topic.entries.iter().filter(|(id, _)| *id > group.last);
                    new.take(READ_COUNT).map(entry).collect()
                };
                for entry in &found {
                    let id = entry.id.parse().unwrap_or_default();
                    group.last = group.last.max(id);
                    if !is_forgotten {
                        group.pending.insert(id, (member, now));
                    }
                }
                Some(found)
            };
            let found = self.ask(read).await?;
            let is_over = found.as_ref().is_none_or(|found| !found.is_empty());
            if is_over || which == Which::Pending || Instant::now() >= give_up {
                return Ok(found);
            }
            let _ = timeout(give_up.saturating_duration_since(Instant::now()), grown).await;
        }
    }

    fn acknowledge(&self) -> Arc<dyn Acknowledge> {
        Arc::new(SimulatedStream {
            broker: self.broker.clone(),
            machine: self.machine.clone(),
            topic: self.topic.clone(),
            group: self.group.clone(),
            member: self.member,
            run: None,
        })
    }
}

#[async_trait::async_trait]
impl Acknowledge for SimulatedStream {
    async fn acknowledge(&self, ids: &[&str]) -> Result<(), Error> {
        let group = self.group.clone();
        let ids: Vec<u64> = ids.iter().map(|id| id.parse().unwrap_or_default()).collect();
        let take_off = move |topic: Option<&mut Topic>| {
            if let Some(group) = topic.and_then(|topic| topic.groups.get_mut(&group)) {
                group.pending.retain(|id, _| !ids.contains(id));
            }
        };
        self.ask(take_off).await
    }
}
