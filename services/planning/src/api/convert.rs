//! From domain values to messages.

use std::time::Duration;

use calendar::{DayPart, Parity};
use chassis::Problem;
use durable::{etag, time};
use prost::{Message, Name};
use proto::{
    error::v1::Reason,
    names::{
        AssignmentName, OperationName, PlanName, ProposalName, RevisionName, RoomName, RuleSetName,
        SectorName, ShiftName, SiteName, SpecialtyName, StaffMemberName, SurgeonName, TemplateName,
    },
    operation::v1 as operation_pb,
    planning::v1 as pb,
    r#type::v1::{self as types, Score},
};

use super::parse;
use crate::{
    app::{edits::Broken, write_assignments::Edited},
    domain::{
        diff::{Change, Changed},
        plan::{Plan, State},
        rule_set::RuleSet,
        shift::{Holder, Kind, Post, Shift},
        template::{Pattern, Place},
    },
    problems,
    store::{
        entity::{proposal, revision, template},
        from_json,
        operations::{self, Operation},
        rules,
        shifts::{Assignment, Origin},
    },
    wire,
};

pub fn plan(own: &Plan) -> pb::Plan {
    let hospital = own.hospital.as_str();
    let published =
        (own.revision > 0).then(|| RevisionName::new(hospital, &own.id, own.revision.to_string()));
    pb::Plan {
        name: PlanName::new(hospital, &own.id).to_string(),
        display_name: own.display_name.clone(),
        first_date: Some(own.days.first().into()),
        last_date: Some(own.days.last().into()),
        sites: own.sites.iter().map(|site| SiteName::new(hospital, site).to_string()).collect(),
        state: match own.state {
            State::Draft => pb::plan::State::Draft,
            State::Published => pb::plan::State::Published,
            State::Archived => pb::plan::State::Archived,
        }
        .into(),
        has_unpublished_changes: own.has_unpublished_changes(),
        published_revision: published.map_or_else(String::new, |name| name.to_string()),
        publish_time: (own.publish_time > 0).then(|| time::micros_to_proto(own.publish_time)),
        analysis: own.analysis.as_ref().map(|summary| pb::plan::AnalysisSummary {
            score: Some(Score { levels: summary.levels.clone() }),
            hard_match_count: summary.hard_count,
            hole_count: summary.hole_count,
            stale: own.is_stale(),
            analyze_time: Some(time::micros_to_proto(summary.time)),
        }),
        shift_count: own.shift_count,
        create_time: Some(time::micros_to_proto(own.create_time)),
        update_time: Some(time::micros_to_proto(own.update_time)),
        etag: etag::of(own.version),
    }
}

pub fn revision(own: &revision::Model) -> Result<pb::Revision, Problem> {
    Ok(pb::Revision {
        name: RevisionName::new(&own.hospital, &own.plan, own.number.to_string()).to_string(),
        score: Some(Score { levels: from_json(&own.levels)? }),
        assignment_count: own.assignment_count,
        hole_count: own.hole_count,
        publisher: crate::exchange_events::person(&own.hospital, &own.publisher),
        rules_version: own.rules_version.clone(),
        create_time: Some(time::micros_to_proto(own.create_time)),
        certificate_hash: own.certificate_hash.clone(),
    })
}

pub fn kind(own: Kind) -> pb::shift::Kind {
    match own {
        Kind::Garde => pb::shift::Kind::Garde,
        Kind::Astreinte => pb::shift::Kind::Astreinte,
        Kind::Consultation => pb::shift::Kind::Consultation,
        Kind::Theatre => pb::shift::Kind::Theatre,
        Kind::Closing => pb::shift::Kind::Closing,
        Kind::Volant => pb::shift::Kind::Volant,
    }
}

pub fn post(own: Post) -> pb::assignment::Post {
    match own {
        Post::Performer => pb::assignment::Post::Performer,
        Post::Supervisor => pb::assignment::Post::Supervisor,
    }
}

pub fn part(own: Option<DayPart>) -> types::DayPart {
    own.map_or(types::DayPart::Unspecified, types::DayPart::from)
}

