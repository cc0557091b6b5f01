//! A hospital to test in: a leave service in its whole stack, people with tokens, a staff from a table.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use bus::Bus;
use chassis::{
    App, Clock, Peer, Role, Service,
    testing::{Identity, Local, eventually, serve_local, with_token},
};
use durable::{Db, testing::TempDir};
use jiff::Timestamp;
use leave::{Config, Deps, Leave};
use proto::{
    audit::v1::{AuditEntry, AuditVerdict, ListAuditEntriesRequest, VerifyAuditLogRequest},
    leave::v1::{self as pb, leave_service_client::LeaveServiceClient},
    planning::v1::{DutyChange, PersonChanges, PlanPublished, duty_change::Change, shift},
    staff::v1 as staff,
    r#type::v1::{Date, Weekday},
};
use tonic::{Request, Response, Status, body::Body, server::Grpc};
use tonic_types::StatusExt;
use tower::{service_fn, util::BoxCloneSyncService};

pub const HOSPITAL: &str = "chu";

const MAR: &str = "MAR";
const IADE: &str = "IADE";

pub struct World {
    pub bus: Bus,
    clock: Clock,
    identity: Identity,
    is_staff_broken: Arc<AtomicBool>,
    db: Db,
    /// The plan's last revision.
    revision: AtomicI64,
    local: Local,
    _folder: TempDir,
}

pub struct Duty {
    pub person: &'static str,
    pub shift: &'static str,
    pub day: &'static str,
}

type Answer<T> = Result<T, Status>;

pub fn date(text: &str) -> Date {
    text.parse::<calendar::Day>().unwrap().into()
}

pub fn leave(leave_type: &str, first: &str, last: &str) -> pb::Leave {
    pb::Leave {
        leave_type: format!("hospitals/{HOSPITAL}/leaveTypes/{leave_type}"),
        first_date: Some(date(first)),
        last_date: Some(date(last)),
        comment: "private".to_owned(),
        ..pb::Leave::default()
    }
}

pub fn create_request(person: &str, leave: pb::Leave) -> pb::CreateLeaveRequest {
    pb::CreateLeaveRequest { parent: person_name(person), leave: Some(leave), ..Default::default() }
}

pub fn absences_request(hospital: &str) -> pb::ListAbsencesRequest {
    pb::ListAbsencesRequest {
        parent: format!("hospitals/{hospital}"),
        first_date: Some(date("2027-01-01")),
        last_date: Some(date("2027-01-31")),
        ..Default::default()
    }
}

pub fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

pub fn fields(status: &Status) -> Vec<String> {
    let violations = status.get_details_bad_request().map(|request| request.field_violations);
    violations.into_iter().flatten().map(|violation| violation.field).collect()
}

pub fn preconditions(status: &Status) -> Vec<String> {
    let violations = status.get_details_precondition_failure().map(|failure| failure.violations);
    violations.into_iter().flatten().map(|violation| violation.subject).collect()
}

pub fn metadata(status: &Status, key: &str) -> String {
    let info = status.get_details_error_info();
    info.and_then(|info| info.metadata.get(key).cloned()).unwrap_or_default()
}

pub fn verdicts(verdicts: Vec<pb::LeaveVerdict>, request_id: &str) -> pb::BatchDecideLeavesRequest {
    pb::BatchDecideLeavesRequest {
        parent: format!("hospitals/{HOSPITAL}"),
        verdicts,
        request_id: request_id.to_owned(),
        validate_only: false,
    }
}

fn person_name(person: &str) -> String {
    format!("hospitals/{HOSPITAL}/staffMembers/{person}")
}

fn profession(person: &str) -> &'static str {
    match person {
        "cam" | "dan" | "nurse-boss" => IADE,
        "secretary" => "SECRETARY",
        _ => MAR,
    }
}

fn role(person: &str) -> Role {
    match person {
        "boss" => Role::AnesthetistAdministrator,
        "chief" => Role::SuperAdministrator,
        "nurse-boss" => Role::NurseAdministrator,
        "secretary" => Role::Secretary,
        "cam" | "dan" => Role::NurseAnesthetist,
        _ => Role::Anesthetist,
    }
}

