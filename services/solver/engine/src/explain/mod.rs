//! Explanation: why this person here, why not that one, what contradicts what. Typed, never prose: words for people
//! are made elsewhere, from rules and numbers.

mod contradiction;
mod why;
mod why_not;

use roster::{Problem, Roster, RuleId, Score, analyze};

pub use self::{
    contradiction::{Contradiction, Element, Outcome, Question, Relaxation, contradiction},
    why::{Ground, Rival, Verdict, Why, why},
    why_not::{Counterfactual, Moved, WhyNot, why_not},
};

/// How far an explanation may look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// The most places that change hands in a counterfactual, the one asked about included.
    pub changes_max: usize,
    /// The most places to try somebody in.
    pub steps: u64,
}

/// What one rule costs more, or less when negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleDifference {
    /// The rule.
    pub rule: RuleId,
    /// The difference, at the level or levels it counts at.
    pub difference: Score,
}

// === impl Patience ===

impl Default for Patience {
    /// Four changes, a tenth of a second.
    fn default() -> Self {
        Self { changes_max: 4, steps: 40_000 }
    }
}

/// What each rule costs more in one roster than in another of the same problem, in the catalog's order; rules that
/// cost the same are left out. The differences add up to that of the scores.
#[must_use]
pub fn differences(problem: &Problem, before: &Roster, after: &Roster) -> Vec<RuleDifference> {
    let costs = |roster: &Roster| {
        let mut costs = vec![Score::ZERO; RuleId::COUNT];
        for report in analyze(problem, roster).rules {
            costs[report.rule as usize] += report.cost;
        }
        costs
    };
    let (before, after) = (costs(before), costs(after));
    let rules = RuleId::ALL.into_iter().zip(before.into_iter().zip(after));
    rules
        .map(|(rule, (before, after))| RuleDifference { rule, difference: after - before })
        .filter(|own| own.difference != Score::ZERO)
        .collect()
}
