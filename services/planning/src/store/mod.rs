//! What planning remembers: rows, and the questions asked of them.

pub mod amendments;
pub mod certificates;
pub mod entity;
pub mod exchange_policy;
pub mod feeds;
pub mod ledger;
pub mod migration;
pub mod operations;
pub mod plans;
pub mod proposals;
pub mod published;
pub mod replacements;
pub mod rules;
pub mod shifts;
pub mod swaps;
pub mod tasks;
pub mod templates;
pub mod unplanned_absences;
pub mod wishes;

use calendar::Day;
use chassis::Problem;
use serde::{Serialize, de::DeserializeOwned};

/// A value as stored text.
pub fn to_json(value: &impl Serialize) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(Problem::internal)
}

/// A value of its stored text.
pub fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(Problem::internal)
}

/// A stored day.
pub fn to_day(text: &str) -> Result<Day, Problem> {
    text.parse().map_err(|_| Problem::internal(format!("stored day `{text}` is no day")))
}

/// A new id.
pub fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}
