//! The swap service: each method parses, calls, renders.

use std::collections::BTreeMap;

use chassis::{Ctx, Problem, Violation};
use durable::{Once, etag, mask::Mask, page::Page, time};
use proto::{
    names::{
        AssignmentName, ExchangePolicyName, HospitalName, RevisionName, ShiftName, SiteName, StaffMemberName,
        SwapName,
    },
    planning::v1::{self as pb, exchange_policy as policy_pb, swap_service_server::SwapService},
    values,
};
use tonic::{Request, Response, Status};

use super::{
    parse,
    parse::{Fields, name},
};
use crate::{
    app::{
        App,
        propose_swap::NewSwap,
        settle_swap::{Acceptance, Which},
        swap_candidates::Candidate,
    },
    domain::{
        exchange::{Approval, Finding, Item, OFFER_MINUTES, SWAP_HOURS},
        swap::{State, Swap},
    },
    exchange_events::{item, person},
    store::exchange_policy::Stored,
};

/// The service.
#[derive(Clone, Debug)]
pub struct Swaps(pub App);

type Answer<T> = Result<Response<T>, Status>;

/// The id of a method for idempotency records.
macro_rules! method {
    ($name:literal) => {
        concat!("planning.v1.SwapService/", $name)
    };
}

fn open<M>(request: Request<M>) -> Result<(Ctx, M), Problem> {
    let ctx = Ctx::of(&request)?;
    Ok((ctx, request.into_inner()))
}

#[tonic::async_trait]
impl SwapService for Swaps {
    async fn get_swap(&self, request: Request<pb::GetSwapRequest>) -> Answer<pb::Swap> {
        let (ctx, request) = open(request)?;
        let own = name("name", SwapName::parse(&request.name))?;
        Ok(Response::new(swap(&self.0.get_swap(&ctx, &own.hospital, &own.swap).await?)))
    }

    async fn list_swaps(&self, request: Request<pb::ListSwapsRequest>) -> Answer<pb::ListSwapsResponse> {
        let (ctx, request) = open(request)?;
        let parent = name("parent", HospitalName::parse(&request.parent))?;
        self.0.allow(&ctx, "swaps.read", &parent.hospital)?;
        let page = Page::of(request.page_size, &request.page_token, &[&request.parent, &request.filter])?;
        let allowed = ["state", "proposer", "counterpart", "date"];
        let filter = parse::filter(&request.filter, &allowed, &parent.hospital)?;
        let mut rows = self.0.list_swaps(&ctx, &parent.hospital, &page, &filter).await?;
        let next_page_token = page.next(&mut rows, |row| row.id.clone());
        Ok(Response::new(pb::ListSwapsResponse { swaps: rows.iter().map(swap).collect(), next_page_token }))
    }

    async fn list_swap_candidates(
        &self,
        request: Request<pb::ListSwapCandidatesRequest>,
    ) -> Answer<pb::ListSwapCandidatesResponse> {
        let (ctx, request) = open(request)?;
        let own = name("parent", AssignmentName::parse(&request.parent))?;
        self.0.allow(&ctx, "swaps.propose", &own.hospital)?;
        let arguments = [request.parent.as_str(), if request.give_away { "give" } else { "" }];
        let page = Page::of(request.page_size, &request.page_token, &arguments)?;
        let question = (own.assignment.as_str(), request.give_away);
        let found = self.0.list_swap_candidates(&ctx, &own.hospital, &own.plan, question).await?;
        // They are judged anew for each page: who was shown before is known by name.
        let key = |own: &Candidate| {
            let assignment = own.assignment.as_ref().map_or("", |own| own.id.as_str());
            format!("{}/{assignment}", own.staff_member)
        };
        let after = page.after().and_then(|after| found.iter().position(|own| key(own) == after));
        let mut rows: Vec<Candidate> = found.into_iter().skip(after.map_or(0, |at| at + 1)).collect();
        let next_page_token = page.next(&mut rows, key);
        let candidates = rows.iter().map(|row| candidate(&own.hospital, &own.plan, row)).collect();
        Ok(Response::new(pb::ListSwapCandidatesResponse { candidates, next_page_token }))
    }

    async fn create_swap(&self, request: Request<pb::CreateSwapRequest>) -> Answer<pb::Swap> {
        let (ctx, request) = open(request)?;
        let request_id = if request.validate_only { "" } else { &request.request_id };
        let once = Once::of(&ctx, method!("CreateSwap"), request_id, &request)?;
        let parent = name("parent", HospitalName::parse(&request.parent))?;
        self.0.allow(&ctx, "swaps.propose", &parent.hospital)?;
        let new = new_swap(&request, &parent.hospital)?;
        Ok(Response::new(swap(&self.0.create_swap(&ctx, new, &once).await?)))
    }

