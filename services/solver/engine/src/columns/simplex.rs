//! A primal simplex method for restricted masters: few hundred rows, columns that come while it runs.
//!
//! Every column is a list of rows and one sign, variables have a lower bound of 0 and an upper bound, and the first
//! basis is given (a plan is a basis: [`Simplex::start`]), so there is no phase one. The inverse of the basis is kept
//! explicitly, column by column: a few hundred rows fit a core's cache, a pivot is a handful of vector additions,
//! and everything that is zero is skipped. Columns are chosen by devex weights (Harris 1973), the leaving row by a
//! two-pass ratio test. Masters are degenerate; the owner perturbs the right-hand sides, which is free because the
//! bound is made of the prices alone ([`super::lagrange`]).
//!
//! It depends on nothing but its input: no time, no random numbers.

/// Reduced costs above this are no improvement.
const OPTIMAL: f64 = 1e-7;
/// Entries of the pivot column below this are taken as zero.
const PIVOT: f64 = 1e-8;
/// By how much the first pass of the ratio test lets a variable overstep its bounds.
const SLACK: f64 = 1e-9;
/// Pivots between two inversions from scratch.
const REINVERT: u32 = 150;
/// Floating-point operations that take as long as one step.
const FLOPS_PER_STEP: u64 = 600;

/// Where a variable is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Lower,
    Upper,
    Basic(u32),
}

/// How a solve ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Optimal,
    /// The pivots allowed were not enough; values are feasible, prices usable.
    Limit,
}

/// A linear program and a feasible basis of it. Minimizes.
#[derive(Clone, Debug)]
pub(crate) struct Simplex {
    rows: usize,
    rhs: Vec<f64>,
    starts: Vec<u32>,
    entries: Vec<u32>,
    sign: Vec<f64>,
    cost: Vec<f64>,
    upper: Vec<f64>,
    is_banned: Vec<bool>,
    place: Vec<Place>,
    reduced: Vec<f64>,
    weight: Vec<f64>,
    basis: Vec<u32>,
    /// The inverse of the basis, column after column.
    inverse: Vec<f64>,
    /// Values of the basic variables.
    values: Vec<f64>,
    prices: Vec<f64>,
    pivot_column: Vec<f64>,
    pivot_row: Vec<f64>,
    pivots: u32,
    work: u64,
}

// === impl Simplex ===

impl Simplex {
    /// A program of so many rows, all equalities, without columns.
    pub fn new(rhs: Vec<f64>) -> Self {
        let rows = rhs.len();
        Self {
            rows,
            rhs,
            starts: vec![0],
            entries: Vec::new(),
            sign: Vec::new(),
            cost: Vec::new(),
            upper: Vec::new(),
            is_banned: Vec::new(),
            place: Vec::new(),
            reduced: Vec::new(),
            weight: Vec::new(),
            basis: Vec::new(),
            inverse: vec![0.0; rows * rows],
            values: vec![0.0; rows],
            prices: vec![0.0; rows],
            pivot_column: vec![0.0; rows],
            pivot_row: vec![0.0; rows],
            pivots: 0,
            work: 0,
        }
    }

    /// Adds a variable, at its lower bound: each listed row has `sign` of it, a row listed twice has it twice.
    pub fn add(&mut self, cost: f64, upper: f64, sign: f64, rows: impl IntoIterator<Item = u32>) -> usize {
        self.entries.extend(rows);
        self.starts.push(self.entries.len() as u32);
        self.sign.push(sign);
        self.cost.push(cost);
        self.upper.push(upper);
        self.is_banned.push(false);
        self.place.push(Place::Lower);
        self.weight.push(1.0);
        let column = self.cost.len() - 1;
        self.reduced.push(0.0);
        self.reduced[column] = self.reduced_cost(column);
        column
    }

    /// Number of variables.
    pub fn columns(&self) -> usize {
        self.cost.len()
    }