impl World {
    /// Monday 23 November 2026, in the morning.
    pub async fn new() -> Self {
        let now: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
        let (clock, identity, bus) = (Clock::fixed(now), Identity::new(now), Bus::local());
        let (db, folder) = durable::testing::sqlite(leave::Migrator).await;
        let is_staff_broken = Arc::new(AtomicBool::new(false));
        let local = serve(&db, &bus, &clock, &identity, &is_staff_broken).await;
        let revision = AtomicI64::new(0);
        Self { bus, clock, identity, is_staff_broken, db, revision, local, _folder: folder }
    }

    /// The same database in a process that starts at another time.
    pub async fn restart_at(&mut self, now: &str) {
        let now: Timestamp = now.parse().unwrap();
        (self.clock, self.identity) = (Clock::fixed(now), Identity::new(now));
        self.local = serve(&self.db, &self.bus, &self.clock, &self.identity, &self.is_staff_broken).await;
    }

    /// What is not true of the database although it must be.
    pub async fn check(&self) -> Vec<String> {
        Leave::check(&self.db).await.unwrap()
    }

    pub fn break_staff(&self) {
        self.is_staff_broken.store(true, Ordering::Relaxed);
    }

    fn client(&self) -> LeaveServiceClient<Peer> {
        LeaveServiceClient::new(self.local.peer.clone())
    }

    /// Somebody without a token or a certificate.
    pub fn stranger(&self) -> LeaveServiceClient<Peer> {
        LeaveServiceClient::new(Peer::local("", "leave", self.local.app.clone()))
    }

    fn by<M>(&self, person: &str, message: M) -> Request<M> {
        let token = self.identity.token(HOSPITAL, person, profession(person), &[role(person)]);
        with_token(message, &token)
    }

    pub async fn create(&self, person: &str, leave: pb::Leave) -> Answer<pb::Leave> {
        self.send_create(person, create_request(person, leave)).await
    }

    pub async fn send_create(&self, person: &str, request: pb::CreateLeaveRequest) -> Answer<pb::Leave> {
        self.client().create_leave(self.by(person, request)).await.map(Response::into_inner)
    }

    /// Somebody tries a leave of their own.
    pub async fn simulate(&self, person: &str, leave: pb::Leave) -> Answer<pb::SimulateLeaveResponse> {
        self.simulate_for(person, person, leave).await
    }

    pub async fn simulate_for(
        &self,
        by: &str,
        person: &str,
        leave: pb::Leave,
    ) -> Answer<pb::SimulateLeaveResponse> {
        let request = pb::SimulateLeaveRequest { parent: person_name(person), leave: Some(leave) };
        self.client().simulate_leave(self.by(by, request)).await.map(Response::into_inner)
    }

    pub async fn get(&self, reader: &str, name: &str) -> Answer<pb::Leave> {
        let request = pb::GetLeaveRequest { name: name.to_owned() };
        self.client().get_leave(self.by(reader, request)).await.map(Response::into_inner)
    }

    pub async fn approve(&self, approver: &str, leave: &pb::Leave, force: bool) -> Answer<pb::Leave> {
        let request = pb::ApproveLeaveRequest {
            name: leave.name.clone(),
            etag: leave.etag.clone(),
            force,
            comment: if force { "needed".to_owned() } else { String::new() },
            ..Default::default()
        };
        self.client().approve_leave(self.by(approver, request)).await.map(Response::into_inner)
    }

    pub async fn preview_approval_as(&self, role: Role, leave: &pb::Leave) -> Answer<pb::Leave> {
        let request = pb::ApproveLeaveRequest {
            name: leave.name.clone(),
            etag: leave.etag.clone(),
            validate_only: true,
            ..Default::default()
        };
        let token = self.identity.token(HOSPITAL, "somebody", MAR, &[role]);
        self.client().approve_leave(with_token(request, &token)).await.map(Response::into_inner)
    }

    pub async fn reject(&self, approver: &str, name: &str, comment: &str) -> Answer<pb::Leave> {
        let request = pb::RejectLeaveRequest {
            name: name.to_owned(),
            comment: comment.to_owned(),
            ..Default::default()
        };
        self.client().reject_leave(self.by(approver, request)).await.map(Response::into_inner)
    }

