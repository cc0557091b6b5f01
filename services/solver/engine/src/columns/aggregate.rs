//! Covers of several demands counted together: what a branch of the search for a bound fixes.
//!
//! A demand's *useful* covers are those that its cost wants: covers up to the count from which one more saves nothing.
//! How many there are of them, over some demands together, is an integer in every plan and rarely one in the linear
//! program. An [`Aggregate`] keeps that sum between two integers; [`super::branch`] splits a problem by them.

use super::pricing::Demand;

/// Bounds on the useful covers of some demands together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Aggregate {
    /// The demands, ascending.
    pub demands: Vec<u32>,
    /// At least and at most so many.
    pub least: u32,
    pub most: u32,
}

/// What couples people: demands, and bounds on aggregates of them. Prices are listed in this order.
#[derive(Clone, Debug)]
pub(crate) struct Coupling<'p> {
    pub demands: &'p [Demand],
    pub aggregates: Vec<Aggregate>,
    /// The aggregates that each demand is in; empty when there are none at all.
    of_demand: Vec<Vec<u32>>,
}

// === impl Coupling ===

impl<'p> Coupling<'p> {
    pub fn new(demands: &'p [Demand], aggregates: Vec<Aggregate>) -> Self {
        let mut of_demand = Vec::new();
        if !aggregates.is_empty() {
            of_demand.resize(demands.len(), Vec::new());
        }
        for (index, aggregate) in aggregates.iter().enumerate() {
            for demand in &aggregate.demands {
                of_demand[*demand as usize].push(index as u32);
            }
        }
        Self { demands, aggregates, of_demand }
    }

    /// Number of prices.
    pub fn len(&self) -> usize {
        self.demands.len() + self.aggregates.len()
    }

    /// The aggregates a demand is in.
    pub fn of_demand(&self, demand: usize) -> &[u32] {
        self.of_demand.get(demand).map_or(&[], Vec::as_slice)
    }

    /// What the prices of aggregates add to the cost of each useful cover of a demand.
    pub fn extra(&self, demand: usize, prices: &[i64]) -> i64 {
        let own = self.demands.len();
        self.of_demand(demand).iter().map(|aggregate| prices[own + *aggregate as usize]).sum()
    }
}