/// The name of a room; empty outside theatres.
pub fn room(hospital: &str, site: &str, sector: &str, room: &str) -> String {
    if room.is_empty() { String::new() } else { RoomName::new(hospital, site, sector, room).to_string() }
}

fn place(hospital: &str, own: &Place) -> String {
    room(hospital, &own.site, &own.sector, &own.room)
}

/// The name of a sector; empty when there is none.
pub fn sector(hospital: &str, site: &str, sector: &str) -> String {
    if sector.is_empty() { String::new() } else { SectorName::new(hospital, site, sector).to_string() }
}

fn surgeon(hospital: &str, id: &str) -> String {
    if id.is_empty() { String::new() } else { SurgeonName::new(hospital, id).to_string() }
}

fn specialty(hospital: &str, id: &str) -> String {
    if id.is_empty() { String::new() } else { SpecialtyName::new(hospital, id).to_string() }
}

pub fn shift(hospital: &str, plan: &str, own: &Shift) -> pb::Shift {
    let is_from_template = !own.template.is_empty();
    let template = is_from_template.then(|| TemplateName::new(hospital, &own.template).to_string());
    pb::Shift {
        name: ShiftName::new(hospital, plan, &own.id).to_string(),
        kind: kind(own.kind).into(),
        date: Some(own.day.into()),
        day_part: part(own.part).into(),
        site: SiteName::new(hospital, &own.site).to_string(),
        room: room(hospital, &own.site, &own.sector, &own.room),
        surgeon: surgeon(hospital, &own.surgeon),
        specialty: specialty(hospital, &own.specialty),
        pediatric: own.is_pediatric,
        template: template.unwrap_or_default(),
    }
}

pub fn assignment(hospital: &str, own: &Assignment) -> pb::Assignment {
    let duty = &own.duty;
    pb::Assignment {
        name: AssignmentName::new(hospital, &own.plan, &own.id).to_string(),
        shift: ShiftName::new(hospital, &own.plan, &duty.shift).to_string(),
        post: post(duty.post).into(),
        staff_member: StaffMemberName::new(hospital, &duty.staff_member).to_string(),
        pinned: own.is_pinned,
        origin: match own.origin {
            Origin::Manual => pb::assignment::Origin::Manual,
            Origin::Solver => pb::assignment::Origin::Solver,
        }
        .into(),
        kind: kind(duty.kind).into(),
        date: Some(duty.day.into()),
        day_part: part(duty.part).into(),
        site: SiteName::new(hospital, &duty.site).to_string(),
        room: room(hospital, &duty.site, &duty.sector, &duty.room),
        create_time: Some(time::micros_to_proto(own.create_time)),
        etag: etag::of(own.version),
        violations: Vec::new(),
    }
}

pub fn edited(hospital: &str, own: &Edited) -> pb::Assignment {
    let plan = own.assignment.plan.as_str();
    let violation = |broken: &Broken| pb::EditViolation {
        rule: broken.rule.to_owned(),
        hard: broken.is_hard,
        staff_members: people(hospital, &broken.people),
        shifts: broken.shifts.iter().map(|id| ShiftName::new(hospital, plan, id).to_string()).collect(),
        cost: broken.cost,
    };
    let mut message = assignment(hospital, &own.assignment);
    message.violations = own.violations.iter().map(violation).collect();
    message
}

fn people(hospital: &str, ids: &[String]) -> Vec<String> {
    ids.iter().map(|id| StaffMemberName::new(hospital, id).to_string()).collect()
}

