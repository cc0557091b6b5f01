//! What a person would have to give up to take a post.
//!
//! Only a guess for the search, made without asking the judge: a post listed here may turn out to be compatible (the
//! search then misses an option), and one that is not listed may be refused by the judge (the move is then taken
//! back). No rule depends on this module.

use roster::problem::{DayIx, PersonIx, Seat, Slot, SlotIx, SlotKind};

use crate::state::State;

/// The places a person holds that do not go with this slot. Rooms of the same half-day go together; whether there
/// are too many of them is for the judge to say.
pub(crate) fn conflicts(state: &State<'_>, person: PersonIx, slot: SlotIx) -> Vec<Seat> {
    let problem = state.problem();
    let wanted = problem.slot(slot);
    let mut found = Vec::new();
    let mut collect = |day: i64, refuses: &dyn Fn(&Slot) -> bool| {
        let Some(day) =
            usize::try_from(day).ok().filter(|day| *day < problem.days().len()).and_then(DayIx::of)
        else {
            return;
        };
        let held = state.posts(person, day).iter().copied();
        found.extend(held.filter(|seat| seat.slot != slot && refuses(problem.slot(seat.slot))));
    };
    let day = i64::from(wanted.day.0);
    if wanted.kind.has_night() {
        let gap = i64::from(problem.parameters().garde_gap_min.max(2));
        collect(day, &|_| true);
        collect(day + 1, &|_| true);
        for near in 1..gap {
            collect(day - near, &has_night);
            if near > 1 {
                collect(day + near, &has_night);
            }
        }
    } else {
        collect(day - 1, &has_night);
        collect(day, &|held| wanted.kind.is_garde() || held.kind.is_garde() || share_half_day(wanted, held));
    }
    found
}

/// Whether a person can take a slot without giving anything up, as far as this module knows.
pub(crate) fn is_free(state: &State<'_>, person: PersonIx, slot: SlotIx) -> bool {
    conflicts(state, person, slot).is_empty()
}

fn has_night(slot: &Slot) -> bool {
    slot.kind.has_night()
}

/// Two posts of the same day that need the same person at the same time.
fn share_half_day(wanted: &Slot, held: &Slot) -> bool {
    let both_theatre = wanted.kind.is_theatre() && held.kind.is_theatre();
    let both = |one: fn(&SlotKind) -> bool| one(&wanted.kind) && one(&held.kind);
    match (wanted.kind.half(), held.kind.half()) {
        (Some(one), Some(other)) if one == other => !both_theatre,
        // One consultation a day, one duty of a kind a day, one closing a day.
        _ => {
            both(|kind| matches!(kind, SlotKind::Consultation { .. }))
                || both(|kind| matches!(kind, SlotKind::Astreinte { .. }))
                || both(|kind| matches!(kind, SlotKind::Closing { .. }))
        }
    }
}
