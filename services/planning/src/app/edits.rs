//! What an edit of a plan breaks that was not broken before.

use std::{collections::BTreeMap, sync::Arc};

use chassis::Problem;
use roster::{Level, rules::Match};

use super::{App, board::Board};
use crate::domain::{
    problem::{self, Key},
    shift::Holder,
};

/// A rule an edit breaks that was not broken before.
#[derive(Debug)]
pub struct Broken {
    pub rule: &'static str,
    pub is_hard: bool,
    pub people: Vec<String>,
    pub shifts: Vec<String>,
    pub cost: i64,
}

/// A plan as it is, that edits of it are compared with.
#[derive(Debug)]
pub struct Ground {
    pub(super) problem: roster::Problem,
    pub(super) key: Key,
    /// What the rules cost, by where they are broken.
    known: BTreeMap<Place, i64>,
}

// === impl App ===

impl App {
    /// Matches that are new with these holders, or cost more.
    pub async fn violations(&self, board: &Board, after: Vec<Holder>) -> Result<Vec<Broken>, Problem> {
        let ground = board.ground.get_or_try_init(|| self.ground(board)).await?.clone();
        self.judges.ask(move || ground.broken_by(&after)).await
    }

    async fn ground(&self, board: &Board) -> Result<Arc<Ground>, Problem> {
        // The pins of the head stay out: an edit may well be about one.
        let (problem, key) = board.problem(&[])?;
        let holders = board.holders();
        self.judges.ask(move || Arc::new(Ground::of(problem, key, &holders))).await
    }
}

// === impl Ground ===

impl Ground {
    /// What holders break in a problem.
    pub(super) fn of(problem: roster::Problem, key: Key, holders: &[Holder]) -> Self {
        let mut ground = Ground { problem, key, known: BTreeMap::new() };
        for found in ground.matches(holders) {
            *ground.known.entry(place(&found)).or_default() += found.cost;
        }
        ground
    }

    fn matches(&self, holders: &[Holder]) -> Vec<Match> {
        roster::matches(&self.problem, &problem::roster(&self.problem, &self.key, holders))
    }

    /// What they break anew, or break more.
    pub(super) fn broken_by(&self, after: &[Holder]) -> Vec<Broken> {
        let is_new = |found: &Match| self.known.get(&place(found)).copied().unwrap_or(0) < found.cost;
        let new = self.matches(after).into_iter().filter(|found| is_told(found) && is_new(found));
        new.map(|found| broken(&self.key, &found)).collect()
    }
}

/// Holes and fair shares move with every edit; an edit is told what it breaks.
fn is_told(found: &Match) -> bool {
    !matches!(found.level, Level::Critical | Level::Change)
        && !matches!(
            found.rule,
            roster::RuleId::DutyEquity | roster::RuleId::ConsultationEquity | roster::RuleId::ClosingEquity
        )
}

/// Where a rule is broken: the rule, people, days, slots.
type Place = (roster::RuleId, Vec<u16>, Vec<u16>, Vec<u32>);

fn place(found: &Match) -> Place {
    let facts = &found.facts;
    (
        found.rule,
        facts.people.iter().map(|person| person.0).collect(),
        facts.days.iter().map(|day| day.0).collect(),
        facts.slots.iter().map(|slot| slot.0).collect(),
    )
}

fn broken(key: &Key, found: &Match) -> Broken {
    Broken {
        rule: found.rule.code(),
        is_hard: found.level == Level::Hard,
        people: found.facts.people.iter().map(|person| key.person(*person).to_owned()).collect(),
        shifts: found.facts.slots.iter().map(|slot| key.shift(*slot).to_owned()).collect(),
        cost: found.cost,
    }
}
