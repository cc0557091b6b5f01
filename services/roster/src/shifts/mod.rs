//! Shifts as the judge counts them: dense tables, and a sheet that knows what a change costs without a recount.

mod build;
mod table;

pub use self::table::{Change, Code, Cover, Limits, OFF, Table};