    /// Sets the first basis, one variable per row, in any order; what is named in `at_upper` starts at its upper
    /// bound, the rest at 0. The basic values that follow have to be feasible.
    pub fn start(&mut self, basis: &[u32], at_upper: &[u32]) {
        debug_assert_eq!(basis.len(), self.rows, "one basic variable per row");
        for &column in at_upper {
            self.place[column as usize] = Place::Upper;
        }
        self.basis = basis.to_vec();
        self.invert();
    }

    /// Pivots until nothing improves, or so many pivots were made.
    pub fn solve(&mut self, limit: u32) -> Outcome {
        for _ in 0..limit {
            let Some(entering) = self.entering() else {
                if self.pivots == 0 {
                    return Outcome::Optimal;
                }
                self.invert();
                if self.entering().is_none() {
                    return Outcome::Optimal;
                }
                continue;
            };
            self.step(entering);
            if self.pivots >= REINVERT {
                self.invert();
            }
        }
        Outcome::Limit
    }

    /// The value of the objective.
    pub fn objective(&self) -> f64 {
        (0..self.columns()).map(|column| self.cost[column] * self.value(column)).sum()
    }

    /// The value of a variable.
    pub fn value(&self, column: usize) -> f64 {
        match self.place[column] {
            Place::Lower => 0.0,
            Place::Upper => self.upper[column],
            Place::Basic(row) => self.values[row as usize],
        }
    }

    /// The dual value of every row.
    pub fn prices(&self) -> &[f64] {
        &self.prices
    }

    /// Whether a variable is basic.
    pub fn is_basic(&self, column: usize) -> bool {
        matches!(self.place[column], Place::Basic(_))
    }

    /// What a variable costs less the prices of its rows.
    pub fn reduced_cost(&self, column: usize) -> f64 {
        let sum: f64 = self.rows_of(column).iter().map(|row| self.prices[*row as usize]).sum();
        self.cost[column] - self.sign[column] * sum
    }

    /// Keeps a variable from entering, or lets it enter again, and changes its cost.
    pub fn ban(&mut self, column: usize, is_banned: bool, cost: f64) {
        self.is_banned[column] = is_banned;
        let change = cost - self.cost[column];
        self.cost[column] = cost;
        if change == 0.0 {
            return;
        }
        match self.place[column] {
            Place::Basic(_) => self.price_all(),
            _ => self.reduced[column] += change,
        }
    }

    /// Removes the variables that `keep` refuses; basic ones and those at their upper bound stay. Returns the new
    /// index of each, `u32::MAX` for those gone.
    pub fn purge(&mut self, keep: impl Fn(usize) -> bool) -> Vec<u32> {
        let mut map = vec![u32::MAX; self.columns()];
        let (mut next, mut end) = (0, 0);
        for (column, mapped) in map.iter_mut().enumerate() {
            if self.place[column] == Place::Lower && !keep(column) {
                continue;
            }
            let (from, to) = (self.starts[column] as usize, self.starts[column + 1] as usize);
            self.entries.copy_within(from..to, end);
            self.starts[next] = end as u32;
            end += to - from;
            self.sign[next] = self.sign[column];
            self.cost[next] = self.cost[column];
            self.upper[next] = self.upper[column];
            self.is_banned[next] = self.is_banned[column];
            self.place[next] = self.place[column];
            self.reduced[next] = self.reduced[column];
            self.weight[next] = self.weight[column];
            *mapped = next as u32;
            next += 1;
        }
        self.starts[next] = end as u32;
        self.starts.truncate(next + 1);
        self.entries.truncate(end);
        self.sign.truncate(next);
        self.cost.truncate(next);
        self.upper.truncate(next);
        self.is_banned.truncate(next);
        self.place.truncate(next);
        self.reduced.truncate(next);
        self.weight.truncate(next);
        for basic in &mut self.basis {
            *basic = map[*basic as usize];
        }
        map
    }

    /// Steps' worth of work since the last call.
    pub fn take_work(&mut self) -> u64 {
        let steps = self.work / FLOPS_PER_STEP;
        self.work %= FLOPS_PER_STEP;
        steps
    }

    /// Counts work that was done on a copy.
    pub fn add_work(&mut self, steps: u64) {
        self.work += steps * FLOPS_PER_STEP;
    }

