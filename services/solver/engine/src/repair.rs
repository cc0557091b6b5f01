//! Putting things in order again after a move has taken people away.

use roster::problem::{PersonIx, Seat, SlotIx};

use crate::{
    conflict::conflicts,
    fill::{Effort, fill, fill_supervisor},
    rng::Rng,
    state::State,
};

/// Takes a person from everything that does not go with a slot; `false` when some of it is pinned.
pub(crate) fn vacate(state: &mut State<'_>, person: PersonIx, slot: SlotIx) -> bool {
    for seat in conflicts(state, person, slot) {
        if !state.is_open(seat) {
            return false;
        }
        state.put(seat, None);
    }
    true
}

/// Takes a person out of every open theatre room of a slot's half-day.
pub(crate) fn leave_rooms(state: &mut State<'_>, person: PersonIx, slot: SlotIx) {
    let wanted = state.problem().slot(slot);
    let held = state.posts(person, wanted.day).to_vec();
    for seat in held {
        let own = state.problem().slot(seat.slot);
        if own.kind.is_theatre() && own.half_day() == wanted.half_day() && state.is_open(seat) {
            state.put(seat, None);
        }
    }
}

/// Settles every slot touched since the mark: no supervisor where none is needed, no nurse without one, and empty
/// places filled where somebody free can take them; `first` is asked before the others.
pub(crate) fn repair(state: &mut State<'_>, rng: &mut Rng, mark: usize, first: Option<PersonIx>) {
    let touched = state.touched_since(mark);
    for slot in &touched {
        settle(state, rng, *slot);
    }
    for slot in touched {
        if state.performer(slot).is_none() {
            fill(state, rng, slot, Effort::SAMPLE, first);
        }
    }
}

/// Makes one room consistent: the supervisor goes when no nurse performs, the nurse goes when nobody can supervise.
pub(crate) fn settle(state: &mut State<'_>, rng: &mut Rng, slot: SlotIx) {
    if !state.problem().slot(slot).kind.is_theatre() {
        return;
    }
    let (performer, supervisor) = (Seat::performer(slot), Seat::supervisor(slot));
    let is_nurse_room = state.holder(performer).is_some_and(|person| !state.is_mar(person));
    if !is_nurse_room {
        if state.is_open(supervisor) {
            state.put(supervisor, None);
        }
    } else if state.holder(supervisor).is_none()
        && !fill_supervisor(state, rng, slot, Effort::SAMPLE)
        && state.is_open(performer)
    {
        state.put(performer, None);
    }
}
