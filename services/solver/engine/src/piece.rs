//! One piece of a problem, or a whole one that does not fall into pieces: shifts first, then places beside them.

use crate::{
    Options, Solution, bound::guided, budget::Meter, follow::Reporter, islands, observer::Phase,
    partition::Piece, rota, windows,
};

/// What of the budget goes to shifts when there are places as well.
const SHIFTS_SHARE: f64 = 0.5;

/// Searches a piece.
pub(crate) fn search(
    piece: Piece<'_>,
    options: &Options,
    meter: &mut Meter<'_>,
    reporter: Option<&Reporter>,
) -> Solution {
    let problem = piece.problem;
    if problem.shifts().is_empty() {
        if windows::is_long(problem) && meter.left() > 0 {
            return windows::search(piece, options, meter, reporter);
        }
        return guided::search(piece, options, meter, reporter);
    }
    let has_slots = !problem.slots().is_empty();
    if let Some(reporter) = reporter {
        reporter.phase(Phase::Construct);
    }
    let mut own = meter.part(if has_slots { SHIFTS_SHARE } else { 1.0 });
    let given = (!piece.is_fresh).then_some(piece.start);
    let rota =
        rota::solve(problem, given, &Options { seed: piece.seed, ..options.clone() }, &mut own, reporter);
    meter.settle(&own);
    let mut start = piece.start.clone();
    start.set_rows(&rota.rows);
    let beside = Piece { start: &start, ..piece };
    let mut rest = if has_slots { meter.part(1.0) } else { meter.slice(0, 1.0) };
    let mut solution = islands::search(beside, options, &mut rest, reporter);
    meter.settle(&rest);
    solution.bound.join(&rota.bound);
    solution.statistics.steps += own.done();
    solution
}
