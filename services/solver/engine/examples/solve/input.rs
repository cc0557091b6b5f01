//! What a problem can be written in.

use std::{error::Error, fs, path::Path};

use clap::ValueEnum;
use engine::{Bound, Solution, formats::curtois_qu};
use roster::{Problem, Score};

/// A format of problems and of their solutions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The employee shift scheduling benchmark; solutions as its verifier reads them.
    CurtoisQu,
}

// === impl Format ===

impl Format {
    /// What a file's name promises.
    pub fn of(_: &Path) -> Self {
        Format::CurtoisQu
    }

    /// Reads a problem.
    pub fn read(self, file: &Path) -> Result<Problem, Box<dyn Error>> {
        let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        match self {
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
        }
    }

    /// A proven bound in the format's own terms.
    pub fn bound(self, bound: &Bound) -> String {
        match self {
            Format::CurtoisQu => curtois_qu::bound(bound).map_or("unknown".to_owned(), |own| own.to_string()),
        }
    }

    /// The text of a solution.
    pub fn render(self, problem: &Problem, solution: &Solution) -> Result<String, Box<dyn Error>> {
        match self {
            Format::CurtoisQu => Ok(curtois_qu::write(problem, &solution.roster)),
        }
    }
}
