//! Chance, from a seed: the only source of it in a simulation.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use rand::{Rng, SeedableRng, rngs::StdRng};

/// A stream of chances; clones share it.
#[derive(Clone, Debug)]
pub struct Chance(Arc<Mutex<StdRng>>);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// A share in [0, 1).
    pub fn share(&self) -> f64 {
        self.0.lock().unwrap().random()
    }

    /// Whether something of this probability happens.
    pub fn happens(&self, probability: f64) -> bool {
        self.share() < probability
    }

    /// A number below `end`.
    pub fn below(&self, end: usize) -> usize {
        self.0.lock().unwrap().random_range(0..end)
    }

    /// A number of milliseconds between two.
    pub fn millis(&self, from: u64, to: u64) -> Duration {
        Duration::from_millis(self.0.lock().unwrap().random_range(from..=to))
    }
}
