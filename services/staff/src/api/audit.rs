//! The audit log: what its RPCs read and answer.

use chassis::{Ctx, Problem, Target};
use durable::audit;
use proto::{
    audit::v1::{AuditVerdict, ListAuditEntriesRequest, VerifyAuditLogRequest},
    staff::v1 as pb,
};

use super::parse;
use crate::app::{App, permissions::POLICY};

pub async fn list_audit_entries(
    app: &App,
    ctx: &Ctx,
    request: pb::ListAuditEntriesRequest,
) -> Result<pb::ListAuditEntriesResponse, Problem> {
    let pb::ListAuditEntriesRequest { parent, page_size, page_token, filter } = request;
    let hospital = parse::hospital(&parent)?;
    POLICY.authorize(ctx, "audit.read", Target::hospital(&hospital))?;
    let request = ListAuditEntriesRequest { parent, page_size, page_token, filter };
    let page = audit::entries(&app.db, ctx, &hospital, &request).await?;
    let (audit_entries, next_page_token) = (page.audit_entries, page.next_page_token);
    Ok(pb::ListAuditEntriesResponse { audit_entries, next_page_token })
}

pub async fn verify_audit_log(
    app: &App,
    ctx: &Ctx,
    request: pb::VerifyAuditLogRequest,
) -> Result<AuditVerdict, Problem> {
    let pb::VerifyAuditLogRequest { parent, known_number, known_hash } = request;
    let hospital = parse::hospital(&parent)?;
    POLICY.authorize(ctx, "audit.read", Target::hospital(&hospital))?;
    audit::verdict(&app.db, &hospital, &VerifyAuditLogRequest { parent, known_number, known_hash }).await
}
