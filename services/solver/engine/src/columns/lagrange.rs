//! The Lagrangian bound, in integers.
//!
//! # Why it is valid
//! Let every person `p` take one column `c_p` of the legal ones, and let demand `d` be covered `n_d` times in all. The
//! plan costs `sum_p cost(c_p) + sum_d f_d(n_d)`. For ANY prices `u_d` this is
//!
//! `sum_p (cost(c_p) - sum over covers d of c_p of u_d) + sum_d (f_d(n_d) + u_d n_d)`,
//!
//! because what is taken off on the left is what is added on the right, once per cover. The first sum is at least the
//! sum of every person's least reduced cost, or of any lower bounds on them ([`super::Pricing::price`]); each term of
//! the second is at least the least of `f_d(n) + u_d n` over all counts ([`super::Demand::conjugate`]). Prices are
//! integers, all of it is integer arithmetic, so nothing is lost or won by rounding.
//!
//! Every legal plan's cost is a multiple of the problem's granularity, so the bound may be rounded up to one.
//!
//! # Under bounds on aggregates
//! Let a branch allow only plans whose useful covers `x_d = min(n_d, k_d)`, summed over a set `S` of demands, are
//! between `l_S` and `m_S` ([`super::aggregate`]). For ANY price `v_S`, of either sign, nothing is lost by adding
//! `v_S (sum over d in S of x_d)` and taking it off again: on the left it makes each useful cover of a demand dearer by
//! the prices of all sets that the demand is in (`f_d` is bent, [`super::Demand::bent`], and its term is the least over
//! all counts even where that is no longer convex); on the right `-v_S y` is at least the least of it over the `y`
//! allowed, which is at one of the two ends. The sum bounds every plan of the branch. Branches that leave no integer
//! out leave no plan out: the least of their bounds bounds every plan.
//!
//! A person held fixed has one legal column: its reduced cost is the least.

use super::{
    aggregate::Coupling,
    master::UNIT,
    pricing::{Column, Demand},
};

/// A proven lower bound and the prices that prove it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proof {
    /// No legal plan costs less.
    pub bound: i64,
    /// The same before it was rounded up to the granularity.
    pub raw: i64,
    /// Everybody's share of it: a lower bound on the least reduced cost. A plan that holds a column whose reduced cost
    /// is so much higher costs that much more than `raw`.
    pub least: Vec<i64>,
    /// The prices at which that is so.
    pub prices: Vec<i64>,
}

/// Prices as integers that demands can have.
pub(super) fn rounded(prices: &[f64], coupling: &Coupling<'_>) -> Vec<i64> {
    let mut rounded: Vec<i64> = prices.iter().map(|price| (price * UNIT).round() as i64).collect();
    for (index, demand) in coupling.demands.iter().enumerate() {
        let extra = coupling.extra(index, &rounded);
        let price = rounded[index];
        rounded[index] = if extra == 0 { demand.clamp(price) } else { demand.bent(extra).clamp(price) };
    }
    rounded
}

/// The bound that prices prove, given a lower bound on the least reduced cost of all people together.
pub(super) fn bound(least: i64, prices: &[i64], coupling: &Coupling<'_>) -> i64 {
    let demands = coupling.demands.iter().enumerate().map(|(index, demand)| {
        let extra = coupling.extra(index, prices);
        if extra == 0 { demand.conjugate(prices[index]) } else { demand.bent(extra).conjugate(prices[index]) }
    });
    let own = &prices[coupling.demands.len()..];
    let aggregates = coupling.aggregates.iter().zip(own).map(|(aggregate, price)| {
        let at = |count: u32| -price.saturating_mul(i64::from(count));
        at(aggregate.least).min(at(aggregate.most))
    });
    demands.chain(aggregates).fold(least, i64::saturating_add)
}

/// What a column costs less the prices of what it covers.
pub(super) fn reduced(column: &Column, prices: &[i64]) -> i64 {
    column.cost - column.covers.iter().map(|cover| prices[*cover as usize]).sum::<i64>()
}

/// The least multiple of `granularity` that is not below.
pub(super) fn round_up(bound: i64, granularity: i64) -> i64 {
    if granularity <= 1 {
        bound
    } else {
        bound.div_euclid(granularity) * granularity
            + if bound.rem_euclid(granularity) > 0 { granularity } else { 0 }
    }
}

/// What a plan costs: one column per person.
pub(crate) fn cost<'c>(columns: impl IntoIterator<Item = &'c Column>, demands: &[Demand]) -> i64 {
    let mut counts = vec![0_u32; demands.len()];
    let mut cost = 0;
    for column in columns {
        cost += column.cost;
        for cover in &column.covers {
            counts[*cover as usize] += 1;
        }
    }
    cost + demands.iter().zip(&counts).map(|(demand, count)| demand.cost(*count)).sum::<i64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_up_goes_to_the_next_multiple() {
        assert_eq!(
            [0, 1, 999, 1000, -1, -1000].map(|bound| round_up(bound, 1000)),
            [0, 1000, 1000, 1000, 0, -1000]
        );
        assert_eq!(round_up(7, 1), 7);
    }
}
