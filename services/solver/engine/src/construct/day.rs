//! One day's posts: theatre rooms with their supervision, consultations, closings, floating places.

use roster::{
    Problem,
    problem::{DayIx, Half, RoomIx, SlotIx, SlotKind},
};

use crate::{
    fill::{Effort, fill},
    rng::Rng,
    state::State,
};

/// The posts of a day in the groups and the order they are filled: both halves' theatre, consultations, closings,
/// floating places.
pub(super) fn groups(problem: &Problem, day: DayIx) -> Vec<Vec<SlotIx>> {
    let of = |accepts: &dyn Fn(&SlotKind) -> bool| -> Vec<SlotIx> {
        let mut slots: Vec<SlotIx> = (problem.slots_of_day(day).iter().copied())
            .filter(|slot| accepts(&problem.slot(*slot).kind))
            .collect();
        slots.sort_by_key(|slot| (sector_order(problem, *slot), *slot));
        slots
    };
    let mut groups = Vec::new();
    for half in Half::ALL {
        groups.push(of(&|kind| kind.is_theatre() && kind.half() == Some(half)));
    }
    groups.push(of(&|kind| matches!(kind, SlotKind::Consultation { .. })));
    groups.push(of(&|kind| matches!(kind, SlotKind::Closing { .. })));
    groups.push(of(&|kind| matches!(kind, SlotKind::Volant { .. })));
    groups
}

/// Fills the empty ones of these slots in order, keeping the roster legal.
pub(super) fn fill_group(state: &mut State<'_>, rng: &mut Rng, slots: &[SlotIx]) {
    for slot in slots {
        fill(state, rng, *slot, Effort::WHOLE, None);
        state.commit_if_legal();
    }
}

/// Fills the empty ones of these slots, sector after sector in a random order; leaves the rest to the caller.
pub(crate) fn rebuild(state: &mut State<'_>, rng: &mut Rng, slots: &mut [SlotIx], effort: Effort) {
    rng.shuffle(slots);
    let mut sectors: Vec<(u8, u16)> = Vec::new();
    for slot in slots.iter() {
        let sector = sector_order(state.problem(), *slot);
        if !sectors.contains(&(sector.0, sector.1)) {
            sectors.push((sector.0, sector.1));
        }
    }
    // Rooms of a sector follow each other, mostly in their order: neighbors share a supervisor.
    let in_order = rng.below(4) > 0;
    for own in sectors {
        let problem = state.problem();
        let mut rooms: Vec<SlotIx> = slots
            .iter()
            .copied()
            .filter(|slot| {
                let sector = sector_order(problem, *slot);
                (sector.0, sector.1) == own
            })
            .collect();
        if in_order {
            rooms.sort_by_key(|slot| (sector_order(problem, *slot), *slot));
        }
        for slot in rooms {
            fill(state, rng, slot, effort, None);
        }
    }
}

/// Theatre before the rest; sectors where one person runs several rooms first, for they save people; then by room,
/// so that neighbors are filled one after the other.
fn sector_order(problem: &Problem, slot: SlotIx) -> (u8, u16, RoomIx) {
    match (problem.slot(slot).kind, problem.sector_of(slot)) {
        (SlotKind::Theatre { room, .. }, Some(sector)) => {
            let limits = problem.topology().sectors[sector.at()].limits;
            (u8::MAX - 1 - limits.rooms_per_person.min(u8::MAX - 1), sector.0, room)
        }
        _ => (u8::MAX, 0, RoomIx(0)),
    }
}
