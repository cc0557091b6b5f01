//! The employee shift scheduling benchmark of Curtois and Qu (2014): 24 public instances in a text format.
//!
//! [`read`] makes a draft of an instance: people who work shifts, and no slots. Covers and wishes weigh one unit each
//! at [`roster::Level::Preference`], everything else is hard, so that the published objective is
//! [`objective`] of the judge's score. [`write`] prints a roster as the benchmark's tools expect it: one line per
//! person, in the instance's order.
//!
//! Instances come from the outside: every size has a limit, and what is wrong is told with its line.

mod lines;
mod read;
#[cfg(test)]
mod tests;
mod write;

use roster::{Level, Score};

pub use self::{read::read, write::write};
use crate::Bound;

/// The largest text, in bytes.
pub const BYTES_MAX: usize = 16 << 20;
/// The longest horizon, in days: what a problem may cover.
pub const DAYS_MAX: usize = 400;
/// The most people.
pub const PEOPLE_MAX: usize = 10_000;
/// The most rows of demand, and of requests of each kind.
pub const ROWS_MAX: usize = 1_000_000;
/// The most cells: people × days × types of shift and off.
pub const CELLS_MAX: usize = 40_000_000;
/// The largest weight of a request or a demand.
pub const WEIGHT_MAX: u32 = 1_000_000;
/// The longest id, in bytes.
pub const ID_BYTES_MAX: usize = 64;

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct ReadError {
    /// The line, from 1; the last line for something that never came.
    pub line: usize,
    /// What is wrong there.
    pub fault: Fault,
}

/// What can be wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// More bytes than are read.
    #[error("the text has {0} bytes, more than {BYTES_MAX}")]
    TooLong(usize),
    /// More of something than is accepted.
    #[error("more than {limit} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are accepted.
        limit: usize,
    },
    /// A row before the first section.
    #[error("expected a section first")]
    OutsideSection,
    /// A section nobody knows.
    #[error("unknown section `{0}`")]
    UnknownSection(String),
    /// A section that must be there and has no row.
    #[error("no row of {0}")]
    Missing(&'static str),
    /// A row with too few or too many fields.
    #[error("expected {expected} fields, found {found}")]
    Fields {
        /// How many are expected.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Not a whole number in its range.
    #[error("expected {what} from {min} to {max}, found `{found}`")]
    Number {
        /// What it is.
        what: &'static str,
        /// What is there.
        found: String,
        /// The least accepted.
        min: u32,
        /// The most accepted.
        max: u32,
    },
    /// An id that is empty, too long, or means something else.
    #[error("`{0}` cannot be an id")]
    Id(String),
    /// Something that may be said once only.
    #[error("{what} `{id}` appears twice")]
    Twice {
        /// What it is.
        what: &'static str,
        /// Which one.
        id: String,
    },
    /// A reference to something that is not there.
    #[error("no such {what}: `{id}`")]
    Unknown {
        /// What is looked for.
        what: &'static str,
        /// What is there instead.
        id: String,
    },
    /// A least that is more than its most.
    #[error("the least {what}, {min}, is more than the most, {max}")]
    Order {
        /// Of what.
        what: &'static str,
        /// The least.
        min: u32,
        /// The most.
        max: u32,
    },
    /// A limit on a type of shift that is not `type=number`.
    #[error("expected `type=number`, found `{0}`")]
    Most(String),
}

/// The benchmark's objective of a judged roster, which must be [feasible](Score::is_feasible) to count.
#[must_use]
pub fn objective(score: &Score) -> i64 {
    score.level(Level::Preference) / Score::UNIT
}

/// The least objective that is proven, if anything is: what no roster that breaks nothing is below. Objectives are
/// whole numbers.
#[must_use]
pub fn bound(bound: &Bound) -> Option<i64> {
    bound
        .level(Level::Preference)
        .map(|cost| cost.div_euclid(Score::UNIT) + i64::from(cost.rem_euclid(Score::UNIT) > 0))
}
