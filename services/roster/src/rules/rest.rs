//! From one day of work to the next: daily rest (H2), rest after the day part of a split garde (G17), rest after a
//! garde across the end of the horizon (G6 G16), and the most working time of one day (H3).
//!
//! Rest is measured on instants: the night of a clock change is an hour shorter or longer. Work outside the horizon
//! is known from the problem: the published days before it and after it.

use super::{RuleId, Sink, sink::Facts, sink::UNIT};
use crate::{
    evaluator::state::State,
    problem::{DayIx, PersonIx},
};

/// Minutes of a usual day.
const DAY: i64 = 24 * 60;

/// The night that ends on the morning of this day; the number of days stands for the day after the horizon.
pub(super) fn night_before(state: &State, person: PersonIx, day: usize, sink: &mut impl Sink) {
    let days = state.problem.days().len();
    if day == days {
        after_the_horizon(state, person, sink);
    }
    let required = i64::from(state.problem.person(person).working_time.daily_rest_min.unwrap_or(0));
    let is_split = day > 0 && state.loads(person)[day - 1].has_garde_day;
    if required == 0 && !is_split {
        return;
    }
    let Some((ends, is_garde_day)) = last_end(state, person, day) else { return };
    let Some(starts) = first_start(state, person, day) else { return };
    let rest = night(state, day, ends) + i64::from(starts) - i64::from(ends);
    let facts = |expected: i64| {
        let days = [day.checked_sub(1), (day < days).then_some(day)];
        let days = days.into_iter().flatten().map(|day| DayIx(day as u16)).collect();
        Facts { people: vec![person], days, ..Facts::default() }.numbers(rest, expected)
    };
    let of_split = i64::from(state.problem.parameters().garde_day_rest_min);
    if is_garde_day && rest < of_split {
        sink.found(RuleId::SplitGardeRest, UNIT, || facts(of_split));
    } else if rest < required {
        sink.found(RuleId::DailyRest, UNIT, || facts(required));
    }
}

/// From the midnight of the day before to the midnight between both days, an hour more or less when the clock changes
/// after work ended. A garde spans the change itself.
fn night(state: &State, day: usize, ends: u16) -> i64 {
    match day.checked_sub(1) {
        Some(before) if i64::from(ends) <= DAY => i64::from(state.problem.days()[before].garde_minutes),
        _ => DAY,
    }
}

fn last_end(state: &State, person: PersonIx, day: usize) -> Option<(u16, bool)> {
    match day.checked_sub(1) {
        Some(before) => {
            let load = &state.loads(person)[before];
            (load.ends > 0).then_some((load.ends, load.has_garde_day))
        }
        None => state.problem.derived().outside[person.at()].on(-1).map(|own| (own.ends, false)),
    }
}

fn first_start(state: &State, person: PersonIx, day: usize) -> Option<u16> {
    match state.loads(person).get(day) {
        Some(load) => (load.ends > 0).then_some(load.starts),
        None => state.problem.derived().outside[person.at()].on(day as i32).map(|own| own.starts),
    }
}

/// A garde of the last day forbids what is already published for the next morning.
fn after_the_horizon(state: &State, person: PersonIx, sink: &mut impl Sink) {
    let days = state.problem.days().len() as i32;
    let following = &state.problem.person(person).following;
    if following.worked.is_empty() && following.astreintes.is_empty() || !state.has_garde(person, days - 1) {
        return;
    }
    let facts = || Facts::on(person, DayIx(days as u16 - 1));
    if state.problem.derived().outside[person.at()].on(days).is_some() {
        sink.found(RuleId::RestAfterGarde, UNIT, facts);
    }
    let in_rest = following.astreintes.binary_search(&days).is_ok();
    if in_rest && state.problem.parameters().astreinte_in_rest_forbidden {
        sink.found(RuleId::AstreinteInRest, UNIT, facts);
    }
}

/// H3: working time of one day beyond the regime's. A garde is a derogation of its own.
pub(super) fn day(state: &State, person: PersonIx, day: DayIx, sink: &mut impl Sink) {
    let Some(limit) = state.problem.person(person).working_time.day_max else { return };
    let minutes = state.loads(person)[day.at()].minutes;
    let limit = i64::from(limit);
    if minutes > limit && !state.has_garde(person, i32::from(day.0)) {
        let facts = || Facts::on(person, day).numbers(minutes, limit);
        sink.found(RuleId::DayMinutes, (minutes - limit) * UNIT / 60, facts);
    }
}
