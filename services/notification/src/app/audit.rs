//! The audit log: what is written into it here, and how it is read.

use chassis::{Ctx, Problem, Target};
use durable::{
    Tx,
    audit::{self, Change},
};
use proto::{audit::v1 as pb, names::NoticeName};
use serde::Serialize;

use super::{App, POLICY, part_of};
use crate::domain::notice::{Notice, Part};

/// A notice in the contract's spelling. What people wrote is not told: it might name somebody.
#[derive(Serialize)]
struct Noted<'a> {
    category: &'a str,
    severity: &'a str,
    french_text: &'a str,
    english_text: &'a str,
    start_time: String,
    end_time: String,
    read_only_services: Vec<&'static str>,
}

/// Fields of a notice whose values the log may tell.
const OPEN: &[&str] = &["category", "severity", "start_time", "end_time", "read_only_services"];

// === impl App ===

impl App {
    /// A page of the log, newest first.
    pub async fn list_audit_entries(
        &self,
        ctx: &Ctx,
        hospital: &str,
        request: &pb::ListAuditEntriesRequest,
    ) -> Result<pb::ListAuditEntriesResponse, Problem> {
        POLICY.authorize(ctx, "audit.read", Target::hospital(hospital))?;
        audit::entries(self.store.db(), ctx, hospital, request).await
    }

    /// Walks the log from its first line.
    pub async fn verify_audit_log(
        &self,
        ctx: &Ctx,
        hospital: &str,
        request: &pb::VerifyAuditLogRequest,
    ) -> Result<pb::AuditVerdict, Problem> {
        POLICY.authorize(ctx, "audit.read", Target::hospital(hospital))?;
        audit::verdict(self.store.db(), hospital, request).await
    }
}

/// Writes down what was done to a notice.
pub(super) fn note(tx: &Tx, verb: &str, old: Option<&Notice>, new: &Notice) {
    let name = NoticeName::new(&new.hospital, &new.id).to_string();
    let change = Change::of(&new.hospital, format!("notice.{verb}"), name);
    tx.audit(change.between(old.map(noted).as_ref(), Some(&noted(new)), OPEN));
}

fn noted(notice: &Notice) -> Noted<'_> {
    Noted {
        category: notice.category.word(),
        severity: notice.severity.word(),
        french_text: &notice.french,
        english_text: &notice.english,
        start_time: notice.start.to_string(),
        end_time: notice.end.to_string(),
        read_only_services: notice.read_only.iter().map(|part| word(*part)).collect(),
    }
}

fn word(part: Part) -> &'static str {
    part_of(part).as_str_name().trim_start_matches("SERVICE_")
}
