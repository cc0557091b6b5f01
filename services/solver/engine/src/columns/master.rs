//! The restricted master: the linear program over the columns known so far.
//!
//! One row per person says that exactly one plan is taken; one row per demand that is not flat says that its covers
//! are spread over the segments of its convex cost. The right-hand sides of demands are perturbed by less than two
//! thousandths, which keeps the simplex method from stalling and spoils nothing: the prices of a perturbed program
//! are as good as any for a bound, and values are only looked at to see which plans are liked.

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use super::{
    aggregate::Coupling,
    pricing::Column,
    simplex::{Outcome, Simplex},
};

/// Thousandths in one unit of the linear program.
pub(super) const UNIT: f64 = 1000.0;
/// How much less rows are perturbed beside aggregates.
const AGGREGATED: f64 = 1.0 / 32.0;
/// What a breach of an aggregate's bounds costs, in steepest slopes of demands.
const BREACH: f64 = 8.0;
/// No row, no owner.
const NONE: u32 = u32::MAX;

/// A restricted master and its present solution.
pub(crate) struct Master {
    people: usize,
    /// Row of each demand, [`NONE`] of flat ones.
    row_of: Vec<u32>,
    /// Segments of useful covers of each demand.
    useful: Vec<Vec<u32>>,
    /// The first row of an aggregate; one each follows.
    aggregates: usize,
    /// Segments of each aggregate, with the count each one ends at, and the least count allowed.
    sums: Vec<(Vec<(u32, u32)>, u32)>,
    /// What a breach of an aggregate's bounds costs.
    breach: f64,
    /// How far each demand row is perturbed, by row.
    shift: Vec<f64>,
    /// What demands cost when nothing covers them.
    base: f64,
    lp: Simplex,
    /// Whose column each variable is, [`NONE`] of segments.
    owner: Vec<u32>,
    columns: Vec<Column>,
    by_person: Vec<Vec<u32>>,
    known: HashSet<u64>,
    fixed: Vec<Option<u32>>,
    /// Added to the cost of what may not be used.
    penalty: f64,
}

// === impl Master ===

impl Master {
    /// A master that starts from one column per person.
    pub fn new(coupling: &Coupling<'_>, start: &[Column]) -> Self {
        let (people, demands) = (start.len(), coupling.demands);
        let mut row_of = vec![NONE; demands.len()];
        let mut rows = people;
        for (row, demand) in row_of.iter_mut().zip(demands) {
            if !demand.is_flat() {
                *row = rows as u32;
                rows += 1;
            }
        }
        // Many small perturbations add up in the row of an aggregate.
        let scale = if coupling.aggregates.is_empty() { 1.0 } else { AGGREGATED };
        let mut rhs = vec![1.0; people];
        let mut shift = vec![0.0; people];
        for row in people..rows {
            // Fractions of the golden section: spread evenly, never the same twice.
            let spread = (row as f64 * 0.618_033_988_749_895).fract();
            shift.push((2e-4 + 1.5e-3 * spread) * scale);
            rhs.push(-shift[row]);
        }
        rhs.resize(rows + coupling.aggregates.len(), 0.0);
        let steepest = demands.iter().flat_map(|demand| &demand.slopes).map(|(_, slope)| slope.abs()).max();
        let longest = start.iter().map(|column| column.covers.len() + 8).max().unwrap_or(1);
        let dearest = start.iter().map(|column| column.cost.abs()).max().unwrap_or(0);
        let mut master = Self {
            people,
            row_of,
            useful: Vec::new(),
            aggregates: rows,
            sums: Vec::new(),
            breach: BREACH * steepest.unwrap_or(0) as f64 / UNIT,
            shift,
            base: demands.iter().map(|demand| demand.base as f64 / UNIT).sum(),
            lp: Simplex::new(rhs),
            owner: Vec::new(),
            columns: Vec::new(),
            by_person: vec![Vec::new(); people],
            known: HashSet::new(),
            fixed: vec![None; people],
            penalty: 4.0 * (steepest.unwrap_or(0) * longest as i64 + dearest) as f64 / UNIT + 100.0,
        };
        master.start(coupling, start);
        master
    }

