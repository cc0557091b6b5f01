//! Who changed what, and when: an append-only log, a chain of hashes for each hospital.
//!
//! ```ignore
//! tx.audit(Change::of("north", "leave.approve", name).value("state", "PENDING", "APPROVED"));
//! tx.commit().await?;
//! ```
//! The lines are written by [`Tx::commit`](crate::Tx::commit), with the change itself or not at all. Only then is the
//! chain's head locked: transactions of one hospital wait for each other while three statements and a commit last, not
//! while a use case decides; whoever holds a head waits for nothing any more, so heads never deadlock.
//!
//! What a field was and became is written only where a service says that it may be: neither personal nor confidential.
//! The databases refuse to change, delete or empty the lines (triggers); who goes around that is found by [`verify`],
//! unless everything after is rewritten too: against that, keep a head's hash elsewhere and [prove](verify) it later.

mod answer;
mod chain;
mod store;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use answer::{entries, verdict};
pub use chain::{Broken, Known, Verdict};
pub(crate) use store::append;
pub use store::{Line, hospitals, list, of_resource, to_message, verdict_to_message, verify};

/// How much of a value is kept, in characters.
const VALUE_MAX: usize = 200;

/// Fields that lists of lines may be filtered by.
pub const FILTER: &[&str] = &["actor", "action", "resource", "time"];

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub(crate) hospital: String,
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) actor: Option<String>,
    pub(crate) fields: Vec<Field>,
}

/// One field that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// In the contract's spelling.
    #[serde(rename = "f")]
    pub name: String,
    /// What it was, if that may be told.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// What it became, if that may be told.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
}

/// Who writes a transaction, for its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Actor {
    pub(crate) subject: String,
    pub(crate) call: String,
}

// === impl Change ===

impl Change {
    /// `action` (`leave.approve`) was done to `resource`, a name; `hospital` is an id.
    pub fn of(hospital: impl Into<String>, action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self {
            hospital: hospital.into(),
            action: action.into(),
            resource: resource.into(),
            actor: None,
            fields: vec![],
        }
    }

    /// Who did it, if that is not who called: in a worker, or before somebody is known.
    #[must_use]
    pub fn by(mut self, actor: impl Into<String>) -> Self {
        self.actor = Some(actor.into());
        self
    }

    /// A field changed whose values are nobody's business here.
    #[must_use]
    pub fn field(mut self, name: &str) -> Self {
        self.fields.push(Field { name: name.to_owned(), old: None, new: None });
        self
    }

    /// A field changed whose values are neither personal nor confidential.
    #[must_use]
    pub fn value(mut self, name: &str, old: &str, new: &str) -> Self {
        let kept = |text: &str| Some(text.chars().take(VALUE_MAX).collect::<String>());
        self.fields.push(Field { name: name.to_owned(), old: kept(old), new: kept(new) });
        self
    }

    /// The fields in which two values differ, `open` ones with what they were and became. `None` is a value that was
    /// not there, or is not any more.
    #[must_use]
    pub fn between<T: Serialize>(mut self, old: Option<&T>, new: Option<&T>, open: &[&str]) -> Self {
        let (old, new) = (object(old), object(new));
        let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let (was, is) = (text(old.get(name)), text(new.get(name)));
            if was == is {
                continue;
            }
            self = if open.contains(&name.as_str()) { self.value(name, &was, &is) } else { self.field(name) };
        }
        self
    }
}

fn object<T: Serialize>(value: Option<&T>) -> serde_json::Map<String, Value> {
    match value.map(serde_json::to_value) {
        Some(Ok(Value::Object(fields))) => fields,
        _ => serde_json::Map::new(),
    }
}

/// A value as people read it; nothing and what is empty are the same.
fn text(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) if items.is_empty() => String::new(),
        Some(value) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    struct Person {
        family_name: &'static str,
        profession: &'static str,
        sites: Vec<&'static str>,
    }

    #[test]
    fn personal_values_are_left_out_and_what_is_the_same_is_not_named() {
        let old = Person { family_name: "Roux", profession: "MAR", sites: vec![] };
        let new = Person { family_name: "Petit", profession: "MAR", sites: vec!["main"] };
        let open = ["profession", "sites"];
        let change = Change::of("h", "staff_member.update", "x").between(Some(&old), Some(&new), &open);
        let sites = Field { name: "sites".into(), old: Some(String::new()), new: Some("[\"main\"]".into()) };
        let name = Field { name: "family_name".into(), old: None, new: None };
        assert_eq!(change.fields, [name, sites]);
        let created = Change::of("h", "staff_member.create", "x").between(None, Some(&old), &open);
        let names: Vec<&str> = created.fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["family_name", "profession"], "what is empty is not there");
    }
}
