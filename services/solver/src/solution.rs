//! Budgets read and solutions written, alike for tasks and for callers who wait.

use std::time::Duration;

use problem::Violation;
use proto::solver::v1 as pb;
use proto::solver::v1::solution::EndReason;

use crate::bridge::{Budget, Stop};
use crate::pool::Found;

/// The version of the search, so that a result can be made again.
const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// What bounds a search.
///
/// # Errors
/// When nothing would ever end it.
pub fn budget(options: &pb::SolveOptions) -> Result<Budget, Violation> {
    let steps = Some(options.step_limit).filter(|steps| *steps > 0);
    let refused = |field: &str, description: &str| Violation {
        field: field.to_owned(),
        description: description.to_owned(),
    };
    let time = match options.time_limit {
        None => None,
        Some(limit) => Some(
            Duration::try_from(limit)
                .ok()
                .filter(|limit| !limit.is_zero())
                .ok_or_else(|| refused("options.time_limit", "expected a time above zero"))?,
        ),
    };
    if steps.is_none() && time.is_none() {
        return Err(refused("options", "expected step_limit or time_limit"));
    }
    Ok(Budget { steps, time })
}

/// What a search found, for the wire; `stopped` says what ended it before its steps were spent.
pub fn encode(found: &Found, seed: u64, stopped: Option<Stop>) -> pb::Solution {
    let end_reason = match stopped {
        None => EndReason::StepLimit,
        Some(Stop::TimeUp) => EndReason::TimeLimit,
        Some(Stop::Cancelled | Stop::Lost | Stop::Draining) => EndReason::Cancelled,
    };
    pb::Solution {
        roster: Some(problem::encode_roster(&found.solution.roster)),
        score: Some(problem::encode_score(&found.solution.score)),
        end_reason: end_reason.into(),
        seed,
        steps: found.solution.statistics.steps,
        elapsed: prost_types::Duration::try_from(found.elapsed).ok(),
        engine_version: ENGINE_VERSION.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_needs_an_end() {
        let limit = |seconds| Some(prost_types::Duration { seconds, nanos: 0 });
        for (step_limit, time_limit, expected) in [
            (5, None, Ok((Some(5), None))),
            (0, limit(3), Ok((None, Some(3)))),
            (5, limit(3), Ok((Some(5), Some(3)))),
            (0, None, Err("options")),
            (5, limit(0), Err("options.time_limit")),
            (5, limit(-1), Err("options.time_limit")),
        ] {
            let read = budget(&pb::SolveOptions { seed: 1, step_limit, time_limit });
            let read = read.map(|budget| (budget.steps, budget.time.map(|time| time.as_secs())));
            assert_eq!(read.map_err(|violation| violation.field), expected.map_err(str::to_owned));
        }
    }
}
