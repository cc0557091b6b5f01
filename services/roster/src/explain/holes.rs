//! Why a hole is a hole: for everybody who has the profession, the rule in the way; and what would be the cheapest to
//! relax. A suggestion for a human being: the judge itself never breaks a rule.

use super::is_covered;
use crate::{
    evaluator::Evaluator,
    problem::{Availability, Half, HalfDay, PersonIx, Post, Problem, Profession, Seat, SlotIx, What},
    rules::{Breaches, RuleId},
};

/// A slot that is not lawfully staffed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hole {
    /// The place that is empty: the performer's, or the supervisor's of a nurse's room.
    pub seat: Seat,
    /// How many people could take it as things stand (a search would have; a hand-made roster may not).
    pub takers: u32,
    /// What is in the way, with how many people it stops; the most frequent first.
    pub obstacles: Vec<Obstacle>,
    /// The cheapest way to fill it, if there is any.
    pub relaxation: Option<Relaxation>,
}

/// One thing in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The rule it comes from. `SupervisorMissing`: a nurse could, but nobody could supervise.
    pub rule: RuleId,
    /// How many people it stops.
    pub people: u32,
}

/// Who could fill a hole if some rules were relaxed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relaxation {
    /// Who.
    pub person: PersonIx,
    /// Which rules would be broken, in the catalogue's order.
    pub rules: Vec<RuleId>,
}

/// All holes, in the order of the slots.
pub(super) fn of(judge: &mut Evaluator) -> Vec<Hole> {
    let problem = judge.problem();
    let mut holes = Vec::new();
    for slot in problem.slot_indices() {
        if problem.look(slot).what != What::Volant && !is_covered(problem, judge.roster(), slot) {
            holes.push(hole(judge, slot));
        }
    }
    holes
}

fn hole(judge: &mut Evaluator, slot: SlotIx) -> Hole {
    let problem = judge.problem();
    let unsupervised = judge.get(Seat::performer(slot)).is_some();
    let seat = if unsupervised { Seat::supervisor(slot) } else { Seat::performer(slot) };
    // A nurse alone does not fill an empty room: somebody must be able to supervise it.
    let needs_both = problem.look(slot).is_theatre() && !unsupervised;
    let supervised = needs_both && {
        let supervisor = Seat::supervisor(slot);
        judge.get(supervisor).is_some()
            || problem.candidates(supervisor).iter().any(|person| judge.can_take(supervisor, *person).is_ok())
    };
    let mut tally = [0_u32; RuleId::COUNT];
    let (mut takers, mut cheapest) = (0, None);
    for person in at_the_site(problem, slot) {
        let is_nurse = problem.person(person).profession == Profession::Iade;
        match judge.can_take(seat, person) {
            Ok(()) if needs_both && is_nurse && !supervised => tally[RuleId::SupervisorMissing as usize] += 1,
            Ok(()) => takers += 1,
            Err(blocker) if is_out_of_question(blocker.rule) => {}
            Err(blocker) => {
                tally[blocker.rule as usize] += 1;
                if !is_nurse || supervised {
                    consider(judge, seat, person, &mut cheapest);
                }
            }
        }
    }
    let mut obstacles: Vec<_> = (RuleId::ALL.into_iter().zip(tally))
        .filter(|(_, people)| *people > 0)
        .map(|(rule, people)| Obstacle { rule, people })
        .collect();
    obstacles.sort_by_key(|obstacle| (std::cmp::Reverse(obstacle.people), obstacle.rule));
    if obstacles.is_empty() && takers == 0 {
        obstacles.push(Obstacle { rule: nobody_at_all(problem, seat), people: 0 });
    }
    let relaxation = if takers > 0 { None } else { cheapest.map(|(_, relaxation)| relaxation) };
    Hole { seat, takers, obstacles, relaxation }
}

/// The people who work where the slot is: that all the others do not explains nothing.
fn at_the_site(problem: &Problem, slot: SlotIx) -> impl Iterator<Item = PersonIx> + use<'_> {
    let site = problem.site_of(slot);
    problem
        .person_indices()
        .filter(move |person| site.is_none_or(|site| problem.person(*person).sites.contains(&site)))
}

