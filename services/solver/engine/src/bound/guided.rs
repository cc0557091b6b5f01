//! The search of a department's month with its bound, which is proven beside it.
//!
//! The bound costs seconds whatever the budget, so short searches and problems of more people than a department do
//! without: nothing is proven of them. With a budget of steps nothing here depends on time: same seed and steps, same
//! answer.

use std::thread;

use roster::{Level, Score};

use super::Proven;
use crate::{Bound, Options, Solution, budget::Meter, follow::Reporter, islands, partition::Piece};

/// Fewest steps worth guiding.
const STEPS_MIN: u64 = 400_000;
/// Most people whose days are worth listing.
const PEOPLE_MAX: usize = 64;
/// What of the time may go to the bound.
const BOUND_SHARE: f64 = 0.8;

/// Searches a piece of places; with its bound when that is worth it.
pub(crate) fn search(
    piece: Piece<'_>,
    options: &Options,
    meter: &mut Meter<'_>,
    reporter: Option<&Reporter>,
) -> Solution {
    let problem = piece.problem;
    let is_long = meter.is_timed() || meter.left() >= STEPS_MIN;
    // Without a budget only a complete roster is asked for.
    let is_large = problem.people().len() > PEOPLE_MAX;
    if !is_long || is_large || problem.slots().is_empty() || meter.left() == 0 {
        return islands::search(piece, options, meter, reporter);
    }
    let mut aside = meter.slice(u64::MAX, BOUND_SHARE);
    thread::scope(|scope| {
        let bound = scope.spawn(move || {
            super::of(problem, None, &mut aside, &mut |bound| {
                if let Some(reporter) = reporter {
                    reporter.bound(unconditional(bound));
                }
            })
        });
        let mut solution = islands::search(piece, options, meter, reporter);
        if let Ok(bound) = bound.join() {
            solution.bound.join(&speaking_of(&bound, &solution.score));
        }
        solution
    })
}

/// The levels whose bound speaks of every lawful plan.
fn unconditional(bound: &Bound) -> Bound {
    let mut own = Bound::UNKNOWN;
    for level in [Level::Hard, Level::Critical, Level::Relaxed, Level::Change] {
        if let Some(cost) = bound.level(level) {
            own.raise(level, cost);
        }
    }
    own
}

/// What was proven for plans at the bound of the critical level says something of plans that compare with a roster only
/// when the roster is at that bound itself.
fn speaking_of(proven: &Proven, score: &Score) -> Bound {
    let mut bound = proven.bound;
    if bound.level(Level::Critical).is_none_or(|proven| score.level(Level::Critical) > proven) {
        return unconditional(&bound);
    }
    let (most, balance) = proven.strict;
    if score.level(Level::Relaxed) <= most {
        bound.raise(Level::Balance, balance);
    }
    bound
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_levels_are_spoken_of_once_the_heavier_ones_are_met() {
        let mut bound = Bound::at(Level::Critical, 60_000);
        bound.raise(Level::Relaxed, 10_000);
        bound.raise(Level::Balance, 30_000);
        let proven = Proven { bound, strict: (20_000, 35_000) };
        let balance = |critical, relaxed| {
            speaking_of(&proven, &Score::new([0, critical, relaxed, 0, 40_000, 0])).level(Level::Balance)
        };
        assert_eq!(balance(60_000, 20_000), Some(35_000));
        assert_eq!(balance(60_000, 20_001), Some(30_000));
        assert_eq!(balance(61_000, 0), None);
    }
}
