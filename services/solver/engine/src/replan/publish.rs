//! What changing a published plan costs, for callers who have no prices of their own.

use roster::{
    problem::{DayIx, Problem, Published, SlotKind},
    roster::Roster,
};

/// A roster as a published plan: dearer to change for gardes and astreintes, at week-ends, and the nearer it is to
/// `today`, which may be the horizon's first day or later.
#[must_use]
pub fn publish(problem: &Problem, roster: &Roster, today: DayIx) -> Vec<Published> {
    let entries = roster.held().map(|(seat, person)| {
        let slot = problem.slot(seat.slot);
        let base = match slot.kind {
            kind if kind.is_garde() => 30,
            SlotKind::Astreinte { .. } => 20,
            _ => 8,
        };
        let weekend = if problem.day(slot.day).is_working_day() { 1 } else { 2 };
        let near = match i32::from(slot.day.0) - i32::from(today.0) {
            ..=7 => 3,
            8..=14 => 2,
            _ => 1,
        };
        Published { seat, person: Some(person), change_cost: base * weekend * near }
    });
    entries.collect()
}
