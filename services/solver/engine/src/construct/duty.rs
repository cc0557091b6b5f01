//! Gardes and astreintes: the hardest to place first, each to whom it costs the department least.
//!
//! A garde takes its holder from the theatre for two days. What that costs is a *capacity price* per half-day: the
//! rooms and consultations open, divided by the anesthetists who could be there. A Saturday is free, a Tuesday with
//! every room open is dear, and somebody who does not work that day costs nothing.

use std::cmp::Reverse;

use roster::{
    Level, Problem,
    problem::{DayIx, Half, HalfDay, PersonIx, Profession, Seat, SlotIx},
};

use crate::{conflict::is_free, state::State};

/// Duties in the order they are placed: gardes before astreintes, then those with the fewest candidates.
pub(super) fn order(problem: &Problem) -> Vec<SlotIx> {
    let mut duties: Vec<SlotIx> =
        problem.slot_indices().filter(|slot| problem.slot(*slot).kind.is_duty()).collect();
    duties.sort_by_key(|slot| {
        let is_garde = problem.slot(*slot).kind.is_garde();
        (Reverse(is_garde), problem.candidates(Seat::performer(*slot)).len(), *slot)
    });
    duties
}

/// What taking one anesthetist from each half-day costs, in thousandths of a weight unit.
pub(super) fn prices(problem: &Problem) -> Vec<i64> {
    let mut weight_open = vec![0_i64; problem.days().len() * 2];
    for slot in problem.slots().iter().filter(|slot| !slot.kind.is_duty()) {
        if let Some(half) = slot.half_day() {
            weight_open[half.at()] += i64::from(slot.weight);
        }
    }
    let is_there = |person: &&roster::problem::Person, half: usize| {
        person.profession == Profession::Mar && person.availability[half].allows_post()
    };
    (weight_open.into_iter().enumerate())
        .map(|(half, weight)| {
            let present = problem.people().iter().filter(|person| is_there(person, half)).count();
            weight * 1_000 / i64::try_from(present.max(1)).unwrap_or(i64::MAX)
        })
        .collect()
}

/// Gives a duty to the person who makes the best roster, the price of their absence counted; leaves the hole when
/// nobody may.
pub(super) fn fill_duty(state: &mut State<'_>, slot: SlotIx, prices: &[i64]) {
    let seat = Seat::performer(slot);
    if !state.is_open(seat) || state.holder(seat).is_some() {
        return;
    }
    let problem = state.problem();
    let mut best = None;
    for person in problem.candidates(seat) {
        if !is_free(state, *person, slot) {
            continue;
        }
        let score = state.preview(seat, *person);
        if state.allows(&score) {
            let heavy =
                [score.level(Level::Critical), score.level(Level::Relaxed), score.level(Level::Change)];
            let light = score.level(Level::Balance) + price(problem, *person, slot, prices);
            let worth = (heavy, light, choices_left(problem, *person, slot), score);
            if best.as_ref().is_none_or(|(other, _)| worth < *other) {
                best = Some((worth, *person));
            }
        }
    }
    if let Some((_, person)) = best {
        state.put(seat, Some(person));
        state.commit();
    }
}

/// What the department loses while this person holds the duty and rests after it. Only gardes take people away.
fn price(problem: &Problem, person: PersonIx, slot: SlotIx, prices: &[i64]) -> i64 {
    let duty = problem.slot(slot);
    if !duty.kind.has_night() {
        return 0;
    }
    let days = [duty.day.at(), duty.day.at() + 1];
    let halves = days.iter().flat_map(|day| Half::ALL.map(|half| (day, half)));
    let lost = halves.filter_map(|(day, half)| {
        let half = HalfDay::new(DayIx::of(*day)?, half).at();
        let works = problem.person(person).availability.get(half)?.allows_post();
        works.then(|| prices[half])
    });
    // A tenth: equity over the year weighs more than one quiet Tuesday, a crowded one still decides between equals.
    lost.sum::<i64>() / 10
}

/// Between equals, the person with the fewest other days to give goes first, so that later duties still find
/// somebody.
fn choices_left(problem: &Problem, person: PersonIx, slot: SlotIx) -> usize {
    let from = problem.slot(slot).day.at() * 2;
    let availability = &problem.person(person).availability;
    availability[from.min(availability.len())..].iter().filter(|half| half.allows_duty()).count()
}
