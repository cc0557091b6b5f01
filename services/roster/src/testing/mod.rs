//! Seeded problems for tests: a small one full of corners, and a department like the real team (synthetic).
//!
//! The same seed gives the same problem on every machine.

mod builders;
mod department;
mod shifts;
mod small;

pub use self::{
    builders::{Dice, days, iade, mar, number_of, slot, theatre},
    department::department_draft,
    shifts::shifts_draft,
    small::small_draft,
};
use crate::problem::Problem;

/// A small problem with a bit of everything: 9 people, 10 days, 6 rooms.
///
/// # Panics
/// Never: the draft is correct by construction.
#[must_use]
pub fn small(seed: u64) -> Problem {
    Problem::build(small_draft(seed)).expect("the small draft is correct by construction")
}

/// A month of a department: 16 MAR of which 6 half-timers, 9 IADE, a locum, 2 sites, 7 sectors, 34 rooms.
///
/// # Panics
/// Never: the draft is correct by construction.
#[must_use]
pub fn department(seed: u64) -> Problem {
    Problem::build(department_draft(seed)).expect("the department's draft is correct by construction")
}

/// A problem of shifts alone, of this many people, days and types of shift; the horizon begins on a Monday.
///
/// # Panics
/// Never: the draft is correct by construction.
#[must_use]
pub fn shifts(seed: u64, people: usize, days: usize, types: usize) -> Problem {
    Problem::build(shifts_draft(seed, people, days, types))
        .expect("the draft of shifts is correct by construction")
}
