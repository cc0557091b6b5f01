//! A hospital to test in: planning in its whole stack, people with tokens, neighbors from tables, a plain solver.

#[path = "department.rs"]
mod department;

use std::sync::atomic::Ordering;

use bus::Bus;
use chassis::{
    Clock, Peer, Role, Service,
    testing::{Identity, Local, serve_local, with_token},
};
use department::Switches;
pub use department::{MARS, date};
use durable::testing::TempDir;
use jiff::{SignedDuration, Timestamp};
use planning::{Config, Deps, Planning};
use proto::{
    operation::v1::Operation,
    planning::v1::{
        self as pb, planning_service_client::PlanningServiceClient,
        replacement_service_client::ReplacementServiceClient, swap_service_client::SwapServiceClient,
        task_service_client::TaskServiceClient,
    },
    solver::v1 as solver,
    staff::v1 as staff,
};
use roster::{
    Evaluator, Roster,
    problem::{Post, Seat},
};
use tonic::{Request, Response, Status};
use tonic_types::StatusExt;

pub const HOSPITAL: &str = "chu";
pub const PLAN: &str = "hospitals/chu/plans/january";

/// Both rooms every morning of the week, room 1 also on even Monday afternoons.
pub const TRAME: &str = "weekday,week_parity,day_part,site,room,surgeon,specialty,date
1,,MORNING,main,1,s1,,
2,,MORNING,main,1,Given Family,urologie,
3,,MORNING,main,2,s1,,
1,EVEN,AFTERNOON,main,1,s1,,
,,MORNING,main,1,,,2027-01-05
";

pub type Answer<T> = Result<T, Status>;

pub struct World {
    pub bus: Bus,
    pub clock: Clock,
    identity: Identity,
    switches: Switches,
    local: Local,
    db: durable::Db,
    _folder: Option<TempDir>,
}

/// No lease runs out by itself, however slow the machine is.
const LEASE_MS: u64 = 3_600_000;

pub fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

pub fn fields(status: &Status) -> Vec<String> {
    let violations = status.get_details_bad_request().map(|request| request.field_violations);
    violations.into_iter().flatten().map(|violation| violation.field).collect()
}

