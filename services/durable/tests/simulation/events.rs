//! Events from two instances of a publisher to two groups of two instances each, and a job that one of three runs.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use bus::Bus;
use chassis::{BoxError, Ctx};
use durable::{
    Consumer, Db, Tx,
    inbox::{self, Patience},
    lease::Lease,
    outbox,
};
use jiff::SignedDuration;
use proto::{event::v1::Envelope, leave::v1::LeaveRejected};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tokio::time::{Instant, sleep};

use crate::ground::{
    Broken, Plant, Run, Sim,
    broker::Broker,
    check,
    database::{Server, Template},
    finds,
    machine::Machine,
    run,
};

const TOPIC: &str = "publisher";

/// The groups, and how many instances each has.
const GROUPS: [&str; 2] = ["test.shared", "test.alone"];

/// How long faults last.
const STORM: Duration = Duration::from_secs(60);

/// How soon after them everything must have arrived: a claim, a lease and the longest pause of a worker, twice.
const BOUND: Duration = Duration::from_secs(120);

/// Faults end here, so nothing is ever put aside.
const ENDLESS: Patience = Patience { attempts_max: i32::MAX, pause_min: Duration::from_millis(1) };

/// How long a job is leased.
const JOB_LEASE: Duration = Duration::from_secs(5);

/// Durable's tables, made once.
fn template() -> &'static Template {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(Template::new(Vec::new(), None))
    })
}

/// What writers know of their transactions.
#[derive(Default)]
struct Ledger {
    next: usize,
    committed: BTreeSet<String>,
    dropped: BTreeSet<String>,
    beliefs: BTreeMap<String, (Instant, Instant)>,
    holders: BTreeMap<i64, String>,
    broken: Option<Broken>,
}

struct World {
    sim: Arc<Sim>,
    broker: Broker,
    publisher: Server,
    consumer: Server,
    ledger: Arc<Mutex<Ledger>>,
    machines: Vec<(Role, Arc<Machine>)>,
    /// Whether the bus keeps what it holds: then its order is promised too.
    has_true_bus: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Publisher,
    Consumer(usize),
    Runner,
}

/// Writes down what it applies; now and then it cannot.
struct Apply {
    group: &'static str,
    machine: String,
    sim: Arc<Sim>,
}

#[async_trait::async_trait]
impl Consumer for Apply {
    fn name(&self) -> &'static str {
        self.group
    }

    fn topic(&self) -> &'static str {
        TOPIC
    }

    async fn handle(&self, tx: &Tx, event: &Envelope) -> Result<(), BoxError> {
        if self.sim.is_faulty(0.05) {
            return Err("told to fail".into());
        }
        if self.sim.is_faulty(0.05) {
            return Err(inbox::Later("told to wait".into()).into());
        }
        let sql = "INSERT INTO effect (consumer, subject) VALUES ($1, $2)";
        let values = [self.group.into(), event.subject.as_str().into()];
        tx.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
        self.sim.trace.say(format_args!("{} applies {} for {}", self.machine, event.subject, self.group));
        Ok(())
    }
}

// === impl World ===

impl World {
    fn new(sim: &Arc<Sim>) -> Self {
        let publisher = Server::new(sim, "publisher", template());
        publisher.prepare("CREATE TABLE work (token BIGINT, holder TEXT)");
        let consumer = Server::new(sim, "consumer", template());
        consumer.prepare("CREATE TABLE effect (consumer TEXT, subject TEXT)");
        let mut machines = Vec::new();
        for (role, name, count) in [
            (Role::Publisher, "publisher", 2),
            (Role::Consumer(0), "consumer-shared", 2),
            (Role::Consumer(1), "consumer-alone", 1),
            (Role::Runner, "runner", 3),
        ] {
            machines.extend((0..count).map(|number| (role, Machine::new(sim, format!("{name}-{number}")))));
        }
        Self {
            sim: sim.clone(),
            broker: Broker::new(sim),
            publisher,
            consumer,
            ledger: Arc::default(),
            machines,
            has_true_bus: sim.chance.happens(0.3),
        }
    }

