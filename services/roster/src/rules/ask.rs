//! What people asked for: granted requests (R1) must hold, wishes (R2) are welcome.

use super::{RuleId, Sink, sink::Facts, sink::UNIT};
use crate::{
    evaluator::state::State,
    problem::{Ask, DayIx, HalfDay, Look, PersonIx, Post, Seat, What},
    shifts::OFF,
};

pub(super) fn judge(state: &State, person: PersonIx, day: DayIx, sink: &mut impl Sink) {
    let asks = &state.problem.derived().asks[person.at()];
    if asks.is_empty() {
        return;
    }
    let first = asks.partition_point(|own| own.day < day);
    for own in asks[first..].iter().take_while(|own| own.day == day) {
        if holds(state, person, own.ask) {
            continue;
        }
        let facts = || match own.ask {
            Ask::Slot(slot) => Facts::on(person, day).with_slots([slot].into_iter()),
            _ => Facts::on(person, day),
        };
        match own.wish_weight {
            None => sink.found(RuleId::RequestGranted, UNIT, facts),
            Some(weight) => sink.found(RuleId::Wish, i64::from(weight) * UNIT, facts),
        }
    }
}

/// Whether a roster gives what was asked.
fn holds(state: &State, person: PersonIx, ask: Ask) -> bool {
    let has = |day, fits: fn(&Look) -> bool| {
        state.posts(person, day).iter().any(|seat| fits(state.problem.look(seat.slot)))
    };
    match ask {
        Ask::Garde(day) => has(day, Look::is_garde),
        Ask::NoGarde(day) => !has(day, Look::is_garde),
        Ask::Astreinte(day) => has(day, Look::is_astreinte),
        Ask::NoAstreinte(day) => !has(day, Look::is_astreinte),
        Ask::Work(half_day) => works(state, person, half_day, None),
        Ask::Off(half_day) => !works(state, person, half_day, None),
        Ask::Consultation(half_day) => works(state, person, half_day, Some(What::Consultation)),
        Ask::Slot(slot) => state.roster.get(Seat { slot, post: Post::Performer }) == Some(person),
    }
}

/// A post on the half-day (of a kind); a garde and a shift fill both halves, an astreinte none.
fn works(state: &State, person: PersonIx, half_day: HalfDay, what: Option<What>) -> bool {
    let has_shift = || state.roster.shift(person, half_day.day()) != OFF;
    (what.is_none() && has_shift())
        || state.posts(person, half_day.day()).iter().any(|seat| {
            let look = state.problem.look(seat.slot);
            let is_there = look.is_in(half_day.half()) || look.is_garde();
            is_there && what.is_none_or(|what| look.what == what)
        })
}
