//! One day's posts: theatre rooms with their supervision, consultations, closings, floating places.

use std::collections::BTreeSet;

use roster::{
    Problem,
    problem::{Ask, DayIx, Half, RoomIx, SlotIx, SlotKind},
};

use crate::{
    fill::{Effort, fill, fill_alike},
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
pub(super) fn fill_group(state: &mut State<'_>, rng: &mut Rng, slots: &[SlotIx], named: &BTreeSet<SlotIx>) {
    let problem = state.problem();
    for alike in slots.chunk_by(|one, other| are_alike(problem, *one, *other, named)) {
        if let [slot] = alike {
            fill(state, rng, *slot, Effort::WHOLE, None);
            state.commit_if_legal();
        } else {
            fill_alike(state, rng, alike);
        }
    }
}

/// The slots that somebody asks for, or that were published: no other is like them.
pub(super) fn named(problem: &Problem) -> BTreeSet<SlotIx> {
    let draft = problem.draft();
    let asks = draft.requests.iter().map(|own| own.ask).chain(draft.wishes.iter().map(|own| own.ask));
    let asked = asks.filter_map(|ask| if let Ask::Slot(slot) = ask { Some(slot) } else { None });
    asked.chain(draft.published.iter().map(|own| own.seat.slot)).collect()
}

/// Whether two slots of a day differ in nothing but their names.
fn are_alike(problem: &Problem, one: SlotIx, other: SlotIx, named: &BTreeSet<SlotIx>) -> bool {
    let (own, its) = (problem.slot(one), problem.slot(other));
    own.kind == its.kind && own.weight == its.weight && ![one, other].iter().any(|slot| named.contains(slot))
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
