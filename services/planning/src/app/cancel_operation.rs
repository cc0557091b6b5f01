//! CancelOperation.

use chassis::{Ctx, Problem};
use durable::Tx;

use super::{App, tasks::End};
use crate::{
    problems,
    store::{
        operations::{self, Operation},
        tasks,
    },
};

// === impl App ===

impl App {
    /// Asks an operation to stop. One that no solver holds, or that its solver has lost, stops at once.
    pub async fn cancel_operation(
        &self,
        ctx: &Ctx,
        hospital: &str,
        plan: &str,
        id: &str,
    ) -> Result<Operation, Problem> {
        let operation = self.get_operation(ctx, hospital, plan, id).await?;
        if operation.done {
            return Err(problems::operation_done());
        }
        let tx = self.db.begin(ctx).await?;
        let now = self.agreed_now(&tx).await?;
        // The task before its operation, as solvers' calls take them: two that wait for each other would be a deadlock.
        let task = tasks::of_operation(tx.conn(), hospital, id).await?;
        let is_ended = match task.filter(|task| task.is_free(now)) {
            // Not when a solver took it this very moment: it is told with its next report.
            Some(task) => tasks::end(tx.conn(), &task).await?,
            None => self.end_idle_parts(&tx, hospital, id, now).await?,
        };
        let asked = self.change_operation(tx.conn(), hospital, id, |own| own.cancel_requested = true).await?;
        let Some(mut operation) = asked else { return Err(problems::operation_done()) };
        if is_ended {
            let end = End::Failed { reason: "CANCELLED", message: "cancelled while no solver held it" };
            operation = self.end_operation(&tx, operation, end).await?;
        }
        tx.commit().await?;
        self.wakes.notify();
        Ok(operation)
    }

    /// Of a divided task, ends the parts no solver holds; all of it when that leaves none. What solvers find for the
    /// others is put together.
    pub(super) async fn end_idle_parts(
        &self,
        tx: &Tx,
        hospital: &str,
        id: &str,
        now: i64,
    ) -> Result<bool, Problem> {
        let whole = tasks::of_operation(tx.conn(), hospital, id).await?;
        let Some(whole) = whole.filter(|task| task.state == tasks::DIVIDED) else { return Ok(false) };
        let parts = tasks::parts(tx.conn(), &whole).await?;
        let is_idle = |part: &&tasks::Task| part.is_free(now);
        let open = parts.iter().filter(|part| part.state != tasks::DONE).count();
        if parts.iter().filter(is_idle).count() == open {
            return tasks::end(tx.conn(), &whole).await;
        }
        for part in parts.iter().filter(is_idle) {
            self.end_part(tx, part, Vec::new(), 0).await?;
        }
        Ok(false)
    }

    /// Changes an operation that still runs; none when it has ended.
    pub async fn change_operation(
        &self,
        db: &impl sea_orm::ConnectionTrait,
        hospital: &str,
        id: &str,
        change: impl Fn(&mut Operation),
    ) -> Result<Option<Operation>, Problem> {
        for _ in 0..5 {
            let Some(mut operation) = operations::by_id(db, hospital, id).await? else { return Ok(None) };
            if operation.done {
                return Ok(None);
            }
            change(&mut operation);
            if operations::save(db, &mut operation).await? {
                return Ok(Some(operation));
            }
        }
        Err(Problem::unavailable("the operation is busy", std::time::Duration::from_millis(200)))
    }
}
