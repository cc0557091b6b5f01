//! Wakes the streams of this process when an operation moved; other instances' changes are found by polling.

use std::sync::Arc;

use tokio::sync::watch;

/// A counter that grows with every change.
#[derive(Clone, Debug)]
pub struct Wakes(Arc<watch::Sender<u64>>);

// === impl Wakes ===

impl Wakes {
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    /// Something changed.
    pub fn notify(&self) {
        self.0.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// What follows the changes.
    pub fn follow(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}
