//! Asks the judge, away from the threads that serve calls.

use std::thread;

use chassis::{Problem, compute::Line};
use roster::{Analysis, Level};

use crate::domain::{
    plan::Summary,
    problem::{self, Key},
    shift::Holder,
};

/// A roster that was judged, with what leads its indices back to ids.
#[derive(Debug)]
pub struct Judged {
    pub key: Key,
    pub analysis: Analysis,
}

/// Those who judge: one for each processor.
#[derive(Clone, Debug)]
pub struct Judges(Line);

// === impl Judges ===

impl Judges {
    pub fn new() -> Self {
        Self(Line::new(thread::available_parallelism().map_or(1, usize::from)))
    }

    /// Judges who holds what.
    pub async fn judge(
        &self,
        problem: roster::Problem,
        key: Key,
        holders: Vec<Holder>,
    ) -> Result<Judged, Problem> {
        let work = move || {
            let roster = problem::roster(&problem, &key, &holders);
            let analysis = roster::analyze(&problem, &roster);
            Judged { key, analysis }
        };
        self.ask(work).await
    }

    /// Has one of them do something.
    pub async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.0.run(work).await.map_err(Problem::internal)
    }
}

/// The version of the rules: the judge's own.
pub fn rules_version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// How many hard rules are broken.
pub fn hard_count(analysis: &Analysis) -> i32 {
    let matches = analysis.rules.iter().flat_map(|report| &report.matches);
    count(matches.filter(|found| found.level == Level::Hard).count())
}

/// A number of things, as contracts say it.
pub fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

// === impl Judged ===

impl Judged {
    /// What a plan keeps of it.
    pub fn summary(&self, head: i64, absences_version: &str, now: i64) -> Summary {
        Summary {
            levels: self.analysis.score.levels().to_vec(),
            hard_count: hard_count(&self.analysis),
            hole_count: count(self.analysis.holes.len()),
            head,
            absences_version: absences_version.to_owned(),
            is_outdated: false,
            time: now,
        }
    }

    pub fn person(&self, person: roster::problem::PersonIx) -> &str {
        self.key.person(person)
    }

    pub fn shift(&self, slot: roster::problem::SlotIx) -> &str {
        self.key.shift(slot)
    }
}
