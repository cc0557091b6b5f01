//! What column generation asks of a problem: people, convex demands, and somebody who finds good columns at given
//! prices. Shifts ([`super::shifts`]) and a hospital's duties both answer it.

/// How hard to look for columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Whatever finds good columns fast; no bound need come with them.
    Quick,
    /// The least reduced cost, proven, or a valid lower bound on it.
    Exact,
}

/// A demand: a convex, piecewise linear cost of how often the chosen columns cover it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Demand {
    /// What it costs that nothing covers it.
    pub base: i64,
    /// What each further cover costs: `(up to this count, cost of each)`, both ascending; the last one is open-ended
    /// (`u32::MAX`). A marginal cost below 0 is what a cover saves.
    pub slopes: Vec<(u32, i64)>,
}

/// A column: one person's whole plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Column {
    /// What the plan costs by itself, in the score's thousandths.
    pub cost: i64,
    /// The demands it covers, ascending; one may come more than once.
    pub covers: Vec<u32>,
}

/// A problem that decomposes by person: everybody takes one column, and demands couple them.
pub(crate) trait Pricing: Sync {
    /// Number of people: each takes exactly one column.
    fn people(&self) -> usize;

    /// The demands, in the order columns name them.
    fn demands(&self) -> &[Demand];

    /// Appends to `out` columns of this person of low reduced cost, the best first: the column's cost less the prices
    /// of what it covers (a demand covered twice is paid twice). Prices are integers in the score's thousandths.
    ///
    /// Returns a lower bound on the least reduced cost over ALL legal columns of the person, valid whatever the
    /// prices: the exact least when `effort` is [`Effort::Exact`] and the method is exact; `None` when no bound is
    /// known, or (with nothing appended) when the person has no legal column at all.
    fn price(&self, person: usize, prices: &[i64], effort: Effort, out: &mut Vec<Column>) -> Option<i64>;

    /// What every legal plan's cost is a multiple of: a common divisor of all columns' costs and of what demands cost.
    fn granularity(&self) -> i64 {
        1
    }

    /// Sets of demands whose covers together are worth splitting the problem by, the largest first.
    fn aggregates(&self) -> Vec<Vec<u32>> {
        Vec::new()
    }

    /// Steps' worth of work that [`Pricing::price`] did since the last call, for the budget.
    fn take_steps(&self) -> u64 {
        0
    }
}

// === impl Demand ===

impl Demand {
    /// A demand for so many covers: each missing one costs `under`, each one too many `over`.
    pub fn target(required: u32, under: i64, over: i64) -> Self {
        let mut slopes = Vec::with_capacity(2);
        if required > 0 {
            slopes.push((required, -under));
        }
        slopes.push((u32::MAX, over));
        Self { base: under * i64::from(required), slopes }
    }

    /// What it costs that so many columns cover it.
    pub fn cost(&self, count: u32) -> i64 {
        let mut cost = self.base;
        let mut from = 0;
        for &(to, slope) in &self.slopes {
            if count <= from {
                break;
            }
            cost += slope * i64::from(count.min(to) - from);
            from = to;
        }
        cost
    }

    /// What one more cover costs when there are so many already; never falls as `count` rises.
    pub fn marginal(&self, count: u32) -> i64 {
        self.slopes.iter().find(|(to, _)| count < *to).or(self.slopes.last()).map_or(0, |(_, slope)| *slope)
    }

    /// Up to how many covers are useful: each of them saves something.
    pub fn useful(&self) -> u32 {
        self.slopes.iter().take_while(|(_, slope)| *slope < 0).last().map_or(0, |(to, _)| *to)
    }

    /// The same demand, where each useful cover costs so much more. It need not be convex.
    pub fn bent(&self, extra: i64) -> Self {
        let bend = |&(to, slope): &(u32, i64)| (to, if slope < 0 { slope + extra } else { slope });
        Self { base: self.base, slopes: self.slopes.iter().map(bend).collect() }
    }

    /// The demand costs the same however often it is covered.
    pub fn is_flat(&self) -> bool {
        self.slopes.iter().all(|(_, slope)| *slope == 0)
    }

    /// The nearest price that can be the demand's dual value: minus one of its marginal costs, or between two.
    pub fn clamp(&self, price: i64) -> i64 {
        let (Some(first), Some(last)) = (self.slopes.first(), self.slopes.last()) else { return 0 };
        price.min(-first.1).max(-last.1)
    }

    /// The counts that are best at a price, from the least to the most.
    pub fn wanted(&self, price: i64) -> (u32, u32) {
        let (mut least, mut most) = (0, 0);
        for &(to, slope) in &self.slopes {
            if slope + price > 0 {
                break;
            }
            most = to;
            if slope + price < 0 {
                least = to;
            }
        }
        (least, most)
    }

    /// The least of `cost(count) + price * count` over all counts; `price` is taken as clamped already, so that it is
    /// finite. The cost is linear between the ends of its segments: the least is at one of them, convex or not.
    pub fn conjugate(&self, price: i64) -> i64 {
        let (mut value, mut least) = (self.base, self.base);
        let mut from = 0;
        for &(to, slope) in &self.slopes {
            if to < u32::MAX || slope + price < 0 {
                value = value.saturating_add((slope + price).saturating_mul(i64::from(to - from)));
                least = least.min(value);
            }
            from = to;
        }
        least
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_costs_what_is_missing_and_what_is_too_many() {
        let demand = Demand::target(2, 100, 1);
        assert_eq!([0, 1, 2, 3, 5].map(|count| demand.cost(count)), [200, 100, 0, 1, 3]);
        assert_eq!([0, 1, 2, 9].map(|count| demand.marginal(count)), [-100, -100, 1, 1]);
    }

    #[test]
    fn the_conjugate_is_the_least_over_all_counts() {
        let demand = Demand { base: 90, slopes: vec![(1, -50), (3, -20), (4, 0), (u32::MAX, 7)] };
        for price in -7..=50 {
            let least = (0..50).map(|count| demand.cost(count) + price * i64::from(count)).min();
            assert_eq!(Some(demand.conjugate(demand.clamp(price))), least, "price {price}");
        }
    }

    #[test]
    fn what_is_wanted_at_a_price_is_where_the_least_is() {
        let demand = Demand { base: 90, slopes: vec![(1, -50), (3, -20), (u32::MAX, 7)] };
        assert_eq!(
            [-7, 0, 20, 30, 50].map(|price| demand.wanted(price)),
            [(3, u32::MAX), (3, 3), (1, 3), (1, 1), (0, 1)]
        );
    }

    #[test]
    fn a_price_beyond_the_slopes_is_clamped() {
        let demand = Demand::target(2, 100, 1);
        assert_eq!((demand.clamp(500), demand.clamp(-3), demand.clamp(7)), (100, -1, 7));
    }
}
