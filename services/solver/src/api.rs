//! `SolverService`, for callers who wait: tools, small problems and questions about one roster. Stateless; the
//! threads are those of the tasks.

mod ask;
mod read;
mod tell;

use std::pin::Pin;
use std::time::Duration;

use chassis::{Ctx, Problem, Violation};
use futures::Stream;
use metrics::counter;
use proto::error::v1::Reason;
use proto::solver::v1 as pb;
use proto::solver::v1::solve_response::{Event, Progress};
use proto::solver::v1::solver_service_server::SolverService;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use crate::bridge::{Handle, Stop};
use crate::divide::Spent;
use crate::metrics::SEARCHES_TOTAL;
use crate::pool::{Job, Pool, Search};
use crate::search::Work;
use crate::solution::Named;
use crate::{catalog, permissions, solution};

/// Progress is sent this often at most.
const PROGRESS_EVERY: Duration = Duration::from_millis(200);
/// Waits out a thread that only asks planning for a task and finds none.
const PATIENCE: Duration = Duration::from_millis(250);
/// When a caller that found all threads taken should come back.
const BUSY_RETRY_AFTER: Duration = Duration::from_secs(2);

/// The service.
pub struct Api {
    /// The threads.
    pub pool: Pool,
    /// The longest search.
    pub time_max: Duration,
    /// Threads of one search.
    pub threads: usize,
}

#[tonic::async_trait]
impl SolverService for Api {
    type SolveStream = Pin<Box<dyn Stream<Item = Result<pb::SolveResponse, Status>> + Send>>;

    async fn solve(&self, request: Request<pb::SolveRequest>) -> Result<Response<Self::SolveStream>, Status> {
        let ctx = Ctx::of(&request)?;
        permissions::authorize(&ctx)?;
        let (job, input_hash) = self.job(request.into_inner())?;
        let place = self.pool.place_within(PATIENCE).await.ok_or_else(|| {
            Problem::exhausted(Reason::SolverBusy, "all solver threads are taken", BUSY_RETRY_AFTER)
        })?;
        let named = Named { seed: job.seed, input_hash };
        let (sender, receiver) = mpsc::channel(1);
        let search = place.search(job);
        tokio::spawn(tell(search, named, sender, ctx.stop));
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }

    async fn list_rules(
        &self,
        request: Request<pb::ListRulesRequest>,
    ) -> Result<Response<pb::ListRulesResponse>, Status> {
        permissions::authorize(&Ctx::of(&request)?)?;
        Ok(Response::new(catalog::page(&request.into_inner())?))
    }

    async fn recommend_assignments(
        &self,
        request: Request<pb::RecommendAssignmentsRequest>,
    ) -> Result<Response<pb::RecommendAssignmentsResponse>, Status> {
        self.ask("recommend", request, ask::recommend).await
    }

    async fn suggest_replacements(
        &self,
        request: Request<pb::SuggestReplacementsRequest>,
    ) -> Result<Response<pb::SuggestReplacementsResponse>, Status> {
        self.ask("suggest", request, ask::suggest).await
    }

    async fn preview_leave(
        &self,
        request: Request<pb::PreviewLeaveRequest>,
    ) -> Result<Response<pb::PreviewLeaveResponse>, Status> {
        self.ask("leave", request, ask::preview).await
    }

    async fn explain_assignment(
        &self,
        request: Request<pb::ExplainAssignmentRequest>,
    ) -> Result<Response<pb::ExplainAssignmentResponse>, Status> {
        self.ask("why", request, ask::explain).await
    }

    async fn explain_alternative(
        &self,
        request: Request<pb::ExplainAlternativeRequest>,
    ) -> Result<Response<pb::ExplainAlternativeResponse>, Status> {
        self.ask("why_not", request, ask::explain_other).await
    }

    async fn find_contradiction(
        &self,
        request: Request<pb::FindContradictionRequest>,
    ) -> Result<Response<pb::FindContradictionResponse>, Status> {
        self.ask("contradiction", request, ask::contradiction).await
    }
}

