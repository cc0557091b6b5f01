//! Small mixed-integer programs: what is proven of their least value, and good points of them.
//!
//! Only what is *proven* is used: the dual bound of the branch and bound (of the linear relaxation, when it stopped
//! there), or what prices of the rows prove by themselves ([`Program::proven_by`]), less a tolerance for floating point
//! ([`TOLERANCE`]), rounded up to what every lawful plan's cost is a multiple of. Points found are suggestions: the judge
//! counts what they are worth. Limits are nodes, never seconds.
//!
//! Without the feature `exact` nothing is proven or found here, and callers say "unknown".

/// What the dual bound is trusted to, relative to its size (at least one unit's worth).
const TOLERANCE: f64 = 1e-6;

/// A variable's position.
pub(crate) type Var = usize;

#[derive(Clone, Debug)]
struct Column {
    cost: f64,
    low: f64,
    high: f64,
    is_integer: bool,
}

#[derive(Clone, Debug)]
struct Row {
    low: f64,
    high: f64,
    terms: Vec<(Var, f64)>,
}

/// A program to minimize.
#[derive(Clone, Debug, Default)]
pub(crate) struct Program {
    columns: Vec<Column>,
    rows: Vec<Row>,
}

/// What is known after solving.
#[derive(Clone, Debug)]
pub(crate) struct Solved {
    /// No feasible point costs less.
    pub bound: f64,
}

// === impl Program ===

impl Program {
    /// A variable.
    pub fn var(&mut self, cost: f64, low: f64, high: f64, is_integer: bool) -> Var {
        self.columns.push(Column { cost, low, high, is_integer });
        self.columns.len() - 1
    }

    /// A constraint: `low <= sum <= high`.
    pub fn row(&mut self, low: f64, high: f64, terms: Vec<(Var, f64)>) {
        self.rows.push(Row { low, high, terms });
    }

    /// Adds another program's variables, which cost nothing here, and its constraints; its variables come after this
    /// position.
    pub fn append(&mut self, other: &Self) -> usize {
        let first = self.columns.len();
        self.columns.extend(other.columns.iter().map(|own| Column { cost: 0.0, ..own.clone() }));
        for row in &other.rows {
            let terms = row.terms.iter().map(|(var, factor)| (var + first, *factor)).collect();
            self.rows.push(Row { low: row.low, high: row.high, terms });
        }
        first
    }

    /// A convex cost of an integer sum of variables: `costs[n]` is what `n` costs. Sums beyond the table are forbidden.
    pub fn convex(&mut self, terms: &[(Var, f64)], costs: &[f64]) {
        let Some(first) = costs.first() else { return };
        let fixed = self.var(*first, 1.0, 1.0, false);
        debug_assert!(self.columns[fixed].low > 0.0);
        let mut sum = terms.to_vec();
        for pair in costs.windows(2) {
            // Convexity fills the cheaper steps first.
            let step = self.var(pair[1] - pair[0], 0.0, 1.0, false);
            sum.push((step, -1.0));
        }
        self.row(0.0, 0.0, sum);
    }

    /// Another cost of a variable.
    pub fn set_cost(&mut self, var: Var, cost: f64) {
        self.columns[var].cost = cost;
    }

    /// What prices of the rows prove of the linear relaxation, whatever they are (the Lagrangian bound): a price that its
    /// row does not bound is left out. `None` when a variable without bound could run away.
    pub fn proven_by(&self, prices: &[f64]) -> Option<i64> {
        let mut reduced: Vec<f64> = self.columns.iter().map(|own| own.cost).collect();
        let mut value = 0.0;
        for (row, price) in self.rows.iter().zip(prices) {
            let side = if *price > 0.0 { row.low } else { row.high };
            if side.is_finite() && *price != 0.0 {
                value += price * side;
                row.terms.iter().for_each(|(var, factor)| reduced[*var] -= price * factor);
            }
        }
        for (own, cost) in self.columns.iter().zip(reduced).filter(|(_, cost)| *cost != 0.0) {
            value += cost * if cost > 0.0 { own.low } else { own.high };
        }
        value.is_finite().then(|| (value - TOLERANCE * value.abs().max(1.0)).floor() as i64)
    }