    fn boot(&self, role: Role, machine: &Arc<Machine>) {
        machine.boot();
        let bus: Bus = self.broker.bus(machine);
        match role {
            Role::Publisher => {
                let db = self.publisher.open(machine);
                machine.run(vec![outbox::relay(&db, &bus, TOPIC)]);
                machine.spawn(write(self.sim.clone(), machine.clone(), db, self.ledger.clone()));
            }
            Role::Consumer(group) => {
                let db = self.consumer.open(machine);
                let (group, sim) = (GROUPS[group], self.sim.clone());
                let apply = Apply { group, sim, machine: machine.name.clone() };
                machine.run(vec![inbox::worker(&db, &bus, Arc::new(apply), ENDLESS)]);
            }
            Role::Runner => {
                let db = self.publisher.open(machine);
                machine.spawn(hold(self.sim.clone(), machine.clone(), db, self.ledger.clone()));
            }
        }
    }

    /// Plays faults for a while, then mends everything.
    async fn storm(&self) -> Result<(), Broken> {
        let (sim, chance) = (&self.sim, &self.sim.chance);
        // Not every kind of fault in every run: some bugs only show when others keep quiet.
        let kinds: Vec<usize> = (0..6).filter(|_| chance.happens(0.6)).collect();
        let pause = chance.millis(200, 4_000);
        let end = Instant::now() + STORM;
        while Instant::now() < end {
            sleep(pause.mul_f64(0.2 + chance.share())).await;
            self.broken()?;
            let (role, machine) = &self.machines[chance.below(self.machines.len())];
            let lasts =
                if chance.happens(0.7) { chance.millis(10, 4_000) } else { chance.millis(4_000, 90_000) };
            let after = Instant::now() + lasts;
            match kinds.get(chance.below(kinds.len().max(1))).copied() {
                // A member's successor is another member: what the dead one had in hand comes to it later.
                Some(0) if !(self.has_true_bus && *role == Role::Consumer(1)) => {
                    machine.kill();
                    sleep(lasts.min(Duration::from_secs(20))).await;
                    self.boot(*role, machine);
                }
                Some(1) if !machine.is_dead() => {
                    machine.hang(true);
                    let (machine, life) = (machine.clone(), machine.life());
                    tokio::spawn(async move {
                        tokio::time::sleep_until(after).await;
                        // Unless it was killed meanwhile.
                        let _ = life;
                        machine.hang(false);
                    });
                }
                Some(2) => {
                    machine.cut(true);
                    let machine = machine.clone();
                    tokio::spawn(async move {
                        tokio::time::sleep_until(after).await;
                        machine.cut(false);
                    });
                }
                Some(3) => {
                    let offset = [-3_600, 0, 0, 3_600][chance.below(4)];
                    let rate = [0.3, 1.0, 1.0, 2.0][chance.below(4)];
                    machine.disturb_clock(SignedDuration::from_secs(offset), rate);
                }
                Some(4) => {
                    let server = if chance.happens(0.5) { &self.publisher } else { &self.consumer };
                    server.stop(true);
                    sleep(lasts.min(Duration::from_secs(10))).await;
                    server.stop(false);
                }
                Some(5) if !self.has_true_bus => match chance.below(3) {
                    0 => self.broker.flush(),
                    1 => {
                        self.broker.stop(true);
                        sleep(lasts).await;
                        self.broker.fail_over();
                        self.broker.stop(false);
                    }
                    _ => self.broker.fail_over(),
                },
                _ => {}
            }
        }
        sim.calm();
        for (role, machine) in &self.machines {
            machine.cut(false);
            machine.disturb_clock(SignedDuration::ZERO, 1.0);
            match machine.is_dead() {
                true => self.boot(*role, machine),
                false => machine.hang(false),
            }
        }
        Ok(())
    }

    fn broken(&self) -> Result<(), Broken> {
        if let Some(broken) = &self.ledger.lock().unwrap().broken {
            return Err(broken.clone());
        }
        let twice =
            "SELECT consumer, subject, COUNT(*) FROM effect GROUP BY consumer, subject HAVING COUNT(*) > 1";
        if let Some(row) = self.consumer.ask(twice).first() {
            return Err(format!("{} has applied {} {} times", row[0], row[1], row[2]));
        }
        Ok(())
    }

