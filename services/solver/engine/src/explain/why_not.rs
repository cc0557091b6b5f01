//! Why somebody else does not hold this place: what it would take, and what it would cost.

use roster::{
    Evaluator, Level, Problem, Roster, RuleId, Score,
    diff::changes,
    problem::{PersonIx, Seat},
};

use super::{Patience, RuleDifference, differences};
use crate::replan::{Chains, Limits, Warm};

/// A place that changes hands in a counterfactual.
pub type Moved = roster::diff::Change;

/// The best roster found with the place given as asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterfactual {
    /// What changes, the place asked about included, in the order of the slots.
    pub changes: Vec<Moved>,
    /// What the roster would cost more (less, when negative), level by level.
    pub difference: Score,
    /// The same rule by rule; the differences add up.
    pub rules: Vec<RuleDifference>,
}

/// Why somebody does not hold a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyNot {
    /// The person does hold it.
    Holds,
    /// No change of the roster could give it: this rule is about the person and the place alone, or it is locked.
    Never(RuleId),
    /// It could be given, at a price.
    At {
        /// The first inviolable rule in the way as things stand; `None`: none is.
        stopped_by: Option<RuleId>,
        /// The best roster found with the place given and the others moved as little as needed; `None`: none was found
        /// with so few changes.
        counterfactual: Option<Counterfactual>,
        /// All chains of at most so many changes were tried.
        is_complete: bool,
    },
}

/// Why a place is not held by somebody.
#[must_use]
pub fn why_not(
    problem: &Problem,
    roster: &Roster,
    seat: Seat,
    other: PersonIx,
    patience: &Patience,
) -> WhyNot {
    if roster.get(seat) == Some(other) {
        return WhyNot::Holds;
    }
    let mut judge = Evaluator::new(problem, roster);
    let stopped_by = judge.can_take(seat, other).err().map(|blocker| blocker.rule);
    let is_candidate = problem.candidates(seat).contains(&other);
    match stopped_by {
        Some(rule) if rule == RuleId::Pinned || !is_candidate => {
            return WhyNot::Never(alone(problem, seat, other, rule));
        }
        _ => {}
    }
    let warm = Warm::new(problem, roster);
    let mut chains = Chains::given(&warm, seat, other);
    let limits = Limits { changes_max: patience.changes_max.max(1), steps: patience.steps };
    let complete = chains.mend_given(seat, other, &limits);
    let counterfactual = chains.best().map(|found| chains.roster_of(found)).map(|after| {
        let difference = Evaluator::new(problem, &after).score() - warm.score();
        debug_assert!(difference.level(Level::Hard) <= 0, "a counterfactual is lawful");
        Counterfactual {
            changes: changes(roster, &after),
            difference,
            rules: differences(problem, roster, &after),
        }
    });
    WhyNot::At { stopped_by, counterfactual, is_complete: complete == Some(limits.changes_max) }
}

/// The rule about the person and the place alone, whatever else the person does: asked of an otherwise empty roster.
fn alone(problem: &Problem, seat: Seat, other: PersonIx, first: RuleId) -> RuleId {
    if first == RuleId::Pinned {
        return first;
    }
    let mut judge = Evaluator::new(problem, &Roster::empty(problem));
    judge.can_take(seat, other).err().map_or(first, |blocker| blocker.rule)
}
