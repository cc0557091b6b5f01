//! The public instances: where they are, what is known of them, who verifies.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use chassis::BoxError;
use tempfile::TempDir;

use super::solve::{Outcome, Search};

/// The best objectives known, from I1 on: `benchmark/nrp.yml` of github.com/wssuite/NurseScheduler at aef7513. Upper
/// bounds; the source does not say which are proved optimal.
const BEST_KNOWN: [i64; 24] = [
    607, 828, 1_001, 1_716, 1_143, 1_950, 1_056, 1_300, 439, 4_631, 3_443, 4_040, 1_348, 1_278, 3_829, 3_225,
    5_746, 4_459, 3_149, 4_769, 21_133, 30_241, 17_428, 42_463,
];

/// A folder of instances, its verifier, and a place for answers.
pub struct Collection {
    instances: Vec<Instance>,
    verifier: PathBuf,
    answers: TempDir,
}

/// One public instance.
pub struct Instance {
    pub number: u32,
    pub file: PathBuf,
}

// === impl Collection ===

impl Collection {
    /// Opens a folder; `only` names the instances wanted, all when empty.
    pub fn open(folder: Option<PathBuf>, only: &[u32]) -> Result<Self, BoxError> {
        let usual = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/bench/roster/curtois-qu");
        let folder = folder
            .or_else(|| std::env::var_os("MATHILDANESTH_INSTANCES").map(PathBuf::from))
            .unwrap_or_else(usual);
        let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut instances = Vec::new();
        for entry in entries {
            let file = entry?.path();
            let name = file.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
            let number = name.strip_prefix("Instance").and_then(|number| number.parse().ok());
            if let Some(number) = number.filter(|number| only.is_empty() || only.contains(number)) {
                instances.push(Instance { number, file });
            }
        }
        instances.sort_by_key(|instance| instance.number);
        if instances.is_empty() {
            return Err(format!("{}: no file Instance<number>.txt", folder.display()).into());
        }
        let verifier = folder.join("../verify.py");
        if !verifier.is_file() {
            return Err(format!("{}: no such file", verifier.display()).into());
        }
        Ok(Self { instances, verifier, answers: TempDir::new()? })
    }

    pub fn instances(&self) -> &[Instance] {
        &self.instances
    }

    /// A place for an answer.
    pub fn answer(&self, name: &str) -> PathBuf {
        self.answers.path().join(name)
    }

    /// The objective of an answer and whether it breaks nothing, by the outside verifier.
    pub fn verify(&self, instance: &Instance, answer: &Path) -> Result<(i64, bool), BoxError> {
        let output = Command::new("python3")
            .arg(&self.verifier)
            .arg("verify")
            .args([&instance.file, answer])
            .output()
            .map_err(|error| format!("python3: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let figure = |name: &str| -> Option<i64> {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse().ok()
        };
        let (Some(objective), Some(breaches)) = (figure("objective "), figure("hard violations ")) else {
            return Err(format!("verify.py: {}", String::from_utf8_lossy(&output.stderr)).into());
        };
        Ok((objective, breaches == 0))
    }
}

// === impl Instance ===

impl Instance {
    /// Searches and verifies. An answer that the verifier counts differently is an error: there is one truth.
    pub fn solve(&self, collection: &Collection, search: &Search) -> Result<Outcome, BoxError> {
        let answer = collection.answer(&format!("I{}.txt", self.number));
        let mut outcome = search.run("curtois-qu", &self.file, &answer)?;
        let (objective, is_feasible) = collection.verify(self, &answer)?;
        if outcome.is_feasible != is_feasible || (is_feasible && outcome.objective != objective) {
            return Err(format!(
                "I{}: the judge says {} ({}), verify.py {objective} ({is_feasible})",
                self.number, outcome.objective, outcome.is_feasible
            )
            .into());
        }
        if let Some(bound) = outcome.bound.filter(|bound| is_feasible && *bound > objective) {
            return Err(format!("I{}: the bound {bound} is above the roster {objective}", self.number).into());
        }
        outcome.objective = objective;
        Ok(outcome)
    }

    pub fn best_known(&self) -> Option<i64> {
        BEST_KNOWN.get((self.number as usize).checked_sub(1)?).copied()
    }

    /// How much more the roster costs than the best known, in percent; infinite when it breaks something.
    pub fn gap(&self, outcome: &Outcome) -> f64 {
        match self.best_known().filter(|_| outcome.is_feasible) {
            Some(best) => (outcome.objective - best) as f64 / best as f64 * 100.0,
            None => f64::INFINITY,
        }
    }

    /// How far the bound is below the best known, in percent.
    pub fn bound_gap(&self, outcome: &Outcome) -> Option<f64> {
        let best = self.best_known()?;
        Some((best - outcome.bound?) as f64 / best as f64 * 100.0)
    }

    /// The lines of figures of a minute's search.
    pub fn figures(&self, outcome: &Outcome) -> [String; 2] {
        let bound = self.bound_gap(outcome).map_or("unknown".to_owned(), |gap| format!("{gap:.2}"));
        [
            format!("curtois_qu_gap_pct_I{}_60s {:.2} pct", self.number, self.gap(outcome)),
            format!("curtois_qu_bound_gap_pct_I{} {bound} pct", self.number),
        ]
    }
}
