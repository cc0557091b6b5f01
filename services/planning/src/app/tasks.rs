//! LeaseTask, ReportProgress, SaveCheckpoint, CompleteTask: the queue solvers work from. How a task is divided is in
//! `divide_task`.
//!
//! `attempt` is the fencing token: every write names it, and an older one changes nothing. Leases are counted by the
//! database's clock, so an instance whose own clock is wrong neither takes a task too early nor keeps it too long.

use chassis::{Ctx, Problem};
use durable::{Tx, time};
use prost::Message;

use super::{
    App,
    judge::{Judged, count, hard_count},
};
use crate::{
    domain::problem::{self, Key},
    events, metrics, problems,
    store::{
        entity::proposal,
        from_json, new_id,
        operations::{self, Operation},
        proposals,
        tasks::{self, Task, Word},
        to_json,
    },
    wire::{self, Outcome},
};

/// How an operation ends.
#[derive(Debug)]
pub enum End<'a> {
    /// With a proposal.
    Proposed(Box<proposal::Model>),
    /// Without one.
    Failed { reason: &'a str, message: &'a str },
}

/// What a solver says of its search.
#[derive(Debug)]
pub struct Progress {
    pub percent: i32,
    pub levels: Option<Vec<i64>>,
    pub steps: u64,
    /// What is proved, as stored; empty: nothing.
    pub bound: String,
}

/// A task as it is handed to a solver.
#[derive(Debug)]
pub struct Leased {
    pub task: Task,
    /// The problem, that of the divided task for a part.
    pub problem: Vec<u8>,
    /// The last checkpoint, or what a part starts from.
    pub start: Vec<u8>,
    /// What the parts of the last round found, by number, in order.
    pub found: Vec<(i32, Vec<u8>)>,
}

/// What was spent of a task's budget.
#[derive(Clone, Copy, Debug)]
pub struct Spent {
    pub steps: u64,
    pub elapsed_ms: i64,
}

// === impl App ===

impl App {
    /// The next task, leased to the worker; none when nothing waits.
    pub async fn lease_task(&self, ctx: &Ctx, worker: &str) -> Result<Option<Leased>, Problem> {
        self.allow(ctx, "tasks.run", "")?;
        loop {
            let tx = self.db.begin(ctx).await?;
            let now = self.agreed_now(&tx).await?;
            let Some(mut task) = tasks::next(tx.conn(), now).await? else { return Ok(None) };
            let seen = task.attempt;
            task.attempt += 1;
            task.worker = worker.to_owned();
            task.state = tasks::LEASED.to_owned();
            task.lease_expire_time = self.lease_until(now);
            if !tasks::lease(tx.conn(), &task, seen).await? {
                continue;
            }
            let (lost, is_part) = (task.times_lost(), task.is_part());
            let started = self
                .change_operation(tx.conn(), &task.hospital, &task.operation, |own| {
                    own.phase = operations::SOLVING.to_owned();
                    own.attempt = match is_part {
                        true => own.attempt + i32::from(lost > 0),
                        false => own.attempt.max(lost + 1),
                    };
                })
                .await?;
            let is_given_up = self.give_up(&tx, &task, started).await?;
            let leased = if is_given_up { None } else { self.with_problem(&tx, task).await? };
            tx.commit().await?;
            self.wakes.notify();
            if let Some(leased) = leased {
                let own = &leased.task;
                tracing::info!(
                    task.id = own.id,
                    task.attempt = own.attempt,
                    task.part = own.is_part().then_some(own.part),
                    worker,
                    "task leased"
                );
                return Ok(Some(leased));
            }
        }
    }

    /// A task with everything its solver needs; none when what it is a part of is gone.
    async fn with_problem(&self, tx: &Tx, task: Task) -> Result<Option<Leased>, Problem> {
        if !task.is_part() {
            let found = match task.round {
                0 => Vec::new(),
                _ => {
                    let parts = tasks::parts(tx.conn(), &task).await?.into_iter();
                    parts.map(|part| (part.part, part.found)).collect()
                }
            };
            let (problem, start) = (task.problem.clone(), task.checkpoint.clone());
            return Ok(Some(Leased { task, problem, start, found }));
        }
        let Some(whole) = tasks::find(tx.conn(), &task.hospital, &task.parent).await? else {
            tasks::end_part(tx.conn(), &task, Vec::new(), 0).await?;
            return Ok(None);
        };
        let start = if task.checkpoint.is_empty() { whole.checkpoint } else { task.checkpoint.clone() };
        Ok(Some(Leased { task, problem: whole.problem, start, found: Vec::new() }))
    }

