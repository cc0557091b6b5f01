//! Where rules report what they find: summed, summed per rule, or kept as typed matches.

use super::RuleId;
use crate::{
    problem::{DayIx, PersonIx, Problem, ShiftIx, SlotIx},
    score::{Level, Score},
};

/// One unit of breach, in the thousandths rules report in.
pub(crate) const UNIT: i64 = 1_000;

/// What a match is about; only built when somebody keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The people concerned.
    pub people: Vec<PersonIx>,
    /// The days concerned, in order.
    pub days: Vec<DayIx>,
    /// The slots concerned.
    pub slots: Vec<SlotIx>,
    /// The types of shift concerned.
    pub shifts: Vec<ShiftIx>,
    /// What was found, in the rule's own unit.
    pub observed: i64,
    /// What the rule asks, in the same unit.
    pub expected: i64,
}

/// A rule's match: where it is broken, or what it costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Which rule.
    pub rule: RuleId,
    /// The level it counts at; a derogation moves a hard match to the relaxed level.
    pub level: Level,
    /// What it costs, in the score's thousandths.
    pub cost: i64,
    /// An administrator accepted it.
    pub is_derogated: bool,
    /// What it is about.
    pub facts: Facts,
}

/// Who listens to rules.
pub(crate) trait Sink {
    /// A rule is broken by `amount` thousandths of its unit.
    fn found(&mut self, rule: RuleId, amount: i64, facts: impl FnOnce() -> Facts);
}

/// Sums costs by level.
pub(crate) struct Tally<'p> {
    problem: &'p Problem,
    pub score: Score,
}

/// Sums breaches of inviolable rules, by rule.
pub(crate) struct Breaches<'p> {
    problem: &'p Problem,
    pub by_rule: [i64; RuleId::COUNT],
}

/// Keeps everything.
pub(crate) struct Matches<'p> {
    problem: &'p Problem,
    pub found: Vec<Match>,
}

/// An administrator accepted this rule's breach for one of the people on one of the days.
fn is_derogated(problem: &Problem, rule: RuleId, facts: &Facts) -> bool {
    let accepted = &problem.derived().derogations;
    let on = |person: &PersonIx, day: &DayIx| accepted.binary_search(&(rule, *person, *day)).is_ok();
    facts.people.iter().any(|person| facts.days.iter().any(|day| on(person, day)))
}

/// The level a match really counts at.
fn level_of(problem: &Problem, rule: RuleId, facts: impl FnOnce() -> Facts) -> Level {
    let level = problem.derived().settings[rule as usize].level;
    let nothing_accepted = problem.derived().derogations.is_empty();
    if level == Level::Hard && !nothing_accepted && is_derogated(problem, rule, &facts()) {
        return Level::Relaxed;
    }
    level
}

// === impl Facts ===

impl Facts {
    /// About one person on one day.
    pub(crate) fn on(person: PersonIx, day: DayIx) -> Self {
        Self { people: vec![person], days: vec![day], ..Self::default() }
    }

    /// About one slot.
    pub(crate) fn slot(problem: &Problem, slot: SlotIx, people: &[Option<PersonIx>]) -> Self {
        let people = people.iter().flatten().copied().collect();
        Self { people, days: vec![problem.slot(slot).day], slots: vec![slot], ..Self::default() }
    }

    /// With these slots.
    pub(crate) fn with_slots(mut self, slots: impl Iterator<Item = SlotIx>) -> Self {
        self.slots = slots.collect();
        self.slots.sort_unstable();
        self
    }

    /// With what was found and what was asked.
    pub(crate) fn numbers(mut self, observed: impl Into<i64>, expected: impl Into<i64>) -> Self {
        self.observed = observed.into();
        self.expected = expected.into();
        self
    }
}

// === impl Tally ===

impl<'p> Tally<'p> {
    pub fn new(problem: &'p Problem) -> Self {
        Self { problem, score: Score::ZERO }
    }
}

impl Sink for Tally<'_> {
    #[inline]
    fn found(&mut self, rule: RuleId, amount: i64, facts: impl FnOnce() -> Facts) {
        let weight = self.problem.derived().settings[rule as usize].weight;
        self.score.charge(level_of(self.problem, rule, facts), weight.saturating_mul(amount));
    }
}

// === impl Breaches ===

impl<'p> Breaches<'p> {
    pub fn new(problem: &'p Problem) -> Self {
        Self { problem, by_rule: [0; RuleId::COUNT] }
    }

    /// How much more a rule, by position, is broken after than before.
    pub fn more(after: &Self, before: &Self, rule: usize) -> i64 {
        after.by_rule[rule] - before.by_rule[rule]
    }

    /// The first rule broken more here than there.
    pub fn worse_than(&self, before: &Self) -> Option<RuleId> {
        RuleId::ALL.into_iter().find(|rule| self.by_rule[*rule as usize] > before.by_rule[*rule as usize])
    }
}

impl Sink for Breaches<'_> {
    #[inline]
    fn found(&mut self, rule: RuleId, amount: i64, facts: impl FnOnce() -> Facts) {
        let setting = &self.problem.derived().settings[rule as usize];
        if setting.level == Level::Hard
            && setting.weight > 0
            && level_of(self.problem, rule, facts) == Level::Hard
        {
            self.by_rule[rule as usize] += amount;
        }
    }
}

// === impl Matches ===

impl<'p> Matches<'p> {
    pub fn new(problem: &'p Problem) -> Self {
        Self { problem, found: Vec::new() }
    }
}

impl Sink for Matches<'_> {
    fn found(&mut self, rule: RuleId, amount: i64, facts: impl FnOnce() -> Facts) {
        let setting = self.problem.derived().settings[rule as usize];
        let cost = setting.weight.saturating_mul(amount);
        if cost == 0 {
            return;
        }
        let facts = facts();
        let is_derogated = setting.level == Level::Hard && is_derogated(self.problem, rule, &facts);
        let level = if is_derogated { Level::Relaxed } else { setting.level };
        self.found.push(Match { rule, level, cost, is_derogated, facts });
    }
}
