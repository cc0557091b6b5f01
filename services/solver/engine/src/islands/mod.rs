//! Islands: several searches of the same months, side by side, that exchange their best.
//!
//! The number of islands is fixed by the budget, not by the threads: an island's course depends on its own seed and
//! steps, and on what the others had found at the barriers where all of them meet. With a budget of time nothing is
//! the same twice anyway, and there are as many islands as threads.

use std::thread;

use roster::{Roster, Score};

use crate::{
    Bound, Options, Solution, Statistics,
    budget::Meter,
    construct,
    follow::Reporter,
    observer::Phase,
    partition::Piece,
    repair,
    rng::Rng,
    search::{self, Cooling},
    state::State,
};

/// Islands of a budget of steps.
const ISLANDS: usize = 2;
/// Budgets with fewer steps are not worth dividing.
const STEPS_MIN: u64 = 40_000;
/// How often the islands meet.
const EPOCHS: usize = 8;
/// The first temperature, in units of balance, of what construction made.
const HOT: i64 = 24;
/// The same for a roster somebody gave: it is not to be melted down.
const WARM: i64 = 3;

/// One search among several.
struct Island<'p> {
    state: State<'p>,
    rng: Rng,
    best: (Roster, Score),
    statistics: Statistics,
}

/// Constructs and improves a problem that is not divided, on as many islands as the budget asks for.
pub(crate) fn search(
    piece: Piece<'_>,
    options: &Options,
    meter: &mut Meter<'_>,
    reporter: Option<&Reporter>,
) -> Solution {
    let mut rng = Rng::new(piece.seed);
    let mut statistics = Statistics::default();
    phase(reporter, Phase::Construct);
    let mut state = State::from_start(piece.problem, piece.start, options.is_checked);
    repair::settle_all(&mut state, &mut rng);
    let flow = construct::construct(&mut state, &mut rng, meter);
    statistics.constructed = state.score();
    let mut best = (state.roster().clone(), state.score());
    tell(reporter, &best);
    if flow.is_continue() && !meter.is_over() {
        phase(reporter, Phase::Search);
        let hottest = if piece.is_fresh { HOT } else { WARM };
        best = improve(state, (rng, piece.seed), hottest, options, meter, &mut statistics, reporter);
    }
    statistics.was_stopped = meter.is_stopped();
    phase(reporter, Phase::Done);
    Solution { roster: best.0, score: best.1, bound: Bound::UNKNOWN, statistics }
}

/// Improves a roster until the budget is spent.
fn improve(
    state: State<'_>,
    (rng, seed): (Rng, u64),
    hottest: i64,
    options: &Options,
    meter: &mut Meter<'_>,
    statistics: &mut Statistics,
    reporter: Option<&Reporter>,
) -> (Roster, Score) {
    let steps = meter.left();
    let count = match (meter.is_timed(), steps) {
        (true, _) => options.threads.max(1),
        (false, ..STEPS_MIN) => 1,
        (false, _) => ISLANDS,
    };
    let (problem, start) = (state.problem(), state.roster().clone());
    let mut islands = vec![Island::new(state, rng)];
    for island in 1..count {
        let own = State::of_roster(problem, &start, options.is_checked);
        islands.push(Island::new(own, Rng::stream(seed, island as u64)));
    }
    let epochs = if count == 1 { 1 } else { EPOCHS };
    let per_thread = count.div_ceil(options.threads.clamp(1, count));
    for epoch in 0..epochs {
        if meter.is_stopped() {
            break;
        }
        let cooling = Cooling::between(hottest, epoch, epochs);
        let share = 1.0 / (epochs - epoch) as f64;
        thread::scope(|scope| {
            for (thread, own) in islands.chunks_mut(per_thread).enumerate() {
                let meter = &*meter;
                let mut work = move || {
                    let left = own.len();
                    for (position, island) in own.iter_mut().enumerate() {
                        let number = thread * per_thread + position;
                        let quota = quota(steps, count * epochs, number * epochs + epoch);
                        let slice = meter.slice(quota, share / (left - position) as f64);
                        island.run(cooling, slice, reporter);
                    }
                };
                if count <= per_thread {
                    work();
                } else {
                    scope.spawn(work);
                }
            }
        });
        exchange(&mut islands, options.is_checked);
    }
    for island in &islands {
        meter.count(island.statistics.steps);
        statistics.add(&island.statistics);
    }
    let best = islands.into_iter().map(|island| island.best).min_by_key(|best| best.1);
    best.unwrap_or_else(|| unreachable!("there is at least one island"))
}

