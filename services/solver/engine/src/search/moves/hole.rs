//! Filling a hole by a chain: somebody leaves a post for it, somebody else takes that post, and so on.
//!
//! After the ejection chains of Burke and Curtois, "New approaches to nurse rostering benchmark instances", European
//! Journal of Operational Research 237 (2014).

use roster::problem::{PersonIx, Seat, SlotIx, SlotKind};

use crate::{
    fill::{Effort, fill},
    repair::{give_up_others, leave_rooms, settle, vacate},
    rng::Rng,
    search::map::Map,
    state::State,
};

/// The most people who move for one hole.
const LINKS_MAX: usize = 4;
/// How many random slots are looked at to find a hole.
const LOOKS_MAX: usize = 40;

/// Fills a random hole.
pub(super) fn fill_by_ejection(state: &mut State<'_>, map: &Map, rng: &mut Rng) -> bool {
    find(state, map, rng).is_some_and(|hole| chain(state, hole, rng))
}

/// Fills a hole. The chain ends when a place it emptied can be filled by somebody free, or at its length.
pub(crate) fn chain(state: &mut State<'_>, mut hole: SlotIx, rng: &mut Rng) -> bool {
    let mut moved: Vec<PersonIx> = Vec::new();
    for _ in 0..LINKS_MAX {
        if fill(state, rng, hole, Effort::WHOLE, None) {
            return true;
        }
        let seat = Seat::performer(hole);
        let candidates = state.problem().candidates(seat);
        let others: Vec<PersonIx> =
            candidates.iter().copied().filter(|person| !moved.contains(person)).collect();
        let Some(person) = rng.pick(&others).copied() else { return false };
        let mark = state.mark();
        if !vacate(state, person, hole) {
            return false;
        }
        if state.problem().slot(hole).kind.is_theatre() && rng.below(2) == 0 {
            leave_rooms(state, person, hole);
        }
        state.put(seat, Some(person));
        if !give_up_others(state, rng, person, hole) {
            return false;
        }
        moved.push(person);
        let touched = state.touched_since(mark);
        for slot in &touched {
            settle(state, rng, *slot);
        }
        if !state.is_legal() {
            return false;
        }
        let mut left = touched.into_iter().filter(|slot| state.performer(*slot).is_none());
        let Some(next) = left.next() else { return true };
        let rest: Vec<SlotIx> = left.collect();
        for slot in rest {
            fill(state, rng, slot, Effort::SAMPLE, None);
        }
        hole = next;
    }
    true
}

fn find(state: &State<'_>, map: &Map, rng: &mut Rng) -> Option<SlotIx> {
    let is_hole = |slot: SlotIx| {
        state.performer(slot).is_none() && !matches!(state.problem().slot(slot).kind, SlotKind::Volant { .. })
    };
    (0..LOOKS_MAX).find_map(|_| rng.pick(&map.all).copied().filter(|slot| is_hole(*slot)))
}
