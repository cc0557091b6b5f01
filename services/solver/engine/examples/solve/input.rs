//! What a problem can be written in.

use std::{error::Error, fs, path::Path};

use clap::ValueEnum;
use engine::{Bound, Solution, formats::curtois_qu};
use prost::Message;
use proto::{solver::v1 as pb, r#type::v1 as values};
use roster::{Problem, Score};
use sha2::{Digest, Sha256};

/// A format of problems and of their solutions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The employee shift scheduling benchmark; solutions as its verifier reads them.
    CurtoisQu,
    /// The versioned documents of docs/problem-format.md.
    Json,
}

// === impl Format ===

impl Format {
    /// What a file's name promises.
    pub fn of(file: &Path) -> Self {
        let is_json = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
        if is_json { Format::Json } else { Format::CurtoisQu }
    }

    /// Reads a problem.
    pub fn read(self, file: &Path) -> Result<Problem, Box<dyn Error>> {
        let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        match self {
            Format::Json => Ok(problem::problem_from_document(&text)?),
            Format::CurtoisQu => Problem::build(curtois_qu::read(&text)?).map_err(|violations| {
                let all: Vec<_> = violations.iter().map(ToString::to_string).collect();
                all.join("; ").into()
            }),
        }
    }

    /// A cost in the format's own terms.
    pub fn cost(self, score: &Score) -> String {
        match self {
            Format::CurtoisQu if score.is_feasible() => curtois_qu::objective(score).to_string(),
            Format::CurtoisQu => format!("infeasible, {score}"),
            Format::Json => score.to_string(),
        }
    }

    /// A proven bound in the format's own terms.
    pub fn bound(self, bound: &Bound) -> String {
        match self {
            Format::CurtoisQu => curtois_qu::bound(bound).map_or("unknown".to_owned(), |own| own.to_string()),
            Format::Json => {
                let level = |own: Option<i64>| {
                    own.map_or("?".to_owned(), |own| (own as f64 / Score::UNIT as f64).to_string())
                };
                bound.levels().map(level).join(" | ")
            }
        }
    }

    /// The text of a solution. It says nothing of time, so that the same seed and steps give the same bytes.
    pub fn render(self, problem: &Problem, solution: &Solution, seed: u64) -> Result<String, Box<dyn Error>> {
        match self {
            Format::CurtoisQu => Ok(curtois_qu::write(problem, &solution.roster)),
            Format::Json => {
                let end_reason = match solution.statistics.was_stopped {
                    true => pb::solution::EndReason::TimeLimit,
                    false => pb::solution::EndReason::StepLimit,
                };
                Ok(problem::solution_document(&pb::Solution {
                    roster: Some(problem::encode_roster(&solution.roster)),
                    score: Some(problem::encode_score(&solution.score)),
                    end_reason: end_reason.into(),
                    seed,
                    steps: solution.statistics.steps,
                    engine_version: env!("CARGO_PKG_VERSION").to_owned(),
                    input_hash: hex::encode(Sha256::digest(problem::encode(problem).encode_to_vec())),
                    bound: Some(bound_message(solution)),
                    ..pb::Solution::default()
                })?)
            }
        }
    }
}

/// What is proven, as the contract says it.
fn bound_message(solution: &Solution) -> values::Bound {
    let levels = solution.bound.levels().into_iter().map(|least| values::bound::Level { least });
    let gap = solution.bound.gap(&solution.score);
    values::Bound {
        levels: levels.collect(),
        gap_ppm: gap.map(|gap| (gap.clamp(0.0, 1.0) * 1e6).ceil() as u32),
    }
}
