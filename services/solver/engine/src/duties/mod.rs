//! Gardes and astreintes as rows: one person's duties of the whole horizon, what such a row costs, and the best one at
//! given prices.
//!
//! The month's duties decompose by person: slots couple them (each wants one holder), everything else is said of one
//! person's own sequence of days. Column generation chooses one row per person; [`pricing`] is its oracle.
//!
//! What a row is charged: G9 G10+ G12 G13 G14 G19~ G20 G21 G22, locums, changes against the published plan, and the
//! requests and wishes that duties alone decide; what it may not do: G3 G5 G7 G8 G10 G11 G16 G19 G23 H1 and the pins.
//! That is exactly what the judge says of these rules on the same duties (`tests`). Rules about other posts, and duties
//! published after the horizon, are left out, which can only make a row cheaper: a bound made of rows stays a bound.
//!
//! Equity is convex per counter and person. Counters are *priced*: each is a demand of its own whose convex cost is taken
//! out of the rows, so that the sequence of days is all a row has to remember. Little is lost by that: on the
//! department a plan within 0.3 % of the bound exists.

pub(crate) mod charges;
mod compile;
mod pricing;
mod state;
#[cfg(test)]
mod tests;

pub(crate) use self::compile::{Duties, convex, equity_weight};
