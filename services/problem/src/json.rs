//! Problems and rosters as JSON, for files and tools.
//!
//! It is the standard JSON form of the messages `mathildanesth.solver.v1.Problem` and `Roster`, so the comments of
//! `solver/v1/problem.proto` document every field: names in lowerCamelCase, values of enums by name, 64-bit figures
//! as strings. Keys nobody knows are errors.

use std::sync::LazyLock;

use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};
use proto::solver::v1 as pb;
use roster::{Problem, Roster};
use serde::de::Error as _;

use crate::{Violation, decode, decode_roster, encode, encode_roster};

pub(crate) const PROBLEM: &str = "mathildanesth.solver.v1.Problem";
const ROSTER: &str = "mathildanesth.solver.v1.Roster";

/// Why a JSON text is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// It is no JSON, or has a key or value the contract does not know.
    #[error("not a document of the contract: {0}")]
    Document(#[from] serde_json::Error),
    /// It can be read, and says something impossible.
    #[error("{} violations, first: {}", .0.len(), .0.first().map(ToString::to_string).unwrap_or_default())]
    Content(Vec<Violation>),
}

/// The contract, as the JSON form needs it.
static CONTRACT: LazyLock<Result<DescriptorPool, String>> =
    LazyLock::new(|| DescriptorPool::decode(proto::DESCRIPTORS).map_err(|error| error.to_string()));

/// A problem as JSON.
///
/// # Errors
/// None with a contract that compiles.
pub fn to_json(problem: &Problem) -> Result<String, JsonError> {
    let mut document = DynamicMessage::new(descriptor(PROBLEM)?);
    document.transcode_from(&encode(problem)).map_err(serde_json::Error::custom)?;
    Ok(serde_json::to_string_pretty(&document)?)
}

/// The problem of a JSON text.
///
/// # Errors
/// What cannot be read, and all violations of what can.
pub fn from_json(text: &str) -> Result<Problem, JsonError> {
    let message: pb::Problem = read(text, PROBLEM)?.transcode_to().map_err(serde_json::Error::custom)?;
    decode(&message).map_err(JsonError::Content)
}

/// A roster as JSON.
///
/// # Errors
/// None with a contract that compiles.
pub fn roster_to_json(roster: &Roster) -> Result<String, JsonError> {
    let mut document = DynamicMessage::new(descriptor(ROSTER)?);
    document.transcode_from(&encode_roster(roster)).map_err(serde_json::Error::custom)?;
    Ok(serde_json::to_string_pretty(&document)?)
}

/// The roster of a JSON text, for `problem`.
///
/// # Errors
/// What cannot be read, and all violations of what can.
pub fn roster_from_json(text: &str, problem: &Problem) -> Result<Roster, JsonError> {
    let message: pb::Roster = read(text, ROSTER)?.transcode_to().map_err(serde_json::Error::custom)?;
    decode_roster(&message, problem).map_err(JsonError::Content)
}

fn read(text: &str, name: &str) -> Result<DynamicMessage, JsonError> {
    let mut text = serde_json::Deserializer::from_str(text);
    let document = DynamicMessage::deserialize(descriptor(name)?, &mut text)?;
    text.end()?;
    Ok(document)
}

pub(crate) fn descriptor(name: &str) -> Result<MessageDescriptor, JsonError> {
    let contract = CONTRACT.as_ref().map_err(serde_json::Error::custom)?;
    Ok(contract
        .get_message_by_name(name)
        .ok_or_else(|| serde_json::Error::custom(format!("no message {name}")))?)
}
