//! Domain values into answers.

use durable::{etag, time};
use proto::{
    leave::v1::{self as pb, balance_entry, conflict, leave_type},
    names::{
        BalanceEntryName, BalanceName, HolidayName, LeaveName, LeavePolicyName, LeaveTypeName,
        StaffMemberName,
    },
    r#type::v1::DayPart,
};

use crate::{
    app::{View, balance_name},
    domain::{
        balance::{Balance, EntryKind},
        conflict::{Conflict, ConflictKind, Severity},
        counting::Counting,
        holiday::{Holiday, HolidayKind},
        leave::{Decision, Leave, State},
        leave_type::LeaveType,
        policy::Policy,
    },
    store::EntryRow,
};

/// A leave, without type, comments and conflicts for who may not know them.
pub fn leave(view: View) -> pb::Leave {
    let View { leave, conflicts, balances, is_open } = view;
    let (first, last) = (leave.span.first(), leave.span.last());
    let hidden = |text: String| if is_open { text } else { String::new() };
    let decision = leave.decision.as_ref().map(|decision| {
        let pb = self::decision(decision);
        pb::Decision { comment: hidden(pb.comment), ..pb }
    });
    pb::Leave {
        name: leave.name(),
        leave_type: hidden(LeaveTypeName::new(&leave.hospital, &leave.leave_type).to_string()),
        first_date: Some(first.day.into()),
        first_part: DayPart::from(first.part).into(),
        last_date: Some(last.day.into()),
        last_part: DayPart::from(last.part).into(),
        counted_half_days: leave.counted_half_days(),
        state: state(leave.state).into(),
        comment: hidden(leave.comment),
        decision,
        conflicts: conflicts.into_iter().map(self::conflict).collect(),
        etag: etag::of(leave.version),
        create_time: Some(time::to_proto(leave.create_time)),
        update_time: Some(time::to_proto(leave.update_time)),
        balances: balances.into_iter().map(balance).collect(),
    }
}

fn state(state: State) -> pb::leave::State {
    match state {
        State::Draft => pb::leave::State::Draft,
        State::Pending => pb::leave::State::Pending,
        State::RevisionAsked => pb::leave::State::RevisionAsked,
        State::Approved => pb::leave::State::Approved,
        State::Rejected => pb::leave::State::Rejected,
        State::Cancelled => pb::leave::State::Cancelled,
    }
}

fn decision(decision: &Decision) -> pb::Decision {
    pb::Decision {
        decider: decision.decider.clone(),
        comment: decision.comment.clone(),
        is_forced: decision.is_forced,
        decide_time: Some(time::to_proto(decision.decide_time)),
    }
}

fn conflict(found: Conflict) -> pb::Conflict {
    let kind = match found.kind {
        ConflictKind::OwnLeave => conflict::Kind::OwnLeave,
        ConflictKind::Balance => conflict::Kind::Balance,
        ConflictKind::ProfessionAbsence => conflict::Kind::ProfessionAbsence,
        ConflictKind::PublishedDuty => conflict::Kind::PublishedDuty,
        ConflictKind::Notice => conflict::Kind::Notice,
        ConflictKind::Length => conflict::Kind::Length,
    };
    let severity = match found.severity {
        Severity::Warning => conflict::Severity::Warning,
        Severity::Blocking => conflict::Severity::Blocking,
    };
    pb::Conflict {
        kind: kind.into(),
        severity: severity.into(),
        first_date: Some(found.days.first().into()),
        last_date: Some(found.days.last().into()),
        resource: found.resource,
        found: found.found,
        allowed: found.allowed,
    }
}

/// A balance.
pub fn balance(balance: Balance) -> pb::Balance {
    let figures = balance.figures;
    pb::Balance {
        name: balance_name(&balance.key),
        leave_type: LeaveTypeName::new(&balance.key.hospital, &balance.key.leave_type).to_string(),
        year: balance.key.year,
        granted_half_days: figures.granted,
        used_half_days: figures.used,
        pending_half_days: figures.pending,
        remaining_half_days: figures.remaining(),
        projected_half_days: figures.projected(),
        etag: etag::of(balance.version),
    }
}