    /// Segments, and the basis that taking the first columns is.
    fn start(&mut self, coupling: &Coupling<'_>, start: &[Column]) {
        let mut counts = vec![0_u32; coupling.demands.len()];
        for cover in start.iter().flat_map(|column| &column.covers) {
            counts[*cover as usize] += 1;
        }
        let (mut basis, mut at_upper) = (Vec::new(), Vec::new());
        self.useful.resize(counts.len(), Vec::new());
        for (index, demand) in coupling.demands.iter().enumerate() {
            let row = self.row_of[index];
            if row == NONE {
                continue;
            }
            let mut from = 0;
            for &(to, slope) in &demand.slopes {
                let width = if to == u32::MAX { f64::INFINITY } else { f64::from(to - from) };
                let own = if slope < 0 { coupling.of_demand(index) } else { &[] };
                let aggregates = own.iter().map(|aggregate| (self.aggregates as u32) + aggregate);
                let rows = [row].into_iter().chain(aggregates);
                let segment = self.lp.add(slope as f64 / UNIT, width, -1.0, rows) as u32;
                self.forget_owner();
                if slope < 0 {
                    self.useful[index].push(segment);
                }
                place(segment, counts[index], (from, to), &mut basis, &mut at_upper);
                from = to;
            }
        }
        self.sum_up(coupling, &counts, &mut basis, &mut at_upper);
        for (person, column) in start.iter().enumerate() {
            basis.push(self.lp.columns() as u32);
            self.add(person, column);
        }
        self.lp.start(&basis, &at_upper);
    }

    /// Rows of aggregates.
    fn sum_up(
        &mut self,
        coupling: &Coupling<'_>,
        counts: &[u32],
        basis: &mut Vec<u32>,
        at_upper: &mut Vec<u32>,
    ) {
        for (index, aggregate) in coupling.aggregates.iter().enumerate() {
            let row = (self.aggregates + index) as u32;
            let useful =
                |demand: &u32| counts[*demand as usize].min(coupling.demands[*demand as usize].useful());
            let count = aggregate.demands.iter().map(useful).sum();
            let mut segments = Vec::new();
            let mut from = 0;
            for to in [aggregate.least, aggregate.most, u32::MAX] {
                if to == from {
                    continue;
                }
                let width = if to == u32::MAX { f64::INFINITY } else { f64::from(to - from) };
                let segment = self.lp.add(0.0, width, 1.0, [row]) as u32;
                self.forget_owner();
                segments.push((segment, to));
                place(segment, count, (from, to), basis, at_upper);
                from = to;
            }
            self.sums.push((segments, 0));
            self.keep_between(index, aggregate.least, aggregate.most);
        }
    }

    /// Bounds the useful covers of an aggregate: by counts that it was made with, by 0, or by `u32::MAX`.
    fn keep_between(&mut self, aggregate: usize, least: u32, most: u32) {
        let (segments, lower) = &mut self.sums[aggregate];
        self.base += self.breach * (f64::from(least) - f64::from(*lower));
        *lower = least;
        for &(segment, to) in segments.iter() {
            let cost = match to {
                to if to <= least => -self.breach,
                to if to <= most => 0.0,
                _ => self.breach,
            };
            self.lp.ban(segment as usize, false, cost);
        }
    }

    /// What the program is worth with each bound in turn of the last `count` aggregates taken alone: at most their
    /// least, at least their most. They bound nothing before.
    pub fn probe(&mut self, count: usize, pivots: u32) -> Vec<[f64; 2]> {
        let probed = self.sums.len() - count..self.sums.len();
        let ends: Vec<(u32, u32)> = self.sums[probed.clone()]
            .iter()
            .map(|(segments, lower)| {
                let least = *lower;
                let most = segments.iter().map(|(_, to)| *to).filter(|to| *to < u32::MAX).max();
                (least, most.unwrap_or(least))
            })
            .collect();
        for aggregate in probed.clone() {
            self.keep_between(aggregate, 0, u32::MAX);
        }
        self.solve(8 * pivots);
        let mut values = Vec::with_capacity(count);
        let mut work = self.lp.take_work();
        for (aggregate, (least, most)) in probed.zip(ends) {
            values.push([(0, least), (most, u32::MAX)].map(|(least, most)| {
                let (lp, base) = (self.lp.clone(), self.base);
                self.keep_between(aggregate, least, most);
                self.solve(pivots);
                let value = self.value();
                work += self.lp.take_work();
                self.lp = lp;
                (self.base, self.sums[aggregate].1) = (base, 0);
                value
            }));
        }
        self.lp.add_work(work);
        values
    }

