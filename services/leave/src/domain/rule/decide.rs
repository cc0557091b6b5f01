//! Who decides about a leave, and what nobody needs to decide.

use calendar::Day;
use serde::{Deserialize, Serialize};

use super::{
    figures,
    team::{self, most_away},
};
use crate::domain::{
    conflict::{Away, Conflict, ConflictKind, Severity, Surroundings},
    leave::Leave,
    policy::Policy,
};

/// Why a nurse administrator hands a decision on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escalation {
    /// Too many nurses would be away (rule L11).
    Crowded,
    /// It begins too soon (rule L12).
    LastMinute,
}

/// What stands in the way of an acceptance that nobody decides (rule L15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Obstacle {
    /// The policy accepts nothing by itself.
    NotEnabled,
    /// Not this type.
    LeaveType,
    /// It begins too soon.
    Notice,
    /// Too many are away, or ask to be.
    OthersAway,
    /// The balance does not cover it.
    Balance,
    /// Nobody may take leave then.
    Blackout,
    /// Something else warns or blocks.
    Conflict,
}

/// L12: so late that only an anesthetist administrator decides.
pub fn last_minute(leave: &Leave, around: &Surroundings<'_>) -> Vec<Conflict> {
    let (days, notice) = (leave.span.range(), leave.span.first().day - around.today);
    let allowed = around.policy.last_minute_days;
    let late = (notice < allowed)
        .then(|| figures(ConflictKind::LastMinute, Severity::Information, days, (notice, allowed)));
    late.into_iter().collect()
}

/// L11, L12: what a nurse administrator may not decide alone.
pub fn escalation(leave: &Leave, others: &[Away], policy: &Policy, today: Day) -> Option<Escalation> {
    if leave.span.first().day - today < policy.last_minute_days {
        return Some(Escalation::LastMinute);
    }
    let is_crowded = most_away(leave, others) > policy.nurse_administrator_absent_max;
    is_crowded.then_some(Escalation::Crowded)
}

/// L15: everything that keeps a leave from being accepted without a decision; nothing accepts it.
pub fn obstacles(leave: &Leave, around: &Surroundings<'_>, conflicts: &[Conflict]) -> Vec<Obstacle> {
    let (rule, mut found) = (&around.policy.auto_acceptance, Vec::new());
    if !rule.is_enabled {
        found.push(Obstacle::NotEnabled);
    }
    if !rule.leave_types.contains(&leave.leave_type) {
        found.push(Obstacle::LeaveType);
    }
    if leave.span.first().day - around.today < rule.notice_days_min {
        found.push(Obstacle::Notice);
    }
    let others: Vec<Away> = around.others.iter().chain(around.pending).cloned().collect();
    let away = team::by_profession(leave, &others).values().map(|people| people.len()).max().unwrap_or(0);
    if super::count(away) > rule.others_absent_max {
        found.push(Obstacle::OthersAway);
    }
    let of = |kind| conflicts.iter().any(|conflict| conflict.kind == kind);
    if of(ConflictKind::Balance) {
        found.push(Obstacle::Balance);
    }
    if of(ConflictKind::Blackout) {
        found.push(Obstacle::Blackout);
    }
    let is_other = |conflict: &Conflict| {
        conflict.severity != Severity::Information
            && !matches!(conflict.kind, ConflictKind::Balance | ConflictKind::Blackout)
    };
    if conflicts.iter().any(is_other) {
        found.push(Obstacle::Conflict);
    }
    found
}
