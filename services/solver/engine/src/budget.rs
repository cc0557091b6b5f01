//! What a search may still spend: steps, which are the same on every machine, or time, which only the caller reads.
//!
//! Workers hold a [`Meter`] each. With a budget of steps it counts its own steps against its own quota, so that what
//! a worker does depends on nothing but its quota. With a budget of time the thread that called [`crate::solve`] writes
//! how much of it is gone to the [`Clock`], and every meter reads it there.

use std::{
    ops::ControlFlow,
    sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
};

/// Millionths in the whole of a budget.
const WHOLE: f64 = 1_000_000.0;

/// What all workers of one search share.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// Millionths of the time budget gone.
    spent: AtomicU32,
    is_timed: bool,
    is_stopped: AtomicBool,
    /// Steps of all workers: for those who watch, never for decisions.
    done: AtomicU64,
}

/// One worker's budget, or a part of it.
#[derive(Clone, Debug)]
pub(crate) struct Meter<'c> {
    clock: &'c Clock,
    /// Steps in this budget.
    quota: u64,
    /// Steps spent of it.
    done: u64,
    /// Where this budget begins and ends in the time budget, 0 to 1.
    from: f64,
    to: f64,
}

// === impl Clock ===

impl Clock {
    /// A clock for a budget of steps alone, or of time.
    pub fn new(is_timed: bool) -> Self {
        Self { is_timed, ..Self::default() }
    }

    /// Says how much of the time budget is gone, 0 to 1.
    pub fn tell(&self, spent: f64) {
        self.spent.store((spent.clamp(0.0, 1.0) * WHOLE) as u32, Ordering::Relaxed);
    }

    /// Ends every worker's budget.
    pub fn stop(&self) {
        self.is_stopped.store(true, Ordering::Relaxed);
    }

    /// Steps of all workers so far.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Whether everything is to end.
    pub fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    fn spent(&self) -> f64 {
        f64::from(self.spent.load(Ordering::Relaxed)) / WHOLE
    }
}

// === impl Meter ===

impl<'c> Meter<'c> {
    /// A worker's whole budget: so many steps (which only bound the work when the budget is time).
    pub fn new(clock: &'c Clock, steps: u64) -> Self {
        Self { clock, quota: steps, done: 0, from: 0.0, to: 1.0 }
    }

    /// Counts work, in steps: one proposed move, or what takes as long. Breaks when the budget is spent or the search
    /// was stopped.
    pub fn charge(&mut self, steps: u64) -> ControlFlow<()> {
        self.done = self.done.saturating_add(steps);
        self.clock.done.fetch_add(steps, Ordering::Relaxed);
        if self.is_over() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// The budget is spent, or the search was stopped.
    pub fn is_over(&self) -> bool {
        self.done >= self.quota || self.is_stopped()
    }

    /// The search was stopped, or its time is over, however few steps were made.
    pub fn is_stopped(&self) -> bool {
        self.clock.is_stopped() || (self.clock.is_timed && self.clock.spent() >= self.to)
    }

    /// How much of this budget is gone, 0 to 1.
    pub fn spent(&self) -> f64 {
        let steps = if self.quota == 0 { 1.0 } else { self.done as f64 / self.quota as f64 };
        let time = if self.clock.is_timed && self.to > self.from {
            (self.clock.spent() - self.from) / (self.to - self.from)
        } else {
            0.0
        };
        steps.max(time).clamp(0.0, 1.0)
    }

    /// Steps spent.
    pub fn done(&self) -> u64 {
        self.done
    }

    /// Whether the budget is time: limits inside exact solvers may then follow it.
    pub fn is_timed(&self) -> bool {
        self.clock.is_timed
    }

    /// A budget of its own for one piece of work: this share of what is left. Give it back with [`Meter::settle`].
    pub fn part(&self, share: f64) -> Meter<'c> {
        let left = self.quota.saturating_sub(self.done);
        let now = if self.clock.is_timed { self.clock.spent().max(self.from) } else { self.from };
        Meter {
            clock: self.clock,
            quota: if share >= 1.0 { left } else { (left as f64 * share) as u64 },
            done: 0,
            from: now,
            to: now + (self.to - now).max(0.0) * share.min(1.0),
        }
    }

    /// A budget of its own for work beside other work: these steps, and this share of the time that is left.
    pub fn slice(&self, steps: u64, share: f64) -> Meter<'c> {
        Meter { quota: steps, ..self.part(share) }
    }

    /// Steps left.
    pub fn left(&self) -> u64 {
        self.quota.saturating_sub(self.done)
    }

    /// Counts steps that workers of this budget have charged to meters of their own.
    pub fn count(&mut self, steps: u64) {
        self.done = self.done.saturating_add(steps);
    }

    /// Counts what a part spent.
    pub fn settle(&mut self, part: &Meter<'_>) {
        self.done = self.done.saturating_add(part.done);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_end_a_budget() {
        let clock = Clock::new(false);
        let mut meter = Meter::new(&clock, 10);
        assert!(meter.charge(9).is_continue());
        assert!((meter.spent() - 0.9).abs() < 1e-9);
        assert!(meter.charge(1).is_break());
    }

    #[test]
    fn time_ends_a_budget_and_its_parts() {
        let clock = Clock::new(true);
        let meter = Meter::new(&clock, u64::MAX);
        clock.tell(0.5);
        let part = meter.part(0.5);
        assert!(!part.is_over());
        clock.tell(0.75);
        assert!(part.is_over() && !meter.is_over());
    }

    #[test]
    fn a_part_is_counted_by_the_whole() {
        let clock = Clock::new(false);
        let mut meter = Meter::new(&clock, 100);
        let mut part = meter.part(0.3);
        assert!(part.charge(30).is_break());
        meter.settle(&part);
        assert_eq!(meter.done(), 30);
        assert!(meter.part(1.0).charge(69).is_continue());
    }

    #[test]
    fn a_stop_ends_everything() {
        let clock = Clock::new(false);
        let meter = Meter::new(&clock, 100);
        clock.stop();
        assert!(meter.is_over() && meter.part(0.1).is_over());
    }
}
