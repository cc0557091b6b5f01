//! Shifts as the judge counts them: dense tables, and a sheet that knows what a change costs without a recount.
//!
//! [`Table`] is compiled once from the draft. [`Sheet`] holds everybody's rows and answers [`Sheet::delta`] from the
//! days a change touches and the runs around them. [`Table::examine`] counts one row the plain way: explanation reads
//! it, and the running amounts are checked against it.

mod build;
mod delta;
mod examine;
mod line;
mod rule;
mod sheet;
mod table;
#[cfg(test)]
mod tests;

pub use self::{
    examine::Finding,
    rule::{Amounts, ShiftRule, Weights},
    sheet::Sheet,
    table::{Change, Code, Cover, Limits, OFF, Table},
};
