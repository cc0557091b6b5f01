//! The local search: propose, judge, keep or take back.

mod acceptors;
mod map;
mod moves;
mod schedule;

use std::ops::ControlFlow;

use roster::{Roster, Score};

pub use self::moves::Kind;
pub(crate) use self::moves::chain;

use crate::{
    Options, Statistics,
    observer::{Observer, Phase, Progress},
    rng::Rng,
    state::State,
};

use self::{acceptors::Annealing, map::Map, schedule::Schedule};

/// Steps between two looks of the observer: a few milliseconds of work at most.
const STEPS_PER_LOOK: u64 = 16;

/// Improves the roster for so many steps, or until the observer stops it; returns the best roster met.
pub(crate) fn improve(
    state: &mut State<'_>,
    rng: &mut Rng,
    options: &Options,
    observer: &mut impl Observer,
    statistics: &mut Statistics,
) -> (Roster, Score) {
    let map = Map::of(state.problem());
    let annealing = Annealing::new(options.steps, options.temperature());
    let mut schedule = Schedule::new();
    let mut best = (state.roster().clone(), state.score());
    let mut is_news = false;
    for step in 0..options.steps {
        if step % STEPS_PER_LOOK == 0 && look(observer, step, &best, &mut is_news).is_break() {
            statistics.was_stopped = true;
            break;
        }
        statistics.steps = step + 1;
        let before = state.score();
        let kind = schedule.pick(rng);
        let proposed = moves::propose(kind, state, &map, rng);
        let after = state.score();
        let keeps = proposed && state.is_legal() && annealing.accepts(step, &before, &after, rng);
        if !keeps {
            state.undo_to(0);
        } else {
            state.commit();
            statistics.kept += 1;
            if after < best.1 {
                best.0.clone_from(state.roster());
                best.1 = after;
                is_news = true;
                statistics.improvements += 1;
            }
        }
        statistics.count(kind, keeps && after != before);
    }
    let _ = look(observer, statistics.steps, &best, &mut is_news);
    best
}

/// Tells of a better roster and asks whether to go on.
fn look(
    observer: &mut impl Observer,
    steps: u64,
    best: &(Roster, Score),
    is_news: &mut bool,
) -> ControlFlow<()> {
    let progress = Progress { phase: Phase::Search, steps, best: &best.1 };
    if std::mem::take(is_news) {
        observer.improved(progress, &best.0);
    }
    observer.look(progress)
}
