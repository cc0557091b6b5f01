//! Solves a problem from a file and prints what came of it.
//!
//! - `cargo run --release -p engine --example solve -- [--format curtois-qu|json] FILE --seconds 60 --threads 2
//!   --seed 1 --out OUT`: standard output has lines `name value`; the course of the search goes to standard error.
//! - `… solve -- --export department FILE --seed 1`: writes one of the generator's problems as a JSON document.

mod course;
mod input;
mod report;

use std::{error::Error, fs, path::PathBuf, process::ExitCode};

use clap::Parser;
use engine::{Options, solve};
use generator::Preset;
use roster::Problem;

use crate::{course::Course, input::Format};

/// Solves a problem from a file.
#[derive(Debug, Parser)]
struct Arguments {
    /// The problem; with --export, where to write it.
    file: PathBuf,
    /// Writes this made-up problem instead of solving one.
    #[arg(long, value_parser = preset, value_name = "PRESET", conflicts_with_all = ["format", "out"])]
    export: Option<Preset>,
    /// How many days the made-up problem has, when not those of its preset.
    #[arg(long, requires = "export")]
    days: Option<u16>,
    /// What it is written in; by default what its extension says: json, or else curtois-qu.
    #[arg(long)]
    format: Option<Format>,
    /// How long to search, in seconds of the clock; 60 when no steps are given either.
    #[arg(long, value_parser = seconds, allow_negative_numbers = true)]
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

fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok().filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.0);
    seconds.ok_or_else(|| "expected a number of seconds, 0 or more".to_owned())
}

fn preset(name: &str) -> Result<Preset, String> {
    let names = || Preset::ALL.map(Preset::name).join(", ");
    Preset::from_name(name).ok_or_else(|| format!("expected one of {}", names()))
}

/// Whether the roster breaks no hard rule.
fn run(arguments: &Arguments) -> Result<bool, Box<dyn Error>> {
    if let Some(preset) = arguments.export {
        let mut parameters = preset.parameters(arguments.seed);
        parameters.days = arguments.days.unwrap_or(parameters.days);
        let draft = generator::generate(&parameters)?;
        let problem = Problem::build(draft).map_err(|violations| format!("{violations:?}"))?;
        fs::write(&arguments.file, problem::problem_document(&problem)?)?;
        return Ok(true);
    }
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
        fs::write(out, format.render(&problem, &solution, arguments.seed)?)?;
    }
    Ok(solution.score.is_feasible())
}
