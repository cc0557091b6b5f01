//! Planning's queue, played by the test: one task at a time, every call remembered.

use std::sync::{Arc, Mutex};

use chassis::testing::serve_local;
use chassis::{Clock, Ctx, KeySource, Parts, Peer, Problem};
use proto::error::v1::Reason;
use proto::planning::v1 as pb;
use proto::planning::v1::task_service_server::{TaskService, TaskServiceServer};
use proto::solver::v1 as solver;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

pub const TASK: &str = "hospitals/h/tasks/t-1";

#[derive(Clone, Default)]
pub struct Desk(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    waiting: Option<pb::Task>,
    task: Option<pb::Task>,
    attempt: i32,
    seen: Seen,
    is_cancelled: bool,
    is_down: bool,
}

/// What the solver said.
#[derive(Clone, Default)]
pub struct Seen {
    pub leases: usize,
    pub reports: Vec<pb::ReportProgressRequest>,
    pub checkpoints: Vec<pb::SaveCheckpointRequest>,
    pub divisions: Vec<pb::DivideTaskRequest>,
    pub completions: Vec<pb::CompleteTaskRequest>,
    /// Results that came while the desk was down.
    pub turned_away: usize,
}

impl Desk {
    /// The desk as the solver reaches it, inside the whole server stack.
    pub fn peer(&self, clock: &Clock) -> (Peer, impl Sized + use<>) {
        let routes = Routes::new(TaskServiceServer::new(self.clone()));
        let parts = Parts::service(routes, KeySource::fixed(vec![]));
        let local = serve_local("solver", "planning", parts, clock.clone()).unwrap();
        (local.peer.clone(), local)
    }

    /// Puts a task on the desk.
    pub fn put(&self, problem: solver::Problem, options: solver::SolveOptions) {
        let task = pb::Task {
            name: TASK.to_owned(),
            problem: Some(problem),
            options: Some(options),
            ..pb::Task::default()
        };
        let mut state = self.0.lock().unwrap();
        state.task = Some(task.clone());
        state.waiting = Some(task);
    }

    /// The lease ran out: the task waits again, with the last checkpoint.
    pub fn expire(&self) {
        let mut state = self.0.lock().unwrap();
        let warm_start = state.seen.checkpoints.last().and_then(|saved| saved.roster.clone());
        state.waiting = state.task.clone().map(|task| pb::Task { warm_start, ..task });
        state.attempt += 1;
    }

    /// Somebody else has the task now.
    pub fn give_away(&self) {
        self.0.lock().unwrap().attempt += 1;
    }

    pub fn cancel(&self) {
        self.0.lock().unwrap().is_cancelled = true;
    }

    pub fn set_down(&self, is_down: bool) {
        self.0.lock().unwrap().is_down = is_down;
    }

    pub fn seen(&self) -> Seen {
        self.0.lock().unwrap().seen.clone()
    }

    /// What was handed in, once something is.
    pub fn solution(&self) -> Option<solver::Solution> {
        match self.seen().completions.last()?.outcome.clone()? {
            pb::complete_task_request::Outcome::Solution(solution) => Some(solution),
            pb::complete_task_request::Outcome::Failure(failure) => panic!("{failure:?}"),
        }
    }

    fn enter<M>(&self, request: &Request<M>) -> Result<std::sync::MutexGuard<'_, State>, Problem> {
        let ctx = Ctx::of(request)?;
        assert_eq!(ctx.principal.system(), Some("solver"));
        let state = self.0.lock().unwrap();
        if state.is_down {
            return Err(Problem::unavailable("down for the test", std::time::Duration::ZERO));
        }
        Ok(state)
    }
}

fn fence(state: &State, attempt: i32) -> Result<(), Problem> {
    if state.attempt == attempt {
        Ok(())
    } else {
        Err(Problem::aborted(Reason::TaskLost, "an older attempt"))
    }
}

#[tonic::async_trait]
impl TaskService for Desk {
    async fn lease_task(
        &self,
        request: Request<pb::LeaseTaskRequest>,
    ) -> Result<Response<pb::LeaseTaskResponse>, Status> {
        let mut state = self.enter(&request)?;
        let task = state.waiting.take();
        if task.is_some() {
            state.attempt += 1;
            state.seen.leases += 1;
        }
        let attempt = state.attempt;
        Ok(Response::new(pb::LeaseTaskResponse { task: task.map(|task| pb::Task { attempt, ..task }) }))
    }

    async fn report_progress(
        &self,
        request: Request<pb::ReportProgressRequest>,
    ) -> Result<Response<pb::ReportProgressResponse>, Status> {
        let mut state = self.enter(&request)?;
        fence(&state, request.get_ref().attempt)?;
        state.seen.reports.push(request.into_inner());
        let cancelled = state.is_cancelled;
        Ok(Response::new(pb::ReportProgressResponse { cancelled, lease_expire_time: None }))
    }

    async fn save_checkpoint(
        &self,
        request: Request<pb::SaveCheckpointRequest>,
    ) -> Result<Response<()>, Status> {
        let mut state = self.enter(&request)?;
        fence(&state, request.get_ref().attempt)?;
        state.seen.checkpoints.push(request.into_inner());
        Ok(Response::new(()))
    }

    async fn divide_task(&self, request: Request<pb::DivideTaskRequest>) -> Result<Response<()>, Status> {
        let mut state = self.enter(&request)?;
        fence(&state, request.get_ref().attempt)?;
        state.seen.divisions.push(request.into_inner());
        Ok(Response::new(()))
    }

    async fn complete_task(&self, request: Request<pb::CompleteTaskRequest>) -> Result<Response<()>, Status> {
        let mut state = self.enter(&request).inspect_err(|_| {
            self.0.lock().unwrap().seen.turned_away += 1;
        })?;
        fence(&state, request.get_ref().attempt)?;
        state.seen.completions.push(request.into_inner());
        Ok(Response::new(()))
    }
}
