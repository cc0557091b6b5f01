//! Shifts, row by row: every inviolable rule of shifts concerns one person's row, so rows are where dynamic
//! programming, construction and search work; only the cover couples people, and it is soft.
//!
//! Reading order: [`dp`] (the best row of one person), `automaton`, `relax`, `labels`; [`construct`] (a first plan),
//! `large` and `island` (rows taken out and put back), [`improve`] (islands).

mod automaton;
mod chance;
pub(crate) mod construct;
pub(crate) mod dp;
pub(crate) mod improve;
mod island;
mod labels;
mod large;
mod reach;
mod relax;
mod span;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod usage;
