//! What speaks against a leave, found before it is sent and again before it is approved.

use std::collections::BTreeMap;

use calendar::{Day, DayPart, DayRange, HalfDay, Span};
use serde::{Deserialize, Serialize};

use crate::domain::{
    leave::{Leave, State},
    leave_type::LeaveType,
    policy::Policy,
};

/// What kind of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConflictKind {
    /// The person has another leave in these days (rule L9).
    OwnLeave,
    /// The balance does not cover it (rule L17).
    Balance,
    /// Too many people of the profession are away (rules L6, L7).
    ProfessionAbsence,
    /// The person has a published duty (rule L10).
    PublishedDuty,
    /// It was asked for too late (rule L3).
    Notice,
    /// It is longer than the type allows (rule L4).
    Length,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Severity {
    /// To be known.
    Warning,
    /// Approval is refused unless it is forced.
    Blocking,
}

/// One thing that speaks against a leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// What kind of thing.
    pub kind: ConflictKind,
    /// How bad it is.
    pub severity: Severity,
    /// The days it concerns.
    pub days: DayRange,
    /// The leave or shift it meets.
    pub resource: String,
    /// What was found, by kind: people, half-days missing, days.
    pub found: i32,
    /// What is allowed, in the same unit.
    pub allowed: i32,
}

/// A published duty, as planning told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// Name of the shift.
    pub shift: String,
    /// The day.
    pub day: Day,
    /// The half-day; the whole day without.
    pub part: Option<DayPart>,
    /// A garde or an astreinte: nobody else steps in by itself.
    pub is_on_call: bool,
}

/// What is known around a leave.
#[derive(Debug)]
pub struct Surroundings<'a> {
    /// Its type.
    pub leave_type: &'a LeaveType,
    /// The hospital's policy.
    pub policy: &'a Policy,
    /// Today, at the hospital.
    pub today: Day,
    /// The person's other leaves.
    pub own: &'a [Leave],
    /// Approved leaves of others of the profession: person and span.
    pub others: &'a [(String, Span)],
    /// How many people the profession has.
    pub head_count: i32,
    /// Half-days that the balances lack, by year.
    pub missing: &'a [(i32, i32)],
    /// The person's published duties.
    pub duties: &'a [Duty],
    /// School holidays that count here.
    pub school_holidays: &'a [DayRange],
}

/// Everything that speaks against a leave, the blocking first.
pub fn assess(leave: &Leave, around: &Surroundings<'_>) -> Vec<Conflict> {
    let mut conflicts = Vec::new();
    own_leaves(leave, around, &mut conflicts);
    balances(leave, around, &mut conflicts);
    duties(leave, around, &mut conflicts);
    absences(leave, around, &mut conflicts);
    notice_and_length(leave, around, &mut conflicts);
    conflicts.sort_by_key(|conflict| conflict.severity != Severity::Blocking);
    conflicts
}

/// The most people of the profession away on one day of the leave, its own person included.
pub fn most_away(leave: &Leave, others: &[(String, Span)]) -> i32 {
    let most = away_by_day(leave, others).values().map(Vec::len).max().unwrap_or(0);
    i32::try_from(most).unwrap_or(i32::MAX).saturating_add(1)
}

fn away_by_day<'a>(leave: &Leave, others: &'a [(String, Span)]) -> BTreeMap<Day, Vec<&'a str>> {
    let mut away: BTreeMap<Day, Vec<&str>> = BTreeMap::new();
    for (person, span) in others {
        for half_day in span.intersect(leave.span).into_iter().flat_map(Span::half_days) {
            let people = away.entry(half_day.day).or_default();
            if !people.contains(&person.as_str()) {
                people.push(person);
            }
        }
    }
    away
}

