//! Branch and bound over aggregates: a bound beyond the linear program's.
//!
//! The linear program mixes plans, and its sum of useful covers over some demands (a cell, a day, a week, one type of
//! shift, all) is often no integer though every plan's is. Whoever splits the problem there, into plans with at most
//! so many and plans with at least one more, loses no plan and gains on both sides ([`super::lagrange`] says why each
//! side's bound holds). The least bound of all open branches bounds the problem; the branch that has it is split next.
//! A branch whose bound reaches the best plan known holds nothing better and is dropped.
//!
//! Columns stay columns: a branch changes what covers are worth, not what a person may do.

use std::sync::Arc;

use super::{
    aggregate::Aggregate,
    dive::{self, Rules},
    generate::{End, Generator, Limits},
    lagrange,
    master::{Master, UNIT},
    pricing::{Column, Pricing},
};
use crate::{Rng, budget::Meter};

/// Rounds of pricing for one branch.
const ROUNDS: u32 = 400;
/// A sum this near to an integer is none to split at.
const INTEGRAL: f64 = 0.05;
/// Splits that are compared before one is chosen, and pivots for each side of one.
const COMPARED: usize = 12;
const PIVOTS: u32 = 250;
/// The rises of the two sides of a split are multiplied; they are taken as neither less nor more than this.
const LEAST_RISE: f64 = 0.01;
const MOST_RISE: f64 = 1000.0;
/// Chance in what a dive fixes.
const NOISE: f64 = 0.02;
/// Columns a person that a branch hands on.
const HANDED_ON: usize = 60;

/// A part of the plans: those that keep to some bounds on aggregates.
#[derive(Clone, Debug)]
struct Branch {
    aggregates: Vec<Aggregate>,
    /// No plan of it costs less; and the same before it was rounded up to the granularity.
    bound: i64,
    raw: i64,
    /// Prices and columns of the branch that it was split off.
    prices: Vec<f64>,
    columns: Arc<Vec<Vec<Column>>>,
}

/// The branches that are still open.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    /// Sets of demands to split by.
    sets: Vec<Vec<u32>>,
    open: Vec<Branch>,
    /// The least bound of branches that nothing splits.
    floor: i64,
    /// Steps spent on bounds, and on dives: as many on the one as on the other.
    searched: u64,
    dived: u64,
}

/// A way to split a branch.
struct Split {
    demands: Vec<u32>,
    /// At most so many on one side, at least one more on the other.
    count: u32,
}

// === impl Tree ===

impl Tree {
    /// A tree of one branch: the whole problem, which a generator has come to the end of.
    pub fn new<P: Pricing>(generator: &mut Generator<'_, P>) -> Self {
        let (bound, raw) =
            generator.proof.as_ref().map_or((i64::MIN, i64::MIN), |proof| (proof.bound, proof.raw));
        let prices = generator.center().to_vec();
        let columns = hand_on(&mut generator.master);
        let root = Branch { aggregates: Vec::new(), bound, raw, prices, columns };
        Self {
            sets: generator.pricing.aggregates(),
            open: vec![root],
            floor: i64::MAX,
            searched: 0,
            dived: 0,
        }
    }

    /// No plan of the problem costs less, `cost` being that of a plan known.
    pub fn bound(&self, cost: i64) -> i64 {
        self.open.iter().map(|branch| branch.bound).fold(self.floor.min(cost), i64::min)
    }

    /// Nothing is left to split.
    pub fn is_done(&self) -> bool {
        self.open.is_empty()
    }

    /// Looks into the branch of least bound and splits it. `best` is the best plan known; a better one that a dive
    /// into the branch met is handed back.
    pub fn step<P: Pricing>(
        &mut self,
        pricing: &P,
        best: &[Column],
        rng: &mut Rng,
        meter: &mut Meter<'_>,
    ) -> Option<Vec<Column>> {
        let cost = lagrange::cost(best, pricing.demands());
        self.open.retain(|branch| branch.bound < cost);
        let least = (0..self.open.len()).rev().min_by_key(|index| self.open[*index].raw)?;
        let mut branch = self.open.remove(least);
        let from = meter.done();
        let mut generator = branch.generator(pricing, best);
        let limits = Limits { rounds: ROUNDS, cutoff: cost, gap: 0, is_exact: true };
        let end = generator.run(limits, meter, &mut |_| ());
        if let Some(proof) = &generator.proof {
            branch.bound = branch.bound.max(proof.bound);
            branch.raw = branch.raw.max(proof.raw);
        }
        if end == End::Stopped {
            self.open.push(branch);
            return None;
        }
        if branch.bound >= cost {
            self.searched += meter.done() - from;
            return None;
        }
        branch.prices = generator.center().to_vec();
        branch.columns = hand_on(&mut generator.master);
        let splits = self.splits(&generator.master);
        match choose(&branch, &splits, pricing, best, meter) {
            Some(sides) => self.open.extend(sides),
            None => self.floor = self.floor.min(branch.bound),
        }
        self.searched += meter.done() - from;
        (self.dived <= self.searched).then(|| self.dive(&mut generator, cost, rng, meter)).flatten()
    }

