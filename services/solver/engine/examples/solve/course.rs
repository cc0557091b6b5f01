//! The course of a search: its clock, and a line on standard error now and then.

use std::{
    ops::ControlFlow,
    time::{Duration, Instant},
};

use engine::{Bound, Observer, Phase, Progress};
use roster::{Roster, Score};

use crate::input::Format;

/// At most one line in this time.
const LINE_EVERY: Duration = Duration::from_millis(200);

/// Owns the clock of a search and watches it.
pub struct Course {
    started: Instant,
    seconds: Option<f64>,
    format: Format,
    printed: Option<Duration>,
    bound_printed: Option<Duration>,
    /// When the first roster came that breaks no hard rule.
    pub first_feasible: Option<Duration>,
    /// When construction was over: every part of the problem had its turn.
    pub constructed: Option<Duration>,
}

// === impl Course ===

impl Course {
    /// Starts the clock; without a number of seconds only steps end the search.
    pub fn new(seconds: Option<f64>, format: Format) -> Self {
        Self {
            started: Instant::now(),
            seconds,
            format,
            printed: None,
            bound_printed: None,
            first_feasible: None,
            constructed: None,
        }
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn line(&self, score: &Score, steps: u64) {
        let seconds = self.elapsed().as_secs_f64();
        eprintln!("{seconds:>8.2} s  {:>12} steps  {}", steps, self.format.cost(score));
    }
}

impl Observer for Course {
    fn look(&mut self, _: Progress<'_>) -> ControlFlow<()> {
        let is_over = self.seconds.is_some_and(|seconds| self.elapsed().as_secs_f64() >= seconds);
        if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn spent(&mut self) -> Option<f64> {
        let seconds = self.seconds?;
        Some(if seconds > 0.0 { (self.elapsed().as_secs_f64() / seconds).min(1.0) } else { 1.0 })
    }

    fn phase(&mut self, phase: Phase) {
        if phase != Phase::Construct && self.constructed.is_none() {
            self.constructed = Some(self.elapsed());
        }
        eprintln!("{:>8.2} s  {phase:?}", self.elapsed().as_secs_f64());
    }

    fn bound(&mut self, bound: &Bound) {
        let now = self.elapsed();
        if self.bound_printed.is_none_or(|printed| now >= printed + LINE_EVERY) {
            self.bound_printed = Some(now);
            eprintln!("{:>8.2} s  proven: {}", now.as_secs_f64(), self.format.bound(bound));
        }
    }

    fn improved(&mut self, progress: Progress<'_>, _: &Roster) {
        let now = self.elapsed();
        if self.first_feasible.is_none() && progress.best.is_feasible() {
            self.first_feasible = Some(now);
        }
        if self.printed.is_none_or(|printed| now >= printed + LINE_EVERY) {
            self.printed = Some(now);
            self.line(progress.best, progress.steps);
        }
    }
}
