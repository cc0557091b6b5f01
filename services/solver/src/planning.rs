//! What the solver asks of planning, in its own words: a task, whether to go on, to keep a roster, to take a result.

use std::time::Duration;

use chassis::{Clock, Ctx, Peer, Problem};
use proto::error::v1::Reason;
use proto::planning::v1 as pb;
use proto::planning::v1::task_service_client::TaskServiceClient;
use proto::solver::v1 as solver;
use tonic::Code;

use crate::bridge::News;
use crate::divide::{Round, Spent};
use crate::solution;

/// The largest problem and roster that planning may send, in bytes.
const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Planning's queue of tasks.
#[derive(Clone)]
pub struct Tasks {
    client: TaskServiceClient<Peer>,
    clock: Clock,
    call_max: Duration,
    worker: String,
}

/// Why planning did not do what it was asked.
#[derive(Debug)]
pub enum Refused {
    /// The task is somebody else's now, or is no more. There is nothing left to do for it.
    Lost,
    /// Planning cannot be reached or is in trouble; ask again.
    Later(Problem),
}

impl Tasks {
    /// A client of the queue, under a name of its own for planning's log.
    pub fn new(planning: Peer, clock: Clock, call_max: Duration) -> Self {
        let client = TaskServiceClient::new(planning).max_decoding_message_size(MESSAGE_BYTES_MAX);
        let worker = format!("solver-{}", uuid::Uuid::now_v7().simple());
        Self { client, clock, call_max, worker }
    }

    /// A task, if one waits.
    pub async fn lease(&self) -> Result<Option<pb::Task>, Problem> {
        let request = self.request(pb::LeaseTaskRequest { worker: self.worker.clone() });
        Ok(self.client.clone().lease_task(request).await?.into_inner().task)
    }

    /// Says how far the search is and renews the lease. Answers whether the search is still wanted.
    pub async fn report(&self, lease: &Lease, news: &News, is_part: bool) -> Result<bool, Refused> {
        let request = self.request(pb::ReportProgressRequest {
            name: lease.name.clone(),
            attempt: lease.attempt,
            progress_percent: news.percent,
            // What a part costs, and what is proved of it, says nothing of the whole.
            best_score: news.best.as_ref().filter(|_| !is_part).map(problem::encode_score),
            steps: news.steps,
            bound: news
                .bound
                .as_ref()
                .filter(|_| !is_part)
                .map(|bound| solution::encode_bound(bound, news.best.as_ref())),
        });
        let answer = self.client.clone().report_progress(request).await?;
        Ok(!answer.into_inner().cancelled)
    }

    /// Keeps the best roster so far for whoever has to go on from here, with what was spent to find it.
    pub async fn save(&self, lease: &Lease, roster: solver::Roster, spent: Spent) -> Result<(), Refused> {
        let request = self.request(pb::SaveCheckpointRequest {
            name: lease.name.clone(),
            attempt: lease.attempt,
            roster: Some(roster),
            spent: Some(pb::TaskSpent {
                steps: spent.steps,
                elapsed: prost_types::Duration::try_from(spent.elapsed).ok(),
            }),
        });
        self.client.clone().save_checkpoint(request).await?;
        Ok(())
    }

    /// Divides the task and gives the lease back. Repeating it is harmless.
    pub async fn divide(&self, lease: &Lease, round: &Round) -> Result<(), Refused> {
        let request = self.request(pb::DivideTaskRequest {
            name: lease.name.clone(),
            attempt: lease.attempt,
            roster: Some(round.roster.clone()),
            round: round.round,
            parts: round.parts.clone(),
            progress_percent: round.percent,
        });
        self.client.clone().divide_task(request).await?;
        Ok(())
    }

    /// Hands in how the search ended. Repeating it is harmless.
    pub async fn complete(
        &self,
        lease: &Lease,
        outcome: pb::complete_task_request::Outcome,
    ) -> Result<(), Refused> {
        let (name, attempt) = (lease.name.clone(), lease.attempt);
        let request = self.request(pb::CompleteTaskRequest { name, attempt, outcome: Some(outcome) });
        self.client.clone().complete_task(request).await?;
        Ok(())
    }

    fn request<M>(&self, message: M) -> tonic::Request<M> {
        let mut request = Ctx::system("solver", &self.clock).call(message);
        request.set_timeout(self.call_max);
        request
    }
}

/// Which task is ours, and the number that proves it.
#[derive(Clone, Debug)]
pub struct Lease {
    /// The task.
    pub name: String,
    /// The fencing token: whoever holds an older one is refused.
    pub attempt: i32,
}

impl From<tonic::Status> for Refused {
    fn from(status: tonic::Status) -> Self {
        let is_gone = matches!(status.code(), Code::NotFound | Code::PermissionDenied);
        let problem = Problem::from(status);
        if is_gone || problem.reason() == Reason::TaskLost { Self::Lost } else { Self::Later(problem) }
    }
}