    /// What every committed event is called, in the order of its publisher.
    fn sent(&self) -> Vec<String> {
        self.publisher.ask("SELECT subject FROM outbox ORDER BY id").into_iter().flatten().collect()
    }

    fn applied(&self, group: &str) -> Vec<String> {
        let sql = format!("SELECT subject FROM effect WHERE consumer = '{group}' ORDER BY rowid");
        self.consumer.ask(&sql).into_iter().flatten().collect()
    }

    /// Whether everything that was sent was applied.
    fn is_through(&self) -> bool {
        let count = self.sent().len();
        GROUPS.iter().all(|group| self.applied(group).len() >= count)
    }

    fn check(&self) -> Result<(), Broken> {
        self.broken()?;
        let sent: BTreeSet<String> = self.sent().into_iter().collect();
        let ledger = self.ledger.lock().unwrap();
        if let Some(lost) = ledger.committed.difference(&sent).next() {
            return Err(format!("{lost} was committed and is gone"));
        }
        if let Some(ghost) = ledger.dropped.intersection(&sent).next() {
            return Err(format!("{ghost} was rolled back and is there"));
        }
        for group in GROUPS {
            let applied = self.applied(group);
            let unique: BTreeSet<String> = applied.iter().cloned().collect();
            if let Some(ghost) = unique.difference(&sent).next() {
                return Err(format!("{group} has applied {ghost}, which was not committed"));
            }
            if let Some(missing) = sent.difference(&unique).next() {
                return Err(format!("{group} has not applied {missing} {BOUND:?} after the last fault"));
            }
        }
        // One member sees its publisher's events in order, as long as the bus forgets nothing.
        if self.has_true_bus && self.applied(GROUPS[1]) != self.sent() {
            return Err(format!("{} has applied out of order", GROUPS[1]));
        }
        let tokens: Vec<i64> = self
            .publisher
            .ask("SELECT token FROM work ORDER BY rowid")
            .concat()
            .iter()
            .map(|text| text.parse().unwrap())
            .collect();
        if !tokens.is_sorted() {
            return Err("a former holder's work came after a newer one's".to_owned());
        }
        Ok(())
    }
}

/// Commits events, and now and then thinks better of it.
async fn write(sim: Arc<Sim>, machine: Arc<Machine>, db: Db, ledger: Arc<Mutex<Ledger>>) {
    while !sim.is_calm() {
        sleep(sim.chance.millis(100, 3_000)).await;
        let Ok(tx) = db.begin(&Ctx::system("publisher", &machine.clock())).await else { continue };
        let count = 1 + sim.chance.below(3);
        let is_dropped = sim.chance.happens(0.2);
        let mut names = Vec::new();
        for _ in 0..count {
            let name = {
                let mut ledger = ledger.lock().unwrap();
                ledger.next += 1;
                format!("e{}", ledger.next)
            };
            let event = LeaveRejected { leave: name.clone(), ..LeaveRejected::default() };
            if tx.publish(TOPIC, &event, "chu", &name).await.is_ok() {
                names.push(name);
            }
        }
        if is_dropped {
            ledger.lock().unwrap().dropped.extend(names);
            continue;
        }
        let is_sure = tx.commit().await.is_ok();
        sim.trace.say(format_args!("{} commits {names:?}, sure: {is_sure}", machine.name));
        if is_sure {
            ledger.lock().unwrap().committed.extend(names);
        }
    }
}

