//! How duties follow one another: spacing of gardes (G7 G8 G9), most gardes in 30 days (G10), astreintes (G11 G12).
//!
//! Gardes before the horizon count: the boundary of a month is invisible to fatigue.

use super::{RuleId, Sink, sink::Facts, sink::UNIT};
use crate::{
    evaluator::state::State,
    problem::{DayIx, PersonIx},
};

pub(super) fn gardes(state: &State, person: PersonIx, sink: &mut impl Sink) {
    let gardes = state.gardes(person);
    let parameters = state.problem.parameters();
    let (min, ideal) = (i32::from(parameters.garde_gap_min), i32::from(parameters.garde_gap_ideal));
    for pair in gardes.windows(2).filter(|pair| pair[1] >= 0) {
        let gap = pair[1] - pair[0];
        // A gap of 0 is two gardes on one day, which G4 reports.
        if gap == 1 {
            sink.found(RuleId::ConsecutiveGardes, UNIT, || between(person, pair).numbers(gap, min));
        } else if gap > 1 && gap < min {
            let amount = i64::from(min - gap) * UNIT;
            sink.found(RuleId::GardeSpacingMin, amount, || between(person, pair).numbers(gap, min));
        } else if gap > 1 && gap < ideal {
            let amount = i64::from(ideal - gap) * UNIT;
            sink.found(RuleId::GardeSpacingIdeal, amount, || between(person, pair).numbers(gap, ideal));
        }
    }
    rolling(state, person, gardes, sink);
}

/// G10: each garde of the horizon closes a window of 30 days.
fn rolling(state: &State, person: PersonIx, gardes: &[i32], sink: &mut impl Sink) {
    let (usual, school) = state.problem.derived().gardes_max[person.at()];
    let length = i32::from(state.problem.parameters().gardes_rolling_days);
    let mut first = 0;
    for (position, last) in gardes.iter().enumerate() {
        while gardes[first] <= last - length {
            first += 1;
        }
        let count = position - first + 1;
        if *last < 0 || count <= usize::from(usual) {
            continue;
        }
        let extra = (count - usize::from(usual)) as i64;
        let facts = || window(person, &gardes[first..=position]).numbers(count as i64, usual);
        if count <= usize::from(school) && touches_school_holidays(state, last - length + 1, *last) {
            sink.found(RuleId::GardesRollingMaxHolidays, extra * UNIT, facts);
        } else {
            sink.found(RuleId::GardesRollingMax, extra * UNIT, facts);
        }
    }
}

fn touches_school_holidays(state: &State, first: i32, last: i32) -> bool {
    let days = &state.problem.days()[first.max(0) as usize..=last as usize];
    days.iter().any(|day| day.is_school_holiday)
}

pub(super) fn astreintes(state: &State, person: PersonIx, sink: &mut impl Sink) {
    let astreintes = state.astreintes(person);
    let min = i32::from(state.problem.parameters().astreinte_gap_min);
    for pair in astreintes.windows(2).filter(|pair| pair[1] >= 0) {
        let gap = pair[1] - pair[0];
        if gap > 0 && gap < min {
            let amount = i64::from(min - gap) * UNIT;
            sink.found(RuleId::AstreinteSpacing, amount, || between(person, pair).numbers(gap, min));
        }
    }
    let limit = usize::from(state.problem.derived().astreintes_max[person.at()]);
    for month in &state.problem.derived().months {
        let first = astreintes.partition_point(|day| *day < month.start);
        let own = &astreintes[first..astreintes.partition_point(|day| *day < month.end)];
        // Months wholly before the horizon are no longer anybody's decision.
        if own.len() > limit && own.last().is_some_and(|day| *day >= 0) {
            let facts = || window(person, own).numbers(own.len() as i64, limit as i64);
            sink.found(RuleId::AstreintesMonthMax, (own.len() - limit) as i64 * UNIT, facts);
        }
    }
}

fn between(person: PersonIx, pair: &[i32]) -> Facts {
    window(person, pair)
}

/// About these days; those before the horizon have no index and are left out.
fn window(person: PersonIx, days: &[i32]) -> Facts {
    let days = days.iter().filter_map(|day| u16::try_from(*day).ok()).map(DayIx).collect();
    Facts { people: vec![person], days, ..Facts::default() }
}
