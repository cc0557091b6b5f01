//! The restricted master as an integer program: the best plan that the columns known so far can make.
//!
//! Columns come from everywhere (generation, dives, plans met); which of them go together is a set partitioning
//! problem with soft demands, small enough for branch and cut once columns that cannot be part of a better plan are
//! left out: at proven prices a column whose reduced cost exceeds what lies between bound and best plan is in no
//! better one. Limits are nodes, never time, so the answer depends on the input alone.

use std::num::NonZeroU32;

use highs::{ColProblem, HighsModelStatus, HighsSolutionStatus, Model, Row, Sense};

use super::{
    master::UNIT,
    pricing::{Column, Demand},
};

/// Nodes of branch and cut, and of those without progress.
const NODES: i32 = 400;
const STALLED_NODES: i32 = 150;

/// The best plan of these columns, if it costs less than `old` does: `pool[person]` are the person's columns, `old`
/// one plan of them as indices. Also says how many simplex iterations it took.
pub(super) fn recombine(
    demands: &[Demand],
    pool: &[Vec<Column>],
    old: &[usize],
) -> (Option<Vec<usize>>, u64) {
    let (problem, values) = build(demands, pool, old);
    let Ok(mut model) = Model::try_new(problem) else { return (None, 0) };
    model.set_sense(Sense::Minimise);
    model.set_threads(NonZeroU32::MIN);
    let options = model.try_set_option("mip_max_nodes", NODES).and(
        model
            .try_set_option("mip_max_stall_nodes", STALLED_NODES)
            .and(model.try_set_option("parallel", "off")),
    );
    if options.is_err() || model.try_set_solution(Some(&values), None, None, None).is_err() {
        return (None, 0);
    }
    let Ok(solved) = model.try_solve() else { return (None, 0) };
    let iterations = u64::try_from(solved.simplex_iteration_count()).unwrap_or(0);
    let is_usable = solved.primal_solution_status() == HighsSolutionStatus::Feasible
        && !matches!(solved.status(), HighsModelStatus::Infeasible | HighsModelStatus::SolveError);
    if !is_usable {
        return (None, iterations);
    }
    let solution = solved.get_solution();
    let mut values = solution.columns().iter();
    let mut plan = Vec::with_capacity(pool.len());
    for columns in pool {
        let chosen = values.by_ref().take(columns.len()).position(|value| *value > 0.5);
        // `take` and `position` stop at the chosen one: skip the rest of the person's.
        let Some(chosen) = chosen else { return (None, iterations) };
        if chosen + 1 < columns.len() {
            values.nth(columns.len() - chosen - 2);
        }
        plan.push(chosen);
    }
    (Some(plan), iterations)
}

/// The program and the old plan's values: columns person by person, then the segments of the demands.
fn build(demands: &[Demand], pool: &[Vec<Column>], old: &[usize]) -> (ColProblem, Vec<f64>) {
    let mut problem = ColProblem::default();
    let people: Vec<Row> = pool.iter().map(|_| problem.add_row(1.0..=1.0)).collect();
    let rows: Vec<Option<Row>> =
        demands.iter().map(|demand| (!demand.is_flat()).then(|| problem.add_row(0.0..=0.0))).collect();
    let mut values = Vec::new();
    let mut counts = vec![0_u32; demands.len()];
    for ((person, columns), old) in people.iter().zip(pool).zip(old) {
        for (index, column) in columns.iter().enumerate() {
            let mut entries = vec![(*person, 1.0)];
            for cover in &column.covers {
                let Some(row) = rows[*cover as usize] else { continue };
                match entries.last_mut() {
                    Some((last, times)) if *last == row => *times += 1.0,
                    _ => entries.push((row, 1.0)),
                }
            }
            problem.add_integer_column(column.cost as f64 / UNIT, 0.0..=1.0, entries);
            values.push(f64::from(u8::from(index == *old)));
            if index == *old {
                column.covers.iter().for_each(|cover| counts[*cover as usize] += 1);
            }
        }
    }
    for ((demand, row), count) in demands.iter().zip(&rows).zip(&counts) {
        let Some(row) = row else { continue };
        let mut from = 0;
        for &(to, slope) in &demand.slopes {
            let width = if to == u32::MAX { f64::INFINITY } else { f64::from(to - from) };
            problem.add_column(slope as f64 / UNIT, 0.0..=width, [(*row, -1.0)]);
            values.push(f64::from((*count).clamp(from, to) - from));
            from = to;
        }
    }
    (problem, values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_plan_of_the_pool_is_found() {
        let column = |cost, covers: &[u32]| Column { cost, covers: covers.to_vec() };
        let demands = [Demand::target(1, 100_000, 1000), Demand::target(2, 100_000, 1000)];
        let pool = [
            vec![column(0, &[]), column(3000, &[0]), column(4000, &[1])],
            vec![column(0, &[]), column(9000, &[0, 1]), column(2000, &[1])],
            vec![column(0, &[1]), column(500, &[0])],
        ];
        let (plan, _) = recombine(&demands, &pool, &[0, 0, 0]);
        assert_eq!(plan, Some(vec![1, 2, 0]));
    }
}
