//! When a half-day is chosen anew, and which.

use roster::{
    Problem,
    problem::{HalfDay, Slot},
};

use crate::rng::Rng;

/// Places of a plan that leaves all of [`SHARE_MAX`] of its search to half-days.
const SLOTS_MANY: usize = 3_000;
/// Least and most of a search that half-days are chosen anew in, in 65536ths: the larger the plan, the further other moves
/// stay from what its half-days could be.
const SHARE_MIN: u32 = 10_000;
const SHARE_MAX: u32 = 26_000;
/// Shorter stretches of a search have holes to close before anything is chosen as a whole.
const STEPS_MIN: u64 = 20_000;
/// What a step takes, in choices looked at.
const CHOICES_PER_STEP: u64 = 2;
/// Other moves have a third as many steps after a half-day that became better, and three times as many after one that
/// did not.
const RATIO: u64 = 3;

/// Half-day after half-day, once the search is cold.
pub(in crate::search) struct Turns {
    half_days: Vec<HalfDay>,
    next: usize,
    /// From where on in the search, in 65536ths.
    from: u32,
    /// Steps that other moves have before the next half-day.
    others: u64,
}

// === impl Turns ===

impl Turns {
    /// Begins at a random half-day; none is ever due in a stretch of few steps or without the exact solver.
    pub fn new(problem: &Problem, steps: u64, rng: &mut Rng) -> Self {
        let mut half_days: Vec<HalfDay> = Vec::new();
        if cfg!(feature = "exact") && steps >= STEPS_MIN {
            half_days.extend(
                problem.slots().iter().filter(|slot| slot.kind.half().is_some()).filter_map(Slot::half_day),
            );
            half_days.sort_unstable_by_key(|half_day| half_day.at());
            half_days.dedup();
        }
        let next = if half_days.is_empty() { 0 } else { rng.below(half_days.len()) };
        let from = if half_days.is_empty() { 1 << 16 } else { (1 << 16) - share(problem.slots().len()) };
        Self { half_days, next, from, others: 0 }
    }

    /// How far the search has cooled when so much of it is over, both in 65536ths: what is warm would undo half-days.
    pub fn cooled(&self, spent: u32) -> u32 {
        (u64::from(spent) * (1 << 16) / u64::from(self.from)).min(1 << 16) as u32
    }

    /// The half-day whose turn it is, if it is one's.
    pub fn due(&mut self, spent: u32) -> Option<HalfDay> {
        if spent < self.from {
            return None;
        }
        if self.others > 0 {
            self.others -= 1;
            return None;
        }
        let half_day = self.half_days.get(self.next).copied();
        self.next = (self.next + 1) % self.half_days.len().max(1);
        half_day
    }

    /// Notes how a half-day fared; comes back with what it took, in steps.
    pub fn took(&mut self, choices: u64, is_better: bool) -> u64 {
        let steps = choices / CHOICES_PER_STEP + 1;
        self.others = if is_better { steps / RATIO } else { steps * RATIO };
        steps
    }
}

fn share(slots: usize) -> u32 {
    let many = slots.min(SLOTS_MANY) as u64;
    SHARE_MIN + (u64::from(SHARE_MAX - SHARE_MIN) * many / SLOTS_MANY as u64) as u32
}
