//! How busy an instance is with our calls: those under way, weighed by how long it lately took to answer.
//!
//! Peak-sensitive moving average as Finagle's: a slow answer counts at once, and is forgiven as time passes.

use std::time::Duration;

use tokio::time::Instant;

/// After this long two thirds of an old latency are forgotten.
const FORGOTTEN: Duration = Duration::from_secs(5);
/// What an instance is taken for that has not answered yet, and the least that latencies tell apart.
const USUAL: Duration = Duration::from_millis(1);

/// The load of one instance.
#[derive(Debug)]
pub(super) struct Load {
    latency: f64,
    at: Instant,
    running: u32,
}

// === impl Load ===

impl Load {
    pub fn new(now: Instant) -> Self {
        Self { latency: USUAL.as_secs_f64(), at: now, running: 0 }
    }

    /// A call has begun.
    pub fn begin(&mut self) {
        self.running += 1;
    }

    /// A call has ended; `latency` when it was answered.
    pub fn end(&mut self, latency: Option<Duration>, now: Instant) {
        self.running = self.running.saturating_sub(1);
        let Some(latency) = latency else { return };
        let (latency, kept) = (latency.as_secs_f64(), self.kept(now));
        self.latency =
            if latency > self.latency { latency } else { latency + (self.latency - latency) * kept };
        self.at = now;
    }

    /// What one more call would wait for, in seconds.
    pub fn cost(&self, now: Instant) -> f64 {
        let usual = USUAL.as_secs_f64();
        let latency = usual + (self.latency - usual).max(0.0) * self.kept(now);
        latency * f64::from(self.running + 1)
    }

    /// The share of the last latency that still counts.
    fn kept(&self, now: Instant) -> f64 {
        let age = now.saturating_duration_since(self.at);
        (-age.as_secs_f64() / FORGOTTEN.as_secs_f64()).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn the_slow_and_the_busy_cost_more_and_a_slow_answer_is_forgiven() {
        let now = Instant::now();
        let (mut slow, mut busy, quick) = (Load::new(now), Load::new(now), Load::new(now));
        slow.begin();
        slow.end(Some(200 * MS), now);
        busy.begin();
        busy.begin();
        assert!(slow.cost(now) > busy.cost(now) && busy.cost(now) > quick.cost(now));
        assert!(slow.cost(now + 60 * Duration::from_secs(1)) < busy.cost(now));
    }

    #[test]
    fn a_call_that_was_never_answered_says_nothing_of_the_latency() {
        let now = Instant::now();
        let mut load = Load::new(now);
        load.begin();
        load.end(None, now + Duration::from_secs(9));
        assert!(load.cost(now) <= Load::new(now).cost(now));
    }
}
