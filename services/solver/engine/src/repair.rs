//! Putting things in order again after a move has taken people away.

use roster::problem::{DayIx, PersonIx, Seat, SlotIx};

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

/// How many other posts somebody gives up for one, when hours or counts of the week stand in the way.
const POSTS_GIVEN_UP_MAX: usize = 2;

/// While the roster is illegal, takes a person from another post of the same week: weekly hours, consultations a week
/// and days in a row allow so many posts, at whatever time they are. `false` when that did not help.
pub(crate) fn give_up_others(state: &mut State<'_>, rng: &mut Rng, person: PersonIx, slot: SlotIx) -> bool {
    let problem = state.problem();
    let week = problem.days_of_week(problem.week_of(problem.slot(slot).day));
    for _ in 0..POSTS_GIVEN_UP_MAX {
        if state.is_legal() {
            return true;
        }
        let held = week.clone().filter_map(DayIx::of).flat_map(|day| state.posts(person, day)).copied();
        let others: Vec<Seat> = held
            .filter(|seat| seat.slot != slot && state.is_open(*seat))
            .filter(|seat| !problem.slot(seat.slot).kind.is_duty())
            .collect();
        let Some(seat) = rng.pick(&others).copied() else { return false };
        state.put(seat, None);
    }
    state.is_legal()
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

/// Makes every room of a roster that came from outside consistent, and keeps that.
pub(crate) fn settle_all(state: &mut State<'_>, rng: &mut Rng) {
    for slot in state.problem().slot_indices() {
        let nurse = state.performer(slot);
        settle(state, rng, slot);
        if state.commit_if_legal() {
            continue;
        }
        // Without this room the others of the same person are no neighbors any more: they go with it.
        if let Some(nurse) = nurse {
            leave_rooms(state, nurse, slot);
            for touched in state.touched_since(0) {
                settle(state, rng, touched);
            }
            state.commit_if_legal();
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
