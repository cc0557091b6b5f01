//! What the exact program of one day proves: that its demands cannot all be staffed, however large the day is.
//!
//! The program is a relaxation (see `crate::bound`): what it says is impossible is impossible. What it says is possible
//! is not believed here, but shown by a roster.

use roster::{
    Problem, Roster,
    problem::{DayIx, Pin, Seat, SlotIx, SlotKind},
};

use super::oracle::is_staffed;
use crate::bound::least_holes;

/// All that is staffed on the day of these holes, with its gardes and those of the day before; `None` when the holes
/// are of several days, or none is a room or a consultation.
pub(super) fn of_day(problem: &Problem, roster: &Roster, holes: &[SlotIx]) -> Option<Vec<SlotIx>> {
    let day = problem.slot(*holes.first()?).day;
    if !holes.iter().all(|slot| problem.slot(*slot).day == day && is_of_day(problem, *slot)) {
        return None;
    }
    let is_wanted = |slot: &SlotIx| {
        let is_garde = is_garde_around(problem, day, *slot);
        let is_post = problem.slot(*slot).day == day && is_of_day(problem, *slot);
        holes.contains(slot) || ((is_garde || is_post) && is_staffed(problem, roster, *slot))
    };
    Some(problem.slot_indices().filter(is_wanted).filter(|slot| problem.slot(*slot).weight > 0).collect())
}

/// Proven: no lawful roster staffs all of these.
pub(super) fn is_impossible(problem: &Problem, demands: &[SlotIx]) -> bool {
    let mut posts = demands.iter().filter(|slot| is_of_day(problem, **slot));
    let Some(day) = posts.next().map(|slot| problem.slot(*slot).day) else { return false };
    let is_in_reach = |slot: &SlotIx| {
        (problem.slot(*slot).day == day && is_of_day(problem, *slot)) || is_garde_around(problem, day, *slot)
    };
    if !demands.iter().all(is_in_reach) {
        return false;
    }
    let mut draft = problem.draft().clone();
    for slot in problem.slot_indices().filter(|slot| !demands.contains(slot)) {
        let seat = Seat::performer(slot);
        if is_garde_around(problem, day, slot) && problem.pin(seat).is_none() {
            // Nobody is asked to hold it.
            draft.pins.push(Pin { seat, person: None });
        }
        draft.slots[slot.at()].weight = 0;
    }
    Problem::build(draft).is_ok_and(|less| least_holes(&less, day).is_some_and(|weight| weight > 0))
}

fn is_of_day(problem: &Problem, slot: SlotIx) -> bool {
    matches!(problem.slot(slot).kind, SlotKind::Theatre { .. } | SlotKind::Consultation { .. })
}

/// A garde of the day or of the day before: whoever holds it is not there.
fn is_garde_around(problem: &Problem, day: DayIx, slot: SlotIx) -> bool {
    let own = problem.slot(slot);
    own.kind.is_garde() && (own.day == day || own.day.0 + 1 == day.0)
}
