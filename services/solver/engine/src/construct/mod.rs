//! The first roster: legal whatever happens, with holes where nobody may work.
//!
//! Duties come first because they take people away for two days; the theatre next, half-day by half-day, because its
//! holes weigh most; then consultations and closings with those who are left; floating places last.

mod day;
mod duty;

use std::ops::ControlFlow;

use roster::problem::{Seat, SlotIx, SlotKind};

use crate::{budget::Meter, rng::Rng, search::chain, state::State};

pub(crate) use self::day::rebuild;

/// How many chains are tried for one hole.
const CHAINS_PER_HOLE_MAX: usize = 16;

/// Fills what is empty, duty by duty and then day by day. Stops early when the search is stopped; what is not reached
/// stays a hole.
pub(crate) fn construct(state: &mut State<'_>, rng: &mut Rng, meter: &Meter<'_>) -> ControlFlow<()> {
    let prices = duty::prices(state.problem());
    for slot in duty::order(state.problem()) {
        duty::fill_duty(state, slot, &prices);
        look(meter)?;
    }
    let named = day::named(state.problem());
    for day in state.problem().day_indices() {
        for slots in day::groups(state.problem(), day) {
            day::fill_group(state, rng, &slots, &named);
            look(meter)?;
        }
    }
    for slot in state.problem().slot_indices() {
        close_hole(state, rng, slot);
        look(meter)?;
    }
    ControlFlow::Continue(())
}

/// Tries to fill what was left empty by moving others, so that a search without time hands back few holes.
fn close_hole(state: &mut State<'_>, rng: &mut Rng, slot: SlotIx) {
    let is_volant = matches!(state.problem().slot(slot).kind, SlotKind::Volant { .. });
    let seat = Seat::performer(slot);
    if is_volant || !state.is_open(seat) || state.problem().candidates(seat).is_empty() {
        return;
    }
    let mut tries_left = CHAINS_PER_HOLE_MAX;
    while tries_left > 0 && state.performer(slot).is_none() {
        tries_left -= 1;
        let before = state.score();
        if chain(state, slot, rng) && state.is_legal() && state.score() < before {
            state.commit();
        } else {
            state.undo_to(0);
        }
    }
}

fn look(meter: &Meter<'_>) -> ControlFlow<()> {
    if meter.is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}