/// A template; its lines only when asked for.
pub fn template(own: &template::Model, is_full: bool) -> Result<pb::Template, Problem> {
    let hospital = own.hospital.as_str();
    let mut message = pb::Template {
        name: TemplateName::new(hospital, &own.id).to_string(),
        display_name: own.display_name.clone(),
        slot_count: own.slot_count,
        create_time: Some(time::micros_to_proto(own.create_time)),
        etag: etag::of(own.version),
        ..Default::default()
    };
    if is_full {
        let pattern: Pattern = from_json(&own.pattern)?;
        message.slots = (pattern.slots.iter())
            .map(|slot| pb::template::Slot {
                weekday: parse::weekday(slot.weekday),
                week_parity: match slot.parity {
                    None => pb::template::WeekParity::All,
                    Some(Parity::Even) => pb::template::WeekParity::Even,
                    Some(Parity::Odd) => pb::template::WeekParity::Odd,
                }
                .into(),
                day_part: part(Some(slot.part)).into(),
                room: place(hospital, &slot.place),
                surgeon: surgeon(hospital, &slot.surgeon),
                specialty: specialty(hospital, &slot.specialty),
            })
            .collect();
        message.exceptions = (pattern.exceptions.iter())
            .map(|own| pb::template::Exception {
                date: Some(own.day.into()),
                day_part: part(Some(own.part)).into(),
                room: place(hospital, &own.place),
                surgeon: surgeon(hospital, &own.surgeon),
                specialty: specialty(hospital, &own.specialty),
            })
            .collect();
    }
    Ok(message)
}

/// A proposal; its roster only when asked for.
pub fn proposal(plan: &Plan, own: &proposal::Model, is_full: bool) -> Result<pb::Proposal, Problem> {
    let hospital = own.hospital.as_str();
    let entries: Vec<Holder> = if is_full { from_json(&own.entries)? } else { Vec::new() };
    let entry = |holder: &Holder| pb::proposal::Entry {
        shift: ShiftName::new(hospital, &own.plan, &holder.shift).to_string(),
        post: post(holder.post).into(),
        staff_member: StaffMemberName::new(hospital, &holder.staff_member).to_string(),
    };
    Ok(pb::Proposal {
        name: ProposalName::new(hospital, &own.plan, &own.id).to_string(),
        operation: OperationName::new(hospital, &own.plan, &own.operation).to_string(),
        score: Some(Score { levels: from_json(&own.levels)? }),
        hole_count: own.hole_count,
        stale: own.plan_frame != plan.frame,
        cancelled: own.cancelled,
        seed: own.seed.cast_unsigned(),
        steps: own.steps.cast_unsigned(),
        elapsed: Some(duration_ms(own.elapsed_ms)),
        create_time: Some(time::micros_to_proto(own.create_time)),
        entries: entries.iter().map(entry).collect(),
    })
}

/// Milliseconds as contracts say them.
pub fn duration_ms(ms: i64) -> prost_types::Duration {
    let nanos = i32::try_from(ms.rem_euclid(1_000) * 1_000_000).unwrap_or_default();
    prost_types::Duration { seconds: ms.div_euclid(1_000), nanos }
}

