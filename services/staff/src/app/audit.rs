//! The audit log: what is written into it here.

use durable::{Tx, audit::Change};

use crate::{
    domain::{Kind, Resource},
    store::Stored,
};

/// Writes down that a resource was created, changed or deleted.
pub(super) fn note<T: Resource>(tx: &Tx, old: Option<&Stored<T>>, new: Option<&Stored<T>>) {
    if let Some(change) = change(old, new) {
        tx.audit(change);
    }
}

fn change<T: Resource>(old: Option<&Stored<T>>, new: Option<&Stored<T>>) -> Option<Change> {
    let stored = new.or(old)?;
    let verb = match (old, new) {
        (None, _) => "create",
        (_, None) => "delete",
        _ => "update",
    };
    let change = Change::of(&stored.hospital, format!("{}.{verb}", T::KIND.word()), stored.name());
    Some(change.between(old.map(|old| &old.value), new.map(|new| &new.value), T::OPEN))
}

/// The same, done for somebody who started it.
pub(super) fn note_by<T: Resource>(tx: &Tx, actor: &str, old: Option<&Stored<T>>, new: Option<&Stored<T>>) {
    if let Some(change) = change(old, new) {
        tx.audit(change.by(actor));
    }
}

/// Something done to a person that is no field of theirs.
pub(super) fn of_person(hospital: &str, action: &str, id: &str) -> Change {
    Change::of(hospital, action, Kind::StaffMember.name(hospital, id))
}

/// Something done to a session.
pub(super) fn of_session(hospital: &str, action: &str, id: &str) -> Change {
    Change::of(hospital, action, format!("hospitals/{hospital}/sessions/{id}"))
}
