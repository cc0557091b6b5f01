//! DivideTask: a large search is divided into parts that any solver may lease, and put together again.
//!
//! The divided task keeps the problem and the roster its parts start from, and waits. A part is a task like any other,
//! with a lease, a fencing token and a checkpoint of its own. The last part to end queues the divided task again;
//! whoever leases it next puts together what they found, and divides it for another round or hands it in.

use chassis::{Ctx, Problem, Violation};
use durable::Tx;
use prost::Message;

use super::{App, generate_plan::Budget};
use crate::{
    events, problems,
    store::{
        new_id,
        tasks::{self, DIVIDED, DONE, LEASED, QUEUED, Task},
    },
};

/// The most parts of one round.
const PARTS_MAX: usize = 1_000;

/// How a task is divided.
#[derive(Debug)]
pub struct Division {
    pub round: i32,
    /// The roster all parts start from.
    pub roster: proto::solver::v1::Roster,
    /// The parts by number, each with its budget.
    pub parts: Vec<(i32, Budget)>,
    /// The share of the whole budget that is spent when the round ends.
    pub percent: i32,
}

/// How far the parts of a round are.
#[derive(Debug)]
pub struct Round {
    /// The share of the whole budget spent.
    pub percent: i32,
    /// Steps of the whole search.
    pub steps: i64,
    /// Parts not done.
    pub open: i32,
}

// === impl App ===

impl App {
    /// Divides a task that is leased under this attempt. Repeating it changes nothing.
    pub async fn divide_task(
        &self,
        ctx: &Ctx,
        hospital: &str,
        id: &str,
        attempt: i32,
        division: Division,
    ) -> Result<(), Problem> {
        self.allow(ctx, "tasks.run", "")?;
        if division.parts.is_empty() || division.parts.len() > PARTS_MAX {
            let expected = format!("expected 1 to {PARTS_MAX} parts");
            return Err(Problem::invalid(vec![Violation::new("parts", expected)]));
        }
        let tx = self.db.begin(ctx).await?;
        let whole = tasks::find(tx.conn(), hospital, id).await?;
        let whole = whole.filter(|task| task.attempt == attempt && !task.is_part());
        let mut whole = whole.ok_or_else(problems::task_lost)?;
        if whole.state == DIVIDED && whole.round == division.round {
            return Ok(());
        }
        if whole.state != LEASED || whole.round != division.round {
            return Err(problems::task_lost());
        }
        whole.checkpoint = division.roster.encode_to_vec();
        whole.divide_time = self.agreed_now(&tx).await?;
        whole.round_percent = division.percent.clamp(whole.percent, 100);
        if !tasks::divide(tx.conn(), &whole).await? {
            return Err(problems::task_lost());
        }
        tasks::delete_parts(tx.conn(), &whole).await?;
        for (number, budget) in &division.parts {
            tasks::insert(tx.conn(), part(&whole, *number, *budget)).await?;
        }
        let open = i32::try_from(division.parts.len()).unwrap_or(i32::MAX);
        self.change_operation(tx.conn(), hospital, &whole.operation, |own| own.open_parts = open).await?;
        events::task_queued(&tx, hospital, &whole.id).await?;
        tx.commit().await?;
        self.wakes.notify();
        tracing::info!(
            task.id = id,
            task.attempt = attempt,
            task.round = whole.round,
            parts = open,
            "task divided"
        );
        Ok(())
    }

    /// How far the round is that a part belongs to; none when it is over.
    pub(super) async fn round_of(&self, tx: &Tx, part: &Task) -> Result<Option<Round>, Problem> {
        let Some(whole) = tasks::find(tx.conn(), &part.hospital, &part.parent).await? else {
            return Ok(None);
        };
        let parts = tasks::parts(tx.conn(), &whole).await?;
        let count = i32::try_from(parts.len()).unwrap_or(i32::MAX).max(1);
        let done: i32 = parts.iter().map(|part| part.percent).sum();
        let span = whole.round_percent - whole.percent;
        Ok(Some(Round {
            percent: whole.percent + span * (done / count) / 100,
            steps: whole.spent_steps + parts.iter().map(|part| part.spent_steps + part.steps).sum::<i64>(),
            open: i32::try_from(parts.iter().filter(|part| part.state != DONE).count()).unwrap_or(i32::MAX),
        }))
    }

    /// Ends a part; the last one to end queues the divided task again. `Ok(false)` when the attempt lost it.
    pub(super) async fn end_part(
        &self,
        tx: &Tx,
        part: &Task,
        found: Vec<u8>,
        steps: i64,
    ) -> Result<bool, Problem> {
        // Before the part's own row, as dividing does: two that wait for each other would be a deadlock.
        let is_divided = tasks::lock_divided(tx.conn(), &part.hospital, &part.parent).await?;
        if !tasks::end_part(tx.conn(), part, found, part.spent_steps + steps).await? {
            return Ok(false);
        }
        let whole = tasks::find(tx.conn(), &part.hospital, &part.parent).await?;
        let Some(mut whole) = whole.filter(|_| is_divided) else { return Ok(true) };
        let parts = tasks::parts(tx.conn(), &whole).await?;
        if parts.iter().all(|part| part.state == DONE) {
            self.unite(tx, &mut whole, &parts).await?;
        }
        Ok(true)
    }

    /// Queues a divided task again whose parts are all done.
    pub(super) async fn unite(&self, tx: &Tx, whole: &mut Task, parts: &[Task]) -> Result<(), Problem> {
        whole.round += 1;
        whole.percent = whole.round_percent;
        whole.spent_steps += parts.iter().map(|part| part.steps).sum::<i64>();
        whole.spent_ms += (self.agreed_now(tx).await? - whole.divide_time).max(0) / 1_000;
        tasks::unite(tx.conn(), whole).await?;
        events::task_queued(tx, &whole.hospital, &whole.id).await?;
        tracing::info!(task.id = whole.id, task.round = whole.round, "all parts are done");
        Ok(())
    }

    /// Ends a task and all that it is divided into, or that it is a part of.
    pub(super) async fn end_whole(&self, tx: &Tx, task: &Task) -> Result<bool, Problem> {
        if !task.is_part() {
            return tasks::end(tx.conn(), task).await;
        }
        match tasks::find(tx.conn(), &task.hospital, &task.parent).await? {
            Some(whole) => tasks::end(tx.conn(), &whole).await,
            None => tasks::end_part(tx.conn(), task, Vec::new(), 0).await,
        }
    }
}

/// A part, to be leased.
fn part(whole: &Task, number: i32, budget: Budget) -> Task {
    Task {
        id: new_id(),
        parent: whole.id.clone(),
        part: number,
        state: QUEUED.to_owned(),
        attempt: 0,
        worker: String::new(),
        lease_expire_time: 0,
        seed: budget.seed.cast_signed(),
        step_limit: budget.step_limit.cast_signed(),
        time_limit_ms: i64::try_from(budget.time_limit.as_millis()).unwrap_or(i64::MAX),
        problem: Vec::new(),
        checkpoint: Vec::new(),
        who: String::new(),
        found: Vec::new(),
        percent: 0,
        steps: 0,
        spent_steps: 0,
        spent_ms: 0,
        ..whole.clone()
    }
}