    /// The variable added last is nobody's column.
    fn forget_owner(&mut self) {
        self.owner.push(NONE);
        self.columns.push(Column { cost: 0, covers: Vec::new() });
    }

    /// How often a demand is usefully covered at present.
    pub fn useful(&self, demand: u32) -> f64 {
        self.useful[demand as usize].iter().map(|segment| self.lp.value(*segment as usize)).sum()
    }

    /// Adds a column, unless it is known already.
    pub fn add(&mut self, person: usize, column: &Column) -> bool {
        let mut hasher = DefaultHasher::new();
        (person, column).hash(&mut hasher);
        if !self.known.insert(hasher.finish()) {
            return false;
        }
        let covers =
            column.covers.iter().map(|cover| self.row_of[*cover as usize]).filter(|row| *row != NONE);
        let variable = self.lp.add(
            column.cost as f64 / UNIT,
            f64::INFINITY,
            1.0,
            [person as u32].into_iter().chain(covers),
        );
        self.owner.push(person as u32);
        self.columns.push(column.clone());
        self.by_person[person].push(variable as u32);
        if self.fixed[person].is_some() {
            self.lp.ban(variable, true, column.cost as f64 / UNIT + self.penalty);
        }
        true
    }

    /// Solves, with at most so many pivots.
    pub fn solve(&mut self, pivots: u32) -> Outcome {
        self.lp.solve(pivots)
    }

    /// What the present prices prove about the restricted master, without the perturbation.
    pub fn value(&self) -> f64 {
        let shifted: f64 = self.lp.prices().iter().zip(&self.shift).map(|(price, shift)| price * shift).sum();
        self.base + self.lp.objective() + shifted
    }

    /// The price of every demand, then of every aggregate.
    pub fn prices(&self) -> Vec<f64> {
        let prices = self.lp.prices();
        let demands = self.row_of.iter().map(|row| if *row == NONE { 0.0 } else { prices[*row as usize] });
        demands.chain(prices[self.aggregates..].iter().copied()).collect()
    }

    /// The reduced cost that a column of this person would have now.
    pub fn reduced_cost(&self, person: usize, column: &Column) -> f64 {
        let prices = self.lp.prices();
        let rows = column.covers.iter().map(|cover| self.row_of[*cover as usize]).filter(|row| *row != NONE);
        let paid: f64 = rows.map(|row| prices[row as usize]).sum();
        column.cost as f64 / UNIT - paid - prices[person]
    }

