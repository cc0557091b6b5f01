//! Column generation: everybody takes one whole plan out of very many, prices say which ones are worth having.
//!
//! [`pricing`] is what a problem has to answer; [`generate`] solves the linear program over all plans by way of
//! [`master`] and proves a bound on the way ([`lagrange`]); [`dive`] turns it into a plan.

mod dive;
mod generate;
mod lagrange;
mod master;
pub(crate) mod pricing;
pub(crate) mod shifts;
mod simplex;
#[cfg(test)]
mod tests;

pub(crate) use self::pricing::{Column, Demand, Effort, Pricing};