    /// Ends a task that is not worth another attempt: cancelled, lost too often, or without its operation.
    async fn give_up(&self, tx: &Tx, task: &Task, operation: Option<Operation>) -> Result<bool, Problem> {
        let Some(operation) = operation else {
            self.end_whole(tx, task).await?;
            return Ok(true);
        };
        let end = if operation.cancel_requested {
            if task.is_part() {
                // What other parts found is still put together.
                self.end_part(tx, task, Vec::new(), 0).await?;
                return Ok(true);
            }
            if task.round > 0 {
                return Ok(false);
            }
            End::Failed { reason: "CANCELLED", message: "cancelled while no solver held it" }
        } else if task.times_lost() >= self.limits.attempts_max {
            End::Failed { reason: "INTERNAL", message: "solvers were lost too often" }
        } else {
            return Ok(false);
        };
        self.end_whole(tx, task).await?;
        self.end_operation(tx, operation, end).await?;
        Ok(true)
    }

    /// Renews the lease; answers whether to stop, and until when the lease is.
    pub async fn report_progress(
        &self,
        ctx: &Ctx,
        hospital: &str,
        id: &str,
        attempt: i32,
        progress: Progress,
    ) -> Result<(bool, i64), Problem> {
        self.allow(ctx, "tasks.run", "")?;
        let levels = progress.levels.map(|levels| to_json(&levels)).transpose()?;
        let (percent, steps) = (progress.percent.clamp(0, 100), progress.steps.cast_signed());
        let tx = self.db.begin(ctx).await?;
        let until = self.lease_until(self.agreed_now(&tx).await?);
        let task = held(&tx, hospital, id, attempt, until, Word::Progress { percent, steps }).await?;
        let round = if task.is_part() { self.round_of(&tx, &task).await? } else { None };
        let operation = self
            .change_operation(tx.conn(), hospital, &task.operation, |own| {
                if let Some(round) = &round {
                    // What a part costs says nothing of the whole.
                    (own.progress_percent, own.steps, own.open_parts) =
                        (round.percent, round.steps, round.open);
                    return;
                }
                own.progress_percent = percent.max(task.percent);
                own.steps = task.spent_steps + steps;
                own.open_parts = 0;
                own.bound.clone_from(&progress.bound);
                if let Some(levels) = &levels {
                    own.best_levels.clone_from(levels);
                }
            })
            .await?;
        tx.commit().await?;
        self.wakes.notify();
        Ok((operation.is_none_or(|own| own.cancel_requested), until))
    }

    /// Keeps the best roster so far.
    pub async fn save_checkpoint(
        &self,
        ctx: &Ctx,
        hospital: &str,
        id: &str,
        attempt: i32,
        roster: &proto::solver::v1::Roster,
        spent: Option<Spent>,
    ) -> Result<(), Problem> {
        self.allow(ctx, "tasks.run", "")?;
        let tx = self.db.begin(ctx).await?;
        let until = self.lease_until(self.agreed_now(&tx).await?);
        let word = Word::Checkpoint {
            roster: roster.encode_to_vec(),
            spent_steps: spent.map_or(0, |spent| spent.steps.cast_signed()),
            spent_ms: spent.map_or(0, |spent| spent.elapsed_ms),
        };
        held(&tx, hospital, id, attempt, until, word).await?;
        tx.commit().await
    }

    /// Ends a task with what its solver found. Repeating it changes nothing.
    pub async fn complete_task(
        &self,
        ctx: &Ctx,
        hospital: &str,
        id: &str,
        attempt: i32,
        outcome: Outcome,
    ) -> Result<(), Problem> {
        self.allow(ctx, "tasks.run", "")?;
        let task = tasks::find(self.db.read(), hospital, id).await?;
        let task = task.filter(|task| task.attempt == attempt).ok_or_else(problems::task_lost)?;
        if task.state == tasks::DONE {
            return Ok(());
        }
        if let (true, Outcome::Found { roster, steps, .. }) = (task.is_part(), &outcome) {
            let tx = self.db.begin(ctx).await?;
            if !self.end_part(&tx, &task, roster.encode_to_vec(), steps.cast_signed()).await? {
                return Err(problems::task_lost());
            }
            tx.commit().await?;
            self.wakes.notify();
            return Ok(());
        }
        let found = match &outcome {
            Outcome::Found { roster, .. } => Some(self.proposal(ctx, &task, roster, &outcome).await?),
            Outcome::Failed { .. } => None,
        };
        let tx = self.db.begin(ctx).await?;
        if !self.end_whole(&tx, &task).await? {
            return Err(problems::task_lost());
        }
        let operation = operations::by_id(tx.conn(), hospital, &task.operation).await?;
        let Some(operation) = operation.filter(|own| !own.done) else { return tx.commit().await };
        let end = match (found, &outcome) {
            (Some(row), _) => End::Proposed(Box::new(row)),
            (None, Outcome::Failed { reason, message }) => End::Failed { reason, message },
            (None, Outcome::Found { .. }) => End::Failed { reason: "INTERNAL", message: "no roster" },
        };
        self.end_operation(&tx, operation, end).await?;
        tx.commit().await?;
        self.wakes.notify();
        Ok(())
    }

