//! Single requests beside the load, for what a fault must be asked at a moment of its own.

use std::time::Duration;

use proto::{
    leave::v1::{AdjustBalanceRequest, GetLeaveRequest, ListLeavesRequest},
    notification::v1::ListNotificationsRequest,
    planning::v1::{GeneratePlanRequest, GetOperationRequest, ListProposalsRequest},
    staff::v1::{CreateSessionRequest, GetStaffMemberRequest, RefreshSessionRequest},
};
use tonic::{Code, Status};
use uuid::Uuid;

use super::{
    World, adjust_balance, create_leave, decide_leave,
    history::{End, Request},
};

/// How long news may take at most.
const NEWS_MAX: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(25);

impl World {
    /// Asks once for something that only the database knows; how long the answer took, whatever it was.
    pub async fn look_once(&self) -> Duration {
        let name = format!("{}/leaves/00000000-0000-7000-8000-000000000000", self.person(0).name);
        let request = GetLeaveRequest { name };
        let asked = self.person(0).ask_once(&self.doors, |visitor| {
            let request = request.clone();
            async move { visitor.leave().get_leave(request).await }
        });
        asked.await.first
    }

    /// Looks at a colleague once; how long the answer took, and what it was.
    pub async fn read_once(&self, draw: u64, time: Duration) -> (Duration, Code) {
        let (person, other) = (self.person(draw), self.person(draw / 7));
        let request = GetStaffMemberRequest { name: other.name.clone() };
        let asked = person
            .ask_once_within(time, &self.doors, |visitor| {
                let request = request.clone();
                async move { visitor.staff().get_staff_member(request).await }
            })
            .await;
        (asked.first, asked.answer.err().map_or(Code::Ok, |status| status.code()))
    }

    /// Writes once, as patiently as a user.
    pub async fn write_once(&self) -> Request {
        adjust_balance(self, self.person(0)).await
    }

    /// Decides about a leave, and waits until its person was told; the time from the acknowledgement to the news.
    ///
    /// # Errors
    /// When the decision is refused, or the news do not come within a minute.
    pub async fn time_to_news(&self) -> Result<Duration, Status> {
        let created = create_leave(self, 0).await;
        let End::Done(name) = created.end else {
            return Err(Status::unavailable("a leave could not be asked for"));
        };
        let etag = self.take_back(&name).ok_or_else(|| Status::aborted("somebody else decided"))?;
        let decided = decide_leave(self, name.clone(), etag).await;
        let owner = self.owner(&name);
        let request = ListNotificationsRequest {
            parent: owner.name.clone(),
            page_size: 100,
            filter: "kind = \"LEAVE_REJECTED\"".to_owned(),
            ..Default::default()
        };
        while decided.ended.elapsed() < NEWS_MAX {
            let page = owner.ask(&self.doors, |visitor| {
                let request = request.clone();
                async move { visitor.notifications().list_notifications(request).await }
            });
            if page.await.answer?.notifications.iter().any(|news| news.subject == name) {
                return Ok(decided.ended.elapsed());
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Err(Status::deadline_exceeded("the news did not come"))
    }

    /// Asks for a generation of the plan; the operation's name.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn generate(&self) -> Result<String, Status> {
        let request = GeneratePlanRequest {
            name: self.plan.clone(),
            seed: 1,
            time_limit: Some(prost_types::Duration { seconds: 12, nanos: 0 }),
            step_limit: 0,
            request_id: Uuid::new_v4().to_string(),
        };
        let asked = ask!(self.administrator, self, planning, generate_plan, request);
        Ok(asked.await.answer?.name)
    }

    /// How many proposals came of an operation, once it is over.
    ///
    /// # Errors
    /// When it does not end, or ends without one.
    pub async fn proposals_of(&self, operation: &str) -> Result<usize, Status> {
        let begun = std::time::Instant::now();
        loop {
            let request = GetOperationRequest { name: operation.to_owned() };
            let asked = ask!(self.administrator, self, planning, get_operation, request);
            if asked.await.answer?.done {
                break;
            }
            if begun.elapsed() > NEWS_MAX {
                return Err(Status::deadline_exceeded("the generation did not end"));
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        let request =
            ListProposalsRequest { parent: self.plan.clone(), page_size: 1000, ..Default::default() };
        let asked = ask!(self.administrator, self, planning, list_proposals, request);
        let proposals = asked.await.answer?.proposals;
        Ok(proposals.iter().filter(|proposal| proposal.operation == operation).count())
    }

    /// Sends one correction ten times at once; how many different answers came.
    ///
    /// # Errors
    /// When one is refused.
    pub async fn adjust_ten_times(&self) -> Result<usize, Status> {
        let request = AdjustBalanceRequest {
            name: self.balance(self.person(1)),
            half_days: 1,
            reason: "once".to_owned(),
            request_id: Uuid::new_v4().to_string(),
            ..Default::default()
        };
        let ask = || async {
            let asked = ask!(self.administrator, self, leave, adjust_balance, request);
            asked.await.answer
        };
        let (a, b, c, d, e) = tokio::join!(ask(), ask(), ask(), ask(), ask());
        let mut etags = vec![a?, b?, c?, d?, e?];
        for _ in 0..5 {
            etags.push(ask().await?);
        }
        let etags: std::collections::BTreeSet<String> =
            etags.into_iter().map(|balance| balance.etag).collect();
        Ok(etags.len())
    }

    /// Refreshes a session twice, then uses the first refresh token again; whether the session outlives that.
    ///
    /// # Errors
    /// When somebody cannot sign in or refresh.
    pub async fn refresh_twice_survives(&self) -> Result<bool, Status> {
        let login = self.person(2).login();
        let request = CreateSessionRequest {
            parent: login.hospital.clone(),
            email: login.email.clone(),
            password: login.password.clone(),
            request_id: Uuid::new_v4().to_string(),
            ..Default::default()
        };
        let door = self.doors.any();
        let first = door.sessions().create_session(request).await?.into_inner();
        let refresh = |refresh_token: String| async move {
            let request = RefreshSessionRequest {
                refresh_token,
                request_id: Uuid::new_v4().to_string(),
                ..Default::default()
            };
            Ok::<_, Status>(door.sessions().refresh_session(request).await?.into_inner())
        };
        let second = refresh(first.refresh_token.clone()).await?;
        let third = refresh(second.refresh_token.clone()).await?;
        let reused = refresh(first.refresh_token).await;
        let after = refresh(third.refresh_token).await;
        Ok(reused.is_ok() || after.err().is_none_or(|status| status.code() != Code::Unauthenticated))
    }

    /// Asks for a leave and lists one's leaves at once, so many times; how often the new one was not among them.
    ///
    /// # Errors
    /// When something is refused.
    pub async fn write_and_read(&self, times: usize) -> Result<usize, Status> {
        let mut missing = 0;
        for _ in 0..times {
            let End::Done(name) = create_leave(self, 0).await.end else {
                return Err(Status::unavailable("a leave could not be asked for"));
            };
            let owner = self.owner(&name);
            let request =
                ListLeavesRequest { parent: owner.name.clone(), page_size: 1000, ..Default::default() };
            let asked = ask!(owner, self, leave, list_leaves, request);
            missing += usize::from(!asked.await.answer?.leaves.iter().any(|leave| leave.name == name));
        }
        Ok(missing)
    }
}