    pub async fn give_back(&self, approver: &str, name: &str, comment: &str) -> Answer<pb::Leave> {
        let request = pb::ReturnLeaveRequest {
            name: name.to_owned(),
            comment: comment.to_owned(),
            ..Default::default()
        };
        self.client().return_leave(self.by(approver, request)).await.map(Response::into_inner)
    }

    pub async fn revise(&self, by: &str, name: &str, leave: pb::Leave) -> Answer<pb::Leave> {
        let request =
            pb::ReviseLeaveRequest { name: name.to_owned(), leave: Some(leave), ..Default::default() };
        self.client().revise_leave(self.by(by, request)).await.map(Response::into_inner)
    }

    pub async fn series(
        &self,
        person: &str,
        leave: pb::Leave,
        recurrence: pb::Recurrence,
        validate_only: bool,
    ) -> Answer<pb::CreateLeaveSeriesResponse> {
        let request = pb::CreateLeaveSeriesRequest {
            parent: person_name(person),
            leave: Some(leave),
            recurrence: Some(recurrence),
            validate_only,
            ..Default::default()
        };
        self.client().create_leave_series(self.by(person, request)).await.map(Response::into_inner)
    }

    pub async fn cancel_series(
        &self,
        by: &str,
        name: &str,
        first: &str,
    ) -> Answer<pb::CancelLeaveSeriesResponse> {
        let request = pb::CancelLeaveSeriesRequest {
            name: name.to_owned(),
            first_date: Some(date(first)),
            ..Default::default()
        };
        self.client().cancel_leave_series(self.by(by, request)).await.map(Response::into_inner)
    }

    pub async fn unavailable(&self, person: &str, wish: pb::Unavailability) -> Answer<pb::Unavailability> {
        let request = pb::CreateUnavailabilityRequest {
            parent: person_name(person),
            unavailability: Some(wish),
            ..Default::default()
        };
        self.client().create_unavailability(self.by(person, request)).await.map(Response::into_inner)
    }

    pub async fn get_unavailability(&self, reader: &str, name: &str) -> Answer<pb::Unavailability> {
        let request = pb::GetUnavailabilityRequest { name: name.to_owned() };
        self.client().get_unavailability(self.by(reader, request)).await.map(Response::into_inner)
    }

    pub async fn counter(
        &self,
        by: &str,
        name: &str,
        (first, last): (&str, &str),
    ) -> Answer<pb::Unavailability> {
        let counter = pb::CounterProposal { first_date: Some(date(first)), last_date: Some(date(last)) };
        let request = pb::CounterUnavailabilityRequest {
            name: name.to_owned(),
            comment: "better then".to_owned(),
            counter_proposal: Some(counter),
            ..Default::default()
        };
        self.client().counter_unavailability(self.by(by, request)).await.map(Response::into_inner)
    }

    pub async fn accept(&self, by: &str, name: &str) -> Answer<pb::Unavailability> {
        let request = pb::AcceptCounterProposalRequest { name: name.to_owned(), ..Default::default() };
        self.client().accept_counter_proposal(self.by(by, request)).await.map(Response::into_inner)
    }

    pub async fn cancel_unavailability(&self, by: &str, name: &str) -> Answer<pb::Unavailability> {
        let request = pb::CancelUnavailabilityRequest { name: name.to_owned(), ..Default::default() };
        self.client().cancel_unavailability(self.by(by, request)).await.map(Response::into_inner)
    }

    pub async fn approve_unavailabilities(
        &self,
        by: &str,
        all: &[pb::Unavailability],
    ) -> Answer<Vec<pb::Unavailability>> {
        let version = |own: &pb::Unavailability| pb::UnavailabilityVersion {
            name: own.name.clone(),
            etag: own.etag.clone(),
        };
        let request = pb::BatchApproveUnavailabilitiesRequest {
            parent: format!("hospitals/{HOSPITAL}"),
            unavailabilities: all.iter().map(version).collect(),
            ..Default::default()
        };
        let answer = self.client().batch_approve_unavailabilities(self.by(by, request)).await;
        answer.map(|answer| answer.into_inner().unavailabilities)
    }

