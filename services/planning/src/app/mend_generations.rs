//! Generations that no call and no solver would ever end, found and mended.
//!
//! | kind | what is found | what becomes of it |
//! |---|---|---|
//! | `task_gone` | an operation runs, its task is over or missing | the operation ends, INTERNAL |
//! | `operation_gone` | a task waits or is searched, its operation is over or missing | the task ends |
//! | `parts_done` | a divided task waits for parts that are all done, or that are missing | it is queued again |
//! | `whole_gone` | a part waits or is searched, what it is a part of is over or missing | the part is forgotten |
//! | `lost_too_often` | the last solver a task was worth is lost, and no solver is left to find out | the operation ends, INTERNAL |
//! | `cancel_unheard` | the solver that was to be told of a cancellation is lost, and no other asks | the operation ends, CANCELLED |
//!
//! The first four are written in one transaction each by every call of this version; they are looked for because a
//! database outlives versions, restores and hands. What cannot last, and is not looked for: a task whose wake-up was
//! lost (solvers poll), one whose solver was lost (the next one that polls takes it), a plan that stays locked by an
//! operation that is over (one row says both).
//!
//! Instances may look at once: a suspicion is proved again inside the transaction that mends it, which is fenced by the
//! version and the attempt that the rows have then.

use std::{collections::BTreeSet, time::Duration};

use chassis::{Ctx, Problem};
use durable::Tx;

use super::{App, tasks::End};
use crate::{
    events, metrics,
    store::{
        operations::{self, Operation},
        tasks::{self, DIVIDED, DONE, Outline},
    },
};

/// How long a solver must have been lost before this acts in its stead: one that was only slow may still come back, and
/// any solver that lives asks many times in between.
const GRACE: Duration = Duration::from_secs(60);

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    TaskGone,
    OperationGone,
    PartsDone,
    WholeGone,
    LostTooOften,
    CancelUnheard,
}

/// Something that looks wrong from afar.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Suspicion {
    kind: Kind,
    hospital: String,
    operation: String,
    /// Empty: the operation has none.
    task: String,
}

/// What looks wrong. `operations` are those that run, read before `open`, the tasks that are not over.
fn suspect(operations: &[Operation], open: &[Outline], now: i64, attempts_max: i32) -> Vec<Suspicion> {
    let lost_since = now.saturating_sub(i64::try_from(GRACE.as_micros()).unwrap_or(i64::MAX));
    let mut found = BTreeSet::new();
    let mut note = |kind, hospital: &str, operation: &str, task: &str| {
        let [hospital, operation, task] = [hospital, operation, task].map(str::to_owned);
        found.insert(Suspicion { kind, hospital, operation, task });
    };
    for own in operations {
        if !open
            .iter()
            .any(|task| !task.is_part() && task.hospital == own.hospital && task.operation == own.id)
        {
            note(Kind::TaskGone, &own.hospital, &own.id, "");
        }
    }
    for task in open {
        let same = |other: &&Outline| other.hospital == task.hospital;
        let own = operations.iter().find(|own| own.hospital == task.hospital && own.id == task.operation);
        let mut note = |kind| note(kind, &task.hospital, &task.operation, &task.id);
        if task.is_part() {
            if !open.iter().filter(same).any(|whole| whole.id == task.parent) {
                note(Kind::WholeGone);
            }
        } else if own.is_none() {
            note(Kind::OperationGone);
        } else if task.state == DIVIDED && !open.iter().filter(same).any(|part| part.parent == task.id) {
            note(Kind::PartsDone);
        }
        // A part that its whole does not wait for keeps nobody waiting.
        let is_awaited = !task.is_part()
            || open.iter().filter(same).any(|whole| whole.id == task.parent && whole.state == DIVIDED);
        if own.is_some() && is_awaited && task.is_lost(lost_since) {
            if task.times_lost() >= attempts_max {
                note(Kind::LostTooOften);
            } else if own.is_some_and(|own| own.cancel_requested) {
                note(Kind::CancelUnheard);
            }
        }
    }
    found.into_iter().collect()
}

// === impl App ===

impl App {
    /// Mends what is found; answers the kinds.
    pub async fn mend_generations(&self, ctx: &Ctx) -> Result<Vec<Kind>, Problem> {
        let running = operations::all_running(self.db.read()).await?;
        let open = tasks::open(self.db.read()).await?;
        let now = self.db.now_micros(self.db.read()).await.map_err(durable::problem)?;
        let mut mended = vec![];
        for suspicion in suspect(&running, &open, now, self.limits.attempts_max) {
            let tx = self.db.begin(ctx).await?;
            if self.mend(&tx, &suspicion).await? {
                tx.commit().await?;
                self.wakes.notify();
                metrics::generation_mended(suspicion.kind.as_str());
                tracing::warn!(
                    kind = suspicion.kind.as_str(),
                    operation.id = suspicion.operation,
                    task.id = suspicion.task,
                    "a generation was mended"
                );
                mended.push(suspicion.kind);
            }
        }
        Ok(mended)
    }

