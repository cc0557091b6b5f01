//! What speaks against a leave in the person's own affairs.

use calendar::{Day, DayRange};

use super::{count, figures};
use crate::domain::{
    conflict::{Conflict, ConflictKind, Severity, Surroundings},
    leave::{Leave, State},
};

/// L9: an approved leave of one's own blocks, one that waits warns.
pub fn own_leaves(leave: &Leave, around: &Surroundings<'_>) -> Vec<Conflict> {
    let others = around.own.iter().filter(|other| other.id != leave.id && other.is_alive());
    others
        .filter_map(|other| {
            let common = other.span.intersect(leave.span)?;
            let is_approved = other.state == State::Approved;
            let severity = if is_approved { Severity::Blocking } else { Severity::Warning };
            let found = figures(ConflictKind::OwnLeave, severity, common.range(), (count(common.len()), 0));
            Some(Conflict { resource: other.name(), ..found })
        })
        .collect()
}

/// L17: a balance falls no lower than its type allows.
pub fn balances(leave: &Leave, around: &Surroundings<'_>) -> Vec<Conflict> {
    let allowed = around.policy.negative_half_days_max(leave.balance_type());
    let missing = around.missing.iter().filter(|(_, half_days)| *half_days > allowed);
    missing
        .map(|&(_, half_days)| {
            let found = (half_days, allowed);
            figures(ConflictKind::Balance, Severity::Blocking, leave.span.range(), found)
        })
        .collect()
}

/// L10: a garde or an astreinte blocks until it is replaced or swapped, other work warns: approved leave beats it.
pub fn duties(leave: &Leave, around: &Surroundings<'_>) -> Vec<Conflict> {
    let met = around.duties.iter().filter(|duty| duty.meets(leave.span));
    met.map(|duty| {
        let severity = if duty.is_on_call { Severity::Blocking } else { Severity::Warning };
        let found = figures(ConflictKind::PublishedDuty, severity, DayRange::single(duty.day), (1, 0));
        Conflict { resource: duty.shift.clone(), ..found }
    })
    .collect()
}

/// L3: asked for long enough before.
pub fn notice(leave: &Leave, around: &Surroundings<'_>) -> Vec<Conflict> {
    let days = leave.span.range();
    let (notice, asked) =
        (days.first() - around.today, around.policy.limits(around.leave_type).notice_days_min);
    let late =
        (notice < asked).then(|| figures(ConflictKind::Notice, Severity::Warning, days, (notice, asked)));
    late.into_iter().collect()
}

/// L4: not longer than its type allows.
pub fn length(leave: &Leave, around: &Surroundings<'_>) -> Vec<Conflict> {
    let days = leave.span.range();
    let days_max = around.policy.limits(around.leave_type).days_max.filter(|max| count(days.len()) > *max);
    let long =
        days_max.map(|max| figures(ConflictKind::Length, Severity::Warning, days, (count(days.len()), max)));
    long.into_iter().collect()
}

/// L5: far enough from another leave of one's own, further between two long ones.
pub fn spacing(leave: &Leave, around: &Surroundings<'_>) -> Vec<Conflict> {
    let days = leave.span.range();
    let others = around.own.iter().filter(|other| other.id != leave.id && other.is_alive());
    let mut conflicts: Vec<Conflict> = others
        .filter_map(|other| {
            let (before, after) =
                if other.span.first() < leave.span.first() { (other, leave) } else { (leave, other) };
            let gap = after.span.first().day - before.span.last().day - 1;
            let asked = gap_asked(leave, other, around);
            let is_close = gap < asked && !other.span.overlaps(leave.span);
            let found = || figures(ConflictKind::Spacing, Severity::Warning, days, (gap.max(0), asked));
            is_close.then(|| Conflict { resource: other.name(), ..found() })
        })
        .collect();
    conflicts.sort_by_key(|conflict| conflict.found);
    conflicts
}

fn gap_asked(leave: &Leave, other: &Leave, around: &Surroundings<'_>) -> i32 {
    let spacing = around.policy.spacing;
    let is_long = |leave: &Leave| count(leave.span.range().len()) > spacing.long_leave_days;
    let is_in_school_holidays = [leave, other]
        .into_iter()
        .any(|leave| leave.span.range().days().any(|day| around.is_school_holiday(day)));
    let any = if is_in_school_holidays { spacing.school_holiday_gap_days_min } else { spacing.gap_days_min };
    if is_long(leave) && is_long(other) { any.max(spacing.long_gap_days_min) } else { any }
}

/// L16: a bridge to a public holiday is told, and stops nothing.
pub fn bridges(leave: &Leave, around: &Surroundings<'_>) -> Vec<Conflict> {
    let days = leave.span.range();
    let beyond = |step: i32, edge: Day| {
        let mut day = edge.plus(step);
        while day.is_weekend() && !around.public_holidays.contains(day) {
            day = day.plus(step);
        }
        around.public_holidays.contains(day).then_some(day)
    };
    let met = [beyond(-1, days.first()), beyond(1, days.last())];
    met.into_iter()
        .flatten()
        .map(|day| {
            let found = (1, 0);
            figures(ConflictKind::HolidayProximity, Severity::Information, DayRange::single(day), found)
        })
        .collect()
}
