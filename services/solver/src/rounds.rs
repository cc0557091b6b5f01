//! How a search spends its budget.
//!
//! With a budget of steps there is one round of exactly those, so that the same seed finds the same roster on every
//! machine. With a budget of time only, a search that never cools would waste it: a short first round gives an early
//! answer and tells how fast this machine is, and a second one cools down just as the time ends. The better roster wins.

use std::ops::ControlFlow;
use std::time::Duration;

use engine::{Observer, Options, Phase, Progress, Solution};
use roster::{Roster, Score};
use tokio::time::Instant;

use crate::bridge::Bridge;
use crate::pool::Job;

/// Steps of the round that finds out how fast the machine is.
const STEPS_FIRST: u64 = 10_000;
/// The part of the remaining time that the second round plans for, in percent; machines are not even.
const PLANNED_PERCENT: u128 = 92;

/// Searches until the budget is spent or the bridge says stop.
pub fn search(job: Job, bridge: &mut Bridge) -> Solution {
    let Job { problem, seed, budget, start } = job;
    let options = |seed, steps| Options { seed, steps, start: start.clone(), ..Options::default() };
    let Some(limit) = budget.time.filter(|_| budget.steps.is_none()) else {
        return engine::solve(&problem, &options(seed, budget.steps.unwrap_or(STEPS_FIRST)), bridge);
    };
    let started = Instant::now();
    let first = engine::solve(&problem, &options(seed, STEPS_FIRST), bridge);
    let steps = steps_for(first.statistics.steps, started.elapsed(), limit);
    if first.statistics.was_stopped || steps == 0 {
        return first;
    }
    let mut round = Second { bridge, steps: first.statistics.steps, best: first.score };
    let mut second = engine::solve(&problem, &options(seed.wrapping_add(1), steps), &mut round);
    second.statistics.steps += first.statistics.steps;
    // The schedule was cut to the time: it is the time that ended it.
    second.statistics.was_stopped = true;
    bridge.time_is_up();
    if first.score < second.score { Solution { statistics: second.statistics, ..first } } else { second }
}

/// Steps that fit into what is left of `limit`, at the speed of the first round.
fn steps_for(done: u64, elapsed: Duration, limit: Duration) -> u64 {
    let left = limit.saturating_sub(elapsed).as_micros() * PLANNED_PERCENT / 100;
    let steps = u128::from(done) * left / elapsed.as_micros().max(1);
    u64::try_from(steps).unwrap_or(u64::MAX)
}

/// The second round as its follower sees it: steps go on counting, and only what beats the first round is news.
struct Second<'b> {
    bridge: &'b mut Bridge,
    steps: u64,
    best: Score,
}

impl Second<'_> {
    fn with<T>(&mut self, own: Progress<'_>, tell: impl FnOnce(&mut Bridge, Progress<'_>) -> T) -> T {
        let best = self.best.min(*own.best);
        tell(self.bridge, Progress { phase: own.phase, steps: self.steps + own.steps, best: &best })
    }
}

impl Observer for Second<'_> {
    fn look(&mut self, progress: Progress<'_>) -> ControlFlow<()> {
        self.with(progress, Bridge::look)
    }

    fn phase(&mut self, phase: Phase) {
        self.bridge.phase(phase);
    }

    fn improved(&mut self, progress: Progress<'_>, roster: &Roster) {
        if *progress.best < self.best {
            self.best = *progress.best;
            self.with(progress, |bridge, progress| bridge.improved(progress, roster));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bridge::{Budget, connect};

    #[test]
    fn the_second_round_plans_for_the_time_that_is_left() {
        let second = Duration::from_secs(1);
        assert_eq!(steps_for(10_000, second, 11 * second), 92_000);
        assert_eq!(steps_for(10_000, second, second), 0);
        assert_eq!(steps_for(0, Duration::ZERO, second), 0);
    }

    #[test]
    fn a_budget_of_steps_is_one_round_and_gives_the_same_roster_twice() {
        let run = || {
            let budget = Budget { steps: Some(500), time: None };
            let job = Job { problem: roster::testing::small(3), seed: 5, budget, start: None };
            search(job, &mut connect(budget).0)
        };
        let (one, other) = (run(), run());
        assert_eq!((one.roster, one.statistics.steps), (other.roster, 500));
    }

    #[test]
    fn a_budget_of_time_ends_with_the_better_of_two_rounds() {
        let budget = Budget { steps: None, time: Some(Duration::from_millis(400)) };
        let problem = roster::testing::small(3);
        let first =
            engine::solve(&problem, &Options { seed: 5, steps: STEPS_FIRST, ..Options::default() }, &mut ());
        let (mut bridge, handle) = connect(budget);
        let found = search(Job { problem, seed: 5, budget, start: None }, &mut bridge);
        // A machine that stood still for the whole budget would have stopped inside the first round.
        if found.statistics.steps > STEPS_FIRST {
            assert!(found.score <= first.score);
        }
        assert!(handle.best.borrow().is_some());
    }
}
