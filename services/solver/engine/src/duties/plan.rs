//! The month's duties chosen together: column generation and a dive, with the price of the half-days a garde takes.
//!
//! A garde takes its holder from the theatre for two days. What that is worth is a price per half-day: what is open
//! there over the anesthetists who could be there. Half-days that the day layer left with holes are dearer the next
//! time: the layers see each other's prices.

use roster::{
    Problem, Roster,
    problem::{DayIx, Half, HalfDay, Profession, Seat, SlotKind},
};

use super::{Duties, Weighing, exact::Exact};
use crate::{
    Rng,
    budget::Meter,
    columns::{
        Column, Pricing,
        generate::{self, Generator, Limits},
        solve,
    },
};

/// A step of the search over places is as long as so many of column generation.
const STEPS_PER_STEP: u64 = 16;
/// What of the time budget goes to it.
const SHARE_OF_TIME: f64 = 0.2;
/// Rounds of column generation for the first prices.
const ROUNDS: u32 = 300;
/// Dives that may fail.
const TRIES: u32 = 3;
/// A half-day's price as a share of what is open over who could be there: equity over the year weighs more than one
/// quiet Tuesday, a crowded one still decides between equals.
const SHARE: i64 = 200;
/// What a hole adds to the price of its half-day, in units of balance.
const HOLE: i64 = 30;

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
    let mut own = meter.slice(meter.left().saturating_mul(STEPS_PER_STEP), SHARE_OF_TIME);
    let columns = rows(&duties, rng, &mut own);
    meter.count(own.done() / STEPS_PER_STEP / 4);
    let columns = columns?;
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

/// One row per person: prices with the counters apart first, which is fast, then rows that hold their counters.
fn rows(duties: &Duties, rng: &mut Rng, meter: &mut Meter<'_>) -> Option<Vec<Column>> {
    let start = generate::first(duties, meter)?;
    let mut generator = Generator::new(duties, &start, None);
    let limits = Limits { rounds: ROUNDS, cutoff: i64::MAX, gap: 0, is_exact: false };
    generator.run(limits, meter, &mut |_| ());
    let prices: Vec<i64> = (generator.center().iter().zip(duties.demands()))
        .map(|(price, demand)| demand.clamp((price * 1_000.0) as i64))
        .collect();
    let exact = Exact::new(duties, &prices);
    let center = generator.center()[..duties.slots().len()].to_vec();
    let start = generate::first(&exact, meter)?;
    let answer = solve::solve(&exact, &start, Some(center), TRIES, meter, rng, &mut |_| ());
    Some(answer.plan.unwrap_or(start))
}

/// What taking one anesthetist from each half-day costs, in the search's weighing.
fn prices(problem: &Problem, known: Option<&Roster>) -> Vec<i64> {
    let factor = Weighing::of_search().factors[roster::Level::Balance as usize];
    let mut open = vec![0_i64; problem.days().len() * 2];
    let mut holes = open.clone();
    for slot in problem.slot_indices() {
        let own = problem.slot(slot);
        let Some(half) = own.half_day() else { continue };
        let is_hole = known.is_some_and(|known| known.performer(slot).is_none())
            && !matches!(own.kind, SlotKind::Volant { .. });
        open[half.at()] += i64::from(own.weight);
        holes[half.at()] += i64::from(is_hole);
    }
    let is_there = |person: &&roster::problem::Person, half: usize| {
        person.profession == Profession::Mar && person.availability[half].allows_post()
    };
    (open.into_iter().enumerate())
        .map(|(half, weight)| {
            let present = problem.people().iter().filter(|person| is_there(person, half)).count().max(1);
            factor * 1_000 * (weight / (present as i64 * SHARE) + holes[half] * HOLE)
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
