//! One leased task, from its problem to its result.
//!
//! The search runs on its thread; this side reports, saves and listens in a fixed rhythm. Planning decides: a lost
//! lease or a cancellation reaches the search within one report. A process that goes down saves what it has and lets
//! the lease run out, so that another solver goes on from there.

use std::sync::Arc;

use metrics::counter;
use problem::Violation;
use proto::error::v1::Reason;
use proto::planning::v1 as pb;
use proto::planning::v1::complete_task_request::{Failure, Outcome};
use roster::Roster;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::bridge::{Handle, Stop};
use crate::config::Rhythm;
use crate::metrics::{CHECKPOINTS_TOTAL, SEARCHES_TOTAL};
use crate::planning::{Lease, Refused, Tasks};
use crate::pool::{Job, Place, Search};
use crate::solution;

/// Searches what `task` asks for and hands in the result.
pub async fn run(tasks: &Tasks, rhythm: Rhythm, task: pb::Task, place: Place, stop: &CancellationToken) {
    let lease = Lease { name: task.name.clone(), attempt: task.attempt };
    let started = Instant::now();
    tracing::info!(task.name = %lease.name, task.attempt = lease.attempt, "search begins");
    let outcome = match job(task) {
        Err(violations) => {
            tracing::warn!(task.name = %lease.name, violation.count = violations.len(), "the problem is not valid");
            Some(refusal(&violations))
        }
        Ok((job, seed)) => {
            Follow { tasks, rhythm, lease: &lease, stop }.search(place.search(job), seed).await
        }
    };
    let label = match &outcome {
        None => "given_up",
        Some(Outcome::Failure(_)) => "failed",
        Some(Outcome::Solution(_)) => "solved",
    };
    counter!(SEARCHES_TOTAL, "asked" => "task", "outcome" => label).increment(1);
    if let Some(outcome) = outcome {
        hand_in(tasks, rhythm, &lease, outcome).await;
    }
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(task.name = %lease.name, task.attempt = lease.attempt, duration_ms, outcome = label, "search ends");
}

/// The search a task asks for, and its seed.
fn job(task: pb::Task) -> Result<(Job, u64), Vec<Violation>> {
    let message = task.problem.unwrap_or_default();
    let problem = problem::decode(&message)?;
    let options = task.options.unwrap_or_default();
    let budget = solution::budget(&options).map_err(|violation| vec![violation])?;
    // A checkpoint is a help, not a condition: without a usable one the search starts anew.
    let start = task.warm_start.and_then(|roster| problem::decode_roster(&roster, &problem).ok());
    Ok((Job { problem, seed: options.seed, budget, start }, options.seed))
}

fn refusal(violations: &[Violation]) -> Outcome {
    let first = violations.first().map(ToString::to_string).unwrap_or_default();
    let message = format!("the problem has {} violations, first: {first}", violations.len());
    Outcome::Failure(Failure { reason: reason(Reason::FieldViolations), message })
}

fn reason(reason: Reason) -> String {
    reason.as_str_name().trim_start_matches("REASON_").to_owned()
}

/// Follows one search.
struct Follow<'a> {
    tasks: &'a Tasks,
    rhythm: Rhythm,
    lease: &'a Lease,
    stop: &'a CancellationToken,
}

impl Follow<'_> {
    /// Waits for the search's end. `None`: the task is no longer ours to end.
    async fn search(&self, mut search: Search, seed: u64) -> Option<Outcome> {
        let handle = search.handle().clone();
        let ended = {
            let following = self.follow(&handle);
            tokio::pin!(following);
            tokio::select! {
                ended = search.ended() => ended,
                // Told to stop: it ends within milliseconds.
                () = &mut following => search.ended().await,
            }
        };
        let Ok(found) = ended else {
            let message = "the search failed inside".to_owned();
            return Some(Outcome::Failure(Failure { reason: reason(Reason::Internal), message }));
        };
        match found.stopped(&handle) {
            Some(Stop::Lost) => None,
            Some(Stop::Draining) => {
                self.save(&found.solution.roster).await;
                None
            }
            stopped => Some(Outcome::Solution(solution::encode(&found, seed, stopped))),
        }
    }

    /// Reports and saves in rhythm; returns once the search has been told to stop.
    async fn follow(&self, handle: &Handle) {
        let mut report = interval(self.rhythm.report);
        report.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut best = handle.best.clone();
        let mut saved: Option<Instant> = None;
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return handle.stop(Stop::Draining),
                _ = report.tick() => {}
            }
            if let Some(order) = self.report(handle).await {
                return handle.stop(order);
            }
            let is_due = saved.is_none_or(|at| at.elapsed() >= self.rhythm.checkpoint);
            if is_due && best.has_changed().unwrap_or(false) {
                let roster: Option<Arc<Roster>> = best.borrow_and_update().clone();
                if let Some(roster) = roster {
                    saved = Some(Instant::now());
                    if self.save(&roster).await == Some(Stop::Lost) {
                        return handle.stop(Stop::Lost);
                    }
                }
            }
        }
    }

    async fn report(&self, handle: &Handle) -> Option<Stop> {
        let news = handle.news.borrow().clone();
        let reported = self.tasks.report(self.lease, news.percent, news.best.as_ref(), news.steps);
        match self.bounded(reported).await {
            Ok(true) => None,
            Ok(false) => Some(Stop::Cancelled),
            Err(refused) => self.told(refused, "progress is not reported"),
        }
    }

    async fn save(&self, roster: &Roster) -> Option<Stop> {
        match self.bounded(self.tasks.save(self.lease, problem::encode_roster(roster))).await {
            Ok(()) => {
                counter!(CHECKPOINTS_TOTAL).increment(1);
                None
            }
            Err(refused) => self.told(refused, "checkpoint is not saved"),
        }
    }

    async fn bounded<T>(&self, call: impl Future<Output = Result<T, Refused>>) -> Result<T, Refused> {
        let answer = timeout(self.rhythm.call_max, call).await;
        answer.unwrap_or_else(|_| Err(Refused::Later(chassis::Problem::deadline())))
    }

    /// Trouble on planning's side stops no search: the lease's fencing decides at the end who was right.
    fn told(&self, refused: Refused, what: &'static str) -> Option<Stop> {
        match refused {
            Refused::Lost => {
                tracing::warn!(task.name = %self.lease.name, task.attempt = self.lease.attempt, "the lease is lost");
                Some(Stop::Lost)
            }
            Refused::Later(problem) => {
                tracing::warn!(task.name = %self.lease.name, error = %problem, "{what}");
                None
            }
        }
    }
}

/// Hands in a result, again and again while planning is away.
async fn hand_in(tasks: &Tasks, rhythm: Rhythm, lease: &Lease, outcome: Outcome) {
    let patience = Instant::now() + rhythm.hand_in_max;
    loop {
        let answer = timeout(rhythm.call_max, tasks.complete(lease, outcome.clone())).await;
        match answer.unwrap_or_else(|_| Err(Refused::Later(chassis::Problem::deadline()))) {
            Ok(()) => return,
            Err(Refused::Lost) => {
                tracing::warn!(task.name = %lease.name, task.attempt = lease.attempt, "the result came too late");
                return;
            }
            Err(Refused::Later(problem)) if Instant::now() >= patience => {
                tracing::error!(task.name = %lease.name, error = %problem, "the result cannot be handed in");
                return;
            }
            Err(Refused::Later(problem)) => {
                tracing::warn!(task.name = %lease.name, error = %problem, "the result is not handed in yet");
                sleep(rhythm.report.mul_f64(chassis::worker::jitter())).await;
            }
        }
    }
}