    fn rows_of(&self, column: usize) -> &[u32] {
        &self.entries[self.starts[column] as usize..self.starts[column + 1] as usize]
    }

    /// The variable that promises most, if any does.
    fn entering(&self) -> Option<usize> {
        let mut best = None;
        let mut most = 0.0;
        for (column, &reduced) in self.reduced.iter().enumerate() {
            let gain = match self.place[column] {
                Place::Lower => -reduced,
                Place::Upper => reduced,
                Place::Basic(_) => continue,
            };
            if gain > OPTIMAL && !self.is_banned[column] {
                let score = gain * gain / self.weight[column];
                if score > most {
                    most = score;
                    best = Some(column);
                }
            }
        }
        best
    }

    /// Lets one variable in, or moves it from one bound to the other.
    fn step(&mut self, entering: usize) {
        self.forward(entering);
        let direction = if self.place[entering] == Place::Lower { 1.0 } else { -1.0 };
        let (leaving, length) = self.leaving(direction);
        if self.upper[entering] <= length {
            let length = self.upper[entering];
            self.shift(direction * length);
            self.place[entering] = if direction > 0.0 { Place::Upper } else { Place::Lower };
            return;
        }
        let Some((row, is_upper)) = leaving else {
            // Unbounded directions do not exist in a master; numerical trouble does.
            self.is_banned[entering] = true;
            return;
        };
        if self.pivot_column[row].abs() < 1e-6 && self.pivots > 0 {
            self.invert();
            return;
        }
        self.shift(direction * length);
        let from = if direction > 0.0 { 0.0 } else { self.upper[entering] };
        self.values[row] = from + direction * length;
        self.exchange(entering, row, is_upper);
    }

    /// The column of a variable in the present basis, into `pivot_column`.
    fn forward(&mut self, column: usize) {
        let rows = self.rows;
        self.pivot_column.fill(0.0);
        let sign = self.sign[column];
        let (from, to) = (self.starts[column] as usize, self.starts[column + 1] as usize);
        for entry in from..to {
            let row = self.entries[entry] as usize;
            let source = &self.inverse[row * rows..(row + 1) * rows];
            for (target, value) in self.pivot_column.iter_mut().zip(source) {
                *target += sign * value;
            }
        }
        self.work += (rows * (to - from)) as u64;
    }

    /// The basic variable that stops the move first, whether at its upper bound, and after how much.
    fn leaving(&self, direction: f64) -> (Option<(usize, bool)>, f64) {
        let mut longest = f64::INFINITY;
        for (row, &entry) in self.pivot_column.iter().enumerate() {
            let rate = direction * entry;
            if rate > PIVOT {
                longest = longest.min((self.values[row] + SLACK) / rate);
            } else if rate < -PIVOT {
                let upper = self.upper[self.basis[row] as usize];
                longest = longest.min((upper - self.values[row] + SLACK) / -rate);
            }
        }
        let mut best = None;
        let (mut largest, mut length) = (0.0, f64::INFINITY);
        for (row, &entry) in self.pivot_column.iter().enumerate() {
            let rate = direction * entry;
            let (ratio, is_upper) = if rate > PIVOT {
                (self.values[row] / rate, false)
            } else if rate < -PIVOT {
                ((self.upper[self.basis[row] as usize] - self.values[row]) / -rate, true)
            } else {
                continue;
            };
            if ratio <= longest && rate.abs() > largest {
                largest = rate.abs();
                best = Some((row, is_upper));
                length = ratio.max(0.0);
            }
        }
        (best, length)
    }

    /// Moves the basic variables along the pivot column.
    fn shift(&mut self, length: f64) {
        if length != 0.0 {
            for (value, entry) in self.values.iter_mut().zip(&self.pivot_column) {
                *value -= length * entry;
            }
        }
    }

