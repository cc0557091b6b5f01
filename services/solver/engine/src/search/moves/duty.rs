//! Gardes and astreintes change hands, and the posts of the days around follow.

use roster::problem::{PersonIx, Seat, SlotIx};

use crate::{
    repair::{repair, vacate},
    rng::Rng,
    search::map::Map,
    state::State,
};

/// A duty goes to a random candidate. Posts they must give up go to the former holder, who is free now, or to others.
pub(super) fn give_to_another(state: &mut State<'_>, map: &Map, rng: &mut Rng) -> bool {
    let pool = pool(map, rng);
    let Some(slot) = rng.pick(pool).copied() else { return false };
    let seat = Seat::performer(slot);
    let former = state.holder(seat);
    let Some(person) = rng.pick(state.problem().candidates(seat)).copied() else { return false };
    if former == Some(person) || !take(state, person, slot) {
        return false;
    }
    if !state.is_legal() {
        return false;
    }
    repair(state, rng, 0, former);
    true
}

/// Two people exchange two duties of a kind.
pub(super) fn exchange(state: &mut State<'_>, map: &Map, rng: &mut Rng) -> bool {
    let pool = pool(map, rng);
    let (Some(one), Some(other)) = (rng.pick(pool).copied(), rng.pick(pool).copied()) else { return false };
    let (one_seat, other_seat) = (Seat::performer(one), Seat::performer(other));
    let (Some(first), Some(second)) = (state.holder(one_seat), state.holder(other_seat)) else {
        return false;
    };
    let may = |person: PersonIx, seat: Seat| state.problem().candidates(seat).contains(&person);
    if first == second || !may(first, other_seat) || !may(second, one_seat) {
        return false;
    }
    state.put(one_seat, None);
    state.put(other_seat, None);
    if !take(state, second, one) || !take(state, first, other) || !state.is_legal() {
        return false;
    }
    let asked_first = if rng.below(2) == 0 { first } else { second };
    repair(state, rng, 0, Some(asked_first));
    state.holder(one_seat) == Some(second) && state.holder(other_seat) == Some(first)
}

fn pool<'a>(map: &'a Map, rng: &mut Rng) -> &'a [SlotIx] {
    let wants_garde = rng.below(5) < 3;
    if map.astreintes.is_empty() || (wants_garde && !map.gardes.is_empty()) {
        &map.gardes
    } else {
        &map.astreintes
    }
}

fn take(state: &mut State<'_>, person: PersonIx, slot: SlotIx) -> bool {
    let vacated = vacate(state, person, slot);
    if vacated {
        state.put(Seat::performer(slot), Some(person));
    }
    vacated
}
