//! Column generation: everybody takes one whole plan out of very many, prices say which ones are worth having.
//!
//! [`pricing`] is what a problem has to answer; [`generate`] solves the linear program over all plans by way of
//! [`master`] and proves a bound on the way ([`lagrange`]); [`dive`] turns it into a plan, [`solve`] does
//! all of it in turn, and [`improve`] does that to part after part of a plan of shifts.

mod aggregate;
mod arms;
mod branch;
mod dive;
pub(crate) mod generate;
pub(crate) mod improve;
#[cfg(test)]
mod improve_tests;
mod lagrange;
mod master;
pub(crate) mod pricing;
#[cfg(feature = "exact")]
mod recombine;
pub(crate) mod shifts;
mod simplex;
pub(crate) mod solve;
#[cfg(test)]
mod tests;

pub(crate) use self::pricing::{Column, Demand, Effort, Pricing};
