//! Locks that contradict each other, or an absence.

use roster::{
    Evaluator, Level, Problem, Roster,
    problem::{Pin, Seat},
};

use super::{
    Contradiction, Element, Outcome, Relaxation,
    elements::{absences_around, call_back},
    relax::{UNLOCK_PRICE, call_back_price},
};

/// The smallest set of locks, with the absences they hit, that breaks an inviolable rule.
pub(super) fn contradiction(problem: &Problem, steps_max: u64) -> Contradiction {
    let mut free = problem.draft().clone();
    let pins = std::mem::take(&mut free.pins);
    let mut steps = 1;
    let Ok(unlocked) = Problem::build(free.clone()) else {
        return Contradiction { outcome: Outcome::Unknown, relaxations: Vec::new(), steps };
    };
    let (kept, base) = shrink(&unlocked, &pins, &mut steps, steps_max);
    if kept.is_empty() {
        let outcome = Outcome::Holds(Roster::pinned(problem));
        return Contradiction { outcome, relaxations: Vec::new(), steps };
    }
    let mut elements: Vec<Element> = kept.iter().map(|pin| Element::Lock(pin.seat)).collect();
    let mut relaxations: Vec<(Relaxation, i64)> =
        kept.iter().map(|pin| (Relaxation::Unlock(pin.seat), UNLOCK_PRICE)).collect();
    let slots: Vec<_> = kept.iter().map(|pin| pin.seat.slot).collect();
    for (person, day) in absences_around(problem, &slots) {
        let mut draft = free.clone();
        call_back(&mut draft, person, day);
        let present = Problem::build(draft);
        if present.is_ok_and(|present| hard(&present, &kept) <= base) {
            elements.push(Element::Absence(person, day));
            let price = call_back_price(problem, person, day);
            relaxations.push((Relaxation::CallBack(person, day), price));
        }
    }
    elements.sort_unstable();
    relaxations.sort_by_key(|(_, price)| *price);
    // Taking any of these locks away was seen to mend the rest of them.
    let is_irreducible = steps < steps_max;
    Contradiction { outcome: Outcome::Contradiction { elements, is_irreducible }, relaxations, steps }
}

/// The locks that are needed to break a rule, and what is broken without any.
fn shrink(problem: &Problem, pins: &[Pin], steps: &mut u64, steps_max: u64) -> (Vec<Pin>, i64) {
    let mut judge = Evaluator::new(problem, &Roster::empty(problem));
    let base = judge.score().level(Level::Hard);
    let held: Vec<Pin> = pins.iter().copied().filter(|pin| pin.person.is_some()).collect();
    for pin in &held {
        judge.set(pin.seat, pin.person);
    }
    if judge.score().level(Level::Hard) <= base {
        return (Vec::new(), base);
    }
    let mut kept: Vec<Seat> = held.iter().map(|pin| pin.seat).collect();
    for pin in &held {
        if *steps >= steps_max {
            break;
        }
        *steps += 1;
        judge.set(pin.seat, None);
        if judge.score().level(Level::Hard) > base {
            kept.retain(|seat| *seat != pin.seat);
        } else {
            judge.set(pin.seat, pin.person);
        }
    }
    (held.into_iter().filter(|pin| kept.contains(&pin.seat)).collect(), base)
}

fn hard(problem: &Problem, pins: &[Pin]) -> i64 {
    let mut roster = Roster::empty(problem);
    for pin in pins {
        roster.set(pin.seat, pin.person);
    }
    Evaluator::new(problem, &roster).score().level(Level::Hard)
}
