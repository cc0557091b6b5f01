//! GeneratePlan: the question is asked and stored; a solver answers later.

use std::time::Duration;

use chassis::{Ctx, Problem};
use durable::{Once, time};

use super::{App, audit::of_plan, editable};
use crate::{
    events, metrics, problems,
    store::{
        new_id,
        operations::{self, Operation},
        tasks::{self, Task},
        to_json,
    },
    wire,
};

/// How long and how to search.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    pub seed: u64,
    /// 0: only time limits.
    pub step_limit: u64,
    /// Zero: only steps limit.
    pub time_limit: Duration,
}

// === impl App ===

impl App {
    pub async fn generate_plan(
        &self,
        ctx: &Ctx,
        hospital: &str,
        id: &str,
        budget: Budget,
        once: &Once,
    ) -> Result<Operation, Problem> {
        self.allow_on(ctx, "plans.generate", hospital, id).await?;
        if let Some(operation) = self.replayed::<String>(ctx, once).await? {
            return self.get_operation(ctx, hospital, id, &operation).await;
        }
        let board = self.board(ctx, hospital, id).await?;
        editable(&board.plan)?;
        if board.shifts.is_empty() {
            return Err(problems::empty(&board.plan));
        }
        let (problem, key) = board.problem(&board.holders())?;
        let now = time::micros(ctx.now);
        let operation = new_operation(ctx, hospital, id, now);
        let task = Task {
            hospital: hospital.to_owned(),
            id: new_id(),
            operation: operation.id.clone(),
            plan: id.to_owned(),
            state: tasks::QUEUED.to_owned(),
            attempt: 0,
            worker: String::new(),
            lease_expire_time: 0,
            seed: budget.seed.cast_signed(),
            step_limit: budget.step_limit.cast_signed(),
            time_limit_ms: i64::try_from(budget.time_limit.as_millis()).unwrap_or(i64::MAX),
            problem: wire::problem_bytes(&problem),
            checkpoint: Vec::new(),
            who: to_json(&key)?,
            plan_frame: board.plan.frame,
            absences: board.snapshot.absences_version.clone(),
            create_time: now,
            parent: String::new(),
            part: 0,
            round: 0,
            found: Vec::new(),
            percent: 0,
            round_percent: 0,
            steps: 0,
            spent_steps: 0,
            spent_ms: 0,
            divide_time: 0,
        };
        let tx = self.db.begin(ctx).await?;
        if let Some(operation) = once.replay::<String>(&tx).await? {
            drop(tx);
            return self.get_operation(ctx, hospital, id, &operation).await;
        }
        if let Some(running) = operations::running(tx.conn(), hospital, id).await? {
            return Err(problems::generation_running(hospital, id, &running.id));
        }
        // Somebody may have begun one since: then the unique index says so.
        if !operations::insert(tx.conn(), &operation).await? {
            return Err(problems::generation_running(hospital, id, "-"));
        }
        tasks::insert(tx.conn(), task.clone()).await?;
        tx.audit(of_plan("plan.generate", &board.plan).value("operation", "", &operation.id));
        events::task_queued(&tx, hospital, &task.id).await?;
        once.record(&tx, &operation.id).await?;
        tx.commit().await?;
        metrics::generation_asked();
        tracing::info!(
            hospital.id = hospital,
            plan.id = id,
            operation.id = operation.id,
            problem_bytes = task.problem.len(),
            "generation queued"
        );
        Ok(operation)
    }
}

fn new_operation(ctx: &Ctx, hospital: &str, plan: &str, now: i64) -> Operation {
    Operation {
        hospital: hospital.to_owned(),
        id: new_id(),
        plan: plan.to_owned(),
        running_key: plan.to_owned(),
        phase: operations::QUEUED.to_owned(),
        progress_percent: 0,
        best_levels: "[]".to_owned(),
        steps: 0,
        attempt: 0,
        requester: ctx.principal.person().map_or_else(String::new, |person| person.staff_member.clone()),
        cancel_requested: false,
        done: false,
        error_reason: String::new(),
        error_message: String::new(),
        proposal: String::new(),
        version: 1,
        create_time: now,
        end_time: 0,
        bound: String::new(),
        open_parts: 0,
    }
}
