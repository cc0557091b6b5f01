//! The audit log: what is written into it here, and how it is read.

use chassis::{Ctx, Problem, Target};
use durable::{
    Tx,
    audit::{self, Change, Known, Line, Verdict},
    filter::Filter,
    page::Page,
    problem,
};

use super::{App, permissions::POLICY};
use crate::{
    domain::{Kind, Resource},
    store::Stored,
};

impl App {
    /// Answers a page of the log, newest first.
    pub async fn list_audit_entries(
        &self,
        ctx: &Ctx,
        hospital: &str,
        filter: &Filter,
        page: &Page,
    ) -> Result<(Vec<Line>, String), Problem> {
        POLICY.authorize(ctx, "audit.read", Target::hospital(hospital))?;
        audit::list(&self.db.stale(ctx).await, hospital, filter, page).await
    }

    /// Walks the log from its first line.
    pub async fn verify_audit_log(
        &self,
        ctx: &Ctx,
        hospital: &str,
        known: Option<&Known>,
    ) -> Result<Verdict, Problem> {
        POLICY.authorize(ctx, "audit.read", Target::hospital(hospital))?;
        audit::verify(self.db.read(), hospital, known).await.map_err(problem)
    }
}

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
