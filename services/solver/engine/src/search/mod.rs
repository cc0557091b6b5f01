//! The local search: propose, judge, keep or take back.

mod acceptors;
mod exact;
mod map;
mod moves;
mod schedule;

use roster::{Roster, Score};

pub use self::moves::Kind;
pub(crate) use self::moves::chain;

use crate::{Statistics, budget::Meter, rng::Rng, state::State};

use self::{
    acceptors::Annealing,
    exact::{Course, Turns},
    map::Map,
    schedule::Schedule,
};

/// Steps between two looks at the meter's clock.
const STEPS_PER_LOOK: u64 = 16;

/// How hot a stretch of a search begins and ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cooling {
    hottest: i64,
    /// Where the stretch lies in the whole search, 0 to 1.
    from: f64,
    to: f64,
}

/// Improves the roster until the meter's budget is spent; returns the best roster met. `improved` is told of better
/// rosters, at most once between two looks at the clock.
pub(crate) fn improve(
    state: &mut State<'_>,
    rng: &mut Rng,
    cooling: Cooling,
    meter: &mut Meter<'_>,
    statistics: &mut Statistics,
    mut improved: impl FnMut(&Roster, Score),
) -> (Roster, Score) {
    let map = Map::of(state.problem());
    let mut annealing = Annealing::new(cooling.hottest);
    let mut schedule = Schedule::new();
    let mut turns = Turns::new(state.problem(), rng);
    let mut best = (state.roster().clone(), state.score());
    let mut is_news = false;
    let (mut step, mut spent) = (0_u64, 0);
    let before = statistics.steps;
    let course =
        |meter: &Meter<'_>, spent: u64| Course { spent: cooling.at(meter.spent()), steps: before + spent };
    while !meter.is_over() {
        if step % STEPS_PER_LOOK == 0 {
            if std::mem::take(&mut is_news) {
                improved(&best.0, best.1);
            }
            annealing.cool(turns.cooled(course(meter, spent)));
        }
        step += 1;
        let score = state.score();
        let (kind, proposed, took) = match turns.due(course(meter, spent)) {
            Some(half_day) => {
                let (choices, is_better) = exact::choose(state, half_day);
                (Kind::Exact, is_better, turns.took(choices, is_better))
            }
            None => {
                let kind = schedule.pick(rng);
                (kind, moves::propose(kind, state, &map, rng), 1)
            }
        };
        let after = state.score();
        let keeps = proposed && state.is_legal() && annealing.accepts(&score, &after, rng);
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
        statistics.count(kind, keeps && after != score);
        let took = took.min(meter.left());
        spent += took;
        let _ = meter.charge(took);
    }
    statistics.steps += spent;
    if is_news {
        improved(&best.0, best.1);
    }
    best
}

// === impl Cooling ===

impl Cooling {
    /// One of so many stretches of a search. `hottest` is in units of balance.
    pub fn between(hottest: i64, stretch: usize, stretches: usize) -> Self {
        let at = |stretch: usize| stretch as f64 / stretches as f64;
        Self { hottest, from: at(stretch), to: at(stretch + 1) }
    }

    fn at(self, spent: f64) -> u32 {
        ((self.from + (self.to - self.from) * spent) * 65_536.0) as u32
    }
}
