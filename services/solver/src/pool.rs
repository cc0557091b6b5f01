//! The threads that search: a bounded number, outside the async ones.

use std::sync::Arc;
use std::time::Duration;

use engine::Solution;
use metrics::{counter, gauge, histogram};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{Instant, timeout};

use crate::bridge::{self, Budget, Handle, Stop};
use crate::metrics::{SEARCH_SECONDS, STEPS_TOTAL, THREADS_BUSY};
use crate::search::{self, Work};

/// Places for searches; clones share them.
#[derive(Clone)]
pub struct Pool(Arc<Semaphore>);

/// A place for one search.
pub struct Place(OwnedSemaphorePermit);

/// What to search.
pub struct Job {
    /// What is searched.
    pub work: Work,
    /// Where randomness starts.
    pub seed: u64,
    /// What bounds the search.
    pub budget: Budget,
    /// Threads to work on.
    pub threads: usize,
}

/// A search that runs. Dropping it stops it.
pub struct Search {
    handle: Handle,
    thread: JoinHandle<Found>,
}

/// What a search hands back.
pub struct Found {
    /// The roster and what it cost to find.
    pub solution: Solution,
    /// How long it took.
    pub elapsed: Duration,
}

impl Found {
    /// Why the search stopped before its steps were spent; `None`: it did not. An order that came too late to
    /// matter is none, but a lost task stays lost.
    pub fn stopped(&self, handle: &Handle) -> Option<Stop> {
        handle.stopped().filter(|stop| self.solution.statistics.was_stopped || *stop == Stop::Lost)
    }
}

impl Pool {
    /// A pool of that many threads.
    pub fn new(threads: usize) -> Self {
        Self(Arc::new(Semaphore::new(threads.max(1))))
    }

    /// A place, as soon as there is one.
    pub async fn place(&self) -> Option<Place> {
        self.0.clone().acquire_owned().await.ok().map(Place)
    }

    /// A place, if there is one soon.
    pub async fn place_within(&self, patience: Duration) -> Option<Place> {
        timeout(patience, self.place()).await.ok().flatten()
    }
}

impl Place {
    /// Runs bounded work here; the place is free again when it ends.
    ///
    /// # Errors
    /// When the work panicked: a bug of ours.
    pub async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, JoinError> {
        let thread = chassis::compute::spawn(move || {
            let _place = self.0;
            let _busy = Busy::new();
            work()
        });
        thread.await
    }

    /// Starts a search here; the place is free again when it ends.
    pub fn search(self, job: Job) -> Search {
        let (mut bridge, handle) = bridge::connect(job.budget);
        let thread = chassis::compute::spawn(move || {
            let _place = self.0;
            let _busy = Busy::new();
            let started = Instant::now();
            let solution = search::search(job, &mut bridge);
            let elapsed = started.elapsed();
            counter!(STEPS_TOTAL).increment(solution.statistics.steps);
            histogram!(SEARCH_SECONDS).record(elapsed.as_secs_f64());
            Found { solution, elapsed }
        });
        Search { handle, thread }
    }
}

impl Search {
    /// How to follow and stop it.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Waits for its end; may be dropped and called again.
    ///
    /// # Errors
    /// When the search panicked: a bug of ours.
    pub async fn ended(&mut self) -> Result<Found, JoinError> {
        (&mut self.thread).await
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        self.handle.stop(Stop::Cancelled);
    }
}

struct Busy;

impl Busy {
    fn new() -> Self {
        gauge!(THREADS_BUSY).increment(1);
        Self
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        gauge!(THREADS_BUSY).decrement(1);
    }
}
