//! The search of a department's month with its bound: duties are planned first and held while the days are searched,
//! then everything is free again; the bound is proven beside it.
//!
//! Moves that exchange single duties do not come near what column generation finds for the month as a whole, and at any
//! temperature that helps the days they spoil it. Held for a while, the duties let the days settle around them.
//!
//! Both cost seconds whatever the budget, so short searches and problems of more people than a department do without:
//! nothing is proven of them. With a budget of steps nothing here depends on time: same seed and steps, same answer.

use std::thread;

use roster::{
    Level, Problem, Roster, Score,
    problem::{Pin, Seat},
};

use crate::{
    Bound, Options, Rng, Solution, budget::Meter, duties::plan, follow::Reporter, islands, partition::Piece,
};

/// Fewest steps worth guiding.
const STEPS_MIN: u64 = 400_000;
/// Most people whose days are worth listing.
const PEOPLE_MAX: usize = 64;
/// What of the time may go to the bound.
const BOUND_SHARE: f64 = 0.8;
/// What of the budget that is left is searched with the duties held: once to see where people lack, once in earnest.
const HELD_SHARES: [f64; 2] = [0.15, 0.5];
/// Where the random numbers of the duties' plan come from, beside those of the islands.
const STREAM: u64 = 0x0064_7574;

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
        let mut solution = held_then_free(piece, options, meter, reporter);
        if let Ok(bound) = bound.join() {
            solution.bound.join(&speaking_of(&bound, &solution.score));
        }
        solution
    })
}

/// Searches with planned duties held, plans them again where holes were left, then lets everything go; as usual when
/// nothing could be planned.
fn held_then_free(
    piece: Piece<'_>,
    options: &Options,
    meter: &mut Meter<'_>,
    reporter: Option<&Reporter>,
) -> Solution {
    let mut rng = Rng::stream(piece.seed, STREAM);
    let mut best: Option<Solution> = None;
    for share in HELD_SHARES {
        if !piece.is_fresh || meter.is_over() {
            break;
        }
        let known = best.as_ref().map(|own| &own.roster);
        let Some(start) = plan::plan(piece.problem, known, &mut rng, meter) else { break };
        let held = held(piece.problem, &start);
        let mut own = meter.part(share);
        let piece = Piece { problem: &held, start: &start, ..piece };
        let found = islands::search(piece, options, &mut own, reporter);
        meter.settle(&own);
        best = Some(better(best, found));
    }
    let Some(best) = best else { return islands::search(piece, options, meter, reporter) };
    let start = best.roster.clone();
    let free = islands::search(Piece { start: &start, is_fresh: false, ..piece }, options, meter, reporter);
    better(Some(best), free)
}

/// The better of two, with what both did.
fn better(known: Option<Solution>, found: Solution) -> Solution {
    let Some(known) = known else { return found };
    let mut statistics = known.statistics.clone();
    statistics.add(&found.statistics);
    statistics.was_stopped = found.statistics.was_stopped;
    let mut best = if found.score < known.score { found } else { known };
    best.statistics = statistics;
    best
}

/// The problem with a roster's duties pinned.
fn held(problem: &Problem, roster: &Roster) -> Problem {
    let duties =
        problem.slot_indices().filter(|slot| problem.slot(*slot).kind.is_duty()).map(Seat::performer);
    let open = duties.filter(|seat| problem.pin(*seat).is_none());
    problem
        .with_pins(open.filter_map(|seat| roster.get(seat).map(|person| Pin { seat, person: Some(person) })))
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

/// What was proven for plans at the bound of the heavier levels says something of plans that compare with a roster only
/// as far as the roster is at that bound itself.
fn speaking_of(bound: &Bound, score: &Score) -> Bound {
    let mut own = unconditional(bound);
    for level in Level::ALL {
        let Some(cost) = bound.level(level) else { break };
        own.raise(level, cost);
        if score.level(level) > cost {
            break;
        }
    }
    own
}
