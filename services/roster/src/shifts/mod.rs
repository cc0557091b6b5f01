//! Shifts as the judge counts them: dense tables, and a sheet that knows what a change costs without a recount.

mod table;

pub use self::table::{Code, Cover, Limits, OFF, Table};
