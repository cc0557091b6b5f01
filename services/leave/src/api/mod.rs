//! The gRPC face: parse, call, render.

mod convert;
mod parse;
mod policy;
mod unavailability;

use chassis::{Ctx, Problem};
use durable::{Once, mask::Mask};
use proto::{
    audit::v1::{AuditVerdict, ListAuditEntriesRequest, ListAuditEntriesResponse, VerifyAuditLogRequest},
    leave::v1::{self as pb, leave_service_server::LeaveService},
    names::{
        BalanceName, HospitalName, LeaveName, LeavePolicyName, LeaveSeriesName, LeaveTypeName,
        StaffMemberName, UnavailabilityName,
    },
};
use tonic::{Request, Response, Status};

use crate::app::{
    AdjustBalance, App, ApproveLeave, BatchDecideLeaves, CancelLeave, CancelLeaveSeries, CloseLeaveYear,
    CreateLeave, CreateLeaveSeries, ListLeaves, RefuseLeave, ReviseLeave, RuleUnavailability, Ruling,
    TransferBalance,
};

/// The handlers.
pub struct LeaveApi {
    app: App,
}

type Answer<T> = Result<Response<T>, Status>;

/// A method's name as it is remembered with request ids.
macro_rules! method {
    ($name:literal) => {
        concat!("leave.v1.LeaveService/", $name)
    };
}

// === impl LeaveApi ===

impl LeaveApi {
    pub fn new(app: App) -> Self {
        Self { app }
    }
}

/// The request id of a call, unless the call changes nothing.
fn once_unless(
    validate_only: bool,
    ctx: &Ctx,
    method: &'static str,
    request_id: &str,
    request: &impl prost::Message,
) -> Result<Once, Problem> {
    Once::of(ctx, method, if validate_only { "" } else { request_id }, request)
}

#[tonic::async_trait]
impl LeaveService for LeaveApi {
    async fn get_leave(&self, request: Request<pb::GetLeaveRequest>) -> Answer<pb::Leave> {
        let ctx = Ctx::of(&request)?;
        let name = parse::name("name", LeaveName::parse(&request.get_ref().name))?;
        Ok(Response::new(convert::leave(self.app.get_leave(&ctx, &name).await?)))
    }