pub fn preconditions(status: &Status) -> Vec<String> {
    let violations = status.get_details_precondition_failure().map(|failure| failure.violations);
    violations.into_iter().flatten().map(|violation| violation.r#type).collect()
}

fn role(person: &str) -> Role {
    match person {
        "boss" => Role::AnesthetistAdministrator,
        "chief" => Role::SuperAdministrator,
        "zoe" => Role::Secretary,
        "manager" => Role::NurseManager,
        "locum" => Role::Locum,
        "nina" => Role::NurseAdministrator,
        "iva" | "jon" | "kim" => Role::NurseAnesthetist,
        _ => Role::Anesthetist,
    }
}

pub fn new_request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

impl World {
    /// Planning on SQLite.
    pub async fn new() -> Self {
        let (db, folder) = durable::testing::sqlite(planning::Migrator).await;
        Self::on(db, Some(folder)).await
    }

    /// Planning on PostgreSQL, when a server is named.
    pub async fn on_postgres() -> Option<(Self, durable::testing::Scratch)> {
        let scratch = durable::testing::scratch(planning::Migrator).await?;
        Some((Self::on(scratch.db.clone(), None).await, scratch))
    }

    /// Monday 23 November 2026, in the morning.
    async fn on(db: durable::Db, folder: Option<TempDir>) -> Self {
        let now: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
        let (clock, identity, bus) = (Clock::fixed(now), Identity::new(now), Bus::local());
        let db = db.with_clock(clock.clone());
        let switches = Switches::default();
        let local = serve(&db, &bus, &switches, &identity, &clock).await;
        Self { bus, clock, identity, switches, local, db, _folder: folder }
    }

    /// Another instance over the same database, whose clock is not this one's.
    pub async fn another(&self, ahead: SignedDuration) -> Self {
        let clock = Clock::fixed(self.clock.now() + ahead);
        let bus = Bus::local();
        let identity = Identity::new(clock.now());
        let local = serve(&self.db, &bus, &self.switches, &identity, &clock).await;
        Self {
            bus,
            clock,
            identity,
            switches: self.switches.clone(),
            local,
            db: self.db.clone(),
            _folder: None,
        }
    }

    /// What time does to every lease, without waiting for it.
    pub async fn let_leases_run_out(&self) {
        self.change("UPDATE task SET lease_expire_time = 0").await;
    }

    /// What time does to rows.
    pub async fn change(&self, sql: &str) {
        use sea_orm::ConnectionTrait;
        let tx = self.db.begin(&chassis::Ctx::system("planning", &self.clock)).await.unwrap();
        tx.execute_unprepared(sql).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// What revisions of former versions look like.
    pub async fn forget_certificates(&self) {
        use sea_orm::ConnectionTrait;
        let tx = self.db.begin(&chassis::Ctx::system("planning", &self.clock)).await.unwrap();
        tx.execute_unprepared("DELETE FROM certificate").await.unwrap();
        tx.execute_unprepared("UPDATE revision SET certificate_hash = ''").await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Fifty more anesthetists.
    pub fn hire_a_crowd(&self) {
        self.switches.has_crowd.store(true, Ordering::Relaxed);
    }

    pub fn move_absences(&self) {
        self.switches.has_moved.store(true, Ordering::Relaxed);
    }

    pub fn load_holidays(&self) {
        self.switches.has_holidays.store(true, Ordering::Relaxed);
    }

    pub fn break_neighbors(&self) {
        self.switches.is_broken.store(true, Ordering::Relaxed);
    }

    /// Staff tells what the hospital says about who may do what; returns once planning has taken it in.
    pub async fn govern(&self, version: i64, rules: Vec<staff::AccessRule>) {
        let access_policy = format!("hospitals/{HOSPITAL}/accessPolicy");
        let event = staff::AccessPolicyChanged { access_policy, version, rules };
        let envelope = durable::event::encode(&event, HOSPITAL, &event.access_policy, self.clock.now());
        let publish = async || self.bus.publish("staff", envelope.clone()).await.ok();
        chassis::testing::eventually("the policy is taken", publish).await;
    }

    pub fn mend_neighbors(&self) {
        self.switches.is_broken.store(false, Ordering::Relaxed);
    }

    pub fn client(&self) -> PlanningServiceClient<Peer> {
        PlanningServiceClient::new(self.local.peer.clone())
    }

    pub fn swaps(&self) -> SwapServiceClient<Peer> {
        SwapServiceClient::new(self.local.peer.clone())
    }

    pub fn replacements(&self) -> ReplacementServiceClient<Peer> {
        ReplacementServiceClient::new(self.local.peer.clone())
    }

    /// Somebody without a token or a certificate.
    pub fn stranger(&self) -> PlanningServiceClient<Peer> {
        PlanningServiceClient::new(Peer::local("", "planning", self.local.app.clone()))
    }

    /// Planning as the solver reaches it.
    pub fn tasks(&self) -> TaskServiceClient<Peer> {
        TaskServiceClient::new(Peer::local("solver", "planning", self.local.app.clone()))
    }

    /// Planning's tasks as anybody else reaches them.
    pub fn tasks_as_gateway(&self) -> TaskServiceClient<Peer> {
        TaskServiceClient::new(self.local.peer.clone())
    }

    pub fn by<M>(&self, person: &str, message: M) -> Request<M> {
        let role = role(person);
        let is_nurse = matches!(role, Role::NurseAdministrator | Role::NurseAnesthetist);
        let profession = if is_nurse { "IADE" } else { "MAR" };
        with_token(message, &self.identity.token(HOSPITAL, person, profession, &[role]))
    }

    pub fn by_stranger<M>(&self, message: M) -> Request<M> {
        with_token(message, &self.identity.token("elsewhere", "x", "MAR", &[Role::SuperAdministrator]))
    }

    pub async fn create_plan(&self, person: &str) -> Answer<pb::Plan> {
        let request = self.plan_request("january", "main");
        self.client().create_plan(self.by(person, request)).await.map(Response::into_inner)
    }

    pub fn plan_request(&self, id: &str, site: &str) -> pb::CreatePlanRequest {
        pb::CreatePlanRequest {
            parent: format!("hospitals/{HOSPITAL}"),
            plan_id: id.into(),
            plan: Some(pb::Plan {
                first_date: Some(date("2027-01-01")),
                sites: vec![format!("hospitals/{HOSPITAL}/sites/{site}")],
                ..Default::default()
            }),
            request_id: String::new(),
        }
    }

    pub async fn import(&self, csv: &str) -> Answer<pb::Template> {
        let request = pb::ImportTemplateRequest {
            parent: format!("hospitals/{HOSPITAL}"),
            display_name: "Trame".into(),
            file_name: "trame.csv".into(),
            content: csv.as_bytes().to_vec(),
            ..Default::default()
        };
        self.client().import_template(self.by("zoe", request)).await.map(Response::into_inner)
    }

    pub async fn apply(&self, template: &str, is_preview: bool) -> Answer<pb::ApplyTemplateResponse> {
        let request = pb::ApplyTemplateRequest {
            name: PLAN.into(),
            template: template.into(),
            validate_only: is_preview,
            ..Default::default()
        };
        self.client().apply_template(self.by("boss", request)).await.map(Response::into_inner)
    }

    /// A plan with its theatre shifts.
    pub async fn planned(&self) -> pb::Plan {
        self.create_plan("boss").await.unwrap();
        let template = self.import(TRAME).await.unwrap();
        self.apply(&template.name, false).await.unwrap().plan.unwrap()
    }

    pub async fn plan(&self, reader: &str) -> Answer<pb::Plan> {
        let request = pb::GetPlanRequest { name: PLAN.into() };
        self.client().get_plan(self.by(reader, request)).await.map(Response::into_inner)
    }

    pub async fn generate(&self, request_id: &str, seed: u64) -> Answer<Operation> {
        let request = pb::GeneratePlanRequest {
            name: PLAN.into(),
            seed,
            request_id: request_id.into(),
            ..Default::default()
        };
        self.client().generate_plan(self.by("boss", request)).await.map(Response::into_inner)
    }

    pub async fn operation(&self, name: &str) -> Operation {
        let request = pb::GetOperationRequest { name: name.into() };
        self.client().get_operation(self.by("boss", request)).await.unwrap().into_inner()
    }

    pub async fn lease(&self) -> Option<pb::Task> {
        let request = pb::LeaseTaskRequest { worker: "test".into() };
        self.tasks().lease_task(request).await.unwrap().into_inner().task
    }

    pub async fn complete(&self, task: &pb::Task) -> Answer<()> {
        let request = pb::CompleteTaskRequest {
            name: task.name.clone(),
            attempt: task.attempt,
            outcome: Some(pb::complete_task_request::Outcome::Solution(solve(task))),
        };
        self.tasks().complete_task(request).await.map(Response::into_inner)
    }

    /// The operation and the proposal of a whole generation.
    pub async fn generated(&self) -> pb::Proposal {
        self.generate("", 1).await.unwrap();
        let task = self.lease().await.unwrap();
        self.complete(&task).await.unwrap();
        self.proposals().await.pop().unwrap()
    }

    pub async fn proposals(&self) -> Vec<pb::Proposal> {
        let request = pb::ListProposalsRequest { parent: PLAN.into(), ..Default::default() };
        self.client().list_proposals(self.by("boss", request)).await.unwrap().into_inner().proposals
    }

    pub async fn adopt(&self, proposal: &str, etag: &str) -> Answer<pb::Plan> {
        let request =
            pb::AdoptProposalRequest { name: proposal.into(), etag: etag.into(), ..Default::default() };
        self.client().adopt_proposal(self.by("boss", request)).await.map(Response::into_inner)
    }

    pub async fn publish(&self, etag: &str, is_preview: bool) -> Answer<pb::Plan> {
        let request = pb::PublishPlanRequest {
            name: PLAN.into(),
            etag: etag.into(),
            validate_only: is_preview,
            ..Default::default()
        };
        self.client().publish_plan(self.by("boss", request)).await.map(Response::into_inner)
    }

    /// A plan generated, adopted and published.
    pub async fn published(&self) -> pb::Plan {
        let plan = self.planned().await;
        let proposal = self.generated().await;
        let plan = self.adopt(&proposal.name, &plan.etag).await.unwrap();
        self.publish(&plan.etag, false).await.unwrap()
    }

    pub async fn shifts(&self, filter: &str) -> Vec<pb::Shift> {
        let request = pb::ListShiftsRequest {
            parent: PLAN.into(),
            filter: filter.into(),
            page_size: 1_000,
            ..Default::default()
        };
        self.client().list_shifts(self.by("boss", request)).await.unwrap().into_inner().shifts
    }

    pub async fn assignments(&self, reader: &str, filter: &str) -> Vec<pb::Assignment> {
        let request = pb::ListAssignmentsRequest {
            parent: PLAN.into(),
            filter: filter.into(),
            page_size: 1_000,
            ..Default::default()
        };
        self.client().list_assignments(self.by(reader, request)).await.unwrap().into_inner().assignments
    }

    pub async fn assign(&self, shift: &str, person: &str, is_preview: bool) -> Answer<pb::Assignment> {
        let request = pb::CreateAssignmentRequest {
            parent: PLAN.into(),
            assignment: Some(pb::Assignment {
                shift: shift.into(),
                staff_member: format!("hospitals/{HOSPITAL}/staffMembers/{person}"),
                ..Default::default()
            }),
            validate_only: is_preview,
            ..Default::default()
        };
        self.client().create_assignment(self.by("boss", request)).await.map(Response::into_inner)
    }

    pub async fn analyze(&self, name: &str) -> pb::Analysis {
        let request = pb::AnalyzePlanRequest { name: name.into() };
        self.client().analyze_plan(self.by("boss", request)).await.unwrap().into_inner()
    }
}

async fn serve(
    db: &durable::Db,
    bus: &Bus,
    switches: &Switches,
    identity: &Identity,
    clock: &Clock,
) -> Local {
    let staff = Peer::local("planning", "staff", department::app(switches.clone()));
    let leave = Peer::local("planning", "leave", department::app(switches.clone()));
    let deps = Deps { db: db.clone(), bus: bus.clone(), staff, leave, keys: identity.keys() };
    let config = Config { task_lease_ms: LEASE_MS, ..Config::default() };
    let parts = Planning::build(config, deps).await.unwrap();
    serve_local("gateway", "planning", parts, clock.clone()).unwrap()
}

/// The plainest search: place after place, the first candidate who may take it.
pub fn solve(task: &pb::Task) -> solver::Solution {
    let problem = problem::decode(task.problem.as_ref().unwrap()).unwrap();
    let mut judge = Evaluator::new(&problem, &Roster::pinned(&problem));
    for slot in problem.slot_indices() {
        let seat = Seat { slot, post: Post::Performer };
        if judge.get(seat).is_some() {
            continue;
        }
        // Doctors first: a nurse alone does not fill a room.
        for person in problem.candidates(seat).to_vec() {
            let is_nurse = problem.person(person).profession == roster::problem::Profession::Iade;
            let is_theatre = problem.slot(slot).kind.is_theatre();
            if !(is_nurse && is_theatre) && judge.can_take(seat, person).is_ok() {
                judge.set(seat, Some(person));
                break;
            }
        }
    }
    solver::Solution {
        score: Some(problem::encode_score(&judge.score())),
        roster: Some(problem::encode_roster(judge.roster())),
        end_reason: solver::solution::EndReason::Converged.into(),
        seed: task.options.unwrap_or_default().seed,
        steps: 1,
        ..Default::default()
    }
}
