//! The month's duties chosen together: column generation and a dive, with the price of the half-days a garde takes.
//!
//! A garde takes its holder from the theatre for two days. What that is worth is a price per half-day: what is open
//! there over the anesthetists who could be there. Half-days that the day layer left with holes are dearer the next
//! time: the layers see each other's prices.

use roster::{
    Problem, Roster,
    problem::{DayIx, Half, HalfDay, Profession, Seat, SlotKind},
};

use super::{Duties, Weighing};
use crate::{
    Rng,
    budget::Meter,
    columns::{generate, solve},
};

/// Dives that may fail.
const TRIES: u32 = 3;
/// A half-day's price as a share of what is open over who could be there: equity over the year weighs more than one
/// quiet Tuesday, a crowded one still decides between equals.
const SHARE: i64 = 200;
/// By how much the price of a half-day with a hole rises.
const HOLE_FACTOR: i64 = 4;

/// A roster whose duties are chosen anew, all together, and nothing else held but the pins; `None` when the problem has
/// no duties that rows speak of, or the budget did not reach. `known` is a roster whose holes say where people lack.
pub(crate) fn plan(
    problem: &Problem,
    known: Option<&Roster>,
    rng: &mut Rng,
    meter: &mut Meter<'_>,
) -> Option<Roster> {
    let mut duties = Duties::of(problem, Weighing::of_search())?;
    duties.charge_half_days(problem, &prices(problem, known));
    let start = generate::first(&duties, meter)?;
    let answer = solve::solve(&duties, &start, None, TRIES, meter, rng, &mut |_| ());
    let columns = answer.plan.unwrap_or(start);
    let mut roster = Roster::pinned(problem);
    for (position, column) in columns.iter().enumerate() {
        for slot in column.covers.iter().filter_map(|demand| duties.slot(*demand)) {
            let seat = Seat::performer(slot);
            if problem.pin(seat).is_none() {
                roster.set(seat, Some(duties.person(position)));
            }
        }
    }
    Some(roster)
}

/// What taking one anesthetist from each half-day costs, in the search's weighing.
fn prices(problem: &Problem, known: Option<&Roster>) -> Vec<i64> {
    let factor = Weighing::of_search().factors[roster::Level::Balance as usize];
    let mut open = vec![0_i64; problem.days().len() * 2];
    for slot in problem.slot_indices() {
        let own = problem.slot(slot);
        let Some(half) = own.half_day() else { continue };
        let is_hole = known.is_some_and(|known| known.performer(slot).is_none())
            && !matches!(own.kind, SlotKind::Volant { .. });
        open[half.at()] += i64::from(own.weight) * if is_hole { HOLE_FACTOR * 10 } else { 1 };
    }
    let is_there = |person: &&roster::problem::Person, half: usize| {
        person.profession == Profession::Mar && person.availability[half].allows_post()
    };
    (open.into_iter().enumerate())
        .map(|(half, weight)| {
            let present = problem.people().iter().filter(|person| is_there(person, half)).count().max(1);
            factor * weight * 1_000 / (present as i64 * SHARE)
        })
        .collect()
}

// === impl Duties ===

impl Duties {
    /// Charges each garde the half-days it takes from its holder: those of its day and of the rest after it.
    fn charge_half_days(&mut self, problem: &Problem, prices: &[i64]) {
        for somebody in &mut self.people {
            let who = problem.person(somebody.person);
            for (day, choices) in somebody.days.iter_mut().enumerate() {
                let taken = [day, day + 1].into_iter().filter_map(DayIx::of);
                let halves = taken.flat_map(|day| Half::ALL.map(|half| HalfDay::new(day, half).at()));
                let lost: i64 = halves
                    .filter(|half| who.availability.get(*half).is_some_and(|own| own.allows_post()))
                    .map(|half| prices[half])
                    .sum();
                choices.iter_mut().filter(|choice| choice.garde).for_each(|choice| choice.cost += lost);
            }
        }
    }
}
