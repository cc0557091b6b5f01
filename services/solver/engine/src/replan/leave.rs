//! What granting a leave would do, before it is granted.

use roster::{
    Level, RuleId, Score,
    problem::{Counter, PersonIx, Profession, Seat},
};

use super::{Alternative, Chains, ChangeBudget, Limits, SPARE, Span, Warm};
use crate::Candidate;

/// A rule in the way, with how many people it stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The rule.
    pub rule: RuleId,
    /// How many people.
    pub people: u32,
}

/// A place that would fall.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FallenPost {
    /// The place.
    pub seat: Seat,
    /// Who could take it as things stand, nobody else moved; cheapest first.
    pub takers: Vec<Candidate>,
    /// What stops the others; the most frequent first.
    pub obstacles: Vec<Obstacle>,
}

/// A place that would stay empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemainingHole {
    /// The place.
    pub seat: Seat,
    /// What stops those who could have taken it; the most frequent first.
    pub obstacles: Vec<Obstacle>,
}

/// What somebody carries of a counter before and after, in thousandths, history included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EquityShift {
    /// Who.
    pub person: PersonIx,
    /// Of what.
    pub counter: Counter,
    /// In the published plan.
    pub before: i64,
    /// With the best alternative.
    pub after: i64,
    /// The fair share.
    pub target: i64,
}

/// What granting a leave would do to the published plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaveEffect {
    /// The places that would fall, in the order of the slots.
    pub falls: Vec<FallenPost>,
    /// Places that are locked: the leave cannot be granted while they are.
    pub locked: Vec<Seat>,
    /// The ways to mend the plan, the best roster first.
    pub alternatives: Vec<Alternative>,
    /// What stays empty with the best of them, in the order of the slots.
    pub holes: Vec<RemainingHole>,
    /// What the plan would cost more with the fallen places simply empty.
    pub difference_unmended: Score,
    /// What it would cost more with the best alternative.
    pub difference: Score,
    /// Whose counters change with the best alternative.
    pub equity: Vec<EquityShift>,
    /// All chains of at most so many changes were tried; `None`: the steps ended before.
    pub complete_up_to: Option<usize>,
    /// Steps spent.
    pub steps: u64,
}

/// The effect of a leave that is not granted yet.
#[must_use]
pub fn what_if_leave(warm: &Warm<'_>, person: PersonIx, span: Span, budget: &ChangeBudget) -> LeaveEffect {
    let (fallen, locked) = warm.falls(person, span);
    let mut chains = Chains::new(warm, &fallen, &[person], budget.frozen_until);
    let unmended = chains.judge.score();
    let falls = fallen.iter().map(|seat| {
        let (takers, obstacles) = chains.around(*seat);
        FallenPost { seat: *seat, takers, obstacles }
    });
    let falls = falls.collect();
    // Enough to refill what falls and to relay a little.
    let limits = Limits { changes_max: budget.changes_max.max(fallen.len() + SPARE), steps: budget.steps };
    let complete_up_to = chains.mend(&limits);
    let alternatives = chains.alternatives(budget.alternatives_max);
    let (mut holes, mut equity, mut mended) = (Vec::new(), Vec::new(), unmended);
    if let (Some(best), Some(first)) = (chains.best().cloned(), alternatives.first()) {
        mended = best.score;
        for (seat, holder) in &best.moves {
            chains.judge.set(*seat, *holder);
        }
        holes = (first.holes.iter())
            .map(|seat| RemainingHole { seat: *seat, obstacles: chains.around(*seat).1 })
            .collect();
        equity = shifts(warm, &chains, first);
    }
    LeaveEffect {
        falls,
        locked,
        alternatives,
        holes,
        difference_unmended: unmended - warm.score(),
        difference: mended - warm.score(),
        equity,
        complete_up_to,
        steps: chains.steps(),
    }
}

impl Chains<'_, '_> {
    /// Who could take an empty place as things stand, and what stops the others.
    fn around(&mut self, seat: Seat) -> (Vec<Candidate>, Vec<Obstacle>) {
        let before = self.judge.score();
        let (mut takers, mut tally) = (Vec::new(), vec![0_u32; RuleId::COUNT]);
        for person in self.problem.candidates(seat) {
            if self.is_banned(*person) {
                continue;
            }
            let score = self.judge.preview(&[(seat, Some(*person))]);
            if score.level(Level::Hard) <= self.hard_max && !self.is_alone(seat, *person) {
                takers.push(Candidate { person: *person, difference: score - before });
            } else if let Err(blocker) = self.judge.can_take(seat, *person) {
                tally[blocker.rule as usize] += 1;
            } else {
                tally[RuleId::SupervisorMissing as usize] += 1;
            }
        }
        takers.sort_by_key(|own| (own.difference, own.person));
        let stopped = RuleId::ALL.into_iter().zip(tally).filter(|(_, people)| *people > 0);
        let mut obstacles: Vec<_> = stopped.map(|(rule, people)| Obstacle { rule, people }).collect();
        obstacles.sort_by_key(|own| (std::cmp::Reverse(own.people), own.rule));
        (takers, obstacles)
    }

    /// A nurse in a room nobody answers for.
    fn is_alone(&self, seat: Seat, person: PersonIx) -> bool {
        seat == Seat::performer(seat.slot)
            && self.problem.slot(seat.slot).kind.is_theatre()
            && self.problem.person(person).profession == Profession::Iade
            && self.judge.get(Seat::supervisor(seat.slot)).is_none()
    }
}

/// The counters that change for the people concerned.
fn shifts(warm: &Warm<'_>, chains: &Chains<'_, '_>, best: &Alternative) -> Vec<EquityShift> {
    let problem = warm.problem();
    let before = warm.judge();
    let mut people: Vec<_> = best.changes.iter().flat_map(|own| [own.before, own.after]).flatten().collect();
    people.sort_unstable();
    people.dedup();
    let mut shifts = Vec::new();
    for person in people {
        for counter in Counter::ALL {
            let (one, other) = (before.counter(person, counter), chains.judge.counter(person, counter));
            if let Some(target) = problem.target(person, counter).filter(|_| one != other) {
                shifts.push(EquityShift { person, counter, before: one, after: other, target });
            }
        }
    }
    shifts
}
