//! Column generation: everybody takes one whole plan out of very many, prices say which ones are worth having.
//!
//! [`pricing`] is what a problem has to answer.

pub(crate) mod pricing;

pub(crate) use self::pricing::{Column, Demand, Effort, Pricing};
