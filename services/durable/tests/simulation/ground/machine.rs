//! A machine that runs instances: it may hang, die, lose its network, and its wall clock may be wrong.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use chassis::{BoxError, Clock, Next, Signal, Worker};
use jiff::{SignedDuration, Timestamp};
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use super::Sim;

/// When simulations begin, by a clock that is right.
pub const BEGIN: &str = "2026-11-23T08:00:00Z";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Running,
    Hung,
    Dead,
}

/// One life of a process, from its start to its death.
#[derive(Clone)]
pub struct Life(Arc<Mutex<Pulse>>);

struct Pulse {
    state: State,
    waiting: BTreeMap<u64, Waker>,
    next: u64,
}

/// A process is dead: it answers nothing any more.
#[derive(Debug)]
pub struct Dead;

/// A future that goes on only while its process runs.
pub struct Living<F> {
    life: Life,
    id: u64,
    inner: Option<Pin<Box<F>>>,
}

/// A machine.
pub struct Machine {
    pub name: String,
    sim: Arc<Sim>,
    life: Mutex<Life>,
    tasks: Mutex<Option<JoinSet<()>>>,
    is_cut: AtomicBool,
    wall: Arc<Mutex<Wall>>,
}

/// A wall clock: right at its origin, then wrong by its rate and its offset.
struct Wall {
    origin: Instant,
    base: Timestamp,
    rate: f64,
}

struct LivingWorker {
    life: Life,
    inner: Box<dyn Worker>,
}

// === impl Life ===

impl Life {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Pulse { state: State::Running, waiting: BTreeMap::new(), next: 0 })))
    }

    /// Runs a future only while this life goes on.
    pub fn live<F: Future>(&self, inner: F) -> Living<F> {
        let mut pulse = self.0.lock().unwrap();
        pulse.next += 1;
        Living { life: self.clone(), id: pulse.next, inner: Some(Box::pin(inner)) }
    }

    fn become_state(&self, state: State) {
        let waiting = {
            let mut pulse = self.0.lock().unwrap();
            if pulse.state == State::Dead {
                return;
            }
            pulse.state = state;
            std::mem::take(&mut pulse.waiting)
        };
        waiting.into_values().for_each(Waker::wake);
    }
}

impl<F: Future> Future for Living<F> {
    type Output = Result<F::Output, Dead>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let state = {
            let mut pulse = self.life.0.lock().unwrap();
            pulse.waiting.insert(self.id, context.waker().clone());
            pulse.state
        };
        match state {
            State::Hung => Poll::Pending,
            State::Dead => {
                self.inner = None;
                Poll::Ready(Err(Dead))
            }
            State::Running => match &mut self.inner {
                Some(inner) => inner.as_mut().poll(context).map(Ok),
                None => Poll::Ready(Err(Dead)),
            },
        }
    }
}

impl<F> Drop for Living<F> {
    fn drop(&mut self) {
        self.life.0.lock().unwrap().waiting.remove(&self.id);
    }
}

// === impl Machine ===

impl Machine {
    pub fn new(sim: &Arc<Sim>, name: impl Into<String>) -> Arc<Self> {
        let life = Life::new();
        life.become_state(State::Dead);
        let wall = Wall { origin: Instant::now(), base: BEGIN.parse().unwrap(), rate: 1.0 };
        Arc::new(Self {
            name: name.into(),
            sim: sim.clone(),
            life: Mutex::new(life),
            tasks: Mutex::new(None),
            is_cut: AtomicBool::new(false),
            wall: Arc::new(Mutex::new(wall)),
        })
    }

    /// The life that goes on now.
    pub fn life(&self) -> Life {
        self.life.lock().unwrap().clone()
    }

    /// Begins a new life; fill it with [`Machine::run`].
    pub fn boot(&self) {
        self.sim.trace.say(format_args!("{} starts", self.name));
        *self.life.lock().unwrap() = Life::new();
        *self.tasks.lock().unwrap() = Some(JoinSet::new());
    }

    /// Runs workers as a process would.
    pub fn run(&self, workers: Vec<Box<dyn Worker>>) {
        let life = self.life();
        let living = workers
            .into_iter()
            .map(|inner| Box::new(LivingWorker { life: life.clone(), inner }) as Box<dyn Worker>);
        let mut set = chassis::worker::spawn(living.collect(), &CancellationToken::new());
        self.spawn(async move { while set.join_next().await.is_some() {} });
    }

    /// Runs something else in this life.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let living = self.life().live(work);
        if let Some(tasks) = self.tasks.lock().unwrap().as_mut() {
            tasks.spawn(async move {
                let _ = living.await;
            });
        }
    }

    /// Ends the life at once: kill -9.
    pub fn kill(&self) {
        self.sim.trace.say(format_args!("{} is killed", self.name));
        self.life().become_state(State::Dead);
        *self.tasks.lock().unwrap() = None;
    }

    pub fn is_dead(&self) -> bool {
        self.life().0.lock().unwrap().state == State::Dead
    }

    /// Stops, and goes on later: SIGSTOP, SIGCONT.
    pub fn hang(&self, is_hung: bool) {
        self.sim.trace.say(format_args!("{} {}", self.name, if is_hung { "hangs" } else { "goes on" }));
        self.life().become_state(if is_hung { State::Hung } else { State::Running });
    }

    /// Unplugs the network, or plugs it in.
    pub fn cut(&self, is_cut: bool) {
        self.sim.trace.say(format_args!(
            "{} {}",
            self.name,
            if is_cut { "is cut off" } else { "is reachable" }
        ));
        self.is_cut.store(is_cut, Ordering::Relaxed);
    }

    pub fn is_cut(&self) -> bool {
        self.is_cut.load(Ordering::Relaxed)
    }

    /// The machine's wall clock.
    pub fn clock(&self) -> Clock {
        let wall = self.wall.clone();
        Clock::told(move || wall.lock().unwrap().now())
    }

    /// Sets the wall clock wrong, or right again.
    pub fn disturb_clock(&self, offset: SignedDuration, rate: f64) {
        self.sim.trace.say(format_args!("{} has its clock off by {offset:?}, at rate {rate:.2}", self.name));
        let mut wall = self.wall.lock().unwrap();
        let right = self.sim.now();
        *wall = Wall { origin: Instant::now(), base: right + offset, rate };
    }
}

impl Wall {
    fn now(&self) -> Timestamp {
        let elapsed: Duration = self.origin.elapsed().mul_f64(self.rate);
        self.base + SignedDuration::try_from(elapsed).unwrap()
    }
}

// === impl LivingWorker ===

#[async_trait::async_trait]
impl Worker for LivingWorker {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn every(&self) -> Duration {
        self.inner.every()
    }

    fn signal(&self) -> Option<Signal> {
        self.inner.signal()
    }

    async fn run(&self, stop: &CancellationToken) -> Result<Next, BoxError> {
        self.life.live(self.inner.run(stop)).await.map_err(|Dead| "the process is dead")?
    }
}
