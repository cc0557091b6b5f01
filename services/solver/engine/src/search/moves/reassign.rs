//! One post of a day goes to somebody else.

use roster::problem::{Seat, SlotKind};

use crate::{
    repair::{give_up_others, leave_rooms, repair, settle, vacate},
    rng::Rng,
    search::map::Map,
    state::State,
};

/// A room, a consultation, a closing or a floating place goes to a random candidate, who gives up what does not go
/// with it; what becomes empty is offered to the former holder first.
pub(super) fn reassign(state: &mut State<'_>, map: &Map, rng: &mut Rng) -> bool {
    // Rooms are many and alike; the few consultations and closings carry most of the equity.
    let pool = if map.others.is_empty() || (!map.theatre.is_empty() && rng.below(3) > 0) {
        &map.theatre
    } else {
        &map.others
    };
    let Some(slot) = rng.pick(pool).copied() else { return false };
    let seat = Seat::performer(slot);
    let former = state.holder(seat);
    let is_volant = matches!(state.problem().slot(slot).kind, SlotKind::Volant { .. });
    if is_volant && former.is_some() && rng.below(3) == 0 {
        state.put(seat, None);
        return true;
    }
    let Some(person) = rng.pick(state.problem().candidates(seat)).copied() else { return false };
    if former == Some(person) || !vacate(state, person, slot) {
        return false;
    }
    // The person comes with the rooms they have, or leaves them for this one.
    if state.problem().slot(slot).kind.is_theatre() && rng.below(2) == 0 {
        leave_rooms(state, person, slot);
    }
    state.put(seat, Some(person));
    settle(state, rng, slot);
    if !give_up_others(state, rng, person, slot) {
        return false;
    }
    repair(state, rng, 0, former);
    state.holder(seat) == Some(person)
}

/// A nurse's room goes to another supervisor, who gives up what does not go with it.
pub(super) fn change_supervisor(state: &mut State<'_>, map: &Map, rng: &mut Rng) -> bool {
    let Some(slot) = rng.pick(&map.theatre).copied() else { return false };
    let seat = Seat::supervisor(slot);
    let is_nurse_room = state.performer(slot).is_some_and(|person| !state.is_mar(person));
    if !is_nurse_room || !state.is_open(seat) {
        return false;
    }
    let former = state.holder(seat);
    let Some(person) = rng.pick(state.problem().candidates(seat)).copied() else { return false };
    if former == Some(person) || !vacate(state, person, slot) {
        return false;
    }
    if rng.below(3) == 0 {
        leave_rooms(state, person, slot);
    }
    state.put(seat, Some(person));
    repair(state, rng, 0, former);
    true
}
