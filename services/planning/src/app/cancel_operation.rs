//! CancelOperation.

use chassis::{Ctx, Problem};

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
    /// Asks an operation to stop. One no solver has begun stops at once.
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
        let asked = self.change_operation(tx.conn(), hospital, id, |own| own.cancel_requested = true).await?;
        let Some(mut operation) = asked else { return Err(problems::operation_done()) };
        let task = tasks::of_operation(tx.conn(), hospital, id).await?;
        if let Some(task) = task.filter(|task| task.state == tasks::QUEUED) {
            if !tasks::end(tx.conn(), &task).await? {
                return Err(problems::operation_done());
            }
            let end = End::Failed { reason: "CANCELLED", message: "cancelled before a solver began" };
            operation = self.end_operation(&tx, operation, end).await?;
        }
        tx.commit().await?;
        self.wakes.notify();
        Ok(operation)
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