/// Rules that say a person is not of those who do this at all; they explain nothing about a hole.
fn is_out_of_question(rule: RuleId) -> bool {
    matches!(rule, RuleId::DutyProfession | RuleId::ConsultationProfession | RuleId::IadeTheatreOnly)
}

/// The rule to name when the problem holds nobody of the profession.
fn nobody_at_all(problem: &Problem, seat: Seat) -> RuleId {
    match (problem.pin(seat), problem.look(seat.slot).what) {
        (Some(_), _) => RuleId::Pinned,
        (None, What::Garde | What::GardeDay | What::GardeNight | What::Astreinte) => RuleId::DutyProfession,
        (None, What::Consultation) => RuleId::ConsultationProfession,
        _ => RuleId::IadeTheatreOnly,
    }
}

/// Keeps the cheapest relaxation seen; ties go to the first person.
fn consider(judge: &mut Evaluator, seat: Seat, person: PersonIx, cheapest: &mut Option<(i64, Relaxation)>) {
    let broken = breaches_of(judge, seat, person);
    let mut price = 0;
    let mut rules = Vec::new();
    for (rule, amount) in RuleId::ALL.into_iter().zip(broken).filter(|(_, amount)| *amount > 0) {
        let Some(unit) = price_of(judge.problem(), rule, seat, person) else { return };
        price += unit * amount;
        rules.push(rule);
    }
    if cheapest.as_ref().is_none_or(|(least, _)| price < *least) {
        *cheapest = Some((price, Relaxation { person, rules }));
    }
}

/// How much more each inviolable rule would be broken.
fn breaches_of(judge: &mut Evaluator, seat: Seat, person: PersonIx) -> [i64; RuleId::COUNT] {
    let (before, after) = judge.breaches_around(seat, person);
    let mut more: [i64; RuleId::COUNT] = std::array::from_fn(|rule| Breaches::more(&after, &before, rule));
    // A floor of zero: what the move mends does not pay for what it breaks.
    more.iter_mut().for_each(|amount| *amount = (*amount).max(0));
    more
}

/// What relaxing a rule by one unit is thought to cost; `None`: never suggested (law, safety, locks).
fn price_of(problem: &Problem, rule: RuleId, seat: Seat, person: PersonIx) -> Option<i64> {
    match rule {
        RuleId::SupervisionMax => Some(2),
        RuleId::ConsultationTwiceADay | RuleId::ConsultationsWeekMax => Some(3),
        RuleId::FullDayForbidden => Some(4),
        RuleId::ReservedRoom => Some(6),
        RuleId::AstreintesMonthMax => Some(5),
        RuleId::GardesRollingMax | RuleId::GardeSpacingMin => Some(8),
        RuleId::DutyUnavailable => Some(10),
        RuleId::DoubleBooking | RuleId::GardeAlone => Some(12),
        RuleId::Availability => Some(match worst_availability(problem, seat, person) {
            Availability::NotWorking | Availability::DutyOnly | Availability::Working => 15,
            Availability::Unavailable => 25,
            Availability::Absent => 40,
        }),
        _ => None,
    }
}

fn worst_availability(problem: &Problem, seat: Seat, person: PersonIx) -> Availability {
    let look = problem.look(seat.slot);
    let halves = Half::ALL.into_iter().filter(|half| look.half.is_none() || look.half == Some(*half));
    let own = &problem.person(person).availability;
    let classes = halves.map(|half| own[HalfDay::new(look.day, half).at()]);
    let rank = |class: &Availability| match class {
        Availability::Working => 0,
        Availability::DutyOnly => 1,
        Availability::NotWorking => 2,
        Availability::Unavailable => 3,
        Availability::Absent => 4,
    };
    debug_assert!(seat.post == Post::Performer || look.is_theatre());
    classes.max_by_key(rank).unwrap_or(Availability::Working)
}