/// A line of a balance's ledger.
pub fn entry(parent: &BalanceName, row: EntryRow) -> pb::BalanceEntry {
    let kind = match row.entry.kind {
        EntryKind::Grant => balance_entry::Kind::Grant,
        EntryKind::Reservation => balance_entry::Kind::Reservation,
        EntryKind::Release => balance_entry::Kind::Release,
        EntryKind::Usage => balance_entry::Kind::Usage,
        EntryKind::Refund => balance_entry::Kind::Refund,
        EntryKind::Adjustment => balance_entry::Kind::Adjustment,
    };
    let (hospital, staff_member) = (&parent.hospital, &parent.staff_member);
    let leave = row.entry.leave.map(|id| LeaveName::new(hospital, staff_member, id).to_string());
    pb::BalanceEntry {
        name: BalanceEntryName::new(hospital, staff_member, &parent.balance, row.id).to_string(),
        kind: kind.into(),
        half_days: row.entry.half_days,
        leave: leave.unwrap_or_default(),
        reason: row.entry.reason,
        actor: row.entry.actor,
        create_time: Some(time::to_proto(row.entry.create_time)),
    }
}

/// A leave type.
pub fn leave_type(hospital: &str, shipped: &LeaveType) -> pb::LeaveType {
    let counting = match shipped.counting {
        Counting::WorkingDays => leave_type::Counting::WorkingDays,
        Counting::CalendarDays => leave_type::Counting::CalendarDays,
    };
    pb::LeaveType {
        name: LeaveTypeName::new(hospital, shipped.id).to_string(),
        code: shipped.code.to_owned(),
        display_name: shipped.display_name.to_owned(),
        counting: counting.into(),
        days_max: shipped.days_max.unwrap_or(0),
        notice_days_min: shipped.notice_days_min,
        requires_approval: shipped.requires_approval,
        has_balance: shipped.has_balance,
        allows_negative_balance: false,
        granted_half_days: shipped.granted_half_days,
        color: shipped.color.to_owned(),
    }
}

/// The policy.
pub fn policy(policy: Policy) -> pb::LeavePolicy {
    let limits = policy.absence_limits.into_iter().map(|limit| pb::AbsenceLimit {
        profession: limit.profession,
        absent_max: limit.absent_max,
        school_holiday_absent_max: limit.school_holiday_absent_max,
    });
    pb::LeavePolicy {
        name: LeavePolicyName::new(&policy.hospital).to_string(),
        absent_percentage_max: policy.absent_percentage_max,
        absence_limits: limits.collect(),
        nurse_administrator_absent_max: policy.nurse_administrator_absent_max,
        own_cancel_notice_days_min: policy.own_cancel_notice_days_min,
        school_zone: policy.school_zone,
        etag: etag::of(policy.version),
        update_time: policy.update_time.map(time::to_proto),
    }
}

/// A holiday.
pub fn holiday(hospital: &str, holiday: Holiday) -> pb::Holiday {
    let kind = match holiday.kind {
        HolidayKind::Public => pb::holiday::Kind::Public,
        HolidayKind::School => pb::holiday::Kind::School,
    };
    pb::Holiday {
        name: HolidayName::new(hospital, holiday.id).to_string(),
        kind: kind.into(),
        display_name: holiday.display_name,
        first_date: Some(holiday.days.first().into()),
        last_date: Some(holiday.days.last().into()),
        zone: holiday.zone,
    }
}

/// That somebody is away, and nothing else about it.
pub fn absence(leave: &Leave) -> pb::Absence {
    let (first, last) = (leave.span.first(), leave.span.last());
    pb::Absence {
        staff_member: StaffMemberName::new(&leave.hospital, &leave.staff_member).to_string(),
        first_date: Some(first.day.into()),
        first_part: DayPart::from(first.part).into(),
        last_date: Some(last.day.into()),
        last_part: DayPart::from(last.part).into(),
    }
}

/// A count as protobuf says it.
pub fn count(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