    async fn accept_swap(&self, request: Request<pb::AcceptSwapRequest>) -> Answer<pb::Swap> {
        let (ctx, request) = open(request)?;
        let request_id = if request.validate_only { "" } else { &request.request_id };
        let once = Once::of(&ctx, method!("AcceptSwap"), request_id, &request)?;
        let own = name("name", SwapName::parse(&request.name))?;
        self.0.allow(&ctx, "swaps.propose", &own.hospital)?;
        let mut fields = Fields::default();
        let staff_member = staff_member(&mut fields, "staff_member", &request.staff_member, &own.hospital);
        let assignment = assignment(&mut fields, "assignment", &request.assignment, &own.hospital);
        let (staff_member, assignment) = fields.finish(Some((staff_member, assignment)))?;
        let acceptance = Acceptance {
            assignment: assignment.as_ref().map_or("", |own| own.assignment.as_str()),
            staff_member: &staff_member,
            is_preview: request.validate_only,
        };
        let which = Which { hospital: &own.hospital, id: &own.swap, etag: &request.etag };
        Ok(Response::new(swap(&self.0.accept_swap(&ctx, which, acceptance, &once).await?)))
    }

    async fn decline_swap(&self, request: Request<pb::DeclineSwapRequest>) -> Answer<pb::Swap> {
        let (ctx, request) = open(request)?;
        let once = Once::of(&ctx, method!("DeclineSwap"), &request.request_id, &request)?;
        let own = name("name", SwapName::parse(&request.name))?;
        let which = Which { hospital: &own.hospital, id: &own.swap, etag: &request.etag };
        Ok(Response::new(swap(&self.0.decline_swap(&ctx, which, &once).await?)))
    }

    async fn cancel_swap(&self, request: Request<pb::CancelSwapRequest>) -> Answer<pb::Swap> {
        let (ctx, request) = open(request)?;
        let once = Once::of(&ctx, method!("CancelSwap"), &request.request_id, &request)?;
        let own = name("name", SwapName::parse(&request.name))?;
        let which = Which { hospital: &own.hospital, id: &own.swap, etag: &request.etag };
        Ok(Response::new(swap(&self.0.cancel_swap(&ctx, which, &once).await?)))
    }

    async fn approve_swap(&self, request: Request<pb::ApproveSwapRequest>) -> Answer<pb::Swap> {
        let (ctx, request) = open(request)?;
        let once = Once::of(&ctx, method!("ApproveSwap"), &request.request_id, &request)?;
        let own = name("name", SwapName::parse(&request.name))?;
        let which = Which { hospital: &own.hospital, id: &own.swap, etag: &request.etag };
        Ok(Response::new(swap(&self.0.approve_swap(&ctx, which, &once).await?)))
    }

    async fn refuse_swap(&self, request: Request<pb::RefuseSwapRequest>) -> Answer<pb::Swap> {
        let (ctx, request) = open(request)?;
        let once = Once::of(&ctx, method!("RefuseSwap"), &request.request_id, &request)?;
        let own = name("name", SwapName::parse(&request.name))?;
        let which = Which { hospital: &own.hospital, id: &own.swap, etag: &request.etag };
        Ok(Response::new(swap(&self.0.refuse_swap(&ctx, which, &once).await?)))
    }

    async fn get_exchange_policy(
        &self,
        request: Request<pb::GetExchangePolicyRequest>,
    ) -> Answer<pb::ExchangePolicy> {
        let (ctx, request) = open(request)?;
        let own = name("name", ExchangePolicyName::parse(&request.name))?;
        let stored = self.0.get_exchange_policy(&ctx, &own.hospital).await?;
        Ok(Response::new(policy(&own.hospital, &stored)))
    }