/// A span of time as contracts say it.
pub fn duration(span: Duration) -> prost_types::Duration {
    duration_ms(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
}

pub fn rule_set(hospital: &str, own: &rules::Stored) -> Result<pb::RuleSet, Problem> {
    let RuleSet { settings, needs, team } = &own.rules;
    let (equity, fatigue, wishes) = super::team::messages(hospital, team)?;
    let need = |need: &crate::domain::rule_set::Need| pb::rule_set::Need {
        kind: kind(need.kind).into(),
        site: if need.site.is_empty() {
            String::new()
        } else {
            SiteName::new(hospital, &need.site).to_string()
        },
        day_part: part(need.part).into(),
        weekdays: need.weekdays.iter().map(|weekday| parse::weekday(*weekday)).collect(),
        on_holidays: need.on_holidays,
        count: i32::from(need.count),
    };
    let setting = |setting: &crate::domain::rule_set::Setting| pb::rule_set::Setting {
        rule: setting.rule.clone(),
        weight: setting.weight,
        parameters: setting.parameters.clone().into_iter().collect(),
    };
    Ok(pb::RuleSet {
        name: RuleSetName::new(hospital, rules::DEFAULT).to_string(),
        settings: settings.iter().map(setting).collect(),
        needs: needs.iter().map(need).collect(),
        update_time: (own.update_time > 0).then(|| time::micros_to_proto(own.update_time)),
        etag: etag::of(own.version),
        equity: Some(equity),
        fatigue: Some(fatigue),
        wishes: Some(wishes),
    })
}

pub fn duty_change(plan: &Plan, changed: &Changed) -> pb::DutyChange {
    let hospital = plan.hospital.as_str();
    let duty = &changed.duty;
    let shift = |id: &str| ShiftName::new(hospital, &plan.id, id).to_string();
    pb::DutyChange {
        change: match changed.change {
            Change::Added => pb::duty_change::Change::Added,
            Change::Moved => pb::duty_change::Change::Moved,
            Change::Removed => pb::duty_change::Change::Removed,
        }
        .into(),
        shift: shift(&duty.shift),
        post: post(duty.post).into(),
        kind: kind(duty.kind).into(),
        date: Some(duty.day.into()),
        day_part: part(duty.part).into(),
        site: SiteName::new(hospital, &duty.site).to_string(),
        previous_shift: changed.previous_shift.as_deref().map(shift).unwrap_or_default(),
    }
}

/// An operation, with its metadata and its result.
///
/// # Errors
/// When a stored score does not parse, or the proposal is not given although there is one.
pub fn operation(
    own: &Operation,
    proposal: Option<pb::Proposal>,
    now: i64,
) -> Result<operation_pb::Operation, Problem> {
    let levels: Vec<i64> = from_json(&own.best_levels)?;
    let end = if own.done { own.end_time } else { now };
    let metadata = pb::GeneratePlanMetadata {
        phase: match own.phase.as_str() {
            operations::SOLVING => pb::generate_plan_metadata::Phase::Solving,
            operations::DONE => pb::generate_plan_metadata::Phase::Done,
            _ => pb::generate_plan_metadata::Phase::Queued,
        }
        .into(),
        progress_percent: own.progress_percent,
        best_score: (!levels.is_empty()).then_some(Score { levels }),
        elapsed: Some(duration_ms((end - own.create_time).max(0) / 1_000)),
        attempt: own.attempt,
        plan: PlanName::new(&own.hospital, &own.plan).to_string(),
        cancel_requested: own.cancel_requested,
        steps: own.steps.cast_unsigned(),
        bound: wire::bound_message(&own.bound)?,
        open_part_count: own.open_parts,
    };
    let result = match proposal {
        _ if !own.done => None,
        Some(proposal) => Some(operation_pb::operation::Result::Response(any(&proposal))),
        None => Some(operation_pb::operation::Result::Error(failure(own))),
    };
    Ok(operation_pb::Operation {
        name: OperationName::new(&own.hospital, &own.plan, &own.id).to_string(),
        metadata: Some(any(&metadata)),
        done: own.done,
        result,
        resume_token: resume_token(own),
    })
}

/// What tells one state of an operation from the next.
pub fn resume_token(own: &Operation) -> String {
    own.version.to_string()
}

/// A message with its type.
fn any<M: Message + Name>(message: &M) -> prost_types::Any {
    prost_types::Any {
        type_url: format!("type.googleapis.com/{}", M::full_name()),
        value: message.encode_to_vec(),
    }
}

/// A `google.rpc.Status`, as far as it is read here.
#[derive(Clone, PartialEq, Message)]
struct RpcStatus {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<prost_types::Any>,
}

/// The error of an operation, in the form a failed call would have had.
fn failure(own: &Operation) -> operation_pb::Error {
    let reason = problems::reason(&own.error_reason);
    let code = match reason {
        Reason::Cancelled => tonic::Code::Cancelled,
        Reason::Internal => tonic::Code::Internal,
        Reason::PeerUnavailable => tonic::Code::Unavailable,
        _ => tonic::Code::FailedPrecondition,
    };
    let status = tonic::Status::from(Problem::new(code, reason, own.error_message.as_str()));
    let details = RpcStatus::decode(status.details()).map(|status| status.details).unwrap_or_default();
    operation_pb::Error { code: code as i32, message: own.error_message.clone(), details }
}
