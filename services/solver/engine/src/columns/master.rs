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
    pricing::{Column, Demand},
    simplex::{Outcome, Simplex},
};

/// Thousandths in one unit of the linear program.
pub(super) const UNIT: f64 = 1000.0;
/// No row, no owner.
const NONE: u32 = u32::MAX;

/// A restricted master and its present solution.
pub(crate) struct Master {
    people: usize,
    /// Row of each demand, [`NONE`] of flat ones.
    row_of: Vec<u32>,
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
    pub fn new(demands: &[Demand], start: &[Column]) -> Self {
        let people = start.len();
        let mut row_of = vec![NONE; demands.len()];
        let mut rows = people;
        for (row, demand) in row_of.iter_mut().zip(demands) {
            if !demand.is_flat() {
                *row = rows as u32;
                rows += 1;
            }
        }
        let mut rhs = vec![1.0; people];
        let mut shift = vec![0.0; people];
        for row in people..rows {
            // Fractions of the golden section: spread evenly, never the same twice.
            let spread = (row as f64 * 0.618_033_988_749_895).fract();
            shift.push(2e-4 + 1.5e-3 * spread);
            rhs.push(-shift[row]);
        }
        let steepest = demands.iter().flat_map(|demand| &demand.slopes).map(|(_, slope)| slope.abs()).max();
        let longest = start.iter().map(|column| column.covers.len() + 8).max().unwrap_or(1);
        let dearest = start.iter().map(|column| column.cost.abs()).max().unwrap_or(0);
        let mut master = Self {
            people,
            row_of,
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
        master.start(demands, start);
        master
    }

    /// Segments, and the basis that taking the first columns is.
    fn start(&mut self, demands: &[Demand], start: &[Column]) {
        let mut counts = vec![0_u32; demands.len()];
        for cover in start.iter().flat_map(|column| &column.covers) {
            counts[*cover as usize] += 1;
        }
        let (mut basis, mut at_upper) = (Vec::new(), Vec::new());
        for (index, demand) in demands.iter().enumerate() {
            let row = self.row_of[index];
            if row == NONE {
                continue;
            }
            let mut from = 0;
            for &(to, slope) in &demand.slopes {
                let width = if to == u32::MAX { f64::INFINITY } else { f64::from(to - from) };
                let segment = self.lp.add(slope as f64 / UNIT, width, -1.0, [row]) as u32;
                self.owner.push(NONE);
                self.columns.push(Column { cost: 0, covers: Vec::new() });
                if counts[index] >= to {
                    at_upper.push(segment);
                } else if counts[index] >= from {
                    basis.push(segment);
                }
                from = to;
            }
        }
        for (person, column) in start.iter().enumerate() {
            basis.push(self.lp.columns() as u32);
            self.add(person, column);
        }
        self.lp.start(&basis, &at_upper);
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

    /// The price of every demand.
    pub fn prices(&self) -> Vec<f64> {
        let prices = self.lp.prices();
        self.row_of.iter().map(|row| if *row == NONE { 0.0 } else { prices[*row as usize] }).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn column(cost: i64, covers: &[u32]) -> Column {
        Column { cost, covers: covers.to_vec() }
    }

    fn master() -> Master {
        let demands =
            [Demand::target(1, 100_000, 1000), Demand::target(0, 0, 0), Demand::target(1, 100_000, 1000)];
        let mut master = Master::new(&demands, &[column(0, &[]), column(0, &[0])]);
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