    /// As a service of the mesh, or as a person.
    pub async fn unavailable_days(
        &self,
        reader: &str,
        (first, last): (&str, &str),
    ) -> Answer<Vec<pb::UnavailableDay>> {
        let request = pb::ListUnavailableDaysRequest {
            parent: format!("hospitals/{HOSPITAL}"),
            first_date: Some(date(first)),
            last_date: Some(date(last)),
            ..Default::default()
        };
        let answer = if reader == "planning" {
            let peer = Peer::local("planning", "leave", self.local.app.clone());
            LeaveServiceClient::new(peer).list_unavailable_days(request).await
        } else {
            self.client().list_unavailable_days(self.by(reader, request)).await
        };
        answer.map(|answer| answer.into_inner().unavailable_days)
    }

    pub async fn rank(
        &self,
        reader: &str,
        profession: &str,
        (first, last): (&str, &str),
    ) -> Answer<pb::RankLeavesResponse> {
        let request = pb::RankLeavesRequest {
            parent: format!("hospitals/{HOSPITAL}"),
            profession: profession.to_owned(),
            first_date: Some(date(first)),
            last_date: Some(date(last)),
        };
        self.client().rank_leaves(self.by(reader, request)).await.map(Response::into_inner)
    }

    pub async fn decide(
        &self,
        approver: &str,
        request: pb::BatchDecideLeavesRequest,
    ) -> Answer<pb::BatchDecideLeavesResponse> {
        self.client().batch_decide_leaves(self.by(approver, request)).await.map(Response::into_inner)
    }

    pub async fn cancel(&self, person: &str, name: &str) -> Answer<pb::Leave> {
        let request = pb::CancelLeaveRequest { name: name.to_owned(), ..Default::default() };
        self.client().cancel_leave(self.by(person, request)).await.map(Response::into_inner)
    }

    pub async fn list(&self, person: &str, filter: &str) -> Answer<pb::ListLeavesResponse> {
        let parent = person_name(person);
        let request = pb::ListLeavesRequest { parent, filter: filter.to_owned(), ..Default::default() };
        self.send_list(person, request).await
    }

    pub async fn list_all(&self, reader: &str, filter: &str) -> Answer<pb::ListLeavesResponse> {
        let parent = person_name("-");
        let request = pb::ListLeavesRequest { parent, filter: filter.to_owned(), ..Default::default() };
        self.send_list(reader, request).await
    }

    pub async fn send_list(
        &self,
        reader: &str,
        request: pb::ListLeavesRequest,
    ) -> Answer<pb::ListLeavesResponse> {
        self.client().list_leaves(self.by(reader, request)).await.map(Response::into_inner)
    }

    pub async fn balance(&self, person: &str, balance: &str) -> Answer<pb::Balance> {
        let request = pb::GetBalanceRequest { name: format!("{}/balances/{balance}", person_name(person)) };
        self.client().get_balance(self.by(person, request)).await.map(Response::into_inner)
    }

    /// What somebody reads of another one's balance and ledger, and of everybody's balances.
    pub async fn balances_read_by(&self, reader: &str, person: &str, balance: &str) -> Vec<Answer<String>> {
        let name = format!("{}/balances/{balance}", person_name(person));
        let one =
            self.client().get_balance(self.by(reader, pb::GetBalanceRequest { name: name.clone() })).await;
        let lines = pb::ListBalanceEntriesRequest { parent: name, ..Default::default() };
        let lines = self.client().list_balance_entries(self.by(reader, lines)).await;
        let mut read = vec![one.map(|one| format!("{one:?}")), lines.map(|lines| format!("{lines:?}"))];
        for parent in [person, "-"] {
            let all = pb::ListBalancesRequest { parent: person_name(parent), ..Default::default() };
            let all = self.client().list_balances(self.by(reader, all)).await;
            read.push(all.map(|all| format!("{all:?}")));
        }
        read
    }

    /// Kinds and half-days of a ledger.
    pub async fn ledger(&self, person: &str, balance: &str) -> Vec<(i32, i32)> {
        self.entries(person, balance).await.iter().map(|entry| (entry.kind, entry.half_days)).collect()
    }

