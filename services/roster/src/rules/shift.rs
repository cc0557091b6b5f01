//! Shifts: what a row must respect (S1 to S9), wishes and changes (R2, R6), how many people each shift wants (S11, S12),
//! and a shift beside other posts (S10, and rest after a garde).

use super::{RuleId, Sink, Tally, sink::Facts, sink::UNIT};
use crate::{
    evaluator::state::State,
    problem::{DayIx, PersonIx, Problem, ShiftIx},
    score::Score,
    shifts::{Amounts, Code, Finding, OFF, ShiftRule},
};

/// The type of shift of a code; `None` for a day off.
pub(crate) fn shift_of(code: Code) -> Option<ShiftIx> {
    (code != OFF).then(|| ShiftIx(u16::from(code) - 1))
}

/// Everybody's rows and all demands.
pub(super) fn everything(state: &State, sink: &mut impl Sink) {
    let table = state.problem.shifts();
    for person in 0..table.people() {
        row(state, PersonIx(person as u16), sink);
    }
    for day in 0..table.days {
        cover(state, DayIx(day as u16), sink);
    }
}

/// One person's row.
pub(crate) fn row(state: &State, person: PersonIx, sink: &mut impl Sink) {
    let problem = state.problem;
    let table = problem.shifts();
    if table.is_empty() {
        return;
    }
    table.examine(person.at(), state.sheet().row(person.at()), &mut |finding: Finding| {
        let rule = finding.rule.id();
        let facts = || Facts {
            people: vec![person],
            days: (finding.first..=finding.last).map(|day| DayIx(day as u16)).collect(),
            shifts: finding.code.and_then(shift_of).into_iter().collect(),
            observed: finding.observed,
            expected: finding.expected,
            ..Facts::default()
        };
        sink.found(rule, unweighed(problem, finding.rule, finding.amount), facts);
    });
}

/// The demands of a day.
fn cover(state: &State, day: DayIx, sink: &mut impl Sink) {
    let table = state.problem.shifts();
    for code in 1..table.codes as Code {
        let (cover, count) = (table.cover(day.at(), code), state.sheet().count(day.at(), code));
        let cost = cover.cost(count);
        if cost == 0 {
            continue;
        }
        let rule = if count < cover.required { ShiftRule::Under } else { ShiftRule::Over };
        let facts = || {
            let about =
                Facts { days: vec![day], shifts: shift_of(code).into_iter().collect(), ..Facts::default() };
            about.numbers(count, cover.required)
        };
        sink.found(rule.id(), unweighed(state.problem, rule, cost), facts);
    }
}

/// A shift leaves the day to nothing else, and is no rest after a garde.
pub(super) fn day(state: &State, person: PersonIx, day: DayIx, sink: &mut impl Sink) {
    let Some(shift) = shift_of(state.roster.shift(person, day)) else { return };
    let posts = state.posts(person, day);
    let facts = || Facts { shifts: vec![shift], ..Facts::on(person, day) };
    if !posts.is_empty() {
        let slots = posts.iter().map(|seat| seat.slot);
        sink.found(RuleId::ShiftAlone, posts.len() as i64 * UNIT, || facts().with_slots(slots));
    }
    if state.has_garde(person, i32::from(day.0) - 1) {
        sink.found(RuleId::RestAfterGarde, UNIT, facts);
    }
}

/// Tables hold costs with their rule's weight; sinks weigh themselves. What is off is not found, so nothing divides
/// by zero.
fn unweighed(problem: &Problem, rule: ShiftRule, amount: i64) -> i64 {
    if rule.is_of_row() {
        return amount;
    }
    amount / problem.derived().settings[rule.id() as usize].weight.max(1)
}

/// What a sheet's amounts cost in the score, derogations aside.
pub(crate) fn score(problem: &Problem, amounts: &Amounts) -> Score {
    let mut score = Score::ZERO;
    for rule in ShiftRule::ALL {
        let setting = &problem.derived().settings[rule.id() as usize];
        let weight = if rule.is_of_row() { setting.weight } else { 1 };
        score.charge(setting.level, weight.saturating_mul(amounts[rule]));
    }
    score
}

/// What one person's row adds to the score because an administrator accepted some of its breaches.
pub(crate) fn derogated(state: &State, person: PersonIx) -> Score {
    let problem = state.problem;
    if problem.derived().derogations.iter().all(|own| own.1 != person) {
        return Score::ZERO;
    }
    let mut tally = Tally::new(problem);
    row(state, person, &mut tally);
    let own = state.sheet().row(person.at());
    tally.score - score(problem, &problem.shifts().row_amounts(person.at(), own))
}