fn own_leaves(leave: &Leave, around: &Surroundings<'_>, conflicts: &mut Vec<Conflict>) {
    for other in around.own.iter().filter(|other| other.id != leave.id && other.is_alive()) {
        let Some(common) = other.span.intersect(leave.span) else { continue };
        let is_approved = other.state == State::Approved;
        conflicts.push(Conflict {
            kind: ConflictKind::OwnLeave,
            severity: if is_approved { Severity::Blocking } else { Severity::Warning },
            days: common.range(),
            resource: other.name(),
            found: i32::try_from(common.len()).unwrap_or(i32::MAX),
            allowed: 0,
        });
    }
}

fn balances(leave: &Leave, around: &Surroundings<'_>, conflicts: &mut Vec<Conflict>) {
    for &(_, half_days) in around.missing.iter().filter(|(_, half_days)| *half_days > 0) {
        conflicts.push(Conflict {
            kind: ConflictKind::Balance,
            severity: Severity::Blocking,
            days: leave.span.range(),
            resource: String::new(),
            found: half_days,
            allowed: 0,
        });
    }
}

fn duties(leave: &Leave, around: &Surroundings<'_>, conflicts: &mut Vec<Conflict>) {
    for duty in around.duties.iter().filter(|duty| duty.meets(leave.span)) {
        conflicts.push(Conflict {
            kind: ConflictKind::PublishedDuty,
            severity: if duty.is_on_call { Severity::Blocking } else { Severity::Warning },
            days: DayRange::single(duty.day),
            resource: duty.shift.clone(),
            found: 1,
            allowed: 0,
        });
    }
}

/// Days on which more are away than is allowed, joined to ranges of equal figures.
fn absences(leave: &Leave, around: &Surroundings<'_>, conflicts: &mut Vec<Conflict>) {
    for (day, people) in away_by_day(leave, around.others) {
        let is_school_holiday = around.school_holidays.iter().any(|days| days.contains(day));
        let allowed = around.policy.allowed(&leave.profession, around.head_count, is_school_holiday);
        let found = i32::try_from(people.len()).unwrap_or(i32::MAX).saturating_add(1);
        let (severity, allowed) = match allowed.alert {
            _ if found > allowed.block => (Severity::Blocking, allowed.block),
            Some(alert) if found > alert => (Severity::Warning, alert),
            _ => continue,
        };
        let conflict = Conflict {
            kind: ConflictKind::ProfessionAbsence,
            severity,
            days: DayRange::single(day),
            resource: String::new(),
            found,
            allowed,
        };
        match conflicts.last_mut() {
            Some(last) if last.goes_on_with(&conflict) => {
                last.days = DayRange::new(last.days.first(), day).unwrap_or(last.days);
            }
            _ => conflicts.push(conflict),
        }
    }
}

fn notice_and_length(leave: &Leave, around: &Surroundings<'_>, conflicts: &mut Vec<Conflict>) {
    let days = leave.span.range();
    let mut warn = |kind, found, allowed| {
        let resource = String::new();
        conflicts.push(Conflict { kind, severity: Severity::Warning, days, resource, found, allowed });
    };
    let notice = days.first() - around.today;
    if notice < around.leave_type.notice_days_min {
        warn(ConflictKind::Notice, notice, around.leave_type.notice_days_min);
    }
    let length = i32::try_from(days.len()).unwrap_or(i32::MAX);
    if let Some(days_max) = around.leave_type.days_max
        && length > days_max
    {
        warn(ConflictKind::Length, length, days_max);
    }
}

// === impl Conflict ===

impl Conflict {
    fn goes_on_with(&self, next: &Self) -> bool {
        self.days.last().next() == next.days.first()
            && (self.kind, self.severity, self.found, self.allowed)
                == (next.kind, next.severity, next.found, next.allowed)
    }
}

// === impl Duty ===

impl Duty {
    fn meets(&self, span: Span) -> bool {
        match self.part {
            Some(part) => span.contains(HalfDay::new(self.day, part)),
            None => DayPart::ALL.into_iter().any(|part| span.contains(HalfDay::new(self.day, part))),
        }
    }
}

#[cfg(test)]
mod tests;
