//! Budgets read and solutions written, alike for tasks and for callers who wait.

use std::time::Duration;

use problem::Violation;
use prost::Message;
use proto::solver::v1 as pb;
use proto::solver::v1::solution::EndReason;
use proto::r#type::v1 as values;
use sha2::{Digest, Sha256};

use crate::bridge::{Budget, Stop};
use crate::divide::Spent;
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

/// What an answer names beside the roster, so that it can be made again.
#[derive(Clone, Debug)]
pub struct Named {
    /// The seed of the search.
    pub seed: u64,
    /// The hash of the problem.
    pub input_hash: String,
}

/// The hash of a problem: that of its canonical encoding.
pub fn input_hash(problem: &roster::Problem) -> String {
    hex::encode(Sha256::digest(problem::encode(problem).encode_to_vec()))
}

/// What is proved, for the wire.
pub fn encode_bound(bound: &engine::Bound, best: Option<&roster::Score>) -> values::Bound {
    let levels = bound.levels().into_iter().map(|least| values::bound::Level { least });
    let gap = best.and_then(|best| bound.gap(best));
    values::Bound {
        levels: levels.collect(),
        gap_ppm: gap.map(|gap| (gap.clamp(0.0, 1.0) * 1e6).ceil() as u32),
    }
}

/// What a search found, for the wire; `spent` is what attempts before had spent, `stopped` says what ended it before
/// its steps were spent.
pub fn encode(found: &Found, named: &Named, spent: Spent, stopped: Option<Stop>) -> pb::Solution {
    let end_reason = match stopped {
        None => EndReason::StepLimit,
        Some(Stop::TimeUp) => EndReason::TimeLimit,
        Some(Stop::Cancelled | Stop::Lost | Stop::Draining) => EndReason::Cancelled,
    };
    pb::Solution {
        roster: Some(problem::encode_roster(&found.solution.roster)),
        score: Some(problem::encode_score(&found.solution.score)),
        end_reason: end_reason.into(),
        seed: named.seed,
        steps: spent.steps + found.solution.statistics.steps,
        elapsed: prost_types::Duration::try_from(spent.elapsed + found.elapsed).ok(),
        engine_version: ENGINE_VERSION.to_owned(),
        input_hash: named.input_hash.clone(),
        bound: (found.solution.bound != engine::Bound::UNKNOWN)
            .then(|| encode_bound(&found.solution.bound, Some(&found.solution.score))),
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
