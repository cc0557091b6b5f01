//! What a simulation stands on: one thread, simulated time, a seed that decides everything, and machines, a database and
//! a bus that fail. What runs on it is production's.

pub mod broker;
pub mod chance;
pub mod database;
pub mod machine;
pub mod trace;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, sleep};

use self::{chance::Chance, machine::Machine, trace::Trace};

/// A bug the simulator itself plays, to show that it would be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    /// The bus takes an event off the list when it hands it out.
    AcknowledgedAtDelivery,
    /// The bus says it holds an event, and does not.
    PublishForgets,
    /// An inbox row does not stop a second application.
    ForgetfulInbox,
    /// What was rolled back is there.
    RollbackCommits,
    /// The clock of the database jumps: leases end early.
    JumpingDatabaseClock,
    /// A task is written under any attempt.
    UnfencedTasks,
    /// A request id is new each time.
    ForgetfulRequests,
}

/// What a promise that does not hold says.
pub type Broken = String;

/// What all parts of a simulation share.
pub struct Sim {
    pub chance: Chance,
    pub trace: Trace,
    pub plant: Option<Plant>,
    began: Instant,
    is_calm: AtomicBool,
    /// The share of messages that are lost, and of those that are slow.
    loss: f64,
    slowness: f64,
}

/// A message that did not arrive.
#[derive(Debug)]
pub struct Lost;

// === impl Sim ===

impl Sim {
    pub fn new(seed: u64, plant: Option<Plant>) -> Arc<Self> {
        let chance = Chance::new(seed);
        let own = chance.clone();
        chassis::simulation::begin(move || own.share());
        let one_of = |values: [f64; 3]| values[chance.below(3)];
        Arc::new(Self {
            loss: one_of([0.0, 0.01, 0.1]),
            slowness: one_of([0.0, 0.02, 0.2]),
            chance,
            trace: Trace::new(),
            plant,
            began: Instant::now(),
            is_calm: AtomicBool::new(false),
        })
    }

    /// The right time.
    pub fn now(&self) -> Timestamp {
        let begin: Timestamp = machine::BEGIN.parse().unwrap();
        begin + SignedDuration::try_from(self.began.elapsed()).unwrap()
    }

    /// The time of the databases' servers, in microseconds.
    pub fn database_micros(&self) -> i64 {
        let is_off = self.plant == Some(Plant::JumpingDatabaseClock) && self.chance.happens(0.1);
        self.now().as_microsecond() + if is_off { 3_600_000_000 } else { 0 }
    }

    /// Ends all faults.
    pub fn calm(&self) {
        self.is_calm.store(true, Ordering::Relaxed);
        self.trace.say("the storm is over");
    }

    /// Whether faults are over.
    pub fn is_calm(&self) -> bool {
        self.is_calm.load(Ordering::Relaxed)
    }

    /// Whether a fault of this probability happens now.
    pub fn is_faulty(&self, probability: f64) -> bool {
        !self.is_calm() && self.chance.happens(probability)
    }

    /// One way of a message between a machine and a server.
    pub async fn travel(&self, machine: &Machine) -> Result<(), Lost> {
        let is_slow = self.is_faulty(self.slowness);
        sleep(if is_slow { self.chance.millis(50, 4_000) } else { self.chance.millis(1, 8) }).await;
        if machine.is_cut() || self.is_faulty(self.loss) {
            // Whoever waits for it gives up.
            sleep(self.chance.millis(500, 2_000)).await;
            return Err(Lost);
        }
        Ok(())
    }

    /// Waits until `done`, at most for `bound`.
    pub async fn eventually(
        &self,
        bound: Duration,
        mut done: impl FnMut() -> Result<bool, Broken>,
    ) -> Result<bool, Broken> {
        let end = Instant::now() + bound;
        while Instant::now() < end {
            if done()? {
                return Ok(true);
            }
            sleep(Duration::from_millis(500)).await;
        }
        done()
    }
}

/// How one seed went.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    /// The digest of the trace, and its lines.
    pub digest: (u64, usize),
    /// What broke.
    pub broken: Option<Broken>,
    /// The last lines of the trace, for whoever reads a failure.
    pub tail: String,
}

/// Runs a scenario on a thread of simulated time.
pub fn run<F: Future<Output = Result<(), Broken>>>(
    seed: u64,
    plant: Option<Plant>,
    scenario: impl FnOnce(Arc<Sim>) -> F,
) -> Run {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let sim = Sim::new(seed, plant);
        let outcome = scenario(sim.clone()).await;
        Run { digest: sim.trace.digest(), broken: outcome.err(), tail: sim.trace.tail() }
    })
}

/// How many seeds a run tries of a scenario that costs little.
const SEEDS: u64 = 200;

/// The seeds of a run: the same ones each time, or as many as the environment says, or the one it names. A scenario that
/// costs so many times more tries fewer.
fn seeds(cost: u64) -> Box<dyn Iterator<Item = u64>> {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    if let Some(seed) = number("MATHILDANESTH_SIMULATION_SEED") {
        return Box::new(std::iter::once(seed));
    }
    let base = number("MATHILDANESTH_SIMULATION_BASE").unwrap_or(0);
    let count = number("MATHILDANESTH_SIMULATION_SEEDS").unwrap_or(SEEDS);
    Box::new(base..base + (count / cost).max(1))
}

/// Runs many seeds; the first that breaks a promise fails the test, with what replays it.
pub fn check(package: &str, test: &str, cost: u64, one: impl Fn(u64, Option<Plant>) -> Run) {
    for seed in seeds(cost) {
        let run = one(seed, None);
        if let Some(broken) = run.broken {
            panic!(
                "{}\nseed {seed}: {broken}\nreplay: MATHILDANESTH_SIMULATION_SEED={seed} cargo nextest run -p {package} --all-features {test}",
                run.tail
            );
        }
    }
}

/// The first seed that finds a planted bug: one of those that [`check`] tries each time.
pub fn finds(plant: Plant, cost: u64, one: impl Fn(u64, Option<Plant>) -> Run) {
    let count = SEEDS / cost;
    let found = (0..count).find_map(|seed| Some((seed, one(seed, Some(plant)).broken?)));
    let (seed, broken) = found.unwrap_or_else(|| panic!("{plant:?} is not found by {count} seeds"));
    println!("{plant:?}: seed {seed}: {broken}");
}
