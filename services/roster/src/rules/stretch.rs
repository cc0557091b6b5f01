//! Days in a row: most days worked (G23), hardship over 7 rolling days (F1), and the credit of hours (H1).
//!
//! H1: at most 48 h a week averaged over 4 months (Code de la santé publique R6152-27, directive 2003/88/EC), 44 h over 12
//! weeks (Code du travail L3121-22); the problem carries what is left to give, not the history.

use std::ops::Range;

use super::{RuleId, Sink, sink::Facts, sink::UNIT};
use crate::{
    evaluator::state::State,
    problem::{DayIx, LegalPack, PersonIx},
};

/// Length of the window of hardship.
pub(crate) const FATIGUE_DAYS: usize = 7;

/// Each day beyond the longest permitted run counts once.
pub(super) fn consecutive_days(state: &State, person: PersonIx, days: Range<usize>, sink: &mut impl Sink) {
    scan(state, person, days, false, sink);
}

/// The same from one day on, as far as a change of that day can reach.
pub(super) fn consecutive_days_from(state: &State, person: PersonIx, day: usize, sink: &mut impl Sink) {
    scan(state, person, day..state.problem.days().len(), true, sink);
}

fn scan(state: &State, person: PersonIx, days: Range<usize>, stop_at_rest: bool, sink: &mut impl Sink) {
    let loads = state.loads(person);
    let limit = usize::from(state.problem.parameters().consecutive_days_max);
    let from = days.start;
    let before = loads[..from].iter().rev().take_while(|load| load.is_worked).count();
    let inherited = usize::from(state.problem.person(person).history.consecutive_days);
    let mut run = if before == from { before + inherited } else { before };
    for day in days {
        run = if loads[day].is_worked { run + 1 } else { 0 };
        if run > limit {
            let facts = || Facts::on(person, DayIx(day as u16)).numbers(run as i64, limit as i64);
            sink.found(RuleId::ConsecutiveDaysMax, UNIT, facts);
        }
        if run == 0 && stop_at_rest && day > from {
            return;
        }
    }
    // Days published after the horizon go on with the run.
    let outside = &state.problem.derived().outside[person.at()];
    let mut day = loads.len() as i32;
    while run > 0 && outside.on(day).is_some() {
        run += 1;
        day += 1;
        if run > limit {
            let facts = || Facts::on(person, DayIx(loads.len() as u16 - 1)).numbers(run as i64, limit as i64);
            sink.found(RuleId::ConsecutiveDaysMax, UNIT, facts);
        }
    }
}

/// Hardship of the windows of 7 days that end on these days.
pub(super) fn fatigue(state: &State, person: PersonIx, ends: Range<usize>, sink: &mut impl Sink) {
    let limit = state.problem.parameters().hardship_week_max;
    let Some(sums) = state.heavy_weeks(person).get(ends.clone()) else { return };
    for (end, sum) in ends.zip(sums.iter().copied()) {
        if sum > limit {
            // Hundredths of a point into thousandths of a unit.
            let facts = || Facts::on(person, DayIx(end as u16)).numbers(sum, limit);
            sink.found(RuleId::Fatigue, (sum - limit) * (UNIT / 100), facts);
        }
    }
}

/// Hours beyond what is left to give.
pub(super) fn hours_credit(state: &State, person: PersonIx, sink: &mut impl Sink) {
    let who = state.problem.person(person);
    // Doctors may volunteer for more; nobody else may.
    if who.working_time.is_volunteer && who.working_time.pack == LegalPack::PublicDoctor {
        return;
    }
    if let Some(credit) = who.credit_minutes {
        let given = state.minutes(person);
        if given > credit.max(0) {
            let amount = (given - credit.max(0)) * UNIT / 60;
            let facts = || Facts { people: vec![person], ..Facts::default() }.numbers(given, credit);
            sink.found(RuleId::HoursCredit, amount, facts);
        }
    }
}