    /// Asks nothing of a row any more.
    pub fn free(&mut self, row: usize) {
        (self.rows[row].low, self.rows[row].high) = (f64::NEG_INFINITY, f64::INFINITY);
    }

    /// The same with no variable bound to whole numbers: what is least here is no more than that.
    pub fn relaxed(&self) -> Self {
        let mut own = self.clone();
        own.columns.iter_mut().for_each(|column| column.is_integer = false);
        own
    }

    /// How many constraints.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// How many variables.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// The solver's model, whole numbers kept or relaxed.
    #[cfg(feature = "exact")]
    fn model(&self, keeps_whole: bool) -> Option<highs::Model> {
        let mut problem = highs::RowProblem::default();
        let columns: Vec<_> = (self.columns.iter())
            .map(|own| {
                let is_whole = keeps_whole && own.is_integer;
                problem.add_column_with_integrality(own.cost, own.low..=own.high, is_whole)
            })
            .collect();
        for row in &self.rows {
            let terms = row.terms.iter().map(|(var, factor)| (columns[*var], *factor));
            problem.add_row(row.low..=row.high, terms.collect::<Vec<_>>());
        }
        let mut model = problem.try_optimise(highs::Sense::Minimise).ok()?;
        model.make_quiet();
        model.set_option("threads", 1);
        model.set_option("random_seed", 1);
        Some(model)
    }

    /// The solver's model with whole numbers, to be branched on with at most so many nodes.
    #[cfg(feature = "exact")]
    fn branched(&self, nodes: i32) -> Option<highs::Model> {
        let mut model = self.model(true)?;
        model.set_option("mip_max_nodes", nodes);
        model.set_option("mip_rel_gap", 0.0);
        Some(model)
    }

    /// Solves it with at most so many nodes; `None` when nothing is proven (or there is no feasible point).
    #[cfg(feature = "exact")]
    pub fn least(&self, nodes: i32) -> Option<Solved> {
        use highs::HighsModelStatus;
        let is_mixed = self.columns.iter().any(|own| own.is_integer);
        let solved = self.branched(nodes)?.try_solve().ok()?;
        let is_over = solved.status() == HighsModelStatus::Optimal;
        if !is_mixed && !is_over {
            return None;
        }
        let bound = if is_mixed {
            solved.double_info_value(c"mip_dual_bound").ok()?
        } else {
            solved.objective_value()
        };
        if !bound.is_finite() || solved.status() == HighsModelStatus::Infeasible {
            return None;
        }
        Some(Solved { bound: bound - TOLERANCE * bound.abs().max(1.0) })
    }

    /// The linear relaxation's value, and what one unit of each variable costs there beyond what it saves.
    #[cfg(feature = "exact")]
    pub fn reduced_costs(&self) -> Option<(f64, Vec<f64>)> {
        let solved = self.model(false)?.try_solve().ok()?;
        let is_over = solved.status() == highs::HighsModelStatus::Optimal;
        is_over.then(|| (solved.objective_value(), solved.get_solution().dual_columns().to_vec()))
    }

    /// Forbids a variable.
    pub fn forbid(&mut self, var: Var) {
        self.columns[var].high = 0.0;
    }

    /// What a point costs.
    pub fn cost(&self, point: &[f64]) -> f64 {
        self.columns.iter().zip(point).map(|(column, value)| column.cost * value).sum()
    }

    /// The best point found from this one with at most so many nodes.
    #[cfg(feature = "exact")]
    pub fn best(&self, start: &[f64], nodes: i32) -> Option<Vec<f64>> {
        let mut model = self.branched(nodes)?;
        let _ = model.try_set_solution(Some(start), None, None, None);
        let solved = model.try_solve().ok()?;
        // Asking for a point that was never made is a panic in the binding.
        let is_over = matches!(
            solved.status(),
            highs::HighsModelStatus::Optimal | highs::HighsModelStatus::ReachedSolutionLimit
        );
        let is_usable = is_over && solved.primal_solution_status() == highs::HighsSolutionStatus::Feasible;
        is_usable.then(|| solved.get_solution().columns().to_vec())
    }

