//! Work that nobody waits for: takes no input, is idempotent, runs on a signal and on a timer.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures::FutureExt;
use metrics::{counter, histogram};
use tokio::{sync::Notify, task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{BoxError, metrics as names};

/// What a worker wants after one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// There is more to do: run at once.
    Again,
    /// Nothing left: wait for the signal or the timer.
    Idle,
}

/// A recurring piece of work.
#[async_trait]
pub trait Worker: Send + Sync {
    /// Its name in logs and metrics: `leave.relay_outbox`.
    fn name(&self) -> &'static str;

    /// The longest it may sleep between two runs.
    fn every(&self) -> Duration;

    /// What wakes it before the timer does.
    fn signal(&self) -> Option<Signal> {
        None
    }

    /// One run. Must give up soon after `stop` is set.
    ///
    /// # Errors
    /// Anything: it is logged and counted, and the worker runs again after a growing, jittered pause.
    async fn run(&self, stop: &CancellationToken) -> Result<Next, BoxError>;
}

pub use async_trait::async_trait;

/// Wakes a worker. Signals that arrive during a run are kept.
#[derive(Clone, Debug, Default)]
pub struct Signal(Arc<Notify>);

impl Signal {
    /// A signal that nobody has given yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Wakes the worker.
    pub fn notify(&self) {
        self.0.notify_one();
    }

    /// Waits until somebody gives the signal.
    pub async fn notified(&self) {
        self.0.notified().await;
    }
}

const PAUSE_MIN: Duration = Duration::from_millis(100);
/// What a worker needs is seen to be back within a second; a longer pause would only save log lines.
const PAUSE_MAX: Duration = Duration::from_millis(300);

/// Runs the workers until `stop` is set; the set ends when each has finished its step.
pub fn spawn(workers: Vec<Box<dyn Worker>>, stop: &CancellationToken) -> JoinSet<()> {
    let mut set = JoinSet::new();
    for worker in workers {
        set.spawn(drive(worker, stop.clone()));
    }
    set
}

async fn drive(worker: Box<dyn Worker>, stop: CancellationToken) {
    let signal = worker.signal().unwrap_or_default();
    let mut pause = PAUSE_MIN;
    while !stop.is_cancelled() {
        let started = Instant::now();
        // A panic is a bug of ours, and no reason never to run again: without its relay a service goes silent.
        let run = AssertUnwindSafe(worker.run(&stop)).catch_unwind().await;
        let outcome = run.unwrap_or_else(|_| Err("the worker panicked".into()));
        histogram!(names::WORKER_RUN_SECONDS, "worker" => worker.name())
            .record(started.elapsed().as_secs_f64());
        let wait = match outcome {
            Ok(next) => {
                count(&*worker, "ok");
                pause = PAUSE_MIN;
                if next == Next::Again { continue } else { worker.every() }
            }
            Err(error) if stop.is_cancelled() => {
                tracing::debug!(worker.name = worker.name(), %error, "worker interrupted by the drain");
                return;
            }
            Err(error) => {
                count(&*worker, "error");
                tracing::warn!(worker.name = worker.name(), %error, pause_ms = pause.as_millis() as u64, "worker failed, will run again");
                let jittered = pause.mul_f64(jitter());
                pause = (pause * 2).min(PAUSE_MAX);
                jittered
            }
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            () = signal.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

fn count(worker: &dyn Worker, outcome: &'static str) {
    counter!(names::WORKER_RUNS_TOTAL, "worker" => worker.name(), "outcome" => outcome).increment(1);
}

/// A factor in [0.5, 1.5), so that instances that failed together do not come back together.
pub fn jitter() -> f64 {
    #[cfg(feature = "testing")]
    if let Some(chance) = crate::simulation::chance() {
        return 0.5 + chance;
    }
    let (_, low) = uuid::Uuid::new_v4().as_u64_pair();
    0.5 + (low >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    struct Clumsy(Arc<AtomicU32>, CancellationToken);

    #[async_trait]
    impl Worker for Clumsy {
        fn name(&self) -> &'static str {
            "test.clumsy"
        }

        fn every(&self) -> Duration {
            Duration::from_secs(3_600)
        }

        async fn run(&self, _stop: &CancellationToken) -> Result<Next, BoxError> {
            assert!(self.0.fetch_add(1, Ordering::Relaxed) > 0, "the first run panics");
            self.1.cancel();
            Ok(Next::Idle)
        }
    }

    #[tokio::test]
    async fn a_worker_that_panics_runs_again() {
        let (runs, stop) = (Arc::new(AtomicU32::new(0)), CancellationToken::new());
        let mut set = spawn(vec![Box::new(Clumsy(runs.clone(), stop.clone()))], &stop);
        set.join_next().await.unwrap().unwrap();
        assert_eq!(runs.load(Ordering::Relaxed), 2);
    }
}