    pub async fn entries(&self, person: &str, balance: &str) -> Vec<pb::BalanceEntry> {
        let parent = format!("{}/balances/{balance}", person_name(person));
        let request = pb::ListBalanceEntriesRequest { parent, ..Default::default() };
        let entries = self.client().list_balance_entries(self.by(person, request)).await.unwrap();
        entries.into_inner().balance_entries
    }

    /// Moves half-days between two balances of a person.
    pub async fn transfer(
        &self,
        by: &str,
        (person, source, target): (&str, &str, &str),
        half_days: i32,
        validate_only: bool,
    ) -> Answer<pb::TransferBalanceResponse> {
        let request = pb::TransferBalanceRequest {
            name: format!("{}/balances/{source}", person_name(person)),
            target: format!("{}/balances/{target}", person_name(person)),
            half_days,
            reason: "asked for".to_owned(),
            validate_only,
            ..Default::default()
        };
        self.client().transfer_balance(self.by(by, request)).await.map(Response::into_inner)
    }

    pub async fn close_year(
        &self,
        by: &str,
        year: i32,
        validate_only: bool,
    ) -> Answer<pb::CloseLeaveYearResponse> {
        let parent = format!("hospitals/{HOSPITAL}");
        let request = pb::CloseLeaveYearRequest { parent, year, validate_only, ..Default::default() };
        self.client().close_leave_year(self.by(by, request)).await.map(Response::into_inner)
    }

    pub async fn adjust(&self, by: &str, balance: &str, half_days: i32, reason: &str) -> Answer<pb::Balance> {
        let request = pb::AdjustBalanceRequest {
            name: format!("{}/balances/{balance}", person_name("ann")),
            half_days,
            reason: reason.to_owned(),
            ..Default::default()
        };
        self.client().adjust_balance(self.by(by, request)).await.map(Response::into_inner)
    }

    pub async fn absences(&self, reader: &str, hospital: &str) -> Answer<pb::ListAbsencesResponse> {
        let request = absences_request(hospital);
        self.client().list_absences(self.by(reader, request)).await.map(Response::into_inner)
    }

    pub async fn load_holidays(&self, with_alsace_moselle: bool) -> Answer<pb::LoadPublicHolidaysResponse> {
        let request = pb::LoadPublicHolidaysRequest {
            parent: format!("hospitals/{HOSPITAL}"),
            first_year: 2027,
            last_year: 2027,
            with_alsace_moselle,
            ..Default::default()
        };
        self.client().load_public_holidays(self.by("boss", request)).await.map(Response::into_inner)
    }

    pub async fn import(&self, file: &str) -> Answer<pb::ImportSchoolHolidaysResponse> {
        let request = pb::ImportSchoolHolidaysRequest {
            parent: format!("hospitals/{HOSPITAL}"),
            file_name: "holidays.csv".to_owned(),
            content: file.as_bytes().to_vec(),
            ..Default::default()
        };
        self.client().import_school_holidays(self.by("boss", request)).await.map(Response::into_inner)
    }

    pub async fn policy(&self, reader: &str) -> Answer<pb::LeavePolicy> {
        let request = pb::GetLeavePolicyRequest { name: format!("hospitals/{HOSPITAL}/leavePolicy") };
        self.client().get_leave_policy(self.by(reader, request)).await.map(Response::into_inner)
    }

    pub async fn update_policy(&self, policy: pb::LeavePolicy, paths: &[&str]) -> Answer<pb::LeavePolicy> {
        let paths = paths.iter().map(|&path| path.to_owned()).collect();
        let request = pb::UpdateLeavePolicyRequest {
            leave_policy: Some(policy),
            update_mask: Some(prost_types::FieldMask { paths }),
            ..Default::default()
        };
        self.client().update_leave_policy(self.by("boss", request)).await.map(Response::into_inner)
    }

    /// Planning publishes that a person has a garde, or no longer has it; returns once leave has taken it in.
    pub async fn publish_plan(&self, duty: &Duty, is_added: bool) {
        self.publish_late(duty, is_added, self.next_revision()).await;
    }

    /// The same as a revision that may be older than what leave knows.
    pub async fn publish_late(&self, duty: &Duty, is_added: bool, revision: i64) {
        let change = if is_added { Change::Added } else { Change::Removed };
        self.publish_change(revision, duty, change, String::new()).await;
    }

