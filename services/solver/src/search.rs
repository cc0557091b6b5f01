//! What a thread does for a job: a whole search, one part of a divided one, or putting parts together.
//!
//! With a budget of steps the same seed finds the same roster on every machine and with any number of threads. With a
//! budget of time the bridge tells the search how much of it is gone, and the search cools down as it ends.

use std::sync::Arc;

use engine::partition::{self, Part};
use engine::{Options, Solution};
use roster::{Problem, Roster};

use crate::bridge::Bridge;
use crate::pool::Job;

/// What is searched.
pub enum Work {
    /// A problem, from a roster if there is one.
    Whole(Box<Problem>, Option<Roster>),
    /// A part of a divided problem.
    Part(Arc<PartWork>),
    /// Nothing: a roster that parts made is judged, and what is not legal taken out.
    Close(Box<Problem>, Roster),
}

/// One part of a divided problem.
pub struct PartWork {
    /// The whole problem.
    pub whole: Problem,
    /// The whole's roster, which all parts of the round start from.
    pub base: Roster,
    /// The part.
    pub part: Part,
    /// The base came out of construction.
    pub is_fresh: bool,
}

// === impl PartWork ===

impl PartWork {
    /// The whole's roster with what a roster of the part says: a checkpoint.
    pub fn checkpoint(&self, roster: &Roster) -> Roster {
        let mut whole = self.base.clone();
        self.part.merge(&self.whole, roster, &mut whole);
        whole
    }

    /// A roster of the whole with the part's places alone: a result.
    pub fn alone(&self, roster: &Roster) -> Roster {
        self.part.alone(&self.whole, roster)
    }
}

/// Searches until the budget is spent or the bridge says stop.
pub fn search(job: Job, bridge: &mut Bridge) -> Solution {
    let Job { work, seed, budget, threads } = job;
    let options =
        Options { seed, steps: budget.steps.unwrap_or(u64::MAX), threads, start: None, is_checked: false };
    let solution = match work {
        Work::Whole(problem, start) => engine::solve(&problem, &Options { start, ..options }, bridge),
        Work::Part(own) => partition::search_part(&own.part, own.is_fresh, &options, bridge),
        Work::Close(problem, roster) => partition::close(&problem, &roster),
    };
    if budget.steps.is_none() && solution.statistics.was_stopped {
        bridge.time_is_up();
    }
    solution
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::bridge::{Budget, connect};

    fn found(budget: Budget, threads: usize) -> Solution {
        let work = Work::Whole(Box::new(roster::testing::small(3)), None);
        search(Job { work, seed: 5, budget, threads }, &mut connect(budget).0)
    }

    #[test]
    fn a_budget_of_steps_gives_the_same_bytes_on_any_number_of_threads() {
        let budget = Budget { steps: Some(50_000), time: None };
        let bytes = |threads| {
            let solution = found(budget, threads);
            prost::Message::encode_to_vec(&problem::encode_roster(&solution.roster))
        };
        let one = bytes(1);
        assert_eq!(one, bytes(2));
        assert_eq!(one, bytes(4));
    }

    #[test]
    fn a_budget_of_time_ends_a_search_that_has_no_other_end() {
        let budget = Budget { steps: None, time: Some(Duration::from_millis(100)) };
        assert!(found(budget, 1).statistics.was_stopped);
    }
}
