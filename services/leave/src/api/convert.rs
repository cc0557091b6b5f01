//! Domain values into answers.

use durable::{etag, time};
use proto::{
    leave::v1::{self as pb, balance_entry, conflict, leave_type},
    names::{
        BalanceEntryName, BalanceName, HolidayName, LeaveName, LeaveSeriesName, LeaveTypeName,
        StaffMemberName,
    },
    r#type::v1::DayPart,
};

use crate::{
    app::{Closed, Coverage, Ranked, Simulation, View, balance_name},
    domain::{
        balance::{Balance, EntryKind},
        conflict::{Conflict, ConflictKind, Severity},
        counting::Counting,
        holiday::{Holiday, HolidayKind},
        leave::{Decision, Leave, State},
        leave_type::LeaveType,
        ranking::{Criterion, Rank},
        rule::decide::Obstacle,
    },
    store::EntryRow,
};

/// A leave, without type, comments and conflicts for who may not know them.
pub fn leave(view: View) -> pb::Leave {
    let View { leave, conflicts, balances, is_open } = view;
    let (first, last) = (leave.span.first(), leave.span.last());
    let charged = leave.balance_type().to_owned();
    let series =
        leave.series.as_ref().map(|id| LeaveSeriesName::new(&leave.hospital, &leave.staff_member, id));
    let hidden = |text: String| if is_open { text } else { String::new() };
    let decision = leave.decision.as_ref().map(|decision| {
        let pb = self::decision(decision);
        pb::Decision { comment: hidden(pb.comment), rank: pb.rank.filter(|_| is_open), ..pb }
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
        leave_series: series.map(String::from).unwrap_or_default(),
        escalate_time: leave.escalate_time.map(time::to_proto),
        charged_leave_type: hidden(charged_type(&leave.hospital, leave.has_balance, &charged)),
        balances: balances.into_iter().map(balance).collect(),
    }
}

/// The name of the type that pays, if one does.
fn charged_type(hospital: &str, has_balance: bool, id: &str) -> String {
    if has_balance { LeaveTypeName::new(hospital, id).to_string() } else { String::new() }
}

/// What a leave would cost and meet.
pub fn simulation(simulation: Simulation) -> pb::SimulateLeaveResponse {
    let leave = &simulation.leave;
    let is_accepted_at_once = simulation.refusal.is_none() && simulation.obstacles.is_empty();
    pb::SimulateLeaveResponse {
        counted_half_days: leave.counted_half_days(),
        charged_leave_type: charged_type(&leave.hospital, leave.has_balance, leave.balance_type()),
        balances_before: simulation.before.into_iter().map(balance).collect(),
        balances_after: simulation.after.into_iter().map(balance).collect(),
        conflicts: simulation.conflicts.into_iter().map(conflict).collect(),
        days: simulation.days.into_iter().map(coverage).collect(),
        rank: Some(rank(simulation.rank)),
        refusal_reason: simulation.refusal.unwrap_or_default().to_owned(),
        is_accepted_at_once,
        obstacles: simulation.obstacles.into_iter().map(|found| obstacle(found).into()).collect(),
    }
}

fn coverage(day: Coverage) -> pb::DayCoverage {
    pb::DayCoverage {
        date: Some(day.day.into()),
        counted_half_days: day.counted_half_days,
        absent_count: day.absent,
        pending_count: day.pending,
        head_count: day.head_count,
        alert_absent_max: day.allowed.alert,
        block_absent_max: day.allowed.block,
        is_school_holiday: day.is_school_holiday,
        is_public_holiday: day.is_public_holiday,
    }
}

/// A place among those that ask for the same days.
pub fn rank(rank: Rank) -> pb::Rank {
    let criterion = match rank.criterion {
        Criterion::Alone => pb::rank::Criterion::Alone,
        Criterion::TimesHad => pb::rank::Criterion::TimesHad,
        Criterion::LastHad => pb::rank::Criterion::LastHad,
        Criterion::Seniority => pb::rank::Criterion::Seniority,
        Criterion::Draw => pb::rank::Criterion::Draw,
    };
    pb::Rank {
        position: rank.position,
        count: rank.count,
        criterion: criterion.into(),
        years_had: rank.years_had,
        employed_since: rank.employed_since.map(Into::into),
    }
}

/// A leave in its order.
pub fn ranked(ranked: Ranked) -> pb::RankedLeave {
    pb::RankedLeave { leave: Some(leave(ranked.view)), rank: Some(rank(ranked.rank)), fits: ranked.fits }
}

fn obstacle(obstacle: Obstacle) -> pb::AcceptanceObstacle {
    match obstacle {
        Obstacle::NotEnabled => pb::AcceptanceObstacle::NotEnabled,
        Obstacle::LeaveType => pb::AcceptanceObstacle::LeaveType,
        Obstacle::Notice => pb::AcceptanceObstacle::Notice,
        Obstacle::OthersAway => pb::AcceptanceObstacle::OthersAway,
        Obstacle::Balance => pb::AcceptanceObstacle::Balance,
        Obstacle::Blackout => pb::AcceptanceObstacle::Blackout,
        Obstacle::Conflict => pb::AcceptanceObstacle::Conflict,
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

/// A decision.
pub fn decision(decision: &Decision) -> pb::Decision {
    pb::Decision {
        decider: decision.decider.clone(),
        comment: decision.comment.clone(),
        is_forced: decision.is_forced,
        decide_time: Some(time::to_proto(decision.decide_time)),
        rank: decision.rank.clone().map(rank),
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
        ConflictKind::Spacing => conflict::Kind::Spacing,
        ConflictKind::TotalAbsence => conflict::Kind::TotalAbsence,
        ConflictKind::TeamCapacity => conflict::Kind::TeamCapacity,
        ConflictKind::Peak => conflict::Kind::Peak,
        ConflictKind::Blackout => conflict::Kind::Blackout,
        ConflictKind::SpecialPeriod => conflict::Kind::SpecialPeriod,
        ConflictKind::HolidayProximity => conflict::Kind::HolidayProximity,
        ConflictKind::Competition => conflict::Kind::Competition,
        ConflictKind::LastMinute => conflict::Kind::LastMinute,
    };
    let severity = match found.severity {
        Severity::Information => conflict::Severity::Information,
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
        carried_half_days: figures.carried(),
        transferred_half_days: figures.transferred,
    }
}

/// What closing a year does to one balance.
pub fn closed(closed: Closed) -> pb::BalanceClosing {
    pb::BalanceClosing {
        balance: balance_name(&closed.key),
        remaining_half_days: closed.remaining,
        carried_half_days: closed.carried,
        lapsed_half_days: closed.lapsed,
        is_changed: closed.is_changed,
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
        EntryKind::Accrual => balance_entry::Kind::Accrual,
        EntryKind::CarryOver => balance_entry::Kind::CarryOver,
        EntryKind::Expiration => balance_entry::Kind::Expiration,
        EntryKind::CarriedOut => balance_entry::Kind::CarriedOut,
        EntryKind::Lapse => balance_entry::Kind::Lapse,
        EntryKind::Transfer => balance_entry::Kind::Transfer,
    };
    let (hospital, staff_member) = (&parent.hospital, &parent.staff_member);
    let other = row.entry.other_balance.map(|id| BalanceName::new(hospital, staff_member, id).to_string());
    let leave = row.entry.leave.map(|id| LeaveName::new(hospital, staff_member, id).to_string());
    pb::BalanceEntry {
        name: BalanceEntryName::new(hospital, staff_member, &parent.balance, row.id).to_string(),
        kind: kind.into(),
        half_days: row.entry.half_days,
        leave: leave.unwrap_or_default(),
        reason: row.entry.reason,
        actor: row.entry.actor,
        create_time: Some(time::to_proto(row.entry.create_time)),
        expire_date: row.entry.expire.map(Into::into),
        other_balance: other.unwrap_or_default(),
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
