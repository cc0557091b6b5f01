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

use crate::bridge::{Handle, News, Stop};
use crate::config::{How, Rhythm};
use crate::divide::{self, Asked, Divided, Spent};
use crate::metrics::{CHECKPOINTS_TOTAL, SEARCHES_TOTAL};
use crate::planning::{Lease, Refused, Tasks};
use crate::pool::{Found, Job, Place, Search};
use crate::search::PartWork;
use crate::solution::{self, Named};

/// Searches what `task` asks for and hands in the result.
pub async fn run(tasks: &Tasks, how: How, task: pb::Task, place: Place, stop: &CancellationToken) {
    let lease = Lease { name: task.name.clone(), attempt: task.attempt };
    let started = Instant::now();
    tracing::info!(task.name = %lease.name, task.attempt = lease.attempt, "search begins");
    let rhythm = how.rhythm;
    let read = chassis::compute::spawn(move || divide::read(task, how.threads, how.divided_from)).await;
    let outcome = match read {
        Err(_) => Some(broken()),
        Ok(Err(violations)) => {
            tracing::warn!(task.name = %lease.name, violation.count = violations.len(), "the problem is not valid");
            Some(refusal(&violations))
        }
        Ok(Ok(order)) => {
            let named = Named { seed: order.seed, input_hash: order.input_hash };
            let follow = Follow { tasks, rhythm, lease: &lease, stop, named, spent: order.spent };
            follow.fulfil(order.asked, place).await
        }
    };
    let label = match &outcome {
        None => "given_up",
        Some(Outcome::Failure(_)) => "failed",
        Some(Outcome::Solution(_)) => "solved",
    };
    counter!(SEARCHES_TOTAL, "asked" => "task", "outcome" => label).increment(1);
    if let Some(outcome) = outcome {
        persist(rhythm, &lease, "the result", || tasks.complete(&lease, outcome.clone())).await;
    }
    let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(task.name = %lease.name, task.attempt = lease.attempt, duration_ms, outcome = label, "search ends");
}

fn refusal(violations: &[Violation]) -> Outcome {
    let first = violations.first().map(ToString::to_string).unwrap_or_default();
    let message = format!("the problem has {} violations, first: {first}", violations.len());
    Outcome::Failure(Failure { reason: reason(Reason::FieldViolations), message })
}

fn reason(reason: Reason) -> String {
    reason.as_str_name().trim_start_matches("REASON_").to_owned()
}

fn broken() -> Outcome {
    let message = "the search failed inside".to_owned();
    Outcome::Failure(Failure { reason: reason(Reason::Internal), message })
}

/// Follows one search.
struct Follow<'a> {
    tasks: &'a Tasks,
    rhythm: Rhythm,
    lease: &'a Lease,
    stop: &'a CancellationToken,
    named: Named,
    spent: Spent,
}

/// How a search that was followed ended.
struct Ended {
    found: Found,
    stopped: Option<Stop>,
}

