//! What speaks against a leave in the team: how many others are away, or ask to be.

use std::collections::{BTreeMap, BTreeSet};

use calendar::{Day, DayRange, Span};

use super::{by_day, count, figures};
use crate::domain::{
    conflict::{Away, Conflict, ConflictKind, Severity, Surroundings},
    leave::Leave,
};

/// The most people of the profession away on one day of the leave, its own person included.
pub fn most_away(leave: &Leave, others: &[Away]) -> i32 {
    let away = by_profession(leave, others);
    away.values().map(BTreeSet::len).max().map_or(0, count).saturating_add(1)
}

/// L6: at most a part of the profession away.
pub fn profession_absence(leave: &Leave, around: &Surroundings<'_>) -> Vec<Conflict> {
    let away = by_profession(leave, around.others);
    by_day(leave, (ConflictKind::ProfessionAbsence, Severity::Blocking), |day| {
        let (found, block) = (with_self(&away, day), allowed(leave, around, day).block);
        (found > block).then_some((found, block))
    })
}

/// L6: at least a part of the profession stays. Alone one can always go.
pub fn capacity(leave: &Leave, around: &Surroundings<'_>) -> Vec<Conflict> {
    let away = by_profession(leave, around.others);
    by_day(leave, (ConflictKind::TeamCapacity, Severity::Blocking), |day| {
        let absent = with_self(&away, day);
        let stay = (around.head_count - absent).max(0);
        // Rounded up: half of five are three.
        let needed = (around.head_count * around.policy.capacity_percentage_min + 99) / 100;
        (absent > 1 && stay < needed).then_some((stay, needed))
    })
}

/// L7: the profession's own limit, in school holidays another one. What L6 blocks is not told twice.
pub fn profession_limit(leave: &Leave, around: &Surroundings<'_>) -> Vec<Conflict> {
    let away = by_profession(leave, around.others);
    by_day(leave, (ConflictKind::ProfessionAbsence, Severity::Warning), |day| {
        let (found, allowed) = (with_self(&away, day), allowed(leave, around, day));
        let alert = allowed.alert.filter(|alert| found > *alert && found <= allowed.block)?;
        Some((found, alert))
    })
}

/// L7: the limit of all professions together.
pub fn total_limit(leave: &Leave, around: &Surroundings<'_>) -> Vec<Conflict> {
    let counted: Vec<Away> = around
        .others
        .iter()
        .filter(|away| around.policy.counts_in_total(&away.profession))
        .cloned()
        .collect();
    let away = away_by_day(leave.span, &counted);
    by_day(leave, (ConflictKind::TotalAbsence, Severity::Warning), |day| {
        let total = around.policy.total_allowed(&leave.profession, around.is_school_holiday(day))?;
        let found = with_self(&away, day);
        (found > total).then_some((found, total))
    })
}

/// L8: no more than a peak bears.
pub fn peaks(leave: &Leave, around: &Surroundings<'_>) -> Vec<Conflict> {
    let away = by_profession(leave, around.others);
    by_day(leave, (ConflictKind::Peak, Severity::Warning), |day| {
        let (peak, _) = around.policy.peak_of(DayRange::single(day).into())?;
        let found = with_self(&away, day);
        (found > peak.absent_max).then_some((found, peak.absent_max))
    })
}

/// L8: that the days are special.
pub fn special_periods(leave: &Leave, around: &Surroundings<'_>) -> Vec<Conflict> {
    by_day(leave, (ConflictKind::SpecialPeriod, Severity::Information), |day| {
        let is_special =
            around.is_school_holiday(day) || around.policy.peak_of(DayRange::single(day).into()).is_some();
        is_special.then_some((1, 0))
    })
}

/// Days on which nobody may go.
pub fn blackouts(leave: &Leave, around: &Surroundings<'_>) -> Vec<Conflict> {
    let concerning = around.policy.blackouts.iter().filter(|blackout| blackout.concerns(&leave.profession));
    concerning
        .filter_map(|blackout| {
            let days = blackout.days.intersect(leave.span.range())?;
            Some(figures(ConflictKind::Blackout, Severity::Blocking, days, (count(days.len()), 0)))
        })
        .collect()
}

/// L14: others ask for the same days; who asked first is of no account.
pub fn competition(leave: &Leave, around: &Surroundings<'_>) -> Vec<Conflict> {
    let away = away_by_day(leave.span, around.pending);
    by_day(leave, (ConflictKind::Competition, Severity::Information), |day| {
        away.get(&day).map(|people| (count(people.len()), 0))
    })
}

/// Who of the profession is away on each day of a leave.
pub fn by_profession<'a>(leave: &Leave, others: &'a [Away]) -> BTreeMap<Day, BTreeSet<&'a str>> {
    let mut away: BTreeMap<Day, BTreeSet<&str>> = BTreeMap::new();
    for other in others.iter().filter(|other| other.profession == leave.profession) {
        add(&mut away, leave.span, other);
    }
    away
}

fn away_by_day(span: Span, others: &[Away]) -> BTreeMap<Day, BTreeSet<&str>> {
    let mut away: BTreeMap<Day, BTreeSet<&str>> = BTreeMap::new();
    for other in others {
        add(&mut away, span, other);
    }
    away
}

fn add<'a>(away: &mut BTreeMap<Day, BTreeSet<&'a str>>, span: Span, other: &'a Away) {
    for half_day in other.span.intersect(span).into_iter().flat_map(Span::half_days) {
        away.entry(half_day.day).or_default().insert(other.staff_member.as_str());
    }
}

fn with_self(away: &BTreeMap<Day, BTreeSet<&str>>, day: Day) -> i32 {
    away.get(&day).map_or(0, |people| count(people.len())).saturating_add(1)
}

fn allowed(leave: &Leave, around: &Surroundings<'_>, day: Day) -> crate::domain::policy::Allowed {
    around.policy.allowed(&leave.profession, around.head_count, around.is_school_holiday(day))
}
