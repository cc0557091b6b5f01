//! The first roster: legal whatever happens, with holes where nobody may work.
//!
//! Duties come first because they take people away for two days; the theatre next, half-day by half-day, because its
//! holes weigh most; then consultations and closings with those who are left; floating places last.

mod day;
mod duty;

use std::ops::ControlFlow;

use roster::Score;

use crate::{
    observer::{Observer, Phase, Progress},
    rng::Rng,
    state::State,
};

pub(crate) use self::day::rebuild;

/// Fills what is empty, duty by duty and then day by day. Stops early when the observer says so; what is not reached
/// stays a hole.
pub(crate) fn construct(
    state: &mut State<'_>,
    rng: &mut Rng,
    observer: &mut impl Observer,
) -> ControlFlow<()> {
    let prices = duty::prices(state.problem());
    for slot in duty::order(state.problem()) {
        duty::fill_duty(state, slot, &prices);
        look(observer, &state.score())?;
    }
    for day in state.problem().day_indices() {
        for slots in day::groups(state.problem(), day) {
            day::fill_group(state, rng, &slots);
            look(observer, &state.score())?;
        }
    }
    ControlFlow::Continue(())
}

fn look(observer: &mut impl Observer, best: &Score) -> ControlFlow<()> {
    observer.look(Progress { phase: Phase::Construct, steps: 0, best })
}