    /// What one unit more on the right-hand side of each row is worth in the linear relaxation, and its value: hints, not
    /// proofs. An interior point is no corner: its prices are in the middle of those that are best.
    #[cfg(feature = "exact")]
    pub fn prices(&self) -> Option<(f64, Vec<f64>)> {
        let mut model = self.model(false)?;
        model.set_option("solver", "ipm");
        model.set_option("run_crossover", "off");
        let solved = model.try_solve().ok()?;
        let prices = solved.get_solution().dual_rows().to_vec();
        let is_known = prices.len() == self.rows.len() && prices.iter().all(|own| own.is_finite());
        is_known.then(|| (solved.objective_value(), prices))
    }

    /// Nothing is known without the exact solver.
    #[cfg(not(feature = "exact"))]
    pub fn reduced_costs(&self) -> Option<(f64, Vec<f64>)> {
        None
    }

    /// Nothing is found without the exact solver.
    #[cfg(not(feature = "exact"))]
    pub fn best(&self, _: &[f64], _: i32) -> Option<Vec<f64>> {
        None
    }

    /// Nothing is known without the exact solver.
    #[cfg(not(feature = "exact"))]
    pub fn prices(&self) -> Option<(f64, Vec<f64>)> {
        None
    }

    /// Nothing is proven without the exact solver.
    #[cfg(not(feature = "exact"))]
    pub fn least(&self, _: i32) -> Option<Solved> {
        None
    }
}

// === impl Solved ===

impl Solved {
    /// The bound in whole multiples of `unit`, rounded up: every lawful plan's cost is one.
    pub fn rounded(&self, unit: f64) -> i64 {
        (self.bound / unit - 1e-4).ceil().max(0.0) as i64
    }
}

#[cfg(all(test, feature = "exact"))]
mod tests {
    use super::*;

    #[test]
    fn a_small_knapsack_is_solved_and_its_bound_is_its_value() {
        let mut program = Program::default();
        let vars: Vec<Var> =
            [-6.0, -10.0, -12.0].into_iter().map(|cost| program.var(cost, 0.0, 1.0, true)).collect();
        program.row(0.0, 5.0, vars.iter().copied().zip([1.0, 2.0, 3.0]).collect());
        let solved = program.least(100).unwrap();
        assert!((solved.bound + 22.0).abs() < 1e-3);
    }

    #[test]
    fn any_prices_prove_no_more_than_the_least_and_good_ones_as_much() {
        let mut program = Program::default();
        let one = program.var(3.0, 0.0, 4.0, false);
        let other = program.var(2.0, 0.0, 1.0, false);
        let row = program.rows();
        program.row(2.0, f64::INFINITY, vec![(one, 1.0), (other, 1.0)]);
        let (value, prices) = program.prices().unwrap();
        assert!((value - 5.0).abs() < 1e-3);
        assert_eq!(program.proven_by(&prices), Some(4));
        for price in [-1.0, 0.0, 1.0, 3.5, 100.0] {
            assert!(program.proven_by(&[price]).unwrap() <= 5);
        }
        program.free(row);
        assert_eq!(program.proven_by(&prices), Some(-1));
        program.var(-1.0, 0.0, f64::INFINITY, false);
        assert_eq!(program.proven_by(&prices), None);
    }

    #[test]
    fn a_convex_cost_is_paid_step_by_step() {
        let mut program = Program::default();
        let one = program.var(0.0, 2.0, 2.0, true);
        program.convex(&[(one, 1.0)], &[4.0, 1.0, 0.0, 1.0]);
        assert!(program.least(10).unwrap().bound.abs() < 1e-3);
    }
}
