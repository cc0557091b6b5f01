//! One search by the command line a user has.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use chassis::BoxError;

/// How to search.
#[derive(Clone, Copy)]
pub struct Search {
    pub seconds: f64,
    pub threads: usize,
    pub seed: u64,
}

/// What came of a search.
#[derive(Default)]
pub struct Outcome {
    pub is_feasible: bool,
    /// The cost, as the outside verifier counts it.
    pub objective: i64,
    /// What is proven, when something is.
    pub bound: Option<i64>,
    pub seed: u64,
    values: BTreeMap<String, String>,
}

// === impl Search ===

impl Search {
    /// Searches a problem of a format and writes the roster found.
    pub fn run(&self, format: &str, file: &Path, out: &Path) -> Result<Outcome, BoxError> {
        let (seconds, threads, seed) =
            (self.seconds.to_string(), self.threads.to_string(), self.seed.to_string());
        let mut command = Command::new(example("solve")?);
        command.args(["--format", format, "--seconds", &seconds, "--threads", &threads, "--seed", &seed]);
        command.arg("--out").arg(out).arg(file);
        let values = lines(&mut command)?;
        let number = |name: &str| values.get(name).and_then(|value| value.parse().ok());
        Ok(Outcome {
            is_feasible: values.get("feasible").is_some_and(|value| value == "true"),
            objective: number("objective").unwrap_or_default(),
            bound: number("bound"),
            seed: self.seed,
            values,
        })
    }
}

// === impl Outcome ===

impl Outcome {
    /// One of the values the command line prints.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// One that is a figure; `None` when it is unknown.
    pub fn figure(&self, name: &str) -> Option<f64> {
        self.value(name)?.parse().ok()
    }
}

/// Writes one of the generator's problems.
pub fn export(preset: &str, seed: u64, file: &Path) -> Result<(), BoxError> {
    let mut command = Command::new(example("solve")?);
    command.args(["--export", preset, "--seed", &seed.to_string()]).arg(file);
    lines(&mut command).map(drop)
}

/// An example built beside this program.
pub fn example(name: &str) -> Result<PathBuf, BoxError> {
    let here = std::env::current_exe()?;
    let path = here.parent().ok_or("no folder")?.join("examples").join(name);
    if path.is_file() { Ok(path) } else { Err(format!("{} is not built", path.display()).into()) }
}

/// The lines `name value` that a command prints. A roster with breaches ends it with 1, which is an answer too.
pub fn lines(command: &mut Command) -> Result<BTreeMap<String, String>, BoxError> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::piped()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() && text.is_empty() {
        let why = String::from_utf8_lossy(&output.stderr);
        let last: Vec<_> = why.lines().rev().take(5).collect();
        return Err(
            format!("{:?} ended with {}: {}", command.get_program(), output.status, last.join("; ")).into()
        );
    }
    let pairs = text.lines().filter_map(|line| line.split_once(' '));
    Ok(pairs.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect())
}
