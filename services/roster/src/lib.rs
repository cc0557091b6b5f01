//! The problem and the judge: what must be staffed, by whom it may be, and what a roster is worth.
//!
//! Pure: no async, no I/O, no clock, no protobuf. The machine's plan, a planner's drag and drop, a swap and an
//! import are all judged here, by the same rules.
//!
//! Invariants:
//! - a [`Problem`] is self-contained, pseudonymous and checked once, by [`Problem::build`];
//! - a [`Score`] is integer and lexicographic, so it is exactly reproducible;
//! - nothing depends on the order of a hash map: the same input gives the same result, bit for bit.
//!
//! Reading order: [`problem`], [`rules`], [`score`], then the evaluator.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod diff;
pub mod evaluator;
pub mod explain;
pub mod problem;
pub mod roster;
pub mod rules;
pub mod score;
pub mod shifts;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

#[cfg(test)]
mod scenarios;

pub use crate::{
    evaluator::{Blocker, Evaluator},
    explain::{Analysis, analyze, matches},
    problem::{Draft, Problem, Violation},
    roster::Roster,
    rules::RuleId,
    score::{Level, Score},
};