    /// The entering variable takes the row of the leaving one: basis, inverse, prices, weights.
    fn exchange(&mut self, entering: usize, row: usize, is_upper: bool) {
        let rows = self.rows;
        for (index, value) in self.pivot_row.iter_mut().enumerate() {
            *value = self.inverse[index * rows + row];
        }
        let pivot = self.pivot_column[row];
        self.update_reduced(entering, row, pivot);
        let leaving = self.basis[row] as usize;
        self.place[leaving] = if is_upper { Place::Upper } else { Place::Lower };
        self.place[entering] = Place::Basic(row as u32);
        self.basis[row] = entering as u32;
        self.eliminate(row);
        self.pivots += 1;
    }

    /// Reduced costs, prices and weights after a pivot, from the pivot row of the old inverse.
    fn update_reduced(&mut self, entering: usize, row: usize, pivot: f64) {
        let step = self.reduced[entering] / pivot;
        let weight = self.weight[entering];
        let mut is_reset = false;
        for column in 0..self.place.len() {
            if matches!(self.place[column], Place::Basic(_)) || column == entering {
                continue;
            }
            let (from, to) = (self.starts[column] as usize, self.starts[column + 1] as usize);
            let mut sum = 0.0;
            for &entry in &self.entries[from..to] {
                sum += self.pivot_row[entry as usize];
            }
            if sum == 0.0 {
                continue;
            }
            let rate = sum * self.sign[column];
            self.reduced[column] -= step * rate;
            let share = rate / pivot;
            let candidate = share * share * weight;
            if candidate > self.weight[column] {
                self.weight[column] = candidate;
                is_reset |= candidate > 1e9;
            }
        }
        let leaving = self.basis[row] as usize;
        self.reduced[leaving] = -step;
        self.reduced[entering] = 0.0;
        self.weight[leaving] = (weight / (pivot * pivot)).max(1.0);
        for (price, entry) in self.prices.iter_mut().zip(&self.pivot_row) {
            *price += step * entry;
        }
        if is_reset {
            self.weight.fill(1.0);
        }
        self.work += self.entries.len() as u64;
    }

    /// The pivot on the inverse: what `pivot_column` and `pivot_row` (of the old inverse) say.
    fn eliminate(&mut self, row: usize) {
        let rows = self.rows;
        let pivot = self.pivot_column[row];
        let mut touched = 0;
        for index in 0..rows {
            let entry = self.pivot_row[index];
            if entry == 0.0 {
                continue;
            }
            let factor = entry / pivot;
            let target = &mut self.inverse[index * rows..(index + 1) * rows];
            for (value, along) in target.iter_mut().zip(&self.pivot_column) {
                *value -= factor * along;
            }
            target[row] = factor;
            touched += rows;
        }
        self.work += (touched + rows) as u64;
    }

    /// Inverts the basis from scratch, and computes everything that follows from it.
    fn invert(&mut self) {
        let rows = self.rows;
        self.inverse.fill(0.0);
        for row in 0..rows {
            self.inverse[row * rows + row] = 1.0;
        }
        let mut order = std::mem::take(&mut self.basis);
        order.sort_unstable_by_key(|column| (self.rows_of(*column as usize).len(), *column));
        let mut is_taken = vec![false; rows];
        let mut basis = vec![u32::MAX; rows];
        for &column in &order {
            self.forward(column as usize);
            let row = (0..rows)
                .filter(|row| !is_taken[*row])
                .max_by(|a, b| self.pivot_column[*a].abs().total_cmp(&self.pivot_column[*b].abs()));
            let Some(row) = row else { break };
            if self.pivot_column[row].abs() < 1e-9 {
                // A singular basis cannot come of a feasible pivot; leaving a row to itself keeps this total.
                self.pivot_column[row] = 1e-9;
            }
            for index in 0..rows {
                self.pivot_row[index] = self.inverse[index * rows + row];
            }
            self.eliminate(row);
            is_taken[row] = true;
            basis[row] = column;
            self.place[column as usize] = Place::Basic(row as u32);
        }
        self.basis = basis;
        self.pivots = 0;
        self.revalue();
        self.price_all();
    }