    async fn list_leaves(&self, request: Request<pb::ListLeavesRequest>) -> Answer<pb::ListLeavesResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let query = ListLeaves {
            parent: parse::name("parent", StaffMemberName::parse_wild(&request.parent))?,
            page_size: request.page_size,
            page_token: request.page_token,
            filter: request.filter,
        };
        let (views, next_page_token) = self.app.list_leaves(&ctx, query).await?;
        let leaves = views.into_iter().map(convert::leave).collect();
        Ok(Response::new(pb::ListLeavesResponse { leaves, next_page_token }))
    }

    async fn simulate_leave(
        &self,
        request: Request<pb::SimulateLeaveRequest>,
    ) -> Answer<pb::SimulateLeaveResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let parent = parse::name("parent", StaffMemberName::parse(&request.parent))?;
        let fields = parse::fields(&parent.hospital, request.leave);
        let simulation = self.app.simulate_leave(&ctx, &parent, fields).await?;
        Ok(Response::new(convert::simulation(simulation)))
    }

    async fn create_leave(&self, request: Request<pb::CreateLeaveRequest>) -> Answer<pb::Leave> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let parent = parse::name("parent", StaffMemberName::parse(&request.parent))?;
        let validate_only = request.validate_only;
        let once = once_unless(validate_only, &ctx, method!("CreateLeave"), &request.request_id, &request)?;
        let fields = parse::fields(&parent.hospital, request.leave);
        let command = CreateLeave { parent, fields, validate_only };
        Ok(Response::new(convert::leave(self.app.create_leave(&ctx, command, once).await?)))
    }

    async fn create_leave_series(
        &self,
        request: Request<pb::CreateLeaveSeriesRequest>,
    ) -> Answer<pb::CreateLeaveSeriesResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let parent = parse::name("parent", StaffMemberName::parse(&request.parent))?;
        let validate_only = request.validate_only;
        let once =
            once_unless(validate_only, &ctx, method!("CreateLeaveSeries"), &request.request_id, &request)?;
        let fields = parse::fields(&parent.hospital, request.leave);
        let recurrence = parse::recurrence(request.recurrence, true);
        let command = CreateLeaveSeries { parent, fields, recurrence, validate_only };
        let series = self.app.create_leave_series(&ctx, command, once).await?;
        Ok(Response::new(pb::CreateLeaveSeriesResponse {
            leave_series: series.name,
            leaves: series.views.into_iter().map(convert::leave).collect(),
            left_out_dates: series.left_out.into_iter().map(Into::into).collect(),
        }))
    }

    async fn cancel_leave_series(
        &self,
        request: Request<pb::CancelLeaveSeriesRequest>,
    ) -> Answer<pb::CancelLeaveSeriesResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, method!("CancelLeaveSeries"), &request.request_id, &request)?;
        let command = CancelLeaveSeries {
            name: parse::name("name", LeaveSeriesName::parse(&request.name))?,
            first: parse::day("first_date", request.first_date),
            comment: parse::text("comment", request.comment),
        };
        let views = self.app.cancel_leave_series(&ctx, command, once).await?;
        let leaves = views.into_iter().map(convert::leave).collect();
        Ok(Response::new(pb::CancelLeaveSeriesResponse { leaves }))
    }

    async fn approve_leave(&self, request: Request<pb::ApproveLeaveRequest>) -> Answer<pb::Leave> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let validate_only = request.validate_only;
        let once = once_unless(validate_only, &ctx, method!("ApproveLeave"), &request.request_id, &request)?;
        let command = ApproveLeave {
            name: parse::name("name", LeaveName::parse(&request.name))?,
            etag: request.etag,
            comment: parse::text("comment", request.comment),
            force: request.force,
            validate_only,
        };
        Ok(Response::new(convert::leave(self.app.approve_leave(&ctx, command, once).await?)))
    }

    async fn reject_leave(&self, request: Request<pb::RejectLeaveRequest>) -> Answer<pb::Leave> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, method!("RejectLeave"), &request.request_id, &request)?;
        let command = RefuseLeave {
            name: parse::name("name", LeaveName::parse(&request.name))?,
            etag: request.etag,
            comment: parse::required_text("comment", request.comment),
        };
        Ok(Response::new(convert::leave(self.app.reject_leave(&ctx, command, once).await?)))
    }

    async fn return_leave(&self, request: Request<pb::ReturnLeaveRequest>) -> Answer<pb::Leave> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, method!("ReturnLeave"), &request.request_id, &request)?;
        let command = RefuseLeave {
            name: parse::name("name", LeaveName::parse(&request.name))?,
            etag: request.etag,
            comment: parse::required_text("comment", request.comment),
        };
        Ok(Response::new(convert::leave(self.app.return_leave(&ctx, command, once).await?)))
    }

    async fn revise_leave(&self, request: Request<pb::ReviseLeaveRequest>) -> Answer<pb::Leave> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let name = parse::name("name", LeaveName::parse(&request.name))?;
        let once = Once::of(&ctx, method!("ReviseLeave"), &request.request_id, &request)?;
        let fields = parse::fields(&name.hospital, request.leave);
        let command = ReviseLeave { name, etag: request.etag, fields };
        Ok(Response::new(convert::leave(self.app.revise_leave(&ctx, command, once).await?)))
    }

    async fn rank_leaves(&self, request: Request<pb::RankLeavesRequest>) -> Answer<pb::RankLeavesResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let parent = parse::name("parent", HospitalName::parse(&request.parent))?;
        let range = parse::range(request.first_date, request.last_date);
        let ranked = self.app.rank_leaves(&ctx, &parent.hospital, &request.profession, range).await?;
        let ranked_leaves = ranked.into_iter().map(convert::ranked).collect();
        Ok(Response::new(pb::RankLeavesResponse { ranked_leaves }))
    }

    async fn batch_decide_leaves(
        &self,
        request: Request<pb::BatchDecideLeavesRequest>,
    ) -> Answer<pb::BatchDecideLeavesResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let hospital = parse::name("parent", HospitalName::parse(&request.parent))?.hospital;
        let validate_only = request.validate_only;
        let once =
            once_unless(validate_only, &ctx, method!("BatchDecideLeaves"), &request.request_id, &request)?;
        let verdicts = parse::verdicts(&hospital, request.verdicts);
        let command = BatchDecideLeaves { hospital, verdicts, validate_only };
        let views = self.app.batch_decide_leaves(&ctx, command, once).await?;
        let leaves = views.into_iter().map(convert::leave).collect();
        Ok(Response::new(pb::BatchDecideLeavesResponse { leaves }))
    }

    async fn cancel_leave(&self, request: Request<pb::CancelLeaveRequest>) -> Answer<pb::Leave> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, method!("CancelLeave"), &request.request_id, &request)?;
        let command = CancelLeave {
            name: parse::name("name", LeaveName::parse(&request.name))?,
            etag: request.etag,
            comment: parse::text("comment", request.comment),
        };
        Ok(Response::new(convert::leave(self.app.cancel_leave(&ctx, command, once).await?)))
    }

    async fn get_balance(&self, request: Request<pb::GetBalanceRequest>) -> Answer<pb::Balance> {
        let ctx = Ctx::of(&request)?;
        let name = parse::name("name", BalanceName::parse(&request.get_ref().name))?;
        Ok(Response::new(convert::balance(self.app.get_balance(&ctx, &name).await?)))
    }

    async fn list_balances(
        &self,
        request: Request<pb::ListBalancesRequest>,
    ) -> Answer<pb::ListBalancesResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let parent = parse::name("parent", StaffMemberName::parse_wild(&request.parent))?;
        let page = (request.page_size, request.page_token.as_str());
        let (rows, next_page_token) = self.app.list_balances(&ctx, &parent, &request.filter, page).await?;
        let balances = rows.into_iter().map(convert::balance).collect();
        Ok(Response::new(pb::ListBalancesResponse { balances, next_page_token }))
    }

    async fn list_balance_entries(
        &self,
        request: Request<pb::ListBalanceEntriesRequest>,
    ) -> Answer<pb::ListBalanceEntriesResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let parent = parse::name("parent", BalanceName::parse(&request.parent))?;
        let page = (request.page_size, request.page_token.as_str());
        let (rows, next_page_token) = self.app.list_balance_entries(&ctx, &parent, page).await?;
        let balance_entries = rows.into_iter().map(|row| convert::entry(&parent, row)).collect();
        Ok(Response::new(pb::ListBalanceEntriesResponse { balance_entries, next_page_token }))
    }

    async fn adjust_balance(&self, request: Request<pb::AdjustBalanceRequest>) -> Answer<pb::Balance> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, method!("AdjustBalance"), &request.request_id, &request)?;
        let command = AdjustBalance {
            name: parse::name("name", BalanceName::parse(&request.name))?,
            half_days: request.half_days,
            reason: parse::required_text("reason", request.reason),
            etag: request.etag,
        };
        Ok(Response::new(convert::balance(self.app.adjust_balance(&ctx, command, once).await?)))
    }

    async fn transfer_balance(
        &self,
        request: Request<pb::TransferBalanceRequest>,
    ) -> Answer<pb::TransferBalanceResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let validate_only = request.validate_only;
        let once =
            once_unless(validate_only, &ctx, method!("TransferBalance"), &request.request_id, &request)?;
        let command = TransferBalance {
            name: parse::name("name", BalanceName::parse(&request.name))?,
            target: parse::name("target", BalanceName::parse(&request.target)),
            half_days: request.half_days,
            reason: parse::required_text("reason", request.reason),
            etag: request.etag,
            validate_only,
        };
        let done = self.app.transfer_balance(&ctx, command, once).await?;
        Ok(Response::new(pb::TransferBalanceResponse {
            source: Some(convert::balance(done.source)),
            target: Some(convert::balance(done.target)),
            received_half_days: done.received,
        }))
    }

    async fn close_leave_year(
        &self,
        request: Request<pb::CloseLeaveYearRequest>,
    ) -> Answer<pb::CloseLeaveYearResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let validate_only = request.validate_only;
        let once =
            once_unless(validate_only, &ctx, method!("CloseLeaveYear"), &request.request_id, &request)?;
        let command = CloseLeaveYear {
            hospital: parse::name("parent", HospitalName::parse(&request.parent))?.hospital,
            year: request.year,
            page_size: request.page_size,
            page_token: request.page_token,
            validate_only,
        };
        let (closings, next_page_token) = self.app.close_leave_year(&ctx, command, once).await?;
        let closings = closings.into_iter().map(convert::closed).collect();
        Ok(Response::new(pb::CloseLeaveYearResponse { closings, next_page_token }))
    }

    async fn get_leave_type(&self, request: Request<pb::GetLeaveTypeRequest>) -> Answer<pb::LeaveType> {
        let ctx = Ctx::of(&request)?;
        let name = parse::name("name", LeaveTypeName::parse(&request.get_ref().name))?;
        let leave_type = self.app.get_leave_type(&ctx, &name)?;
        Ok(Response::new(convert::leave_type(&name.hospital, leave_type)))
    }

    async fn list_leave_types(
        &self,
        request: Request<pb::ListLeaveTypesRequest>,
    ) -> Answer<pb::ListLeaveTypesResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let parent = parse::name("parent", HospitalName::parse(&request.parent))?;
        let page = (request.page_size, request.page_token.as_str());
        let (rows, next_page_token) = self.app.list_leave_types(&ctx, &parent.hospital, page)?;
        let leave_types = rows.into_iter().map(|row| convert::leave_type(&parent.hospital, row)).collect();
        Ok(Response::new(pb::ListLeaveTypesResponse { leave_types, next_page_token }))
    }

    async fn get_leave_policy(&self, request: Request<pb::GetLeavePolicyRequest>) -> Answer<pb::LeavePolicy> {
        let ctx = Ctx::of(&request)?;
        let name = parse::name("name", LeavePolicyName::parse(&request.get_ref().name))?;
        Ok(Response::new(policy::write(self.app.get_leave_policy(&ctx, &name.hospital).await?)))
    }

    async fn update_leave_policy(
        &self,
        request: Request<pb::UpdateLeavePolicyRequest>,
    ) -> Answer<pb::LeavePolicy> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, method!("UpdateLeavePolicy"), &request.request_id, &request)?;
        let sent = request.leave_policy.unwrap_or_default();
        let name = parse::name("leave_policy.name", LeavePolicyName::parse(&sent.name))?;
        let mask = Mask::of(request.update_mask, crate::app::POLICY_FIELDS);
        let etag = sent.etag.clone();
        let sent = (policy::read(&name.hospital, sent), etag.as_str());
        let policy = self.app.update_leave_policy(&ctx, &name.hospital, sent, mask, once).await?;
        Ok(Response::new(policy::write(policy)))
    }

    async fn list_holidays(
        &self,
        request: Request<pb::ListHolidaysRequest>,
    ) -> Answer<pb::ListHolidaysResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let parent = parse::name("parent", HospitalName::parse(&request.parent))?;
        let range = parse::range(request.first_date, request.last_date);
        let page = (request.page_size, request.page_token.as_str());
        let (rows, next_page_token) = self.app.list_holidays(&ctx, &parent.hospital, range, page).await?;
        let holidays = rows.into_iter().map(|row| convert::holiday(&parent.hospital, row)).collect();
        Ok(Response::new(pb::ListHolidaysResponse { holidays, next_page_token }))
    }

    async fn load_public_holidays(
        &self,
        request: Request<pb::LoadPublicHolidaysRequest>,
    ) -> Answer<pb::LoadPublicHolidaysResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let parent = parse::name("parent", HospitalName::parse(&request.parent))?;
        let once = Once::of(&ctx, method!("LoadPublicHolidays"), &request.request_id, &request)?;
        let years = (request.first_year, request.last_year);
        let region = parse::region(request.with_alsace_moselle);
        let (rows, created) =
            self.app.load_public_holidays(&ctx, &parent.hospital, years, region, once).await?;
        let holidays = rows.into_iter().map(|row| convert::holiday(&parent.hospital, row)).collect();
        Ok(Response::new(pb::LoadPublicHolidaysResponse { holidays, created_count: convert::count(created) }))
    }

    async fn import_school_holidays(
        &self,
        request: Request<pb::ImportSchoolHolidaysRequest>,
    ) -> Answer<pb::ImportSchoolHolidaysResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let parent = parse::name("parent", HospitalName::parse(&request.parent))?;
        let validate_only = request.validate_only;
        let once =
            once_unless(validate_only, &ctx, method!("ImportSchoolHolidays"), &request.request_id, &request)?;
        let file = (request.file_name.as_str(), request.content.as_ref());
        let (created, unchanged) =
            self.app.import_school_holidays(&ctx, &parent.hospital, file, validate_only, once).await?;
        Ok(Response::new(pb::ImportSchoolHolidaysResponse {
            created_count: convert::count(created),
            unchanged_count: convert::count(unchanged),
        }))
    }

    async fn list_absences(
        &self,
        request: Request<pb::ListAbsencesRequest>,
    ) -> Answer<pb::ListAbsencesResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let parent = parse::name("parent", HospitalName::parse(&request.parent))?;
        let range = parse::range(request.first_date, request.last_date);
        let page = (request.page_size, request.page_token.as_str());
        let (rows, next_page_token, version) =
            self.app.list_absences(&ctx, &parent.hospital, range, page).await?;
        let absences = rows.iter().map(convert::absence).collect();
        Ok(Response::new(pb::ListAbsencesResponse { absences, next_page_token, version }))
    }

    async fn get_unavailability(
        &self,
        request: Request<pb::GetUnavailabilityRequest>,
    ) -> Answer<pb::Unavailability> {
        let ctx = Ctx::of(&request)?;
        let name = parse::name("name", UnavailabilityName::parse(&request.get_ref().name))?;
        Ok(Response::new(unavailability::write(self.app.get_unavailability(&ctx, &name).await?)))
    }

    async fn list_unavailabilities(
        &self,
        request: Request<pb::ListUnavailabilitiesRequest>,
    ) -> Answer<pb::ListUnavailabilitiesResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let parent = parse::name("parent", StaffMemberName::parse_wild(&request.parent))?;
        let page = (request.page_size, request.page_token.as_str());
        let (views, next_page_token) =
            self.app.list_unavailabilities(&ctx, &parent, &request.filter, page).await?;
        let unavailabilities = views.into_iter().map(unavailability::write).collect();
        Ok(Response::new(pb::ListUnavailabilitiesResponse { unavailabilities, next_page_token }))
    }

    async fn create_unavailability(
        &self,
        request: Request<pb::CreateUnavailabilityRequest>,
    ) -> Answer<pb::Unavailability> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let parent = parse::name("parent", StaffMemberName::parse(&request.parent))?;
        let validate_only = request.validate_only;
        let once =
            once_unless(validate_only, &ctx, method!("CreateUnavailability"), &request.request_id, &request)?;
        let wish = (unavailability::wish(request.unavailability), validate_only);
        let view = self.app.create_unavailability(&ctx, &parent, wish, once).await?;
        Ok(Response::new(unavailability::write(view)))
    }

    async fn approve_unavailability(
        &self,
        request: Request<pb::ApproveUnavailabilityRequest>,
    ) -> Answer<pb::Unavailability> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, method!("ApproveUnavailability"), &request.request_id, &request)?;
        let command = RuleUnavailability {
            name: parse::name("name", UnavailabilityName::parse(&request.name))?,
            etag: request.etag,
            ruling: Ok(Ruling::Approve),
            comment: parse::text("comment", request.comment),
        };
        let view = self.app.rule_unavailability(&ctx, command, once).await?;
        Ok(Response::new(unavailability::write(view)))
    }

    async fn reject_unavailability(
        &self,
        request: Request<pb::RejectUnavailabilityRequest>,
    ) -> Answer<pb::Unavailability> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, method!("RejectUnavailability"), &request.request_id, &request)?;
        let command = RuleUnavailability {
            name: parse::name("name", UnavailabilityName::parse(&request.name))?,
            etag: request.etag,
            ruling: Ok(Ruling::Reject),
            comment: parse::required_text("comment", request.comment),
        };
        let view = self.app.rule_unavailability(&ctx, command, once).await?;
        Ok(Response::new(unavailability::write(view)))
    }

    async fn counter_unavailability(
        &self,
        request: Request<pb::CounterUnavailabilityRequest>,
    ) -> Answer<pb::Unavailability> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, method!("CounterUnavailability"), &request.request_id, &request)?;
        let command = RuleUnavailability {
            name: parse::name("name", UnavailabilityName::parse(&request.name))?,
            etag: request.etag,
            ruling: unavailability::counter(request.counter_proposal).map(Ruling::Counter),
            comment: parse::required_text("comment", request.comment),
        };
        let view = self.app.rule_unavailability(&ctx, command, once).await?;
        Ok(Response::new(unavailability::write(view)))
    }

    async fn accept_counter_proposal(
        &self,
        request: Request<pb::AcceptCounterProposalRequest>,
    ) -> Answer<pb::Unavailability> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, method!("AcceptCounterProposal"), &request.request_id, &request)?;
        let name = parse::name("name", UnavailabilityName::parse(&request.name))?;
        let view = self.app.accept_counter_proposal(&ctx, (&name, &request.etag), once).await?;
        Ok(Response::new(unavailability::write(view)))
    }

    async fn cancel_unavailability(
        &self,
        request: Request<pb::CancelUnavailabilityRequest>,
    ) -> Answer<pb::Unavailability> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, method!("CancelUnavailability"), &request.request_id, &request)?;
        let name = parse::name("name", UnavailabilityName::parse(&request.name))?;
        let view = self.app.cancel_unavailability(&ctx, (&name, &request.etag), once).await?;
        Ok(Response::new(unavailability::write(view)))
    }

    async fn batch_approve_unavailabilities(
        &self,
        request: Request<pb::BatchApproveUnavailabilitiesRequest>,
    ) -> Answer<pb::BatchApproveUnavailabilitiesResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let once = Once::of(&ctx, method!("BatchApproveUnavailabilities"), &request.request_id, &request)?;
        let hospital = parse::name("parent", HospitalName::parse(&request.parent))?.hospital;
        let names = unavailability::names(&hospital, request.unavailabilities);
        let views = self.app.batch_approve_unavailabilities(&ctx, &hospital, names, once).await?;
        let unavailabilities = views.into_iter().map(unavailability::write).collect();
        Ok(Response::new(pb::BatchApproveUnavailabilitiesResponse { unavailabilities }))
    }

    async fn list_unavailable_days(
        &self,
        request: Request<pb::ListUnavailableDaysRequest>,
    ) -> Answer<pb::ListUnavailableDaysResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let hospital = parse::name("parent", HospitalName::parse(&request.parent))?.hospital;
        let range = parse::range(request.first_date, request.last_date);
        let page = (request.page_size, request.page_token.as_str());
        let (days, next_page_token) = self.app.list_unavailable_days(&ctx, &hospital, range, page).await?;
        let days = days.into_iter().map(|day| unavailability::unavailable_day(&hospital, day));
        Ok(Response::new(pb::ListUnavailableDaysResponse {
            unavailable_days: days.collect(),
            next_page_token,
        }))
    }

    async fn list_audit_entries(
        &self,
        request: Request<ListAuditEntriesRequest>,
    ) -> Answer<ListAuditEntriesResponse> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let hospital = parse::name("parent", HospitalName::parse(&request.parent))?.hospital;
        Ok(Response::new(self.app.list_audit_entries(&ctx, &hospital, &request).await?))
    }

    async fn verify_audit_log(&self, request: Request<VerifyAuditLogRequest>) -> Answer<AuditVerdict> {
        let ctx = Ctx::of(&request)?;
        let request = request.into_inner();
        let hospital = parse::name("parent", HospitalName::parse(&request.parent))?.hospital;
        Ok(Response::new(self.app.verify_audit_log(&ctx, &hospital, &request).await?))
    }
}
