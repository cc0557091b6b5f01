//! Rolling windows: a long horizon searched a few weeks at a time, then once more as a whole.
//!
//! A step costs the same on a year as on a month, but a year asks for twelve times as many before each day was looked
//! at as often, and annealing is only good where every place is visited while it cools. So windows of some weeks roll
//! over the horizon, each overlapping the one before; everything outside stays as it is, locked. The judge of a
//! window is that of the whole horizon: counters, credits and rests outside count, and nothing is summed twice.

use roster::{
    Evaluator, Problem, Roster, Score,
    problem::{DayIx, Half, HalfDay},
};

use crate::{
    Options, Solution, Statistics,
    bound::guided,
    budget::Meter,
    follow::Reporter,
    islands,
    observer::Phase,
    partition::Piece,
    replan::{Freeze, Span, keep},
    rng::Rng,
};

/// Days of a window, and by how many the next one begins later.
const LENGTH: usize = 35;
const STRIDE: usize = 28;
/// Horizons of fewer days are searched at once.
const LONG: usize = 63;
/// The sequence of random numbers that windows draw their seeds from.
const STREAM: u64 = 77;
/// What of the budget the windows take; the rest goes to the whole horizon.
const SHARE: f64 = 0.75;

/// Whether a horizon is long enough to roll over.
pub(crate) fn is_long(problem: &Problem) -> bool {
    problem.days().len() >= LONG
}

/// Searches a long piece of places window by window.
pub(crate) fn search(
    piece: Piece<'_>,
    options: &Options,
    meter: &mut Meter<'_>,
    reporter: Option<&Reporter>,
) -> Solution {
    let first = islands::search(piece, options, &mut meter.slice(0, 1.0), None);
    let (mut best, mut statistics) = ((first.roster, first.score), first.statistics);
    islands::tell(reporter, &best);
    islands::phase(reporter, Phase::Search);
    let mut rolling = meter.part(SHARE);
    let mut seeds = Rng::stream(piece.seed, STREAM);
    let spans = spans(piece.problem.days().len());
    for (at, span) in spans.iter().enumerate() {
        let mut own = rolling.part(1.0 / (spans.len() - at) as f64);
        if own.is_over() {
            break;
        }
        let seed = u64::from(seeds.next());
        if let Some(found) = window(piece, *span, &best, seed, options, &mut own, &mut statistics) {
            best = found;
            islands::tell(reporter, &best);
        }
        rolling.settle(&own);
    }
    meter.settle(&rolling);
    let whole = Piece { start: &best.0, is_fresh: false, ..piece };
    // Without time to end it, the proof of so many days would outlast the search.
    let search = if meter.is_timed() { guided::search } else { islands::search };
    let mut solution = search(whole, options, meter, reporter);
    solution.statistics.constructed = statistics.constructed;
    solution.statistics.add(&statistics);
    solution
}

/// Searches one window; what it found, if that is better.
fn window(
    piece: Piece<'_>,
    span: Span,
    (roster, score): &(Roster, Score),
    seed: u64,
    options: &Options,
    meter: &mut Meter<'_>,
    statistics: &mut Statistics,
) -> Option<(Roster, Score)> {
    let frozen = keep(piece.problem, roster, &Freeze { outside: Some(span), ..Freeze::default() });
    // Locks that follow a lawful roster contradict nothing.
    let own = Problem::build(frozen).ok()?;
    let inside = Piece { problem: &own, start: roster, seed, is_fresh: piece.is_fresh };
    let found = islands::search(inside, options, meter, None);
    statistics.add(&found.statistics);
    let judged = Evaluator::new(piece.problem, &found.roster).score();
    (judged < *score).then_some((found.roster, judged))
}

/// The windows of so many days.
fn spans(days: usize) -> Vec<Span> {
    let count = days.saturating_sub(LENGTH).div_ceil(STRIDE) + 1;
    let day = |at: usize| DayIx(at.min(days - 1) as u16);
    let span = |at: usize| Span {
        first: HalfDay::new(day(at * STRIDE), Half::Morning),
        last: HalfDay::new(day(at * STRIDE + LENGTH - 1), Half::Afternoon),
    };
    (0..count).map(span).collect()
}

#[cfg(test)]
mod tests {
    use generator::{Preset, generate};
    use roster::Level;

    use super::*;
    use crate::solve;

    #[test]
    fn windows_overlap_and_leave_no_day_out() {
        for days in [LONG, 64, 91, 92, 366] {
            let spans = spans(days);
            let bounds = |span: &Span| (span.first.day().at(), span.last.day().at());
            assert_eq!(bounds(&spans[0]).0, 0);
            assert_eq!(spans.last().map(|span| bounds(span).1), Some(days - 1));
            let overlaps = |pair: &[Span]| {
                bounds(&pair[1]).0 <= bounds(&pair[0]).1 && bounds(&pair[0]).0 < bounds(&pair[1]).0
            };
            assert!(spans.windows(2).all(overlaps), "{days} days");
        }
    }

    #[test]
    fn a_long_horizon_gets_better_lawfully_and_the_same_on_any_number_of_threads() {
        let mut parameters = Preset::Department.parameters(3);
        parameters.days = LONG as u16;
        let problem = Problem::build(generate(&parameters).unwrap()).unwrap();
        let on = |threads| {
            let options = Options { seed: 5, steps: 400, threads, ..Options::default() };
            solve(&problem, &options, &mut ())
        };
        let one = on(1);
        assert_eq!(one, on(2));
        assert_eq!(one.score.level(Level::Hard), 0);
        assert!(one.score < one.statistics.constructed);
        assert_eq!(one.statistics.steps, 400);
    }
}