    /// Variables of a person that are used, each with how much.
    pub fn used(&self, person: usize) -> impl Iterator<Item = (u32, f64)> + '_ {
        let variables = self.by_person[person].iter();
        variables
            .map(|variable| (*variable, self.lp.value(*variable as usize)))
            .filter(|(_, value)| *value > 1e-6)
    }

    /// The column behind a variable.
    pub fn column(&self, variable: u32) -> &Column {
        &self.columns[variable as usize]
    }

    /// All columns of a person.
    pub fn columns(&self, person: usize) -> impl Iterator<Item = &Column> {
        self.by_person[person].iter().map(|variable| &self.columns[*variable as usize])
    }

    /// The column a person is fixed to.
    pub fn fixed(&self, person: usize) -> Option<u32> {
        self.fixed[person]
    }

    /// Number of people.
    pub fn people(&self) -> usize {
        self.people
    }

    /// Fixes a person to one of the columns: all others become so dear that they leave.
    pub fn fix(&mut self, person: usize, variable: u32) {
        self.fixed[person] = Some(variable);
        for index in 0..self.by_person[person].len() {
            let other = self.by_person[person][index];
            self.set_banned(other, other != variable);
        }
    }

    /// Undoes [`Master::fix`].
    pub fn release(&mut self, person: usize) {
        self.fixed[person] = None;
        for index in 0..self.by_person[person].len() {
            let other = self.by_person[person][index];
            self.set_banned(other, false);
        }
    }

    /// Forbids one column, or allows it again.
    pub fn set_banned(&mut self, variable: u32, is_banned: bool) {
        let cost = self.columns[variable as usize].cost as f64 / UNIT;
        let extra = if is_banned { self.penalty } else { 0.0 };
        self.lp.ban(variable as usize, is_banned, cost + extra);
    }

    /// Keeps about so many columns, those of least reduced cost.
    pub fn purge_columns(&mut self, keep: usize) {
        let segments = self.owner.iter().filter(|owner| **owner == NONE).count();
        self.purge(keep + segments);
    }

    /// Drops the columns of highest reduced cost, so that about `keep` stay; none that is used or fixed goes.
    pub fn purge(&mut self, keep: usize) {
        if self.columns.len() <= keep {
            return;
        }
        let mut costs = (0..self.columns.len())
            .filter(|variable| self.owner[*variable] != NONE && !self.lp.is_basic(*variable))
            .map(|variable| self.lp.reduced_cost(variable))
            .collect::<Vec<_>>();
        let excess = self.columns.len() - keep;
        if excess >= costs.len() {
            return;
        }
        let at = costs.len() - excess;
        let (_, limit, _) = costs.select_nth_unstable_by(at, f64::total_cmp);
        let limit = *limit;
        let fixed = self.fixed.iter().flatten().copied().collect::<HashSet<_>>();
        let (owner, lp) = (&self.owner, &self.lp);
        let keeps = (0..owner.len())
            .map(|variable| {
                owner[variable] == NONE
                    || fixed.contains(&(variable as u32))
                    || lp.is_basic(variable)
                    || lp.reduced_cost(variable) < limit
            })
            .collect::<Vec<_>>();
        self.forget(&keeps);
    }

    fn forget(&mut self, keeps: &[bool]) {
        let map = self.lp.purge(|variable| keeps[variable]);
        let mut owner = Vec::with_capacity(self.owner.len());
        let mut columns = Vec::with_capacity(self.columns.len());
        self.by_person.iter_mut().for_each(Vec::clear);
        for (variable, column) in std::mem::take(&mut self.columns).into_iter().enumerate() {
            let person = self.owner[variable];
            if map[variable] != NONE {
                if person != NONE {
                    self.by_person[person as usize].push(map[variable]);
                }
                owner.push(person);
                columns.push(column);
            } else {
                let mut hasher = DefaultHasher::new();
                (person as usize, &column).hash(&mut hasher);
                self.known.remove(&hasher.finish());
            }
        }
        self.owner = owner;
        self.columns = columns;
        for fixed in self.fixed.iter_mut().flatten() {
            *fixed = map[*fixed as usize];
        }
    }

    /// Steps' worth of work since the last call.
    pub fn take_work(&mut self) -> u64 {
        self.lp.take_work()
    }
}

/// Where a segment is while so many cover it all: full, in the basis, or empty.
fn place(segment: u32, count: u32, (from, to): (u32, u32), basis: &mut Vec<u32>, at_upper: &mut Vec<u32>) {
    if count >= to {
        at_upper.push(segment);
    } else if count >= from {
        basis.push(segment);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::Demand;

    fn column(cost: i64, covers: &[u32]) -> Column {
        Column { cost, covers: covers.to_vec() }
    }

    fn master() -> Master {
        let demands =
            [Demand::target(1, 100_000, 1000), Demand::target(0, 0, 0), Demand::target(1, 100_000, 1000)];
        let mut master =
            Master::new(&Coupling::new(&demands, Vec::new()), &[column(0, &[]), column(0, &[0])]);
        master.add(0, &column(3000, &[0]));
        master.add(0, &column(7000, &[1, 2]));
        master.add(1, &column(9000, &[2]));
        master
    }

    #[test]
    fn the_value_is_that_of_the_best_mix() {
        let mut master = master();
        assert_eq!(master.solve(100), Outcome::Optimal);
        assert!((master.value() - 7.0).abs() < 1e-6, "{}", master.value());
        assert!((master.prices()[1]).abs() < 1e-9, "a flat demand has no price");
    }

    #[test]
    fn a_fixed_person_keeps_the_column() {
        let mut master = master();
        master.solve(100);
        master.fix(0, master.by_person[0][1]);
        master.solve(100);
        assert!((master.value() - 12.0).abs() < 1e-6, "{}", master.value());
        master.release(0);
        master.solve(100);
        assert!((master.value() - 7.0).abs() < 1e-6);
    }

    #[test]
    fn what_is_dropped_changes_nothing() {
        let mut master = master();
        master.solve(100);
        let before = master.columns.len();
        master.purge(before - 1);
        assert_eq!(master.columns.len(), before - 1);
        master.solve(100);
        assert!((master.value() - 7.0).abs() < 1e-6);
    }

    #[test]
    fn no_column_comes_twice() {
        let mut master = master();
        assert!(!master.add(0, &column(3000, &[0])));
        assert!(master.add(1, &column(3000, &[0])));
    }
}
