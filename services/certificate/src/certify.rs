//! From facts to a certificate.

use std::collections::{BTreeMap, BTreeSet};

use calendar::Day;
use jiff::Timestamp;

use crate::{
    canon,
    facts::{Facts, Kind, Law, Open, Person, Post, Role, Room, Shift},
    rules::{self, Rule},
    timeline::Timeline,
};

/// What was looked at and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// What it is about: the name of a revision.
    pub subject: String,
    /// What it says.
    pub verdict: Verdict,
    /// Every check, in the order of [`Rule::ALL`]; one that had nothing to look at too.
    pub checks: Vec<Check>,
    /// SHA-256 over `facts`, in hexadecimal; see [`crate::hash`].
    pub hash: String,
    /// Exactly what was checked, a fact a line.
    pub facts: Vec<String>,
}

/// What a certificate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is broken.
    Compliant,
    /// Something is.
    Breached,
}

/// One rule, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The rule.
    pub rule: Rule,
    /// How many facts it looked at.
    pub count: usize,
    /// Where it is broken.
    pub breaches: Vec<Breach>,
    /// Where it is exceeded as far as an administrator authorized.
    pub derogations: Vec<Breach>,
}

/// Where a rule is broken, and by how much.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    /// From when.
    pub start: Timestamp,
    /// Until when.
    pub end: Timestamp,
    /// The text that is broken: the person's own law where it is one of working time.
    pub law: String,
    /// Ids of those concerned.
    pub people: Vec<String>,
    /// Ids of the shifts concerned.
    pub shifts: Vec<String>,
    /// What is the case.
    pub measured: i64,
    /// What it is held to: a least for rests and people, a most for everything else.
    pub limit: i64,
    /// Of both figures.
    pub unit: Unit,
}

/// What figures count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// Minutes; of an average, in a week.
    Minutes,
    /// People, rooms, posts.
    Things,
}

/// The facts, prepared for being asked.
pub(crate) struct View<'f> {
    pub facts: &'f Facts,
    pub timeline: Timeline<'f>,
    pub people: BTreeMap<&'f str, &'f Person>,
    pub rooms: BTreeMap<&'f str, &'f Room>,
    pub shifts: BTreeMap<&'f str, &'f Shift>,
    /// The plan's posts by shift and role.
    pub held: BTreeMap<(&'f str, Role), Vec<&'f Post>>,
    /// Posts that the plan says are open.
    pub open: BTreeSet<&'f Open>,
    /// What the plan staffs at which site, by day.
    pub kinds: BTreeSet<(Day, Kind, &'f str)>,
}

/// What the rules find.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    counts: BTreeMap<Rule, usize>,
    breaches: BTreeMap<Rule, Vec<Breach>>,
    derogations: BTreeMap<Rule, Vec<Breach>>,
}

/// Checks the facts against every rule.
pub fn certify(facts: &Facts) -> Certificate {
    let mut findings = Findings::default();
    rules::check(&View::of(facts), &mut findings);
    let checks: Vec<Check> = Rule::ALL.into_iter().map(|rule| findings.take(rule)).collect();
    let is_breached = checks.iter().any(|check| !check.breaches.is_empty());
    let lines = canon::lines(facts);
    Certificate {
        subject: facts.subject.clone(),
        verdict: if is_breached { Verdict::Breached } else { Verdict::Compliant },
        checks,
        hash: canon::hash(&lines),
        facts: lines,
    }
}

// === impl Certificate ===

impl Certificate {
    /// Every breach with its rule.
    pub fn breaches(&self) -> impl Iterator<Item = (Rule, &Breach)> {
        self.checks.iter().flat_map(|check| check.breaches.iter().map(|breach| (check.rule, breach)))
    }
}

// === impl View ===

impl<'f> View<'f> {
    fn of(facts: &'f Facts) -> Self {
        let mut held: BTreeMap<(&str, Role), Vec<&Post>> = BTreeMap::new();
        for post in facts.posts.iter().filter(|post| post.is_of_plan) {
            held.entry((post.shift.as_str(), post.role)).or_default().push(post);
        }
        held.values_mut().for_each(|posts| posts.sort_unstable());
        Self {
            facts,
            timeline: Timeline::of(facts),
            people: facts.people.iter().map(|own| (own.id.as_str(), own)).collect(),
            rooms: facts.rooms.iter().map(|own| (own.id.as_str(), own)).collect(),
            shifts: facts.shifts.iter().map(|own| (own.id.as_str(), own)).collect(),
            held,
            open: facts.open.iter().collect(),
            kinds: facts.shifts.iter().map(|own| (own.day, own.kind, own.site.as_str())).collect(),
        }
    }

    /// The law somebody is under on a day, of several the one that asks for the longest rest; none without a contract.
    pub fn law_on(&self, person: &str, day: Day) -> Option<&'f Law> {
        let binding = self.people.get(person)?.laws.iter().filter(|law| law.binds_on(day));
        binding.max_by_key(|law| (law.daily_rest_min, *law))
    }
}

// === impl Findings ===

impl Findings {
    /// Some facts were looked at.
    pub fn looked(&mut self, rule: Rule, count: usize) {
        *self.counts.entry(rule).or_default() += count;
    }

    pub fn breach(&mut self, rule: Rule, breach: Breach) {
        self.breaches.entry(rule).or_default().push(breach);
    }

    pub fn derogation(&mut self, rule: Rule, breach: Breach) {
        self.derogations.entry(rule).or_default().push(breach);
    }

    fn take(&mut self, rule: Rule) -> Check {
        let sorted = |own: Option<Vec<Breach>>| {
            let mut own = own.unwrap_or_default();
            own.sort();
            own.dedup();
            own
        };
        Check {
            rule,
            count: self.counts.remove(&rule).unwrap_or(0),
            breaches: sorted(self.breaches.remove(&rule)),
            derogations: sorted(self.derogations.remove(&rule)),
        }
    }
}
