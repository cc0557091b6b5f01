//! Column generation: solve the restricted master, price everybody at its prices, add what promises, again.
//!
//! Prices of a restricted master swing. What is priced is therefore a mix of them with the best prices so far
//! (Wentges smoothing); when such a mix finds nothing, the next one leans nearer to the master's own. Every exact
//! pricing of everybody is a proof ([`super::lagrange`]), whatever the prices were.

use std::ops::ControlFlow;

use super::{
    aggregate::{Aggregate, Coupling},
    lagrange::{self, Proof},
    master::{Master, UNIT},
    pricing::{Column, Effort, Pricing},
};
use crate::budget::Meter;

/// Pivots of one solve of the master.
const PIVOTS: u32 = 4000;
/// How much of the best prices is in the mix that is priced, at first and at most.
const SMOOTHING: f64 = 0.6;
const SMOOTHING_MAX: f64 = 0.9;
/// By how much that changes after a round.
const CHANGE: f64 = 0.1;

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Rounds of pricing.
    pub rounds: u32,
    /// Stop when no plan below this can be.
    pub cutoff: i64,
    /// Stop when the master's value is this near to what is proven.
    pub gap: i64,
    /// Go on with exact pricing when the quick one finds nothing.
    pub is_exact: bool,
}

/// Why column generation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// No column improves the master, or the proof has reached its value (up to the gap allowed).
    Converged,
    /// What is proven has reached the cut-off.
    CutOff,
    /// The rounds allowed are over.
    Limit,
    /// The budget is over.
    Stopped,
}

/// A problem, its restricted master, and what is proven so far.
pub(crate) struct Generator<'p, P> {
    pub pricing: &'p P,
    coupling: Coupling<'p>,
    pub master: Master,
    /// The best proof about the whole problem, or the branch of it that the aggregates leave.
    pub proof: Option<Proof>,
    granularity: i64,
    /// The best prices of the present node, and what they are worth there.
    center: Vec<f64>,
    worth: i64,
    effort: Effort,
    pub first_effort: Effort,
    /// How much of them is in the mix priced next, and in the mix after a round that found something.
    mixing: f64,
    smoothing: f64,
    found: Vec<Column>,
}

/// What one round of pricing brought.
struct Round {
    /// Columns that improve the master.
    added: usize,
    /// What the prices seem to be worth, by the columns seen.
    worth: i64,
    /// The bound rises further from the best prices towards the master's own.
    is_uphill: bool,
    /// What they prove about the node, and that rounded up.
    raw: i64,
    bound: i64,
}

// === impl Generator ===

impl<'p, P: Pricing> Generator<'p, P> {
    /// Starts from one column per person; prices are taken from `center` where the caller knows better ones.
    pub fn new(pricing: &'p P, start: &[Column], center: Option<Vec<f64>>) -> Self {
        Self::within(pricing, Vec::new(), start, center)
    }

    /// The same in a branch: only plans that keep to bounds on aggregates count. The start need not.
    pub fn within(
        pricing: &'p P,
        aggregates: Vec<Aggregate>,
        start: &[Column],
        center: Option<Vec<f64>>,
    ) -> Self {
        let coupling = Coupling::new(pricing.demands(), aggregates);
        let mut center = center;
        if let Some(center) = &mut center {
            center.resize(coupling.len(), 0.0);
        }
        Self {
            pricing,
            master: Master::new(&coupling, start),
            proof: None,
            granularity: pricing.granularity(),
            mixing: if center.is_some() { SMOOTHING } else { 0.0 },
            smoothing: SMOOTHING,
            center: center.unwrap_or_else(|| vec![0.0; coupling.len()]),
            coupling,
            worth: i64::MIN,
            effort: Effort::Exact,
            first_effort: Effort::Exact,
            found: Vec::new(),
        }
    }

    /// Forgets what the present node is worth: somebody was fixed or released.
    pub fn enter_node(&mut self) {
        self.worth = i64::MIN;
        self.effort = self.first_effort;
        self.mixing = SMOOTHING;
    }

    /// What the node is worth at least by the master's value, rounded up: no proof unless it converged.
    pub fn estimate(&self) -> i64 {
        let value = (self.master.value() * UNIT - 0.5).floor() as i64;
        lagrange::round_up(value, self.granularity)
    }

    /// Generates columns; `told` hears of every better proof about the whole problem.
    pub fn run(&mut self, limits: Limits, meter: &mut Meter<'_>, told: &mut dyn FnMut(&Proof)) -> End {
        for _ in 0..limits.rounds {
            self.master.solve(PIVOTS);
            if meter.charge(self.master.take_work()).is_break() {
                return End::Stopped;
            }
            let Some(round) = self.round(meter, told) else { return End::Stopped };
            if round.bound >= limits.cutoff {
                return End::CutOff;
            }
            let value = self.master.value() * UNIT;
            if round.bound.saturating_add(limits.gap) as f64 >= value - 0.5 {
                return End::Converged;
            }
            if let Some(end) = self.steer(&round, limits) {
                return end;
            }
            self.master.purge(8 * self.master.people() * 20 + 4000);
        }
        End::Limit
    }

    /// What to do differently after a round: nothing while columns come, else prices nearer to the master's, else
    /// more effort, else the end.
    fn steer(&mut self, round: &Round, limits: Limits) -> Option<End> {
        if round.added > 0 {
            let change = if round.is_uphill { -CHANGE } else { CHANGE };
            self.smoothing = (self.smoothing + change).clamp(0.0, SMOOTHING_MAX);
            self.mixing = self.smoothing;
        } else if self.mixing > 0.0 {
            self.mixing = if self.mixing > 0.35 { self.mixing * 0.5 } else { 0.0 };
        } else if self.effort == Effort::Quick && limits.is_exact {
            self.effort = Effort::Exact;
        } else {
            return Some(End::Converged);
        }
        None
    }

