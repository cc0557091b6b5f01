//! The audit log: what its RPCs read and answer.

use chassis::{Ctx, Problem, Target};
use durable::{
    audit::{self, Known},
    filter,
};
use proto::{audit::v1::AuditVerdict, staff::v1 as pb};

use super::parse::{self, Violations};
use crate::app::{App, permissions::POLICY};

pub async fn list_audit_entries(
    app: &App,
    ctx: &Ctx,
    request: pb::ListAuditEntriesRequest,
) -> Result<pb::ListAuditEntriesResponse, Problem> {
    let pb::ListAuditEntriesRequest { parent, page_size, page_token, filter } = &request;
    let hospital = parse::hospital(parent)?;
    POLICY.authorize(ctx, "audit.read", Target::hospital(&hospital))?;
    let page = parse::page(ctx, *page_size, page_token, &["audit_entry", parent, filter])?;
    let filter = filter::parse(filter, audit::FILTER)?;
    let (lines, next_page_token) = app.list_audit_entries(ctx, &hospital, &filter, &page).await?;
    let audit_entries = lines.iter().map(audit::to_message).collect();
    Ok(pb::ListAuditEntriesResponse { audit_entries, next_page_token })
}

pub async fn verify_audit_log(
    app: &App,
    ctx: &Ctx,
    request: pb::VerifyAuditLogRequest,
) -> Result<AuditVerdict, Problem> {
    let hospital = parse::hospital(&request.parent)?;
    POLICY.authorize(ctx, "audit.read", Target::hospital(&hospital))?;
    let mut found = Violations::default();
    if request.known_number < 0 || (request.known_number == 0) != request.known_hash.is_empty() {
        found.add("known_number", "expected the number of the line that known_hash is of");
    }
    if !request.known_hash.is_empty() && request.known_hash.len() != 32 {
        found.add("known_hash", "expected 32 bytes");
    }
    let known = (request.known_number > 0)
        .then(|| Known { sequence: request.known_number, hash: hex::encode(&request.known_hash) });
    found.done(Some(()))?;
    let verdict = app.verify_audit_log(ctx, &hospital, known.as_ref()).await?;
    Ok(audit::verdict_to_message(&verdict))
}