/// The steps of one of so many equal shares; the first ones take what does not divide.
fn quota(steps: u64, shares: usize, share: usize) -> u64 {
    let (shares, share) = (shares as u64, share as u64);
    steps / shares + u64::from(share < steps % shares)
}

/// The island that found least goes on from the best roster of all.
fn exchange(islands: &mut [Island<'_>], is_checked: bool) {
    if islands.len() < 2 {
        return;
    }
    let order = |at: &usize| (islands[*at].best.1, *at);
    let (Some(first), Some(last)) =
        ((0..islands.len()).min_by_key(order), (0..islands.len()).max_by_key(order))
    else {
        return;
    };
    if islands[first].best.1 < islands[last].best.1 {
        let best = islands[first].best.clone();
        let problem = islands[last].state.problem();
        islands[last].state = State::of_roster(problem, &best.0, is_checked);
        islands[last].best = best;
    }
}

/// Tells whoever listens of a phase.
pub(crate) fn phase(reporter: Option<&Reporter>, phase: Phase) {
    if let Some(reporter) = reporter {
        reporter.phase(phase);
    }
}

/// Tells whoever listens of a roster.
pub(crate) fn tell(reporter: Option<&Reporter>, best: &(Roster, Score)) {
    if let Some(reporter) = reporter {
        reporter.improved(&best.0, best.1);
    }
}

// === impl Island ===

impl<'p> Island<'p> {
    fn new(state: State<'p>, rng: Rng) -> Self {
        let best = (state.roster().clone(), state.score());
        Self { state, rng, best, statistics: Statistics::default() }
    }

    fn run(&mut self, cooling: Cooling, mut meter: Meter<'_>, reporter: Option<&Reporter>) {
        let news = |roster: &Roster, score: Score| {
            if let Some(reporter) = reporter {
                reporter.improved(roster, score);
            }
        };
        let found =
            search::improve(&mut self.state, &mut self.rng, cooling, &mut meter, &mut self.statistics, news);
        if found.1 < self.best.1 {
            self.best = found;
        }
    }
}

#[cfg(test)]
mod tests {
    use roster::{Problem, testing};

    use super::*;
    use crate::{budget::Clock, search::Kind};

    /// Steps of a search whose every stretch is long enough to choose half-days anew.
    const LONG_STRETCHES: u64 = (ISLANDS * EPOCHS) as u64 * 20_000;

    fn found(problem: &Problem, threads: usize, steps: u64) -> Solution {
        let clock = Clock::new(false);
        let options = Options { threads, ..Options::default() };
        let start = Roster::pinned(problem);
        let piece = Piece { problem, start: &start, seed: 4, is_fresh: true };
        search(piece, &options, &mut Meter::new(&clock, steps), None)
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let problem = testing::small(3);
        let one = found(&problem, 1, STEPS_MIN);
        assert_eq!(one, found(&problem, 2, STEPS_MIN));
        assert_eq!(one, found(&problem, 4, STEPS_MIN));
        assert_eq!(one.statistics.steps, STEPS_MIN);
    }

    #[test]
    fn half_days_chosen_anew_are_the_same_on_any_number_of_threads() {
        let problem = testing::small(3);
        let one = found(&problem, 1, LONG_STRETCHES);
        assert_eq!(one, found(&problem, 2, LONG_STRETCHES));
        assert!(!cfg!(feature = "exact") || one.statistics.moves[Kind::Exact as usize].proposed > 0);
        assert_eq!(one.statistics.steps, LONG_STRETCHES);
    }

    #[test]
    fn shares_of_a_budget_make_the_budget() {
        for (steps, shares) in [(0, 3), (10, 3), (16, 16), (40_007, 16)] {
            assert_eq!((0..shares).map(|share| quota(steps, shares, share)).sum::<u64>(), steps);
        }
    }
}
