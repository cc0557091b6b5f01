//! The JSON Schema of the documents, made from the contract and its comments, so that it cannot say anything else.

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::{
    EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, prost_types::FileDescriptorProto,
};
use serde::de::Error as _;
use serde_json::{Map, Value, json};

use crate::{
    DOCUMENT_VERSION, JsonError, PROBLEM_FORMAT, SOLUTION_FORMAT,
    json::{PROBLEM, descriptor},
};

const SOLUTION: &str = "mathildanesth.solver.v1.Solution";
const BASE: &str = "mathildanesth.";

/// The schema of the document of a problem.
///
/// # Errors
/// None with a contract that compiles.
pub fn problem_schema() -> Result<String, JsonError> {
    schema(PROBLEM_FORMAT, "problem", PROBLEM)
}

/// The schema of the document of a solution.
///
/// # Errors
/// None with a contract that compiles.
pub fn solution_schema() -> Result<String, JsonError> {
    schema(SOLUTION_FORMAT, "solution", SOLUTION)
}

fn schema(format: &str, key: &str, name: &str) -> Result<String, JsonError> {
    let mut writer = Writer::default();
    let root = writer.message(&descriptor(name)?);
    if writer.definitions.is_empty() {
        return Err(serde_json::Error::custom("an empty contract").into());
    }
    let document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format,
        "type": "object",
        "properties": {
            "$schema": { "type": "string" },
            "format": { "const": format },
            "version": { "const": DOCUMENT_VERSION },
            key: root,
        },
        "required": ["format", "version", key],
        "additionalProperties": false,
        "$defs": writer.definitions,
    });
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

/// Definitions by name, in order.
#[derive(Default)]
struct Writer {
    definitions: Map<String, Value>,
    /// Comments by the path of what they are about, per file.
    comments: BTreeMap<String, BTreeMap<Vec<i32>, String>>,
}

// === impl Writer ===

impl Writer {
    /// A reference to a message, which is defined if it is not yet.
    fn message(&mut self, message: &MessageDescriptor) -> Value {
        match message.full_name() {
            "google.protobuf.Duration" => {
                return json!({ "type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?s$" });
            }
            "google.protobuf.Timestamp" => return json!({ "type": "string", "format": "date-time" }),
            _ => {}
        }
        let name = short(message.full_name());
        if !self.definitions.contains_key(&name) {
            // A place for it first: messages may contain themselves.
            self.definitions.insert(name.clone(), Value::Null);
            let properties: Map<_, _> =
                (message.fields()).map(|field| (field.json_name().to_owned(), self.field(&field))).collect();
            let file = message.parent_file();
            let mut definition = json!({
                "type": "object",
                "description": self.comment(file.file_descriptor_proto(), message.path()),
                "properties": properties,
                "additionalProperties": false,
            });
            let choices: Vec<_> = message.oneofs().filter(|own| !own.is_synthetic()).collect();
            if let [choice] = &choices[..] {
                let one = choice.fields().map(|field| json!({ "required": [field.json_name()] }));
                definition["oneOf"] = one.collect();
            }
            self.definitions.insert(name.clone(), definition);
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    fn field(&mut self, field: &FieldDescriptor) -> Value {
        let one = self.value(&field.kind());
        let mut value = if field.is_list() { json!({ "type": "array", "items": one }) } else { one };
        let file = field.parent_message().parent_file();
        let comment = self.comment(file.file_descriptor_proto(), field.path());
        if !comment.is_empty() {
            value["description"] = comment.into();
        }
        value
    }

    fn value(&mut self, kind: &Kind) -> Value {
        match kind {
            Kind::Message(message) => self.message(message),
            Kind::Enum(names) => self.names(names),
            Kind::Bool => json!({ "type": "boolean" }),
            Kind::String => json!({ "type": "string" }),
            Kind::Bytes => json!({ "type": "string", "contentEncoding": "base64" }),
            Kind::Double | Kind::Float => json!({ "type": "number" }),
            Kind::Uint32 | Kind::Fixed32 => json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
                json!({ "type": "integer", "minimum": i32::MIN, "maximum": i32::MAX })
            }
            // The standard form of 64-bit figures is a string; numbers are read too.
            Kind::Uint64 | Kind::Fixed64 => json!({ "type": ["string", "integer"], "pattern": "^[0-9]+$" }),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
                json!({ "type": ["string", "integer"], "pattern": "^-?[0-9]+$" })
            }
        }
    }

    fn names(&mut self, names: &EnumDescriptor) -> Value {
        let name = short(names.full_name());
        if !self.definitions.contains_key(&name) {
            let all: BTreeSet<_> = names.values().map(|value| value.name().to_owned()).collect();
            let file = names.parent_file();
            let comment = self.comment(file.file_descriptor_proto(), names.path());
            let definition = json!({ "type": "string", "description": comment, "enum": all });
            self.definitions.insert(name.clone(), definition);
        }
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    /// What the contract says of something, on one line.
    fn comment(&mut self, file: &FileDescriptorProto, path: &[i32]) -> String {
        let comments = self.comments.entry(file.name().to_owned()).or_insert_with(|| {
            let places = file.source_code_info.iter().flat_map(|info| &info.location);
            let told = places.filter(|place| place.leading_comments.is_some());
            told.map(|place| {
                (
                    place.path.clone(),
                    place.leading_comments().split_whitespace().collect::<Vec<_>>().join(" "),
                )
            })
            .collect()
        });
        comments.get(path).cloned().unwrap_or_default()
    }
}

/// A name without what all names begin with.
fn short(name: &str) -> String {
    name.strip_prefix(BASE).unwrap_or(name).to_owned()
}
