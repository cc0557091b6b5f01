//! The one conversion between what the judge reads and what travels: `roster` ↔ `solver.v1` ↔ JSON.
//!
//! Planning writes problems and reads solutions, the solver reads problems and writes solutions, tools read and
//! write both as JSON. There is one conversion, as there is one judge.
//!
//! Invariants:
//! - what is encoded and decoded again is the same value, bit for bit;
//! - decoding answers every violation at once, by the path of its field;
//! - a decoded problem has been checked: it is a [`roster::Problem`], not a draft.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod decode;
mod document;
mod encode;
mod json;
mod path;
mod schema;
mod solution;

pub use decode::decode;
pub use document::{
    DOCUMENT_BYTES_MAX, DOCUMENT_VERSION, DocumentError, PROBLEM_FORMAT, SOLUTION_FORMAT, problem_document,
    problem_from_document, roster_from_document, solution_document,
};
pub use encode::encode;
pub use json::{JsonError, from_json, roster_from_json, roster_to_json, to_json};
pub use schema::{problem_schema, solution_schema};
pub use solution::{decode_roster, decode_score, encode_roster, encode_score};

/// Something a message got wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {description}")]
pub struct Violation {
    /// The field, in the contract's names: `people[3].availability[12]`.
    pub field: String,
    /// What was expected.
    pub description: String,
}