    /// Looks for a plan in a branch.
    fn dive<P: Pricing>(
        &mut self,
        generator: &mut Generator<'_, P>,
        cutoff: i64,
        rng: &mut Rng,
        meter: &mut Meter<'_>,
    ) -> Option<Vec<Column>> {
        let from = meter.done();
        let rules = Rules::below(cutoff, NOISE, generator.master.people());
        let plan = dive::dive(generator, rules, rng, meter);
        self.dived += meter.done() - from;
        plan
    }

    /// Where the branch may be split, most fractional first.
    fn splits(&self, master: &Master) -> Vec<Split> {
        let mut splits: Vec<(f64, Split)> = Vec::new();
        for set in &self.sets {
            let sum: f64 = set.iter().map(|demand| master.useful(*demand)).sum();
            let off = (sum - sum.round()).abs();
            if off > INTEGRAL {
                splits.push((0.5 - off, Split { demands: set.clone(), count: sum.floor() as u32 }));
            }
        }
        splits.sort_by(|a, b| a.0.total_cmp(&b.0));
        splits.truncate(COMPARED);
        splits.into_iter().map(|(_, split)| split).collect()
    }
}

// === impl Branch ===

impl Branch {
    /// Column generation in this branch, from any plan.
    fn generator<'p, P: Pricing>(&self, pricing: &'p P, start: &[Column]) -> Generator<'p, P> {
        let mut generator =
            Generator::within(pricing, self.aggregates.clone(), start, Some(self.prices.clone()));
        for (person, columns) in self.columns.iter().enumerate() {
            for column in columns {
                generator.master.add(person, column);
            }
        }
        generator
    }
}

// === impl Split ===

impl Split {
    fn sides<P: Pricing>(&self, branch: &Branch, pricing: &P) -> [Branch; 2] {
        let useful = self.demands.iter().map(|demand| pricing.demands()[*demand as usize].useful()).sum();
        [(0, self.count), (self.count + 1, useful)].map(|(least, most)| {
            let mut side = branch.clone();
            match side.aggregates.iter_mut().find(|aggregate| aggregate.demands == self.demands) {
                Some(known) => {
                    known.least = known.least.max(least);
                    known.most = known.most.min(most);
                }
                None => side.aggregates.push(Aggregate { demands: self.demands.clone(), least, most }),
            }
            side
        })
    }
}

/// The two sides of the split that promises most.
fn choose<P: Pricing>(
    branch: &Branch,
    splits: &[Split],
    pricing: &P,
    start: &[Column],
    meter: &mut Meter<'_>,
) -> Option<[Branch; 2]> {
    let mut probed = branch.clone();
    probed.aggregates.extend(splits.iter().map(|split| Aggregate {
        demands: split.demands.clone(),
        least: split.count,
        most: split.count + 1,
    }));
    let mut master = probed.generator(pricing, start).master;
    let values = master.probe(splits.len(), PIVOTS);
    let _ = meter.charge(master.take_work());
    let score = |sides: &[f64; 2]| {
        let rises = sides.map(|value| (value - branch.raw as f64 / UNIT).clamp(LEAST_RISE, MOST_RISE));
        rises[0] * rises[1]
    };
    let best = (0..splits.len()).rev().max_by(|a, b| score(&values[*a]).total_cmp(&score(&values[*b])))?;
    Some(splits[best].sides(branch, pricing))
}

/// The columns of a master that serve best, as they are handed on to others.
fn hand_on(master: &mut Master) -> Arc<Vec<Vec<Column>>> {
    master.purge_columns(HANDED_ON * master.people());
    Arc::new((0..master.people()).map(|person| master.columns(person).cloned().collect()).collect())
}
