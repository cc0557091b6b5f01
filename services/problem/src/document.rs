//! Versioned documents: what a problem and its solution look like in files that others read.
//!
//! `{"format": "mathildanesth-problem", "version": 1, "problem": {…}}`, and the same with `mathildanesth-solution` and
//! `solution`. Inside is the JSON form of the contract's message. docs/problem-format.md tells outsiders.

use std::fmt;

use prost_reflect::{DynamicMessage, MessageDescriptor, prost::Message};
use proto::solver::v1 as pb;
use roster::{Problem, Roster};
use serde::{
    Serialize, Serializer,
    de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor},
    ser::SerializeMap,
};

use crate::{
    JsonError, decode, decode_roster, encode,
    json::{PROBLEM, descriptor},
};

/// What `format` says in the document of a problem.
pub const PROBLEM_FORMAT: &str = "mathildanesth-problem";
/// What `format` says in the document of a solution.
pub const SOLUTION_FORMAT: &str = "mathildanesth-solution";
/// The version of both: another one when a reader of this one would misunderstand it.
pub const DOCUMENT_VERSION: u32 = 1;
/// The largest document read, in bytes: ten times a region's month.
pub const DOCUMENT_BYTES_MAX: usize = 512 << 20;

const SOLUTION: &str = "mathildanesth.solver.v1.Solution";

/// Why a document cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// More bytes than are read.
    #[error("the document has {0} bytes, more than {DOCUMENT_BYTES_MAX}")]
    TooLong(usize),
    /// It is something else.
    #[error("expected the format `{expected}`, found `{found}`")]
    Format {
        /// What is expected.
        expected: &'static str,
        /// What it says it is.
        found: String,
    },
    /// It is of another version.
    #[error("expected version {DOCUMENT_VERSION}, found {0}")]
    Version(u32),
    /// What is in it.
    #[error(transparent)]
    Json(#[from] JsonError),
}

/// The document of a problem.
///
/// # Errors
/// None with a contract that compiles.
pub fn problem_document(problem: &Problem) -> Result<String, JsonError> {
    write(PROBLEM_FORMAT, "problem", PROBLEM, &encode(problem))
}

/// The document of a solution.
///
/// # Errors
/// None with a contract that compiles.
pub fn solution_document(solution: &pb::Solution) -> Result<String, JsonError> {
    write(SOLUTION_FORMAT, "solution", SOLUTION, solution)
}

/// The problem of a document.
///
/// # Errors
/// What is no document of this version, what cannot be read, and all violations of what can.
pub fn problem_from_document(text: &str) -> Result<Problem, DocumentError> {
    let message: pb::Problem = read(text, PROBLEM_FORMAT, "problem", PROBLEM)?;
    decode(&message).map_err(|violations| JsonError::Content(violations).into())
}

/// The roster of a solution's document, for `problem`.
///
/// # Errors
/// As [`problem_from_document`].
pub fn roster_from_document(text: &str, problem: &Problem) -> Result<Roster, DocumentError> {
    let message: pb::Solution = read(text, SOLUTION_FORMAT, "solution", SOLUTION)?;
    let roster = message.roster.unwrap_or_default();
    decode_roster(&roster, problem).map_err(|violations| JsonError::Content(violations).into())
}

fn write(format: &str, key: &str, name: &str, message: &impl Message) -> Result<String, JsonError> {
    let mut content = DynamicMessage::new(descriptor(name)?);
    content.transcode_from(message).map_err(serde_json::Error::custom)?;
    let mut text = Vec::new();
    let mut writer = serde_json::Serializer::pretty(&mut text);
    Document { format, key, content: &content }.serialize(&mut writer)?;
    text.push(b'\n');
    String::from_utf8(text).map_err(|error| serde_json::Error::custom(error).into())
}

fn read<M: Message + Default>(
    text: &str,
    format: &'static str,
    key: &'static str,
    name: &str,
) -> Result<M, DocumentError> {
    if text.len() > DOCUMENT_BYTES_MAX {
        return Err(DocumentError::TooLong(text.len()));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let seed = Seed { key, content: descriptor(name)? };
    let parts = seed.deserialize(&mut reader).map_err(JsonError::from)?;
    reader.end().map_err(JsonError::from)?;
    let found = parts.format.unwrap_or_default();
    if found != format {
        return Err(DocumentError::Format { expected: format, found });
    }
    let version = parts.version.unwrap_or_default();
    if version != DOCUMENT_VERSION {
        return Err(DocumentError::Version(version));
    }
    let content = parts.content.ok_or_else(|| serde_json::Error::custom(format!("no `{key}`")));
    let message = content.map_err(JsonError::from)?.transcode_to().map_err(serde_json::Error::custom);
    Ok(message.map_err(JsonError::from)?)
}

struct Document<'d> {
    format: &'d str,
    key: &'d str,
    content: &'d DynamicMessage,
}

/// What a document says, as far as it was read.
#[derive(Default)]
struct Parts {
    format: Option<String>,
    version: Option<u32>,
    content: Option<DynamicMessage>,
}

/// Reads the parts of a document, in any order.
struct Seed {
    key: &'static str,
    content: MessageDescriptor,
}

// === impl Document ===

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("format", self.format)?;
        map.serialize_entry("version", &DOCUMENT_VERSION)?;
        map.serialize_entry(self.key, self.content)?;
        map.end()
    }
}

// === impl Seed ===

impl<'de> DeserializeSeed<'de> for Seed {
    type Value = Parts;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Parts, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Seed {
    type Value = Parts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with `format`, `version` and `{}`", self.key)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parts, A::Error> {
        let mut parts = Parts::default();
        while let Some(key) = map.next_key::<String>()? {
            let is_new = match key.as_str() {
                "format" => parts.format.replace(map.next_value()?).is_none(),
                "version" => parts.version.replace(map.next_value()?).is_none(),
                own if own == self.key => {
                    parts.content.replace(map.next_value_seed(self.content.clone())?).is_none()
                }
                // Editors find the schema by it.
                "$schema" => {
                    map.next_value::<IgnoredAny>()?;
                    true
                }
                _ => return Err(A::Error::custom(format!("unknown key `{key}`"))),
            };
            if !is_new {
                return Err(A::Error::custom(format!("`{key}` appears twice")));
            }
        }
        Ok(parts)
    }
}