    /// Prices everybody once; `None` when the budget is over.
    fn round(&mut self, meter: &mut Meter<'_>, told: &mut dyn FnMut(&Proof)) -> Option<Round> {
        let demands = self.pricing.demands().len();
        let own = self.master.prices();
        let mixed: Vec<f64> = if self.mixing > 0.0 {
            let mix = self.mixing;
            own.iter().zip(&self.center).map(|(own, center)| mix * center + (1.0 - mix) * own).collect()
        } else {
            own.clone()
        };
        let prices = lagrange::rounded(&mixed, &self.coupling);
        // What is proven of everybody's least reduced cost, and what was seen of it.
        let mut leasts = Vec::with_capacity(self.pricing.people());
        let mut seen = 0_i64;
        let mut round = Round { added: 0, worth: i64::MIN, raw: i64::MIN, bound: i64::MIN, is_uphill: true };
        let mut counts = vec![0_u32; demands];
        let mut is_proof = true;
        for person in 0..self.pricing.people() {
            if let Some(variable) = self.master.fixed(person) {
                let reduced = lagrange::reduced(self.master.column(variable), &prices);
                leasts.push(reduced);
                seen = seen.saturating_add(reduced);
                count(self.master.column(variable), &mut counts);
                continue;
            }
            self.found.clear();
            let bound = self.pricing.price(person, &prices[..demands], self.effort, &mut self.found);
            if meter.charge(1 + self.pricing.take_steps()) == ControlFlow::Break(()) {
                return None;
            }
            let best = self.found.iter().map(|column| lagrange::reduced(column, &prices)).min();
            if let Some(best) = self.found.first() {
                count(best, &mut counts);
            }
            is_proof &= bound.is_some();
            leasts.push(bound.unwrap_or(0));
            seen = seen.saturating_add(best.or(bound).unwrap_or(0));
            round.added += self.keep(person);
        }
        if is_proof {
            let least = leasts.iter().fold(0, |sum: i64, least| sum.saturating_add(*least));
            round.raw = lagrange::bound(least, &prices, &self.coupling);
            round.bound = lagrange::round_up(round.raw, self.granularity);
        }
        round.is_uphill = self.is_uphill(&own, &prices, &counts);
        round.worth = lagrange::bound(seen, &prices, &self.coupling);
        if round.worth > self.worth {
            self.worth = round.worth;
            self.center = prices.iter().map(|price| *price as f64 / UNIT).collect();
        }
        self.prove(&round, prices, leasts, told);
        Some(round)
    }

    /// Whether the bound rises from `prices` towards the master's own and away from the best: what the columns seen
    /// cover, against what demands want at those prices, is its gradient.
    fn is_uphill(&self, own: &[f64], prices: &[i64], counts: &[u32]) -> bool {
        let demands = self.coupling.demands.iter().zip(prices).zip(counts).enumerate();
        let gradient = demands.map(|(index, ((demand, price), count))| {
            let extra = self.coupling.extra(index, prices);
            let (from, to) =
                if extra == 0 { demand.wanted(*price) } else { demand.bent(extra).wanted(*price) };
            f64::from(*count) - f64::from((*count).clamp(from, to))
        });
        let ways = own.iter().zip(&self.center).map(|(own, center)| own - center);
        gradient.zip(ways).map(|(gradient, way)| -gradient * way).sum::<f64>() > 0.0
    }

    /// Adds the columns found that improve the master.
    fn keep(&mut self, person: usize) -> usize {
        let mut added = 0;
        for column in &self.found {
            if self.master.reduced_cost(person, column) < -1e-6 && self.master.add(person, column) {
                added += 1;
            }
        }
        added
    }

    fn prove(&mut self, round: &Round, prices: Vec<i64>, least: Vec<i64>, told: &mut dyn FnMut(&Proof)) {
        let is_whole = (0..self.master.people()).all(|person| self.master.fixed(person).is_none());
        let is_better = self.proof.as_ref().is_none_or(|proof| proof.raw < round.raw);
        let is_news = self.proof.as_ref().is_none_or(|proof| proof.bound < round.bound);
        if round.bound > i64::MIN && is_whole && is_better {
            let proof = Proof { bound: round.bound, raw: round.raw, least, prices };
            if is_news {
                told(&proof);
            }
            self.proof = Some(proof);
        }
    }

    /// The prices the node is worth most at.
    pub fn center(&self) -> &[f64] {
        &self.center
    }
}

fn count(column: &Column, counts: &mut [u32]) {
    for cover in &column.covers {
        counts[*cover as usize] += 1;
    }
}

/// One column per person to start from: one after the other takes what is cheapest beside those before. `None` when
/// somebody has no legal column.
pub(crate) fn first<P: Pricing>(pricing: &P, meter: &mut Meter<'_>) -> Option<Vec<Column>> {
    let demands = pricing.demands();
    let mut counts = vec![0_u32; demands.len()];
    let mut found = Vec::new();
    let mut columns = Vec::with_capacity(pricing.people());
    for person in 0..pricing.people() {
        let prices: Vec<i64> = demands
            .iter()
            .zip(&counts)
            .map(|(demand, count)| demand.clamp(-demand.marginal(*count)))
            .collect();
        for effort in [Effort::Quick, Effort::Exact] {
            found.clear();
            pricing.price(person, &prices, effort, &mut found);
            let _ = meter.charge(1 + pricing.take_steps());
            if !found.is_empty() {
                break;
            }
        }
        let best = found.iter().min_by_key(|column| lagrange::reduced(column, &prices))?;
        count(best, &mut counts);
        columns.push(best.clone());
    }
    Some(columns)
}