    /// The values of the basic variables, from the right-hand sides and the variables at their upper bounds.
    fn revalue(&mut self) {
        let rows = self.rows;
        let mut left = self.rhs.clone();
        for column in 0..self.columns() {
            if self.place[column] == Place::Upper {
                let amount = self.upper[column] * self.sign[column];
                for &row in self.rows_of(column) {
                    left[row as usize] -= amount;
                }
            }
        }
        self.values.fill(0.0);
        for (index, amount) in left.iter().enumerate() {
            if *amount != 0.0 {
                let source = &self.inverse[index * rows..(index + 1) * rows];
                for (value, entry) in self.values.iter_mut().zip(source) {
                    *value += amount * entry;
                }
            }
        }
    }

    /// The price of every row and the reduced cost of every variable.
    fn price_all(&mut self) {
        let rows = self.rows;
        for (index, price) in self.prices.iter_mut().enumerate() {
            let source = &self.inverse[index * rows..(index + 1) * rows];
            *price = source
                .iter()
                .zip(&self.basis)
                .map(|(entry, basic)| if *entry == 0.0 { 0.0 } else { entry * self.cost[*basic as usize] })
                .sum();
        }
        for column in 0..self.columns() {
            self.reduced[column] =
                if matches!(self.place[column], Place::Basic(_)) { 0.0 } else { self.reduced_cost(column) };
        }
        self.work += (rows * rows + self.entries.len()) as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rng;

    /// One row of so many units, `t` of cost 0 up to that, one column of each cost: the cheapest takes all.
    #[test]
    fn the_cheapest_column_takes_all() {
        let mut lp = Simplex::new(vec![1.0]);
        for cost in [5.0, 3.0, 4.0] {
            lp.add(cost, f64::INFINITY, 1.0, [0]);
        }
        lp.start(&[0], &[]);
        assert_eq!(lp.solve(100), Outcome::Optimal);
        assert!((lp.objective() - 3.0).abs() < 1e-9);
        assert!((lp.prices()[0] - 3.0).abs() < 1e-9);
    }

    /// Convexity rows and demands with bounded segments, against the optimality conditions.
    #[test]
    fn the_end_satisfies_the_optimality_conditions() {
        for seed in 0..200 {
            let mut rng = Rng::new(seed);
            let (people, demands) = (1 + rng.below(5), 1 + rng.below(8));
            let mut rhs = vec![1.0; people];
            rhs.resize(people + demands, 0.0);
            let mut lp = Simplex::new(rhs);
            let mut basis = Vec::new();
            for demand in 0..demands {
                let row = (people + demand) as u32;
                lp.add(-(rng.below(90) as f64), 1.0 + rng.below(2) as f64, -1.0, [row]);
                basis.push(lp.add(1.0 + rng.below(9) as f64, f64::INFINITY, -1.0, [row]) as u32 - 1);
            }
            for person in 0..people {
                basis.push(lp.columns() as u32);
                lp.add(1000.0, f64::INFINITY, 1.0, [person as u32]);
                for _ in 0..1 + rng.below(20) {
                    let covers = (0..demands as u32).filter(|_| rng.below(2) == 0).collect::<Vec<_>>();
                    let rows = covers.into_iter().map(|demand| demand + people as u32);
                    lp.add(rng.below(50) as f64, f64::INFINITY, 1.0, [person as u32].into_iter().chain(rows));
                }
            }
            lp.start(&basis, &[]);
            assert_eq!(lp.solve(5_000), Outcome::Optimal);
            check(&lp, people + demands);
        }
    }

    fn check(lp: &Simplex, rows: usize) {
        let mut sums = vec![0.0; rows];
        for column in 0..lp.columns() {
            let value = lp.value(column);
            assert!(value > -1e-7 && value < lp.upper[column] + 1e-7, "{value} within bounds");
            let reduced = lp.reduced_cost(column);
            if value > 1e-7 {
                assert!(reduced < 1e-6, "used at {reduced}");
            }
            if value < lp.upper[column] - 1e-7 {
                assert!(reduced > -1e-6, "not used at {reduced}");
            }
            for &row in lp.rows_of(column) {
                sums[row as usize] += lp.sign[column] * value;
            }
        }
        for (sum, rhs) in sums.iter().zip(&lp.rhs) {
            assert!((sum - rhs).abs() < 1e-6, "a row is off");
        }
    }
}