    /// Staff tells that somebody leaves; returns once leave has taken it in.
    pub async fn depart(&self, person: &str, last: &str) {
        let event =
            staff::StaffMemberDeactivated { staff_member: person_name(person), last_date: Some(date(last)) };
        let envelope = durable::event::encode(&event, HOSPITAL, &event.staff_member, self.clock.now());
        eventually("staff's event is taken", async || self.bus.publish("staff", envelope.clone()).await.ok())
            .await;
    }

    /// Staff tells what the hospital says about who may do what; returns once leave has taken it in.
    pub async fn govern(&self, version: i64, rules: Vec<staff::AccessRule>) {
        let access_policy = format!("hospitals/{HOSPITAL}/accessPolicy");
        let event = staff::AccessPolicyChanged { access_policy, version, rules };
        let envelope = durable::event::encode(&event, HOSPITAL, &event.access_policy, self.clock.now());
        eventually("the policy is taken", async || self.bus.publish("staff", envelope.clone()).await.ok())
            .await;
    }

    /// The audit log, oldest first.
    pub async fn audit(&self, reader: &str, filter: &str) -> Answer<Vec<AuditEntry>> {
        let request = ListAuditEntriesRequest {
            parent: format!("hospitals/{HOSPITAL}"),
            filter: filter.to_owned(),
            page_size: 1_000,
            ..Default::default()
        };
        let answer = self.client().list_audit_entries(self.by(reader, request)).await?;
        Ok(answer.into_inner().audit_entries.into_iter().rev().collect())
    }

    pub async fn verify_audit(&self, reader: &str) -> Answer<AuditVerdict> {
        let request = VerifyAuditLogRequest { parent: format!("hospitals/{HOSPITAL}"), ..Default::default() };
        self.client().verify_audit_log(self.by(reader, request)).await.map(Response::into_inner)
    }

    /// Staff tells that somebody's personal data were erased; returns once leave has taken it in.
    pub async fn erase(&self, person: &str) {
        let event = staff::StaffMemberErased { staff_member: person_name(person) };
        let envelope = durable::event::encode(&event, HOSPITAL, &event.staff_member, self.clock.now());
        eventually("staff's event is taken", async || self.bus.publish("staff", envelope.clone()).await.ok())
            .await;
    }

    /// Every text that the database holds.
    pub async fn texts(&self) -> String {
        use sea_orm::{ConnectionTrait, Statement};
        let mut all = String::new();
        for (table, columns) in [
            ("leave", "comment || ' ' || COALESCE(decision, '')"),
            ("unavailability", "document"),
            ("balance_entry", "reason"),
            ("request", "COALESCE(response, '')"),
            ("audit_entry", "actor || ' ' || resource || ' ' || fields"),
        ] {
            let sql = format!("SELECT {columns} AS line FROM {table}");
            let rows = self.db.read().query_all_raw(Statement::from_string(self.db.backend(), sql)).await;
            for row in rows.unwrap() {
                all.push_str(&row.try_get::<String>("", "line").unwrap());
                all.push('\n');
            }
        }
        all
    }