    /// The proposal a solver's roster makes, judged by planning itself.
    async fn proposal(
        &self,
        ctx: &Ctx,
        task: &Task,
        message: &proto::solver::v1::Roster,
        outcome: &Outcome,
    ) -> Result<proposal::Model, Problem> {
        let problem = wire::problem_of(&task.problem)?;
        let roster = wire::roster_of(message, &problem)?;
        let key: Key = from_json(&task.who)?;
        let holders = problem::holders(&key, &roster);
        let entries = to_json(&holders)?;
        let Judged { analysis, .. } = self.judges.judge(problem, key, holders).await?;
        let (was_cancelled, seed, steps, elapsed_ms) = match *outcome {
            Outcome::Found { was_cancelled, seed, steps, elapsed_ms, .. } => {
                (was_cancelled, seed, steps, elapsed_ms)
            }
            Outcome::Failed { .. } => (false, 0, 0, 0),
        };
        Ok(proposal::Model {
            hospital: task.hospital.clone(),
            id: new_id(),
            plan: task.plan.clone(),
            operation: task.operation.clone(),
            levels: to_json(&analysis.score.levels())?,
            hole_count: count(analysis.holes.len()),
            hard_count: hard_count(&analysis),
            plan_frame: task.plan_frame,
            absences: task.absences.clone(),
            cancelled: was_cancelled,
            seed: seed.cast_signed(),
            steps: steps.cast_signed(),
            elapsed_ms,
            entries,
            create_time: time::micros(ctx.now),
        })
    }

    /// Ends an operation, with its event.
    pub async fn end_operation(
        &self,
        tx: &Tx,
        mut operation: Operation,
        end: End<'_>,
    ) -> Result<Operation, Problem> {
        let now = time::micros(tx.now());
        let mut levels: Vec<i64> = Vec::new();
        match end {
            End::Proposed(row) => {
                levels = from_json(&row.levels)?;
                operation.proposal = row.id.clone();
                operation.best_levels = row.levels.clone();
                operation.progress_percent = 100;
                operation.steps = row.steps;
                operation.open_parts = 0;
                proposals::insert(tx.conn(), *row).await?;
            }
            End::Failed { reason, message } => {
                operation.error_reason = reason.to_owned();
                operation.error_message = message.to_owned();
            }
        }
        operation.end(now);
        metrics::generation_ended(&operation, now);
        if !operations::save(tx.conn(), &mut operation).await? {
            return Err(Problem::unavailable("the operation is busy", std::time::Duration::from_millis(200)));
        }
        events::generation_ended(tx, &operation, &levels).await?;
        tracing::info!(
            operation.id = operation.id,
            proposal.id = operation.proposal,
            reason = operation.error_reason,
            "generation ended"
        );
        Ok(operation)
    }

    /// The time leases are counted by: instances whose own clocks differ agree on the database's.
    pub(super) async fn agreed_now(&self, tx: &Tx) -> Result<i64, Problem> {
        self.db.now_micros(tx.conn()).await.map_err(durable::problem)
    }

    pub(super) fn lease_until(&self, now: i64) -> i64 {
        now + i64::try_from(self.limits.lease.as_micros()).unwrap_or(i64::MAX / 2)
    }
}

/// Renews the lease of an attempt that holds a task.
pub(super) async fn held(
    tx: &Tx,
    hospital: &str,
    id: &str,
    attempt: i32,
    until: i64,
    word: Word,
) -> Result<Task, Problem> {
    let task = tasks::find(tx.conn(), hospital, id).await?;
    let task = task.filter(|task| task.attempt == attempt).ok_or_else(problems::task_lost)?;
    if tasks::renew(tx.conn(), &task, until, word).await? { Ok(task) } else { Err(problems::task_lost()) }
}
