//! Diving: from the fractional master to a plan, fixing whom it likes best and generating columns for the others.

use super::{
    generate::{End, Generator, Limits},
    lagrange,
    pricing::{Column, Pricing},
};
use crate::{Rng, budget::Meter};

/// A plan is liked so much that it is fixed along with the first.
const LIKED: f64 = 0.95;

/// Rounds of pricing after each fixing.
const ROUNDS: u32 = 60;
/// How often a dive may take a fixing back.
const RETURNS: u32 = 2;
/// A master need only be as near to proven as one in so many.
const NEAR: i64 = 4000;

/// One more person is fixed at a time for so many people: where there are many, one fixing leaves the others' prices
/// nearly as they were, and a dive that is not finished in time is worth little.
const PEOPLE_A_FIXING: usize = 25;

/// How to dive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Only plans that cost less are wanted.
    pub cutoff: i64,
    /// How near to proven a master need only be.
    pub gap: i64,
    /// Rounds of column generation after each fixing.
    pub rounds: u32,
    /// How often a fixing may be taken back.
    pub returns: u32,
    /// How much chance there is in what is fixed first, 0 to 1: dives that follow each other should differ.
    pub noise: f64,
    /// At most this many people are fixed at a time, beside those whose plan is liked entirely.
    pub group: usize,
}

// === impl Rules ===

impl Rules {
    /// For whole problems and parts of them of so many people, as thoroughly as pays.
    pub fn below(cutoff: i64, noise: f64, people: usize) -> Self {
        let group = people.div_ceil(PEOPLE_A_FIXING);
        Self { cutoff, gap: cutoff / NEAR, rounds: ROUNDS, returns: RETURNS, noise, group }
    }
}

/// Dives from the present master; everybody is released again at the end. Returns one column per person, if that
/// costs less than the cut-off.
pub(crate) fn dive<P: Pricing>(
    generator: &mut Generator<'_, P>,
    rules: Rules,
    rng: &mut Rng,
    meter: &mut Meter<'_>,
) -> Option<Vec<Column>> {
    let plan = descend(generator, rules, rng, meter);
    for person in 0..generator.master.people() {
        generator.master.release(person);
    }
    generator.enter_node();
    let demands = generator.pricing.demands();
    plan.filter(|columns| lagrange::cost(columns, demands) < rules.cutoff)
}

fn descend<P: Pricing>(
    generator: &mut Generator<'_, P>,
    rules: Rules,
    rng: &mut Rng,
    meter: &mut Meter<'_>,
) -> Option<Vec<Column>> {
    let mut fixings: Vec<usize> = Vec::new();
    let mut returns = rules.returns;
    let limits = Limits { rounds: rules.rounds, cutoff: rules.cutoff, gap: rules.gap, is_exact: true };
    loop {
        generator.enter_node();
        let end = generator.run(limits, meter, &mut |_| ());
        if end == End::Stopped {
            // What is left of the budget may still round off what the master likes now.
            while !fix_liked(generator, usize::MAX, 0.0, rng, &mut fixings) {}
            return Some(plan(generator));
        }
        if end == End::CutOff || generator.estimate() >= rules.cutoff {
            if returns == 0 || !step_back(generator, &mut fixings) {
                return None;
            }
            returns -= 1;
            continue;
        }
        if fix_liked(generator, rules.group, rules.noise, rng, &mut fixings) {
            return Some(plan(generator));
        }
    }
}

/// Takes the last fixing back and forbids its column; false when nothing is fixed.
fn step_back<P: Pricing>(generator: &mut Generator<'_, P>, fixings: &mut Vec<usize>) -> bool {
    let Some(person) = fixings.pop() else { return false };
    let Some(variable) = generator.master.fixed(person) else { return false };
    generator.master.release(person);
    generator.master.set_banned(variable, true);
    true
}

/// Fixes the people whose plans are liked most; true when everybody is fixed.
fn fix_liked<P: Pricing>(
    generator: &mut Generator<'_, P>,
    group: usize,
    noise: f64,
    rng: &mut Rng,
    fixings: &mut Vec<usize>,
) -> bool {
    let master = &mut generator.master;
    let mut liked: Vec<(f64, usize, u32)> = Vec::new();
    for person in (0..master.people()).filter(|person| master.fixed(*person).is_none()) {
        let noise = rng.below(1000) as f64 * 1e-3 * noise;
        let most = master.used(person).max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        if let Some((variable, value)) = most {
            liked.push((value + noise, person, variable));
        }
    }
    liked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let whole = liked.iter().take_while(|(value, ..)| *value >= LIKED).count();
    let is_last = whole == liked.len() || liked.len() <= group;
    let count = if whole == liked.len() { whole } else { whole.max(group.min(liked.len())) };
    for &(_, person, variable) in liked.iter().take(count).rev() {
        master.fix(person, variable);
        fixings.push(person);
    }
    is_last && count == liked.len()
}

/// What everybody is fixed to.
fn plan<P: Pricing>(generator: &Generator<'_, P>) -> Vec<Column> {
    let master = &generator.master;
    (0..master.people())
        .filter_map(|person| master.fixed(person))
        .map(|variable| master.column(variable).clone())
        .collect()
}
