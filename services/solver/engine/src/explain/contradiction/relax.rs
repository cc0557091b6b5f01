//! What to give up so that holes can be staffed: each way is tried on the whole roster before it is told.

use roster::{
    Evaluator, Level, Problem, Roster, RuleId,
    problem::{Availability, DayIx, Derogation, Draft, Half, HalfDay, PersonIx, Seat, SlotIx},
};

use super::{Element, Relaxation, elements::call_back, mended};

/// What taking a lock away is thought to cost: somebody decided it.
pub(super) const UNLOCK_PRICE: i64 = 20;
/// What withdrawing a granted request is thought to cost.
const WITHDRAW_PRICE: i64 = 30;
/// Places tried for each relaxation.
const STEPS: u64 = 4_000;
/// The most relaxations tried, the cheapest first.
const TRIED_MAX: usize = 64;
/// The most told.
const TOLD_MAX: usize = 8;

/// The ways that do mend the holes, the cheapest first.
pub(super) fn relaxations(
    problem: &Problem,
    roster: &Roster,
    holes: &[SlotIx],
    elements: &[Element],
) -> Vec<(Relaxation, i64)> {
    let mut offers: Vec<(Relaxation, i64)> =
        elements.iter().map(|element| offer(problem, *element)).collect();
    offers.extend(derogations(problem, roster, holes));
    offers.sort_by_key(|(_, price)| *price);
    let tried = offers.into_iter().take(TRIED_MAX);
    tried.filter(|(relaxation, _)| works(problem, roster, holes, relaxation)).take(TOLD_MAX).collect()
}

fn offer(problem: &Problem, element: Element) -> (Relaxation, i64) {
    match element {
        Element::Demand(slot) => (Relaxation::Close(slot), i64::from(problem.slot(slot).weight)),
        Element::Lock(seat) => (Relaxation::Unlock(seat), UNLOCK_PRICE),
        Element::Request(request) => (Relaxation::Withdraw(request), WITHDRAW_PRICE),
        Element::Absence(person, day) => {
            (Relaxation::CallBack(person, day), call_back_price(problem, person, day))
        }
    }
}

/// What calling somebody back is thought to cost: a leave more than an unavailability, one for duties least.
pub(super) fn call_back_price(problem: &Problem, person: PersonIx, day: DayIx) -> i64 {
    let halves = Half::ALL.map(|half| problem.person(person).availability[HalfDay::new(day, half).at()]);
    let worst = halves.into_iter().map(|own| match own {
        Availability::Absent => 40,
        Availability::Unavailable => 25,
        _ => 10,
    });
    worst.max().unwrap_or(40)
}

/// Breaches an administrator may accept for one person in one of the holes: one rule, and never of law or safety.
fn derogations(problem: &Problem, roster: &Roster, holes: &[SlotIx]) -> Vec<(Relaxation, i64)> {
    let mut judge = Evaluator::new(problem, roster);
    let mut found: Vec<(Relaxation, i64)> = Vec::new();
    for slot in holes {
        let seat = Seat::performer(*slot);
        let day = problem.slot(*slot).day;
        for person in problem.person_indices() {
            if let Err(blocker) = judge.can_take(seat, person)
                && let Some(price) = price_of(blocker.rule)
            {
                found.push((Relaxation::Derogate { rule: blocker.rule, person, day }, price));
            }
        }
    }
    found
}

/// What accepting one breach is thought to cost; `None`: never suggested (law, safety, locks, who somebody is).
fn price_of(rule: RuleId) -> Option<i64> {
    match rule {
        RuleId::SupervisionMax => Some(2),
        RuleId::ConsultationTwiceADay | RuleId::ConsultationsWeekMax => Some(3),
        RuleId::FullDayForbidden => Some(4),
        RuleId::AstreintesMonthMax => Some(5),
        RuleId::GardesRollingMax | RuleId::GardeSpacingMin => Some(8),
        RuleId::DutyUnavailable => Some(10),
        _ => None,
    }
}

/// Whether giving this up lets every other demand of the roster and the holes be staffed.
fn works(problem: &Problem, roster: &Roster, holes: &[SlotIx], relaxation: &Relaxation) -> bool {
    let mut draft = problem.draft().clone();
    let mut start = roster.clone();
    let mut wanted = holes.to_vec();
    match relaxation {
        Relaxation::Close(slot) => close(&mut draft, &mut start, &mut wanted, *slot),
        Relaxation::Unlock(seat) => draft.pins.retain(|pin| pin.seat != *seat),
        Relaxation::Withdraw(request) => {
            draft.requests.remove(*request);
        }
        Relaxation::CallBack(person, day) => call_back(&mut draft, *person, *day),
        Relaxation::Derogate { rule, person, day } => {
            draft.derogations.push(Derogation { rule: *rule, person: *person, day: *day });
        }
    }
    let Ok(relaxed) = Problem::build(draft) else { return false };
    if wanted.is_empty() {
        return true;
    }
    let hard =
        |problem: &Problem, roster: &Roster| Evaluator::new(problem, roster).score().level(Level::Hard);
    let before = hard(&relaxed, &start);
    mended(&relaxed, &start, &wanted, STEPS).is_some_and(|after| hard(&relaxed, &after) <= before)
}

/// Leaves a slot unstaffed: nobody is wanted there, and whoever was there is free.
fn close(draft: &mut Draft, start: &mut Roster, wanted: &mut Vec<SlotIx>, slot: SlotIx) {
    draft.slots[slot.at()].weight = 0;
    draft.pins.retain(|pin| pin.seat.slot != slot);
    start.set(Seat::performer(slot), None);
    start.set(Seat::supervisor(slot), None);
    wanted.retain(|own| *own != slot);
}
