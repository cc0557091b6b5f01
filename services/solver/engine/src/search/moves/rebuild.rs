//! Destroy and repair: some rooms of a half-day are emptied and filled anew.
//!
//! After the large neighborhoods of Shaw, "Using Constraint Programming and Local Search Methods to Solve Vehicle
//! Routing Problems" (1998): a supervision cluster cannot be improved person by person, only as a whole.

use roster::problem::{Seat, SlotIx};

use crate::{construct::rebuild, fill::Effort, rng::Rng, search::map::Map, state::State};

/// Empties up to so many rooms, neighbors in the list of the half-day.
const ROOMS_MAX: usize = 8;

/// Rebuilds some neighboring rooms of a random half-day, or now and then all of it.
pub(super) fn rebuild_rooms(state: &mut State<'_>, map: &Map, rng: &mut Rng) -> bool {
    let Some(slots) = rng.pick(&map.by_half_day) else { return false };
    if slots.is_empty() {
        return false;
    }
    let length = if rng.below(16) == 0 { slots.len() } else { slots.len().min(2 + rng.below(ROOMS_MAX - 1)) };
    let start = rng.below(slots.len());
    let mut chosen: Vec<SlotIx> = slots.iter().cycle().skip(start).take(length).copied().collect();
    for slot in &chosen {
        for seat in [Seat::performer(*slot), Seat::supervisor(*slot)] {
            if state.is_open(seat) {
                state.put(seat, None);
            }
        }
    }
    rebuild(state, rng, &mut chosen, Effort::SAMPLE);
    true
}
