//! A roster as the benchmark's tools expect it.

use std::iter;

use roster::{
    Problem, Roster,
    shifts::{Code, OFF},
};

/// The text of a solution: one line per person in the instance's order, the id and then a shift per day, `-` for a
/// day off, with tabulators between.
#[must_use]
pub fn write(problem: &Problem, roster: &Roster) -> String {
    let types = &problem.draft().shifts.types;
    let name = |code: &Code| match *code {
        OFF => "-",
        code => types[usize::from(code) - 1].id.as_str(),
    };
    let line = |person| {
        let id = problem.person(person).id.as_str();
        let cells: Vec<_> = iter::once(id).chain(roster.row(person).iter().map(name)).collect();
        cells.join("\t") + "\n"
    };
    problem.person_indices().map(line).collect()
}