/// Runs a job while it holds its lease.
async fn hold(sim: Arc<Sim>, machine: Arc<Machine>, db: Db, ledger: Arc<Mutex<Ledger>>) {
    let holder = format!("{} {}", machine.name, uuid::Uuid::now_v7());
    let lease = Lease::new(&db, "job", holder.clone(), JOB_LEASE);
    loop {
        sleep(sim.chance.millis(50, 1_500)).await;
        let asked = Instant::now();
        let held = lease.hold().await;
        let now = Instant::now();
        let Ok(Some(token)) = held else {
            ledger.lock().unwrap().beliefs.remove(&machine.name);
            continue;
        };
        sim.trace.say(format_args!("{} holds the job under {token}", machine.name));
        {
            let mut ledger = ledger.lock().unwrap();
            let other = ledger
                .beliefs
                .iter()
                .find(|(name, (from, until))| **name != machine.name && *from <= now && now < *until);
            if let Some((other, _)) = other {
                ledger.broken = Some(format!("{} and {other} believe that they hold the job", machine.name));
                return;
            }
            // At least half of the time was left when it answered.
            ledger.beliefs.insert(machine.name.clone(), (now, asked + JOB_LEASE / 2));
            let first = ledger.holders.entry(token).or_insert_with(|| holder.clone()).clone();
            if first != holder {
                ledger.broken = Some(format!("token {token} was given to two"));
                return;
            }
        }
        sleep(sim.chance.millis(1, 2_000)).await;
        let Ok(tx) = db.begin(&Ctx::system("publisher", &machine.clock())).await else { continue };
        // What a job writes is checked against the newest token there is.
        let sql = "INSERT INTO work (token, holder) SELECT $1, $2 WHERE $1 >= (SELECT token FROM lease WHERE name = 'job')";
        let values = [token.into(), machine.name.as_str().into()];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        if tx.conn().execute_raw(statement).await.is_ok() {
            let _ = tx.commit().await;
        }
        if sim.chance.happens(0.1) {
            ledger.lock().unwrap().beliefs.remove(&machine.name);
            let _ = lease.release().await;
        }
    }
}

async fn scenario(sim: Arc<Sim>) -> Result<(), Broken> {
    let world = World::new(&sim);
    for (role, machine) in &world.machines {
        world.boot(*role, machine);
    }
    let replica = {
        let (broker, sim) = (world.broker.clone(), sim.clone());
        tokio::spawn(async move {
            loop {
                sleep(sim.chance.millis(20, 1_500)).await;
                broker.replicate();
            }
        })
    };
    world.storm().await?;
    sim.eventually(BOUND, || {
        world.broken()?;
        Ok(world.is_through())
    })
    .await?;
    world.check()?;
    // Nothing comes a second time later on.
    sleep(Duration::from_secs(40)).await;
    replica.abort();
    world.check()
}

/// Two publishers and one consumer, none of which runs yet; one event waits. The bus's replica knows its memory, and hears
/// of nothing that follows.
async fn one_event(sim: &Arc<Sim>) -> (World, [Arc<Machine>; 3]) {
    sim.calm();
    let world = World::new(sim);
    let find = |name: &str| world.machines.iter().find(|(_, own)| own.name == name).unwrap().1.clone();
    let machines = [find("publisher-0"), find("publisher-1"), find("consumer-alone-0")];
    world.broker.bus(&machines[0]).epoch().await.unwrap();
    world.broker.replicate();
    let db = world.publisher.open(&machines[0]);
    let tx = db.begin(&Ctx::system("publisher", &machines[0].clock())).await.unwrap();
    let event = LeaveRejected { leave: "e1".to_owned(), ..LeaveRejected::default() };
    tx.publish(TOPIC, &event, "chu", "e1").await.unwrap();
    tx.commit().await.unwrap();
    (world, machines)
}

/// Starts the consumer and waits for the event.
async fn arrives(world: &World, consumer: &Arc<Machine>) -> Result<(), Broken> {
    world.boot(Role::Consumer(1), consumer);
    let has_arrived = world.sim.eventually(BOUND, || Ok(!world.applied(GROUPS[1]).is_empty())).await?;
    if has_arrived { Ok(()) } else { Err("the event never arrives".to_owned()) }
}

async fn until(mut done: impl FnMut() -> bool) {
    while !done() {
        sleep(Duration::from_millis(1)).await;
    }
}

fn is_relayed(world: &World) -> bool {
    world.publisher.ask("SELECT 1 FROM outbox WHERE relayed_time IS NULL").is_empty()
}

