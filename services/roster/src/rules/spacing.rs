//! How duties follow one another: spacing of gardes (G7 G8 G9), most gardes in 30 days (G10), astreintes (G11 G12).
//!
//! Gardes before the horizon count, and so do those published after it: the boundary of a month is invisible to
//! fatigue. A part of a split garde counts for a half in 30 days; only its night part is a garde for spacing.

use super::{RuleId, Sink, sink::Facts, sink::UNIT};
use crate::{
    evaluator::state::State,
    problem::{DayIx, PersonIx},
};

pub(super) fn gardes(state: &State, person: PersonIx, sink: &mut impl Sink) {
    let gardes = state.gardes(person);
    let parameters = state.problem.parameters();
    let (min, ideal) = (i32::from(parameters.garde_gap_min), i32::from(parameters.garde_gap_ideal));
    let days = state.problem.days().len() as i32;
    // A pair wholly before or after the horizon is nobody's decision here.
    for pair in gardes.windows(2).filter(|pair| pair[1] >= 0 && pair[0] < days) {
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
    let (parts, nights) = state.half_gardes(person);
    if !parts.is_empty() || !nights.is_empty() {
        rolling_halves(state, person, sink);
        return;
    }
    let days = state.problem.days().len() as i32;
    let mut first = 0;
    for (position, last) in gardes.iter().enumerate() {
        while gardes[first] <= last - length {
            first += 1;
        }
        let count = position - first + 1;
        // A window that only following gardes close, without one of the horizon, is not this roster's.
        let is_ours = *last >= 0 && gardes[first..=position].iter().any(|day| (0..days).contains(day));
        if count <= usize::from(usual) || !is_ours {
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

/// G10 with split gardes: a part counts for a half.
fn rolling_halves(state: &State, person: PersonIx, sink: &mut impl Sink) {
    let (usual, school) = state.problem.derived().gardes_max[person.at()];
    let length = i32::from(state.problem.parameters().gardes_rolling_days);
    let days = state.problem.days().len() as i32;
    let (parts, nights) = state.half_gardes(person);
    let mut halves: Vec<(i32, i64)> = state.gardes(person).iter().map(|day| (*day, 2)).collect();
    halves.extend(nights.iter().map(|day| (*day, -1)));
    halves.extend(parts.iter().map(|day| (*day, 1)));
    halves.sort_unstable();
    for position in 0..halves.len() {
        let last = halves[position].0;
        let closes = halves.get(position + 1).is_none_or(|next| next.0 > last);
        let window = halves[..=position].iter().filter(|own| own.0 > last - length);
        let count: i64 = window.clone().map(|own| own.1).sum();
        let extra = count - 2 * i64::from(usual);
        let is_ours = last >= 0 && window.clone().any(|own| (0..days).contains(&own.0));
        if !closes || extra <= 0 || !is_ours {
            continue;
        }
        let facts = || {
            let mut days: Vec<i32> = window.clone().map(|own| own.0).collect();
            days.dedup();
            self::window(person, &days).numbers(count / 2, usual)
        };
        let is_school =
            count <= 2 * i64::from(school) && touches_school_holidays(state, last - length + 1, last);
        let rule = if is_school { RuleId::GardesRollingMaxHolidays } else { RuleId::GardesRollingMax };
        sink.found(rule, extra * UNIT / 2, facts);
    }
}

fn touches_school_holidays(state: &State, first: i32, last: i32) -> bool {
    let all = state.problem.days();
    let days = &all[first.max(0) as usize..=(last as usize).min(all.len() - 1)];
    days.iter().any(|day| day.is_school_holiday)
}

pub(super) fn astreintes(state: &State, person: PersonIx, sink: &mut impl Sink) {
    let astreintes = state.astreintes(person);
    let min = i32::from(state.problem.parameters().astreinte_gap_min);
    let days = state.problem.days().len() as i32;
    for pair in astreintes.windows(2).filter(|pair| pair[1] >= 0 && pair[0] < days) {
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
        if own.len() > limit && own.iter().any(|day| (0..days).contains(day)) {
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