impl Api {
    /// The search a request asks for with the hash of its problem, or everything that is wrong with it.
    fn job(&self, request: pb::SolveRequest) -> Result<(Job, String), Problem> {
        let mut violations = Vec::new();
        let options = request.options.unwrap_or_default();
        let budget = solution::budget(&options).map_err(|found| violations.push(violation("", found))).ok();
        if budget.and_then(|budget| budget.time).is_some_and(|time| time > self.time_max) {
            let expected = format!("expected at most {} seconds", self.time_max.as_secs());
            violations.push(Violation::new("options.time_limit", expected));
        }
        let read = problem::decode(&request.problem.unwrap_or_default());
        let problem = read
            .map_err(|found| violations.extend(found.into_iter().map(|found| violation("problem.", found))))
            .ok();
        let start = problem.as_ref().zip(request.warm_start).and_then(|(problem, roster)| {
            problem::decode_roster(&roster, problem)
                .map_err(|found| {
                    violations.extend(found.into_iter().map(|found| violation("warm_start.", found)));
                })
                .ok()
        });
        match (budget, problem) {
            (Some(mut budget), Some(problem)) if violations.is_empty() => {
                let input_hash = solution::input_hash(&problem);
                // Steps alone bound the result; the clock only bounds how long a thread may be held.
                budget.time = Some(budget.time.unwrap_or(self.time_max));
                let work = Work::Whole(Box::new(problem), start);
                Ok((Job { work, seed: options.seed, budget, threads: self.threads }, input_hash))
            }
            _ => Err(Problem::invalid(violations)),
        }
    }
}

fn violation(prefix: &str, found: problem::Violation) -> Violation {
    Violation::new(format!("{prefix}{}", found.field), found.description)
}

/// Tells the caller how the search goes. A caller who hangs up, or a process that drains, stops it.
async fn tell(
    mut search: Search,
    named: Named,
    caller: mpsc::Sender<Result<pb::SolveResponse, Status>>,
    drain: CancellationToken,
) {
    let handle = search.handle().clone();
    let ended = tokio::select! {
        ended = search.ended() => Some(ended),
        () = progress(&handle, &caller) => None,
        () = drain.cancelled() => {
            handle.stop(Stop::Draining);
            Some(search.ended().await)
        }
    };
    let (outcome, last) = match ended {
        None => ("hung_up", None),
        Some(Err(error)) => ("failed", Some(Err(Problem::internal(error).into()))),
        Some(Ok(found)) if found.stopped(&handle) == Some(Stop::Draining) => {
            let problem = Problem::unavailable("the solver is going down", Duration::from_secs(1));
            ("drained", Some(Err(problem.into())))
        }
        Some(Ok(found)) => {
            let stopped = found.stopped(&handle);
            (
                "solved",
                Some(Ok(event(Event::Solution(solution::encode(&found, &named, Spent::default(), stopped))))),
            )
        }
    };
    counter!(SEARCHES_TOTAL, "asked" => "call", "outcome" => outcome).increment(1);
    if let Some(last) = last {
        // A caller who hung up hears nothing, which is what it asked for.
        let _ = caller.send(last).await;
    }
}

/// Sends progress as often as it is read; returns when the caller has hung up.
async fn progress(handle: &Handle, caller: &mpsc::Sender<Result<pb::SolveResponse, Status>>) {
    let mut news = handle.news.clone();
    loop {
        tokio::select! {
            () = caller.closed() => return,
            changed = news.changed() => {
                if changed.is_err() {
                    // The search is over; its result is about to be told.
                    std::future::pending::<()>().await;
                }
            }
        }
        let latest = news.borrow_and_update().clone();
        let told = event(Event::Progress(Progress {
            progress_percent: latest.percent,
            best_score: latest.best.as_ref().map(problem::encode_score),
            steps: latest.steps,
            bound: latest.bound.as_ref().map(|bound| solution::encode_bound(bound, latest.best.as_ref())),
        }));
        if caller.send(Ok(told)).await.is_err() {
            return;
        }
        tokio::select! {
            () = caller.closed() => return,
            () = tokio::time::sleep(PROGRESS_EVERY) => {}
        }
    }
}

fn event(event: Event) -> pb::SolveResponse {
    pb::SolveResponse { event: Some(event) }
}
