//! The contract's messages and the domain's values, both ways.

mod contracts;
mod legal_packs;
mod people;
mod places;
mod professions;
mod service_accounts;

use chassis::Problem;
use durable::{etag, mask::Mask};
use prost_types::{FieldMask, Timestamp};

use super::parse::{Named, Violations};
use crate::store::Stored;

pub use people::{role_from_pb, session};

/// A resource that has a message.
pub trait Spoken: Named {
    /// The message.
    type Message: Clone + Default + Send;
    /// The field of requests that holds it.
    const FIELD: &'static str;
    /// What an update may change.
    const PATHS: &'static [&'static str];

    /// Says it.
    fn to_message(stored: &Stored<Self>) -> Self::Message;
    /// Reads it, noting every violation; `None` if there is not enough to make a value of.
    fn from_message(found: &mut Violations, hospital: &str, message: Self::Message) -> Option<Self>;
    /// Copies what the mask touches from `sent` into `base`.
    fn merge(base: &mut Self::Message, sent: &Self::Message, mask: &Mask);
}

/// Copies fields that a mask touches.
macro_rules! merge_fields {
    ($base:ident, $sent:ident, $mask:ident; $($field:ident),* $(,)?) => {
        $(if $mask.applies(stringify!($field), $crate::api::convert::is_populated(&$sent.$field)) {
            $base.$field = $sent.$field.clone();
        })*
    };
}
use merge_fields;

/// Whether a field of a message says anything.
pub fn is_populated<F: Default + PartialEq>(field: &F) -> bool {
    *field != F::default()
}

/// What a message changes in a stored value.
pub fn changed<T: Spoken>(hospital: &str, old: &T, sent: &T::Message, mask: &Mask) -> Result<T, Problem> {
    // Only the value matters here: what is merged and read again has no version.
    let stored = Stored {
        hospital: hospital.to_owned(),
        id: String::new(),
        value: old.clone(),
        version: 0,
        create_time: 0,
        update_time: 0,
    };
    let mut base = T::to_message(&stored);
    T::merge(&mut base, sent, mask);
    read(hospital, base)
}

/// Reads a message; what is wrong with its fields and with the value as such is told at once.
pub fn read<T: Spoken>(hospital: &str, message: T::Message) -> Result<T, Problem> {
    let mut found = Violations::default();
    let value = T::from_message(&mut found, hospital, message);
    for flaw in value.iter().flat_map(T::flaws) {
        found.add(format!("{}.{}", T::FIELD, flaw.field), format!("expected {}", flaw.expected));
    }
    found.done(value)
}

/// Reads the mask of an update.
pub fn mask<T: Spoken>(mask: Option<&FieldMask>) -> Result<Mask, Problem> {
    Mask::of(mask, T::PATHS)
}

/// The etag of a stored resource.
pub fn etag_of<T>(stored: &Stored<T>) -> String {
    etag::of(stored.version)
}

/// A stored moment.
pub fn moment(micros: i64) -> Option<Timestamp> {
    Some(proto::values::timestamp(micros))
}
