//! Fidelity: to locks (A3, above everything) and to what was published (R6, minimal perturbation).

use super::{RuleId, Sink, sink::Facts, sink::UNIT};
use crate::{
    evaluator::state::State,
    problem::{Post, Seat, SlotIx},
};

pub(super) fn judge(state: &State, slot: SlotIx, sink: &mut impl Sink) {
    for post in Post::ALL {
        of_seat(state, Seat { slot, post }, sink);
    }
}

/// What one place says.
pub(super) fn of_seat(state: &State, seat: Seat, sink: &mut impl Sink) {
    let holder = state.roster.get(seat);
    if let Some(pinned) = state.problem.pin(seat)
        && pinned != holder
    {
        sink.found(RuleId::Pinned, UNIT, || Facts::slot(state.problem, seat.slot, &[pinned, holder]));
    }
    if let Some(published) = state.problem.published(seat)
        && published.person.is_some()
        && published.person != holder
    {
        let amount = i64::from(published.change_cost) * UNIT;
        sink.found(RuleId::Change, amount, || {
            Facts::slot(state.problem, seat.slot, &[published.person, holder])
        });
    }
}
