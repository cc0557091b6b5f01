//! A problem, or a part of one, solved: columns are generated until the linear program is proven, then dives look for
//! plans, and the columns that all of this brought up are recombined.

use super::{
    branch::Tree,
    dive::{self, Rules},
    generate::{End, Generator, Limits},
    lagrange,
    pricing::{Column, Pricing},
};
use crate::{Rng, budget::Meter};

/// Rounds of pricing for the linear program.
const ROUNDS: u32 = 400;
/// Chance in the first dive, more in each that follows, and most.
const NOISE: f64 = 0.02;
const MORE_NOISE: f64 = 0.08;
const MOST_NOISE: f64 = 0.4;
/// Columns that are recombined at once: the program is to take a fraction of a second.
#[cfg(feature = "exact")]
const POOL: usize = 500;
/// Fewer people than this dives serve well enough; and plans further from proven than one in so many are not worth
/// recombining yet.
#[cfg(feature = "exact")]
const FEW: usize = 8;
#[cfg(feature = "exact")]
const CLOSE: i64 = 250;
/// Steps that a simplex iteration of the recombination takes.
#[cfg(feature = "exact")]
const STEPS_PER_ITERATION: u64 = 200;

/// What is told while a problem is solved.
#[derive(Clone, Copy, Debug)]
pub(crate) enum News<'n> {
    /// No legal plan costs less.
    Bound(i64),
    /// A better plan, one column per person.
    Plan(&'n [Column]),
}

/// How solving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The plan is proven best.
    Finished,
    /// All tries are over.
    Tried,
    /// The budget was over first.
    Stopped,
}

/// What solving found; its plans were told.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub verdict: Verdict,
    /// Prices near the best: a good start for problems that overlap.
    pub prices: Vec<f64>,
    /// The open branches of what was tried and is not proven.
    pub tree: Option<Tree>,
}

/// How to solve.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tries {
    /// Dives that may fail before it ends.
    pub dives: u32,
    /// What stays open is to be branched on afterwards ([`Answer::tree`]).
    pub is_branching: bool,
}

struct Solver<'p, P> {
    generator: Generator<'p, P>,
    /// The best plan known.
    best: Vec<Column>,
    cost: i64,
}

/// Solves a problem, starting from a plan.
pub(crate) fn solve<P: Pricing>(
    pricing: &P,
    start: &[Column],
    prices: Option<Vec<f64>>,
    tries: Tries,
    meter: &mut Meter<'_>,
    rng: &mut Rng,
    told: &mut dyn FnMut(News<'_>),
) -> Answer {
    let mut solver = Solver {
        generator: Generator::new(pricing, start, prices),
        best: start.to_vec(),
        cost: lagrange::cost(start, pricing.demands()),
    };
    let verdict = solver.run(tries.dives, meter, rng, told);
    let prices = solver.generator.center().to_vec();
    let is_open = tries.is_branching && verdict == Verdict::Tried;
    Answer { verdict, prices, tree: is_open.then(|| Tree::new(&mut solver.generator)) }
}

// === impl Solver ===

impl<P: Pricing> Solver<'_, P> {
    fn run(
        &mut self,
        tries: u32,
        meter: &mut Meter<'_>,
        rng: &mut Rng,
        told: &mut dyn FnMut(News<'_>),
    ) -> Verdict {
        let limits = Limits { rounds: ROUNDS, cutoff: self.cost, gap: 0, is_exact: true };
        let end = self.generator.run(limits, meter, &mut |proof| told(News::Bound(proof.bound)));
        if end == End::Stopped {
            return Verdict::Stopped;
        }
        let mut failed = 0;
        while failed < tries && !self.is_proven() {
            let noise = (NOISE + MORE_NOISE * f64::from(failed)).min(MOST_NOISE);
            let rules = Rules::below(self.cost, noise, self.best.len());
            let plan = dive::dive(&mut self.generator, rules, rng, meter);
            let is_better = plan.is_some_and(|plan| self.take(plan, told)) | self.recombine(meter, told);
            if meter.is_over() {
                return Verdict::Stopped;
            }
            failed = if is_better { 0 } else { failed + 1 };
        }
        if self.is_proven() { Verdict::Finished } else { Verdict::Tried }
    }

    fn is_proven(&self) -> bool {
        self.generator.proof.as_ref().is_some_and(|proof| proof.bound >= self.cost)
    }

    /// Takes a plan over if it is better.
    fn take(&mut self, plan: Vec<Column>, told: &mut dyn FnMut(News<'_>)) -> bool {
        let cost = lagrange::cost(&plan, self.generator.pricing.demands());
        let is_better = cost < self.cost;
        if is_better {
            (self.best, self.cost) = (plan, cost);
            told(News::Plan(&self.best));
        }
        is_better
    }

    #[cfg(not(feature = "exact"))]
    fn recombine(&mut self, _: &mut Meter<'_>, _: &mut dyn FnMut(News<'_>)) -> bool {
        false
    }

    /// Looks for the best plan among the columns known.
    #[cfg(feature = "exact")]
    fn recombine(&mut self, meter: &mut Meter<'_>, told: &mut dyn FnMut(News<'_>)) -> bool {
        let Some(pool) = self.pool() else { return false };
        if meter.is_over() {
            return false;
        }
        let demands = self.generator.pricing.demands();
        let old = vec![0; pool.len()];
        let (plan, iterations) = super::recombine::recombine(demands, &pool, &old);
        let _ = meter.charge(iterations * STEPS_PER_ITERATION);
        let plan =
            plan.map(|plan| plan.iter().zip(&pool).map(|(index, columns)| columns[*index].clone()).collect());
        plan.is_some_and(|plan| self.take(plan, told))
    }

    /// Columns that may be part of a better plan, those of least excess if there are many, each person's present one
    /// first; `None` when there are none but those.
    #[cfg(feature = "exact")]
    fn pool(&self) -> Option<Vec<Vec<Column>>> {
        let proof = self.generator.proof.as_ref()?;
        let slack = self.cost - proof.raw;
        if self.best.len() < FEW || slack > self.cost.abs() / CLOSE {
            return None;
        }
        let mut useful = Vec::new();
        for (person, best) in self.best.iter().enumerate() {
            for column in self.generator.master.columns(person).filter(|column| *column != best) {
                let excess = lagrange::reduced(column, &proof.prices) - proof.least[person];
                if excess < slack {
                    useful.push((excess, person, column));
                }
            }
        }
        useful.sort_unstable();
        useful.truncate(POOL);
        let mut pool: Vec<Vec<Column>> = self.best.iter().map(|best| vec![best.clone()]).collect();
        for (_, person, column) in &useful {
            pool[*person].push((*column).clone());
        }
        (!useful.is_empty()).then_some(pool)
    }
}
