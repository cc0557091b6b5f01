//! Week-ends of duty: a garde week-end beside a week-end on call (G13), week-ends close together (G14).

use super::{RuleId, Sink, sink::Facts, sink::UNIT};
use crate::{
    evaluator::state::State,
    problem::{DayIx, PersonIx},
};

/// A week-end with duty: the Saturday as an offset, and which duties it holds.
#[derive(Clone, Copy)]
struct Weekend {
    saturday: i32,
    has_garde: bool,
    has_astreinte: bool,
}

pub(super) fn judge(state: &State, person: PersonIx, sink: &mut impl Sink) {
    let (gardes, astreintes) = (state.gardes(person), state.astreintes(person));
    let (first, days) = (state.problem.days()[0].number, state.problem.days().len() as i32);
    let mut previous: Option<Weekend> = None;
    let (mut garde, mut astreinte) = (0, 0);
    loop {
        // Merge both sorted lists, one week-end at a time.
        let next_garde = next(gardes, &mut garde, first);
        let next_astreinte = next(astreintes, &mut astreinte, first);
        let Some(saturday) = [next_garde, next_astreinte].into_iter().flatten().min() else { break };
        let own = Weekend {
            saturday,
            has_garde: next_garde == Some(saturday),
            has_astreinte: next_astreinte == Some(saturday),
        };
        skip(gardes, &mut garde, saturday);
        skip(astreintes, &mut astreinte, saturday);
        // Week-ends wholly before or after the horizon are nobody's decision here.
        if (-1..days).contains(&own.saturday) {
            alone(person, own, sink);
        }
        if let Some(previous) = previous.filter(|own| own.saturday < days) {
            near(person, previous, own, sink);
        }
        previous = Some(own);
    }
}

/// The week-end of the next duty that falls on one, moving past weekdays.
fn next(duties: &[i32], at: &mut usize, first: i32) -> Option<i32> {
    while let Some(day) = duties.get(*at) {
        // Day number 2 was a Saturday (1970-01-03).
        let from_saturday = (first + day - 2).rem_euclid(7);
        if from_saturday < 2 {
            return Some(day - from_saturday);
        }
        *at += 1;
    }
    None
}

fn skip(duties: &[i32], at: &mut usize, saturday: i32) {
    while duties.get(*at).is_some_and(|day| *day <= saturday + 1) {
        *at += 1;
    }
}

fn alone(person: PersonIx, own: Weekend, sink: &mut impl Sink) {
    if own.has_garde && own.has_astreinte {
        sink.found(RuleId::WeekendGardeThenAstreinte, UNIT, || facts(person, &[own]));
    }
}

fn near(person: PersonIx, one: Weekend, other: Weekend, sink: &mut impl Sink) {
    if other.saturday < -1 {
        return;
    }
    let weeks = (other.saturday - one.saturday) / 7;
    let crossed = (one.has_garde && other.has_astreinte) || (one.has_astreinte && other.has_garde);
    if weeks == 1 && crossed {
        sink.found(RuleId::WeekendGardeThenAstreinte, UNIT, || facts(person, &[one, other]));
    }
    if weeks <= 2 {
        let amount = i64::from(3 - weeks) * UNIT;
        sink.found(RuleId::NearWeekends, amount, || facts(person, &[one, other]).numbers(weeks, 3));
    }
}

fn facts(person: PersonIx, weekends: &[Weekend]) -> Facts {
    let days = weekends.iter().filter_map(|own| u16::try_from(own.saturday).ok()).map(DayIx).collect();
    Facts { people: vec![person], days, ..Facts::default() }
}
