//! Documents survive being written and read, schemas are fresh, and what is no document is refused.

#![allow(clippy::unwrap_used, missing_docs)]

use problem::{DocumentError, JsonError};
use proptest::prelude::*;
use proto::solver::v1 as pb;
use roster::{
    Roster,
    problem::{PersonIx, Seat, SlotIx},
    testing::{department, small},
};
use serde_json::Value;

fn folder() -> &'static std::path::Path {
    std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/schema"))
}

#[test]
fn the_shipped_schemas_are_fresh() {
    for (name, fresh) in [
        ("problem.v1.schema.json", problem::problem_schema().unwrap()),
        ("solution.v1.schema.json", problem::solution_schema().unwrap()),
    ] {
        let shipped = std::fs::read_to_string(folder().join(name)).unwrap();
        assert!(
            shipped == fresh,
            "{name} is stale: cargo run -p problem --example schema -- services/problem/schema"
        );
    }
}

/// Every key and every value of a document is one the schema knows.
fn conform(value: &Value, schema: &Value, root: &Value, path: &str) {
    let schema = match schema.get("$ref").and_then(Value::as_str) {
        Some(name) => &root["$defs"][name.trim_start_matches("#/$defs/")],
        None => schema,
    };
    match value {
        Value::Object(fields) => {
            for (key, own) in fields {
                let known = &schema["properties"][key];
                assert!(!known.is_null(), "{path}: the schema does not know `{key}`");
                conform(own, known, root, &format!("{path}.{key}"));
            }
            if let Some(choices) = schema.get("oneOf").and_then(Value::as_array) {
                let chosen =
                    choices.iter().filter(|own| fields.contains_key(own["required"][0].as_str().unwrap()));
                assert_eq!(chosen.count(), 1, "{path}: expected one of the choices");
            }
        }
        Value::Array(items) => {
            assert_eq!(schema["type"], "array", "{path}");
            items.iter().for_each(|own| conform(own, &schema["items"], root, path));
        }
        Value::String(text) => match schema.get("enum").and_then(Value::as_array) {
            Some(names) => assert!(names.iter().any(|name| name == text), "{path}: {text}"),
            None => assert!(
                schema.get("const").is_some_and(|own| own == text)
                    || schema["type"].to_string().contains("string"),
                "{path}"
            ),
        },
        Value::Number(_) => assert!(
            schema.get("const").is_some_and(|own| own == value)
                || schema["type"].to_string().contains("integer"),
            "{path}"
        ),
        Value::Bool(_) => assert_eq!(schema["type"], "boolean", "{path}"),
        Value::Null => panic!("{path}: null"),
    }
}

#[test]
fn what_is_written_conforms_to_the_schema() {
    let schema: Value = serde_json::from_str(&problem::problem_schema().unwrap()).unwrap();
    for problem in [department(3), small(4)] {
        let document: Value = serde_json::from_str(&problem::problem_document(&problem).unwrap()).unwrap();
        conform(&document, &schema, &schema, "document");
    }
}

#[test]
fn a_problem_survives_its_document() {
    let problem = department(5);
    let back = problem::problem_from_document(&problem::problem_document(&problem).unwrap()).unwrap();
    assert_eq!(problem.draft(), back.draft());
}

#[test]
fn a_roster_survives_its_document() {
    let problem = small(1);
    let mut roster = Roster::empty(&problem);
    roster.set(Seat::performer(SlotIx(2)), Some(PersonIx(1)));
    let solution = pb::Solution { roster: Some(problem::encode_roster(&roster)), ..pb::Solution::default() };
    let text = problem::solution_document(&solution).unwrap();
    assert_eq!(problem::roster_from_document(&text, &problem).unwrap(), roster);
    let schema: Value = serde_json::from_str(&problem::solution_schema().unwrap()).unwrap();
    conform(&serde_json::from_str(&text).unwrap(), &schema, &schema, "document");
}

#[test]
fn what_is_no_document_of_this_version_is_refused() {
    let text = problem::problem_document(&small(1)).unwrap();
    let refused = |found: &str, put: &str| {
        assert!(text.contains(found), "{found}");
        problem::problem_from_document(&text.replacen(found, put, 1)).unwrap_err()
    };
    assert!(matches!(refused("\"version\": 1", "\"version\": 2"), DocumentError::Version(2)));
    assert!(matches!(refused("-problem\"", "-solution\""), DocumentError::Format { .. }));
    assert!(matches!(refused("\"problem\":", "\"other\":"), DocumentError::Json(JsonError::Document(_))));
    assert!(matches!(refused("\"days\":", "\"dayz\":"), DocumentError::Json(JsonError::Document(_))));
    assert!(matches!(refused("{", "["), DocumentError::Json(JsonError::Document(_))));
    assert!(matches!(problem::problem_from_document("{}"), Err(DocumentError::Format { .. })));
    let spoiled = text.replacen("\"dayOfMonth\": 1,", "\"dayOfMonth\": 4000,", 1);
    assert!(problem::problem_from_document(&spoiled).is_err() || spoiled == text);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Bytes changed, removed or repeated anywhere: a problem or an error, never a panic.
    #[test]
    fn whatever_the_text_reading_ends_well(
        seed in 0..4_u64,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..10),
    ) {
        let mut bytes = problem::problem_document(&small(seed)).unwrap().into_bytes();
        for (place, byte, kind) in edits {
            let at = place.index(bytes.len());
            match kind {
                0 => bytes[at] = byte & 0x7f,
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b"0123456789{}[]\",:-"[usize::from(byte) % 18]),
                _ => bytes[at] = b"0123456789"[usize::from(byte) % 10],
            }
        }
        let _ = problem::problem_from_document(&String::from_utf8_lossy(&bytes));
    }
}