    /// Proves a suspicion and mends it; false when there is nothing to mend any more.
    async fn mend(&self, tx: &Tx, suspicion: &Suspicion) -> Result<bool, Problem> {
        let Suspicion { kind, hospital, operation, task } = suspicion;
        match kind {
            Kind::TaskGone => {
                // The operation after its task: a call that ends both has committed both.
                let task = tasks::of_operation(tx.conn(), hospital, operation).await?;
                let is_over = task.is_none_or(|task| task.state == DONE);
                let end = End::Failed { reason: "INTERNAL", message: "the search was lost" };
                Ok(is_over && self.end_running(tx, hospital, operation, end).await?)
            }
            Kind::OperationGone => {
                let Some(task) = tasks::find(tx.conn(), hospital, task).await? else { return Ok(false) };
                let own = operations::by_id(tx.conn(), hospital, operation).await?;
                Ok(own.is_none_or(|own| own.done) && tasks::end(tx.conn(), &task).await?)
            }
            Kind::PartsDone => self.mend_divided(tx, hospital, task).await,
            Kind::WholeGone => {
                let Some(part) = tasks::find(tx.conn(), hospital, task).await? else { return Ok(false) };
                let whole = tasks::find(tx.conn(), hospital, &part.parent).await?;
                let is_gone = whole.is_none_or(|whole| whole.state == DONE);
                if is_gone {
                    tasks::delete(tx.conn(), &part).await?;
                }
                Ok(is_gone)
            }
            Kind::LostTooOften => {
                let end = End::Failed { reason: "INTERNAL", message: "solvers were lost too often" };
                self.end_lost(tx, suspicion, end).await
            }
            Kind::CancelUnheard => {
                let end = End::Failed { reason: "CANCELLED", message: "cancelled while no solver held it" };
                self.end_lost(tx, suspicion, end).await
            }
        }
    }

    /// Queues a divided task again that waits for nothing.
    async fn mend_divided(&self, tx: &Tx, hospital: &str, id: &str) -> Result<bool, Problem> {
        // Before its parts are read, as everybody does who ends or makes one.
        if !tasks::lock_divided(tx.conn(), hospital, id).await? {
            return Ok(false);
        }
        let Some(mut whole) = tasks::find(tx.conn(), hospital, id).await? else { return Ok(false) };
        let parts = tasks::parts(tx.conn(), &whole).await?;
        if parts.iter().any(|part| part.state != DONE) {
            return Ok(false);
        }
        if parts.is_empty() {
            events::task_queued(tx, hospital, id).await?;
            return tasks::requeue(tx.conn(), &whole).await;
        }
        self.unite(tx, &mut whole, &parts).await?;
        Ok(true)
    }

    /// Ends an operation in the stead of a solver that is lost.
    async fn end_lost(&self, tx: &Tx, suspicion: &Suspicion, end: End<'_>) -> Result<bool, Problem> {
        let (hospital, operation) = (suspicion.hospital.as_str(), suspicion.operation.as_str());
        let lost_since = self.agreed_now(tx).await? - i64::try_from(GRACE.as_micros()).unwrap_or(i64::MAX);
        let task = tasks::find(tx.conn(), hospital, &suspicion.task).await?;
        let task = task.filter(|task| task.state == tasks::LEASED && task.is_free(lost_since));
        let Some(task) = task else { return Ok(false) };
        let is_ended = match suspicion.kind {
            // What solvers still find for the other parts is put together.
            Kind::CancelUnheard if task.is_part() => {
                if !self.end_idle_parts(tx, hospital, operation, lost_since).await? {
                    return Ok(true);
                }
                true
            }
            _ => self.end_whole(tx, &task).await?,
        };
        Ok(is_ended && self.end_running(tx, hospital, operation, end).await?)
    }

    /// Ends an operation that runs.
    async fn end_running(&self, tx: &Tx, hospital: &str, id: &str, end: End<'_>) -> Result<bool, Problem> {
        let own = operations::by_id(tx.conn(), hospital, id).await?;
        let Some(own) = own.filter(|own| !own.done) else { return Ok(false) };
        self.end_operation(tx, own, end).await?;
        Ok(true)
    }
}

// === impl Kind ===

impl Kind {
    /// Its name in metrics and logs.
    fn as_str(self) -> &'static str {
        match self {
            Self::TaskGone => "task_gone",
            Self::OperationGone => "operation_gone",
            Self::PartsDone => "parts_done",
            Self::WholeGone => "whole_gone",
            Self::LostTooOften => "lost_too_often",
            Self::CancelUnheard => "cancel_unheard",
        }
    }
}

#[cfg(test)]
mod tests;
