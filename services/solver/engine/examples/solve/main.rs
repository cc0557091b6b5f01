//! Solves a problem from a file and prints what came of it.
//!
//! `cargo run --release -p engine --example solve -- [--format curtois-qu|json] FILE --seconds 60 --threads 2 --seed 1
//! --out OUT`. The last lines on standard output are `name value`; the course of the search goes to standard error.

mod course;
mod input;
mod report;

use std::{error::Error, fs, path::PathBuf, process::ExitCode};

use clap::Parser;
use engine::{Options, solve};

use crate::{course::Course, input::Format};

/// Solves a problem from a file.
#[derive(Debug, Parser)]
struct Arguments {
    /// The problem.
    file: PathBuf,
    /// What it is written in; by default what its extension says: json, or else curtois-qu.
    #[arg(long)]
    format: Option<Format>,
    /// How long to search, in seconds of the clock; 60 when no steps are given either.
    #[arg(long)]
    seconds: Option<f64>,
    /// How many steps to make at most: the same seed and steps give the same bytes.
    #[arg(long)]
    steps: Option<u64>,
    /// Threads to work on.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Where randomness starts.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the roster goes.
    #[arg(long)]
    out: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("solve: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the roster breaks no hard rule.
fn run(arguments: &Arguments) -> Result<bool, Box<dyn Error>> {
    let format = arguments.format.unwrap_or_else(|| Format::of(&arguments.file));
    let problem = format.read(&arguments.file)?;
    let seconds = match (arguments.seconds, arguments.steps) {
        (None, None) => Some(60.0),
        (seconds, _) => seconds,
    };
    let options = Options {
        seed: arguments.seed,
        steps: arguments.steps.unwrap_or(u64::MAX),
        threads: arguments.threads.max(1),
        ..Options::default()
    };
    let mut course = Course::new(seconds, format);
    let solution = solve(&problem, &options, &mut course);
    report::print(&problem, &solution, &course, format);
    if let Some(out) = &arguments.out {
        fs::write(out, format.render(&problem, &solution)?)?;
    }
    Ok(solution.score.is_feasible())
}
