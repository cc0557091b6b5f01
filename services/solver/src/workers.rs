//! What runs without being asked: one worker for each thread, and one that listens for wake-ups.

use std::sync::Arc;
use std::time::Duration;

use bus::Bus;
use chassis::worker::async_trait;
use chassis::{BoxError, Next, Signal, Worker};
use tokio_util::sync::CancellationToken;

use crate::config::How;
use crate::planning::Tasks;
use crate::pool::Pool;
use crate::task;

/// Where planning says that a task waits. It carries no work: a lost wake-up costs one polling interval.
pub const TOPIC: &str = "tasks";

/// Leases a task and searches it, one after the other.
pub struct Searcher {
    /// Planning's queue.
    pub tasks: Arc<Tasks>,
    /// The threads, shared with callers who wait.
    pub pool: Pool,
    /// How tasks are searched.
    pub how: How,
    /// How often planning is asked when nothing wakes us.
    pub poll: Duration,
    /// Rings when a task may wait.
    pub signal: Signal,
}

#[async_trait]
impl Worker for Searcher {
    fn name(&self) -> &'static str {
        "solver.search"
    }

    fn every(&self) -> Duration {
        self.poll.mul_f64(chassis::worker::jitter())
    }

    fn signal(&self) -> Option<Signal> {
        Some(self.signal.clone())
    }

    async fn run(&self, stop: &CancellationToken) -> Result<Next, BoxError> {
        let place = tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(Next::Idle),
            place = self.pool.place() => place.ok_or("the pool is closed")?,
        };
        // A lease is never taken and then forgotten: the answer is waited for even when the process drains.
        let Some(task) = self.tasks.lease().await? else { return Ok(Next::Idle) };
        // Where one task waits there may be another: wake the next searcher.
        self.signal.notify();
        task::run(&self.tasks, self.how, task, place, stop).await;
        Ok(Next::Again)
    }
}

/// Hears that a task waits and wakes a searcher.
pub struct WakeUp {
    /// Where it is heard.
    pub bus: Bus,
    /// Whom it wakes.
    pub signal: Signal,
}

#[async_trait]
impl Worker for WakeUp {
    fn name(&self) -> &'static str {
        "solver.wake_up"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(1)
    }

    async fn run(&self, stop: &CancellationToken) -> Result<Next, BoxError> {
        let mut tail = self.bus.tail(TOPIC);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return Ok(Next::Idle),
                event = tail.next() => match event {
                    Some(_) => self.signal.notify(),
                    None => return Err("the bus is gone".into()),
                },
            }
        }
    }
}