#[test]
fn what_was_relayed_by_a_slow_clock_is_sent_again_after_a_failover() {
    template();
    let run = run(0, None, async |sim| {
        let (world, [slow, right, consumer]) = one_event(&sim).await;
        slow.disturb_clock(SignedDuration::from_hours(-1), 1.0);
        world.boot(Role::Publisher, &slow);
        until(|| is_relayed(&world)).await;
        slow.kill();
        world.broker.fail_over();
        world.boot(Role::Publisher, &right);
        arrives(&world, &consumer).await
    });
    assert_eq!(run.broken, None);
}

#[test]
fn what_was_relayed_before_a_long_outage_is_sent_again_after_a_failover() {
    template();
    let run = run(0, None, async |sim| {
        let (world, [publisher, _, consumer]) = one_event(&sim).await;
        world.boot(Role::Publisher, &publisher);
        until(|| is_relayed(&world)).await;
        world.broker.stop(true);
        sleep(Duration::from_secs(600)).await;
        world.broker.fail_over();
        world.broker.stop(false);
        arrives(&world, &consumer).await
    });
    assert_eq!(run.broken, None);
}

#[test]
fn a_relay_that_lost_its_lease_marks_nothing() {
    template();
    let run = run(0, None, async |sim| {
        let (world, [former, heir, consumer]) = one_event(&sim).await;
        world.boot(Role::Publisher, &former);
        until(|| world.broker.holds(TOPIC) > 0).await;
        // The bus holds the event; the answer is on the way.
        former.hang(true);
        world.broker.flush();
        let memory = || world.publisher.ask("SELECT value FROM setting WHERE name = 'bus_epoch'");
        let before = memory();
        world.boot(Role::Publisher, &heir);
        until(|| memory() != before).await;
        heir.kill();
        former.hang(false);
        arrives(&world, &consumer).await
    });
    assert_eq!(run.broken, None);
}

#[test]
fn an_answer_that_comes_after_its_lease_is_no_lease() {
    template();
    for seed in 0..20 {
        let run = run(seed, None, async |sim| {
            sim.calm();
            let world = World::new(&sim);
            let [former, heir] = ["one", "other"].map(|name| Machine::new(&sim, name));
            let believes = Arc::new(Mutex::new([false; 2]));
            let acquire = |at: usize, machine: &Arc<Machine>| {
                machine.boot();
                let db = world.publisher.open(machine);
                let (believes, holder) = (believes.clone(), machine.name.clone());
                machine.spawn(async move {
                    let lease = Lease::new(&db, "job", holder, JOB_LEASE);
                    believes.lock().unwrap()[at] = matches!(lease.acquire().await, Ok(Some(_)));
                });
            };
            acquire(0, &former);
            until(|| !world.publisher.ask("SELECT 1 FROM lease").is_empty()).await;
            former.hang(true);
            sleep(JOB_LEASE * 2).await;
            acquire(1, &heir);
            sleep(JOB_LEASE / 5).await;
            former.hang(false);
            sleep(JOB_LEASE / 5).await;
            let believes = *believes.lock().unwrap();
            if believes == [false, true] { Ok(()) } else { Err(format!("who believes: {believes:?}")) }
        });
        assert_eq!(run.broken, None, "seed {seed}");
    }
}

fn one(seed: u64, plant: Option<Plant>) -> Run {
    template();
    run(seed, plant, scenario)
}

#[test]
fn events_are_applied_once_and_a_job_has_one_runner() {
    check("durable", "events_are_applied_once", 1, one);
}

#[test]
fn a_seed_of_events_replays() {
    for seed in 0..5 {
        assert_eq!(one(seed, None), one(seed, None), "seed {seed}");
    }
}

#[test]
fn planted_bugs_of_events_are_found() {
    for plant in [
        Plant::AcknowledgedAtDelivery,
        Plant::PublishForgets,
        Plant::ForgetfulInbox,
        Plant::RollbackCommits,
        Plant::JumpingDatabaseClock,
    ] {
        finds(plant, 1, one);
    }
}
