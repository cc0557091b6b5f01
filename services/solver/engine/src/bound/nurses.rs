//! What nurse anesthetists must cost at the balance level: floating (I3), closings (I4w, I4e).
//!
//! # Why the bounds are valid
//! **I3.** A nurse's week is charged by its own whole number of floating half-days, whatever the others do: the least
//! over all numbers is charged at least.
//! **I4.** Closings are a flow: each day's goes to one of its candidates (or is a hole the plans spoken of can
//! afford), costs are convex in whole counts per nurse, and nothing else is asked.

use roster::{
    Problem, RuleId, Score,
    problem::{Counter, DayKind, PersonIx, Profession, Seat, SlotKind},
};

use crate::{
    duties::{charges::Charges, convex, equity_weight},
    program::{Program, Var},
};

const FULL_WEEK: i64 = 10;

/// The least of I3, in thousandths.
pub(crate) fn floating(problem: &Problem, charges: &Charges) -> i64 {
    let mut sum = 0;
    for person in problem.person_indices() {
        let who = problem.person(person);
        if who.profession != Profession::Iade || !who.abilities.volant || who.is_locum {
            continue;
        }
        for week in 0..problem.week_count() {
            let days = problem.days_of_week(week);
            let own = &who.availability[days.start * 2..days.end * 2];
            let halves = own.iter().filter(|own| own.allows_post()).count() as i64;
            let target =
                i64::from(problem.parameters().volant_week_target) * Score::UNIT * halves / FULL_WEEK;
            // Pinned places may be more than the week's length: all whole numbers are looked at.
            let off = (target % Score::UNIT).min(Score::UNIT - target % Score::UNIT);
            sum += charges.cost(RuleId::Volant, off).unwrap_or(0);
        }
    }
    sum
}

/// The least of I4w and I4e, in thousandths, when holes may weigh so much.
pub(crate) fn closings(problem: &Problem, charges: &Charges, holes: i64, nodes: i32) -> Option<i64> {
    let mut program = Program::default();
    let mut missing = Vec::new();
    // Per person: the closings that may be held, with their day.
    let mut held: Vec<Vec<(usize, Var)>> = vec![Vec::new(); problem.people().len()];
    for slot in problem.slot_indices() {
        let own = problem.slot(slot);
        if !matches!(own.kind, SlotKind::Closing { .. }) {
            continue;
        }
        let seat = Seat::performer(slot);
        let candidates: Vec<PersonIx> = match problem.pin(seat) {
            Some(pinned) => pinned.into_iter().collect(),
            None => problem.candidates(seat).to_vec(),
        };
        let mut terms = Vec::new();
        for person in candidates {
            let var = program.var(0.0, 0.0, 1.0, false);
            held[person.at()].push((own.day.at(), var));
            terms.push((var, 1.0));
        }
        if terms.is_empty() {
            continue;
        }
        let hole = program.var(0.0, 0.0, 1.0, false);
        missing.push((hole, f64::from(own.weight)));
        terms.push((hole, 1.0));
        program.row(1.0, 1.0, terms);
    }
    program.row(0.0, holes as f64, missing);
    for person in problem.person_indices() {
        let own = &held[person.at()];
        if problem.person(person).profession == Profession::Iade {
            weekly(problem, charges, &mut program, own);
        }
        let all: Vec<(Var, f64)> = own.iter().map(|(_, var)| (*var, 1.0)).collect();
        let is_friday = |day: usize| problem.days()[day].kind() == DayKind::Friday;
        let fridays =
            own.iter().filter(|(day, _)| is_friday(*day)).map(|(_, var)| (*var, 1.0)).collect::<Vec<_>>();
        for (counter, terms) in [(Counter::Closings, all), (Counter::ClosingsFriday, fridays)] {
            let Some(target) = problem.target(person, counter) else { continue };
            let weight = equity_weight(problem, counter);
            let history = problem.history(person, counter);
            let cost = |count: usize| {
                let off = (history + count as i64 * Counter::ONE - target).abs();
                charges.cost(RuleId::ClosingEquity, weight * convex(off)).unwrap_or(0) as f64
            };
            let costs: Vec<f64> = (0..=terms.len()).map(cost).collect();
            program.convex(&terms, &costs);
        }
    }
    Some(program.least(nodes)?.rounded(1.0))
}

/// I4w.
fn weekly(problem: &Problem, charges: &Charges, program: &mut Program, held: &[(usize, Var)]) {
    let limit = i64::from(problem.parameters().closings_week_max);
    for week in 0..problem.week_count() {
        let days = problem.days_of_week(week);
        let own: Vec<(Var, f64)> =
            held.iter().filter(|(day, _)| days.contains(day)).map(|(_, var)| (*var, 1.0)).collect();
        let cost = |count: i64| {
            charges.cost(RuleId::ClosingTwiceAWeek, (count - limit).max(0) * Score::UNIT).unwrap_or(0) as f64
        };
        let costs: Vec<f64> = (0..=own.len() as i64).map(cost).collect();
        program.convex(&own, &costs);
    }
}