impl Follow<'_> {
    /// Does what is asked. `None`: the task is no longer ours to end.
    async fn fulfil(&self, asked: Asked, place: Place) -> Option<Outcome> {
        match asked {
            Asked::Search(job, part) => {
                let ended = match self.search(place.search(job), part.as_deref()).await {
                    Ok(ended) => ended?,
                    Err(outcome) => return Some(outcome),
                };
                let mut solution = solution::encode(
                    &ended.found,
                    &self.named,
                    self.own_spent(part.is_some()),
                    ended.stopped,
                );
                if let Some(part) = part {
                    solution.roster = Some(problem::encode_roster(&part.alone(&ended.found.solution.roster)));
                }
                Some(Outcome::Solution(solution))
            }
            Asked::First(job, divided) => {
                let ended = match self.search(place.search(job), None).await {
                    Ok(ended) => ended?,
                    Err(outcome) => return Some(outcome),
                };
                if ended.stopped == Some(Stop::Cancelled) {
                    return Some(self.solution(&ended));
                }
                self.divide(&divided, &ended.found.solution.roster).await
            }
            Asked::Next(divided, roster) => {
                // Whoever asked may have given up while the parts were searched.
                let still_wanted = self.bounded(self.tasks.report(self.lease, &News::default(), true)).await;
                match still_wanted {
                    Ok(false) => self.close(place, divided.close(roster), Some(Stop::Cancelled)).await,
                    Err(Refused::Lost) => None,
                    _ => self.divide(&divided, &roster).await,
                }
            }
            Asked::Last(job) => self.close(place, job, None).await,
        }
    }

    /// What attempts before have spent: planning itself adds up the steps of parts.
    fn own_spent(&self, is_part: bool) -> Spent {
        if is_part { Spent::default() } else { self.spent }
    }

    fn solution(&self, ended: &Ended) -> Outcome {
        Outcome::Solution(solution::encode(&ended.found, &self.named, self.spent, ended.stopped))
    }

    /// Queues a round of parts; the task is then nobody's until they are done.
    async fn divide(&self, divided: &Divided, roster: &Roster) -> Option<Outcome> {
        let round = divided.round(roster);
        persist(self.rhythm, self.lease, "the division", || self.tasks.divide(self.lease, &round)).await;
        None
    }

    /// Hands in what the parts made.
    async fn close(&self, place: Place, job: Job, stopped: Option<Stop>) -> Option<Outcome> {
        match self.search(place.search(job), None).await {
            Ok(ended) => {
                ended.map(|ended| self.solution(&Ended { stopped: stopped.or(ended.stopped), ..ended }))
            }
            Err(outcome) => Some(outcome),
        }
    }

    /// Waits for a search's end. `None`: the task is no longer ours to end.
    async fn search(&self, mut search: Search, part: Option<&PartWork>) -> Result<Option<Ended>, Outcome> {
        let handle = search.handle().clone();
        let started = Instant::now();
        let ended = {
            let following = self.follow(&handle, part, started);
            tokio::pin!(following);
            tokio::select! {
                biased;
                ended = search.ended() => ended,
                // Told to stop: it ends within milliseconds.
                () = &mut following => search.ended().await,
            }
        };
        let found = ended.map_err(|_| broken())?;
        match found.stopped(&handle) {
            Some(Stop::Lost) => Ok(None),
            Some(Stop::Draining) => {
                let steps = found.solution.statistics.steps;
                self.save(&found.solution.roster, part, steps, started).await;
                Ok(None)
            }
            stopped => Ok(Some(Ended { found, stopped })),
        }
    }

    /// Reports and saves in rhythm; returns once the search has been told to stop.
    async fn follow(&self, handle: &Handle, part: Option<&PartWork>, started: Instant) {
        let mut report = interval(self.rhythm.report);
        report.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut best = handle.best.clone();
        let mut saved: Option<Instant> = None;
        loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return handle.stop(Stop::Draining),
                _ = report.tick() => {}
            }
            if let Some(order) = self.report(handle, part.is_some()).await {
                return handle.stop(order);
            }
            let is_due = saved.is_none_or(|at| at.elapsed() >= self.rhythm.checkpoint);
            if is_due && best.has_changed().unwrap_or(false) {
                let roster: Option<Arc<Roster>> = best.borrow_and_update().clone();
                if let Some(roster) = roster {
                    saved = Some(Instant::now());
                    let steps = handle.news.borrow().steps;
                    if self.save(&roster, part, steps, started).await == Some(Stop::Lost) {
                        return handle.stop(Stop::Lost);
                    }
                }
            }
        }
    }

    async fn report(&self, handle: &Handle, is_part: bool) -> Option<Stop> {
        let news = handle.news.borrow().clone();
        let reported = self.tasks.report(self.lease, &news, is_part);
        match self.bounded(reported).await {
            Ok(true) => None,
            Ok(false) => Some(Stop::Cancelled),
            Err(refused) => self.told(refused, "progress is not reported"),
        }
    }

    /// Saves a roster, with the steps and the time of this attempt; of a part, as the whole's roster.
    async fn save(
        &self,
        roster: &Roster,
        part: Option<&PartWork>,
        steps: u64,
        started: Instant,
    ) -> Option<Stop> {
        let message = match part {
            Some(part) => problem::encode_roster(&part.checkpoint(roster)),
            None => problem::encode_roster(roster),
        };
        let spent =
            Spent { steps: self.spent.steps + steps, elapsed: self.spent.elapsed + started.elapsed() };
        match self.bounded(self.tasks.save(self.lease, message, spent)).await {
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

/// Tells planning something that must not be lost, again and again while it is away.
async fn persist<F: Future<Output = Result<(), Refused>>>(
    rhythm: Rhythm,
    lease: &Lease,
    what: &'static str,
    tell: impl Fn() -> F,
) {
    let patience = Instant::now() + rhythm.hand_in_max;
    loop {
        let answer = timeout(rhythm.call_max, tell()).await;
        match answer.unwrap_or_else(|_| Err(Refused::Later(chassis::Problem::deadline()))) {
            Ok(()) => return,
            Err(Refused::Lost) => {
                tracing::warn!(task.name = %lease.name, task.attempt = lease.attempt, "{what} came too late");
                return;
            }
            Err(Refused::Later(problem)) if Instant::now() >= patience => {
                tracing::error!(task.name = %lease.name, error = %problem, "{what} cannot be handed in");
                return;
            }
            Err(Refused::Later(problem)) => {
                tracing::warn!(task.name = %lease.name, error = %problem, "{what} is not handed in yet");
                sleep(rhythm.report.mul_f64(chassis::worker::jitter())).await;
            }
        }
    }
}
