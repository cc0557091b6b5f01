//! The queue solvers work from: mesh-internal.

use std::time::Duration;

use chassis::Ctx;
use durable::time;
use proto::{
    names::TaskName,
    planning::v1::{self as pb, complete_task_request, task_service_server::TaskService},
    solver::v1 as solver_pb,
};
use tonic::{Request, Response, Status};

use super::{
    convert,
    parse::{Fields, name},
};
use crate::{
    app::{
        App,
        divide_task::Division,
        generate_plan::Budget,
        tasks::{Leased, Progress, Spent},
    },
    wire::{self, Outcome},
};

/// The service.
#[derive(Clone, Debug)]
pub struct Tasks(pub App);

#[tonic::async_trait]
impl TaskService for Tasks {
    async fn lease_task(
        &self,
        request: Request<pb::LeaseTaskRequest>,
    ) -> Result<Response<pb::LeaseTaskResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        let Some(leased) = self.0.lease_task(&ctx, &request.into_inner().worker).await? else {
            return Ok(Response::new(pb::LeaseTaskResponse { task: None }));
        };
        let task = message(leased, self.0.limits.report_interval)?;
        Ok(Response::new(pb::LeaseTaskResponse { task: Some(task) }))
    }

    async fn report_progress(
        &self,
        request: Request<pb::ReportProgressRequest>,
    ) -> Result<Response<pb::ReportProgressResponse>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let task = name("name", TaskName::parse(&request.name))?;
        let levels = request.best_score.map(|score| score.levels);
        let bound = request.bound.as_ref().map(wire::bound_text).unwrap_or_default();
        let progress = Progress { percent: request.progress_percent, levels, steps: request.steps, bound };
        let (cancelled, until) =
            self.0.report_progress(&ctx, &task.hospital, &task.task, request.attempt, progress).await?;
        let lease_expire_time = Some(time::micros_to_proto(until));
        Ok(Response::new(pb::ReportProgressResponse { cancelled, lease_expire_time }))
    }

    async fn save_checkpoint(
        &self,
        request: Request<pb::SaveCheckpointRequest>,
    ) -> Result<Response<()>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let task = name("name", TaskName::parse(&request.name))?;
        let roster = request.roster.unwrap_or_default();
        let spent = request.spent.map(|spent| Spent {
            steps: spent.steps,
            elapsed_ms: millis(&spent.elapsed.unwrap_or_default()),
        });
        self.0.save_checkpoint(&ctx, &task.hospital, &task.task, request.attempt, &roster, spent).await?;
        Ok(Response::new(()))
    }

    async fn divide_task(&self, request: Request<pb::DivideTaskRequest>) -> Result<Response<()>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let task = name("name", TaskName::parse(&request.name))?;
        let parts =
            request.parts.into_iter().map(|part| (part.index, budget(&part.options.unwrap_or_default())));
        let division = Division {
            round: request.round,
            roster: request.roster.unwrap_or_default(),
            parts: parts.collect(),
            percent: request.progress_percent,
        };
        self.0.divide_task(&ctx, &task.hospital, &task.task, request.attempt, division).await?;
        Ok(Response::new(()))
    }

    async fn complete_task(&self, request: Request<pb::CompleteTaskRequest>) -> Result<Response<()>, Status> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let task = name("name", TaskName::parse(&request.name))?;
        self.0.allow(&ctx, "tasks.run", "")?;
        let mut fields = Fields::default();
        let outcome = match request.outcome {
            Some(complete_task_request::Outcome::Solution(solution)) => Some(found(solution)),
            Some(complete_task_request::Outcome::Failure(failure)) => {
                Some(Outcome::Failed { reason: failure.reason, message: failure.message })
            }
            None => {
                fields.refuse("outcome", "expected a solution or a failure");
                None
            }
        };
        let outcome = fields.finish(outcome)?;
        self.0.complete_task(&ctx, &task.hospital, &task.task, request.attempt, outcome).await?;
        Ok(Response::new(()))
    }
}

fn found(solution: solver_pb::Solution) -> Outcome {
    let was_cancelled = solution.end_reason() == solver_pb::solution::EndReason::Cancelled;
    let elapsed = solution.elapsed.unwrap_or_default();
    Outcome::Found {
        was_cancelled,
        seed: solution.seed,
        steps: solution.steps,
        elapsed_ms: millis(&elapsed),
        roster: solution.roster.unwrap_or_default(),
    }
}

/// A leased task, for its solver.
fn message(leased: Leased, report_interval: Duration) -> Result<pb::Task, Status> {
    let own = leased.task;
    let options = solver_pb::SolveOptions {
        seed: own.seed.cast_unsigned(),
        step_limit: own.step_limit.cast_unsigned(),
        time_limit: (own.time_limit_ms > 0).then(|| convert::duration_ms(own.time_limit_ms)),
    };
    let found = leased.found.iter().map(|(index, bytes)| {
        Ok::<_, Status>(pb::PartResult { index: *index, roster: wire::roster_message(bytes)? })
    });
    Ok(pb::Task {
        name: TaskName::new(&own.hospital, &own.id).to_string(),
        attempt: own.attempt,
        lease_expire_time: Some(time::micros_to_proto(own.lease_expire_time)),
        problem: Some(wire::problem_message(&leased.problem)?),
        options: Some(options),
        warm_start: wire::roster_message(&leased.start)?,
        report_interval: Some(convert::duration(report_interval)),
        part: own.is_part().then_some(pb::TaskPart { index: own.part, round: own.round }),
        part_results: found.collect::<Result<_, _>>()?,
        rounds: if own.is_part() { 0 } else { own.round },
        spent: Some(pb::TaskSpent {
            steps: own.spent_steps.cast_unsigned(),
            elapsed: Some(convert::duration_ms(own.spent_ms)),
        }),
    })
}

fn budget(options: &solver_pb::SolveOptions) -> Budget {
    let limit = options.time_limit.and_then(|limit| Duration::try_from(limit).ok());
    Budget { seed: options.seed, step_limit: options.step_limit, time_limit: limit.unwrap_or_default() }
}

fn millis(duration: &prost_types::Duration) -> i64 {
    duration.seconds.saturating_mul(1_000).saturating_add(i64::from(duration.nanos) / 1_000_000)
}