    /// The number of a new revision.
    pub fn next_revision(&self) -> i64 {
        self.revision.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Planning publishes that a person's garde is another shift's now.
    pub async fn publish_move(&self, duty: &Duty, previous_shift: &str) {
        self.publish_change(self.next_revision(), duty, Change::Moved, shift_name(previous_shift)).await;
    }

    async fn publish_change(&self, revision: i64, duty: &Duty, change: Change, previous_shift: String) {
        let change = DutyChange {
            change: change.into(),
            shift: shift_name(duty.shift),
            kind: shift::Kind::Garde.into(),
            date: Some(date(duty.day)),
            previous_shift,
            ..Default::default()
        };
        let people = vec![PersonChanges { staff_member: person_name(duty.person), changes: vec![change] }];
        let plan = format!("hospitals/{HOSPITAL}/plans/p1");
        let revision = format!("{plan}/revisions/{revision}");
        let event = PlanPublished { plan: plan.clone(), revision, people, ..Default::default() };
        let envelope = durable::event::encode(&event, HOSPITAL, &plan, self.clock.now());
        // A local bus is done once the consumers have committed.
        eventually("planning's event is taken", async || {
            self.bus.publish("planning", envelope.clone()).await.ok()
        })
        .await;
    }
}

async fn serve(
    db: &Db,
    bus: &Bus,
    clock: &Clock,
    identity: &Identity,
    is_staff_broken: &Arc<AtomicBool>,
) -> Local {
    let staff = Peer::local("leave", "staff", staff_app(is_staff_broken.clone()));
    let keys = identity.keys();
    let deps = Deps { db: db.clone(), bus: bus.clone(), staff, clock: clock.clone(), keys };
    let parts = Leave::build(Config::default(), deps).await.unwrap();
    serve_local("gateway", "leave", parts, clock.clone()).unwrap()
}

fn shift_name(id: &str) -> String {
    format!("hospitals/{HOSPITAL}/plans/p1/shifts/{id}")
}

/// A staff service that answers from the table above.
fn staff_app(is_broken: Arc<AtomicBool>) -> App {
    BoxCloneSyncService::new(service_fn(move |request: http::Request<Body>| {
        let is_broken = is_broken.load(Ordering::Relaxed);
        async move {
            let method = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
            let answer = match method.as_str() {
                _ if is_broken => Status::unavailable("staff is away").into_http(),
                "GetStaffMember" => unary(request, get_staff_member).await,
                "ListContracts" => unary(request, list_contracts).await,
                "ListStaffMembers" => unary(request, list_staff_members).await,
                other => Status::unimplemented(other).into_http(),
            };
            Ok(answer)
        }
    }))
}

async fn unary<Q, A>(request: http::Request<Body>, answer: fn(Q) -> A) -> http::Response<Body>
where
    Q: prost::Message + Default + Send + 'static,
    A: prost::Message + Default + Send + 'static,
{
    let mut grpc = Grpc::new(tonic_prost::ProstCodec::<A, Q>::default());
    let service = service_fn(move |request: Request<Q>| async move {
        Ok::<_, Status>(Response::new(answer(request.into_inner())))
    });
    grpc.unary(service, request).await
}

fn get_staff_member(request: staff::GetStaffMemberRequest) -> staff::StaffMember {
    let person = request.name.rsplit('/').next().unwrap_or_default();
    let state = match person {
        "gone" => staff::staff_member::State::Inactive,
        _ => staff::staff_member::State::Active,
    };
    staff::StaffMember {
        name: request.name.clone(),
        profession: profession(person).to_owned(),
        state: state.into(),
        last_date: (person == "departing").then(|| date("2027-01-31")),
        ..Default::default()
    }
}

fn list_contracts(request: staff::ListContractsRequest) -> staff::ListContractsResponse {
    use staff::work_pattern::Pattern;
    let is_half = request.parent.ends_with("/half");
    let pattern = if is_half {
        let weekdays = vec![Weekday::Thursday.into(), Weekday::Friday.into()];
        Pattern::SpecificDays(staff::SpecificDays { weekdays, dates: vec![] })
    } else {
        Pattern::FullTime(staff::FullTime {})
    };
    let is_leaving = request.parent.ends_with("/leaver");
    let contract = staff::Contract {
        first_date: Some(date("2020-01-01")),
        last_date: is_leaving.then(|| date("2026-12-31")),
        percentage: if is_half { 50 } else { 100 },
        work_pattern: Some(staff::WorkPattern { pattern: Some(pattern) }),
        ..Default::default()
    };
    staff::ListContractsResponse { contracts: vec![contract], ..Default::default() }
}

/// Sixteen anesthetists, three nurses; three people by name when all are asked for.
fn list_staff_members(request: staff::ListStaffMembersRequest) -> staff::ListStaffMembersResponse {
    let count = if request.filter.contains(MAR) { 16 } else { 3 };
    let mut staff_members = vec![staff::StaffMember::default(); count];
    for (member, person) in staff_members.iter_mut().zip(["bob", "ann", "half"]) {
        member.name = person_name(person);
    }
    staff::ListStaffMembersResponse { staff_members, ..Default::default() }
}
