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
/// A search with fewer steps than this for each place has single places to mend before half-days.
const STEPS_PER_SLOT: u64 = 500;
/// What a step takes, in choices looked at.
const CHOICES_PER_STEP: u64 = 2;
/// Other moves have a third as many steps after a half-day that became better, and three times as many after one that
/// did not.
const RATIO: u64 = 3;

/// How far a search is.
#[derive(Clone, Copy, Debug)]
pub(in crate::search) struct Course {
    /// Of the whole budget, in 65536ths.
    pub spent: u32,
    /// Steps made so far.
    pub steps: u64,
}

/// Half-day after half-day, once the search is cold.
pub(in crate::search) struct Turns {
    half_days: Vec<HalfDay>,
    next: usize,
    /// From where on in the search, in 65536ths.
    from: u32,
    /// Fewest steps of a search worth it.
    steps_min: u64,
    /// Steps that other moves have before the next half-day.
    others: u64,
}

// === impl Turns ===

impl Turns {
    /// Begins at a random half-day; none is ever due without the exact solver.
    pub fn new(problem: &Problem, rng: &Rng) -> Self {
        let mut half_days: Vec<HalfDay> = Vec::new();
        if cfg!(feature = "exact") {
            half_days.extend(
                problem.slots().iter().filter(|slot| slot.kind.half().is_some()).filter_map(Slot::half_day),
            );
            half_days.sort_unstable_by_key(|half_day| half_day.at());
            half_days.dedup();
        }
        let slots = problem.slots().len();
        // A look ahead: a search without half-days goes on as if there were none.
        let next = if half_days.is_empty() { 0 } else { rng.clone().below(half_days.len()) };
        let from = (1 << 16) - share(slots);
        Self { half_days, next, from, steps_min: STEPS_PER_SLOT * slots as u64, others: 0 }
    }

    /// How far the search has cooled, in 65536ths: what is warm would undo half-days.
    pub fn cooled(&self, course: Course) -> u32 {
        if !self.is_worth_it(course) {
            return course.spent;
        }
        (u64::from(course.spent) * (1 << 16) / u64::from(self.from)).min(1 << 16) as u32
    }

    /// The half-day whose turn it is, if it is one's.
    pub fn due(&mut self, course: Course) -> Option<HalfDay> {
        if course.spent < self.from || !self.is_worth_it(course) {
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

    /// Whether the whole search will have enough steps, going on as it did.
    fn is_worth_it(&self, course: Course) -> bool {
        let all = (course.steps << 16) / u64::from(course.spent.max(1));
        !self.half_days.is_empty() && course.spent > 0 && all >= self.steps_min
    }
}

fn share(slots: usize) -> u32 {
    let many = slots.min(SLOTS_MANY) as u64;
    SHARE_MIN + (u64::from(SHARE_MAX - SHARE_MIN) * many / SLOTS_MANY as u64) as u32
}

#[cfg(all(test, feature = "exact"))]
mod tests {
    use roster::testing;

    use super::*;

    #[test]
    fn half_days_wait_for_a_cold_search_of_enough_steps() {
        let problem = testing::small(1);
        let mut turns = Turns::new(&problem, &Rng::new(1));
        let many = turns.steps_min;
        let at = |spent: u32, all: u64| Course { spent, steps: (all * u64::from(spent)) >> 16 };
        assert_eq!(turns.due(at(1 << 14, 2 * many)), None, "still warm");
        assert_eq!(turns.due(at(1 << 16, many / 2)), None, "too few steps");
        assert_eq!(turns.cooled(at(1 << 15, many / 2)), 1 << 15);
        assert!(turns.cooled(at(1 << 15, 2 * many)) > 1 << 15);
        let end = at(1 << 16, 2 * many);
        let first = turns.due(end).unwrap();
        let steps = turns.took(30, true);
        assert_eq!((0..steps / RATIO).filter_map(|_| turns.due(end)).count(), 0);
        assert_ne!(turns.due(end).unwrap(), first);
    }
}