    async fn update_exchange_policy(
        &self,
        request: Request<pb::UpdateExchangePolicyRequest>,
    ) -> Answer<pb::ExchangePolicy> {
        let (ctx, request) = open(request)?;
        let sent = request.exchange_policy.unwrap_or_default();
        let own = name("exchange_policy.name", ExchangePolicyName::parse(&sent.name))?;
        self.0.allow(&ctx, "exchange_policy.edit", &own.hospital)?;
        let mask = Mask::of(request.update_mask.as_ref(), POLICY_FIELDS)?;
        let mut fields = Fields::default();
        let sites = site_approvals(&mut fields, &sent, &own.hospital);
        let hours = figure(&mut fields, "exchange_policy.swap_hours", sent.swap_hours, 168, SWAP_HOURS);
        let minutes =
            figure(&mut fields, "exchange_policy.offer_minutes", sent.offer_minutes, 120, OFFER_MINUTES);
        let (sites, hours, minutes) = fields.finish(Some((sites, hours, minutes)))?;
        let change = |policy: &mut crate::domain::exchange::ExchangePolicy| {
            let is_said = sent.approval() != policy_pb::Approval::Unspecified;
            if mask.applies("approval", is_said) {
                policy.approval = approval(sent.approval());
            }
            if mask.applies("site_approvals", !sent.site_approvals.is_empty()) {
                policy.sites = sites;
            }
            if mask.applies("unequal_allowed", sent.unequal_allowed) {
                policy.is_unequal_allowed = sent.unequal_allowed;
            }
            if mask.applies("give_away_allowed", sent.give_away_allowed) {
                policy.is_give_away_allowed = sent.give_away_allowed;
            }
            if mask.applies("swap_hours", sent.swap_hours != 0) {
                policy.swap_hours = hours;
            }
            if mask.applies("offer_minutes", sent.offer_minutes != 0) {
                policy.offer_minutes = minutes;
            }
        };
        let stored = self.0.update_exchange_policy(&ctx, &own.hospital, &sent.etag, change).await?;
        Ok(Response::new(policy(&own.hospital, &stored)))
    }
}

const POLICY_FIELDS: &[&str] =
    &["approval", "site_approvals", "unequal_allowed", "give_away_allowed", "swap_hours", "offer_minutes"];

fn new_swap(request: &pb::CreateSwapRequest, hospital: &str) -> Result<NewSwap, Problem> {
    let own = request.swap.clone().unwrap_or_default();
    let mut fields = Fields::default();
    let offered = assignment(&mut fields, "swap.offered_assignment", &own.offered_assignment, hospital);
    fields.need("swap.offered_assignment", !own.offered_assignment.is_empty(), "expected the offered duty");
    let wanted = assignment(&mut fields, "swap.wanted_assignment", &own.wanted_assignment, hospital);
    let counterpart = staff_member(&mut fields, "swap.counterpart", &own.counterpart, hospital);
    let is_one_plan = match (&offered, &wanted) {
        (Some(offered), Some(wanted)) => offered.plan == wanted.plan,
        _ => true,
    };
    fields.need("swap.wanted_assignment", is_one_plan, "expected a duty of the same plan");
    let is_nothing = !own.give_away || own.wanted_assignment.is_empty();
    fields.need("swap.wanted_assignment", is_nothing, "expected none: the duty is given away");
    let (plan, offered) = offered.map(|own| (own.plan, own.assignment)).unwrap_or_default();
    fields.finish(Some(NewSwap {
        hospital: hospital.to_owned(),
        plan,
        offered,
        wanted: wanted.map(|own| own.assignment).unwrap_or_default(),
        counterpart,
        is_give_away: own.give_away,
        expire_time: own.expire_time.as_ref().map(values::micros),
        is_preview: request.validate_only,
    }))
}

/// The assignment of a name; none when it is empty.
fn assignment(fields: &mut Fields, field: &str, text: &str, hospital: &str) -> Option<AssignmentName> {
    if text.is_empty() {
        return None;
    }
    let own = fields.ok(field, AssignmentName::parse(text))?;
    fields.need(field, own.hospital == hospital, "expected a name of the same hospital");
    Some(own)
}

/// The id of a person; empty when nobody is named.
pub fn staff_member(fields: &mut Fields, field: &str, text: &str, hospital: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let Some(own) = fields.ok(field, StaffMemberName::parse(text)) else { return String::new() };
    fields.need(field, own.hospital == hospital, "expected a name of the same hospital");
    own.staff_member
}

fn site_approvals(
    fields: &mut Fields,
    own: &pb::ExchangePolicy,
    hospital: &str,
) -> BTreeMap<String, Approval> {
    let mut sites = BTreeMap::new();
    for (at, own) in own.site_approvals.iter().enumerate() {
        let field = |name: &str| format!("exchange_policy.site_approvals[{at}].{name}");
        fields.need(&field("site"), !own.site.is_empty(), "expected a site");
        let site = fields.site(&field("site"), &own.site, hospital);
        let is_said = own.approval() != policy_pb::Approval::Unspecified;
        fields.need(&field("approval"), is_said, "expected when an administrator must approve");
        let is_new = sites.insert(site, approval(own.approval())).is_none();
        fields.need(&field("site"), is_new, "expected each site once");
    }
    sites
}

fn figure(
    fields: &mut Fields,
    field: &str,
    sent: i32,
    default: i32,
    bounds: std::ops::RangeInclusive<i32>,
) -> i32 {
    let value = if sent == 0 { default } else { sent };
    let text = format!("expected {} to {}", bounds.start(), bounds.end());
    fields.need(field, bounds.contains(&value), &text);
    value
}

fn approval(own: policy_pb::Approval) -> Approval {
    match own {
        policy_pb::Approval::Administrator => Approval::Administrator,
        policy_pb::Approval::IfSoftRuleDegrades => Approval::IfSoftRuleDegrades,
        policy_pb::Approval::Autonomous | policy_pb::Approval::Unspecified => Approval::Autonomous,
    }
}

fn approval_message(own: Approval) -> policy_pb::Approval {
    match own {
        Approval::Autonomous => policy_pb::Approval::Autonomous,
        Approval::Administrator => policy_pb::Approval::Administrator,
        Approval::IfSoftRuleDegrades => policy_pb::Approval::IfSoftRuleDegrades,
    }
}

fn policy(hospital: &str, stored: &Stored) -> pb::ExchangePolicy {
    let own = &stored.policy;
    let sites = own.sites.iter().map(|(site, approval)| policy_pb::SiteApproval {
        site: SiteName::new(hospital, site).to_string(),
        approval: approval_message(*approval).into(),
    });
    pb::ExchangePolicy {
        name: ExchangePolicyName::new(hospital).to_string(),
        approval: approval_message(own.approval).into(),
        site_approvals: sites.collect(),
        unequal_allowed: own.is_unequal_allowed,
        give_away_allowed: own.is_give_away_allowed,
        swap_hours: own.swap_hours,
        offer_minutes: own.offer_minutes,
        update_time: (stored.update_time > 0).then(|| time::micros_to_proto(stored.update_time)),
        etag: etag::of(stored.version),
    }
}

/// A soft rule that something breaks anew, as a message.
pub fn violation(hospital: &str, plan: &str, own: &Finding) -> pb::EditViolation {
    pb::EditViolation {
        rule: own.rule.clone(),
        hard: false,
        staff_members: own.people.iter().map(|id| person(hospital, id)).collect(),
        shifts: own.shifts.iter().map(|id| ShiftName::new(hospital, plan, id).to_string()).collect(),
        cost: own.cost,
    }
}

fn swap(own: &Swap) -> pb::Swap {
    let (hospital, plan) = (own.hospital.as_str(), own.plan.as_str());
    let assignment = |id: &str| {
        if id.is_empty() { String::new() } else { AssignmentName::new(hospital, plan, id).to_string() }
    };
    let duty = |own: &Item| item(hospital, plan, own);
    let revision = (own.revision > 0).then(|| RevisionName::new(hospital, plan, own.revision.to_string()));
    pb::Swap {
        name: SwapName::new(hospital, &own.id).to_string(),
        offered_assignment: assignment(&own.offered),
        wanted_assignment: assignment(&own.wanted),
        proposer: person(hospital, &own.proposer),
        counterpart: person(hospital, &own.counterpart),
        give_away: own.is_give_away,
        state: state(own.state).into(),
        offered: Some(duty(&own.offered_item)),
        wanted: own.wanted_item.as_ref().map(duty),
        expire_time: Some(time::micros_to_proto(own.expire_time)),
        violations: own.findings.iter().map(|finding| violation(hospital, plan, finding)).collect(),
        needs_approval: own.needs_approval,
        revision: revision.map_or_else(String::new, |name| name.to_string()),
        create_time: Some(time::micros_to_proto(own.create_time)),
        update_time: Some(time::micros_to_proto(own.update_time)),
        etag: etag::of(own.version),
    }
}

fn state(own: State) -> pb::swap::State {
    match own {
        State::Pending => pb::swap::State::Pending,
        State::Accepted => pb::swap::State::Accepted,
        State::Applied => pb::swap::State::Applied,
        State::Declined => pb::swap::State::Declined,
        State::Refused => pb::swap::State::Refused,
        State::Cancelled => pb::swap::State::Cancelled,
        State::Expired => pb::swap::State::Expired,
    }
}

fn candidate(hospital: &str, plan: &str, own: &Candidate) -> pb::SwapCandidate {
    let assignment = own.assignment.as_ref();
    pb::SwapCandidate {
        staff_member: person(hospital, &own.staff_member),
        assignment: assignment
            .map_or_else(String::new, |own| AssignmentName::new(hospital, plan, &own.id).to_string()),
        duty: assignment.map(|own| item(hospital, plan, &Item::from(&own.duty))),
        score_difference: own.levels.clone(),
    }
}

/// What is wrong in one field, for callers that find it alone.
pub fn wrong(field: &str, text: &str) -> Problem {
    Problem::invalid(vec![Violation::new(field, text)])
}
