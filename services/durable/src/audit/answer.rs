//! What the methods that read a log answer, the same in every service that has one. The service says who may ask.

use chassis::{Ctx, Problem, Violation};
use proto::audit::v1 as pb;

use super::{FILTER, Known, list, to_message, verdict_to_message, verify};
use crate::{Db, filter, page::Page, problem};

/// The length of a hash, in bytes.
const HASH_BYTES: usize = 32;

/// A page of a hospital's log, newest first.
///
/// # Errors
/// `FILTER_INVALID`, `PAGE_TOKEN_INVALID`.
pub async fn entries(
    db: &Db,
    ctx: &Ctx,
    hospital: &str,
    request: &pb::ListAuditEntriesRequest,
) -> Result<pb::ListAuditEntriesResponse, Problem> {
    let subject = ctx.principal.subject();
    let query = [subject.as_str(), "audit_entry", request.parent.as_str(), request.filter.as_str()];
    let page = Page::of(request.page_size, &request.page_token, &query)?;
    let filter = filter::parse(&request.filter, FILTER)?;
    let (lines, next_page_token) = list(&db.stale(ctx).await, hospital, &filter, &page).await?;
    let audit_entries = lines.iter().map(to_message).collect();
    Ok(pb::ListAuditEntriesResponse { audit_entries, next_page_token })
}

/// Whether every line of a hospital's log is as it was written.
///
/// # Errors
/// `FIELD_VIOLATIONS` when the hash that is known is none.
pub async fn verdict(
    db: &Db,
    hospital: &str,
    request: &pb::VerifyAuditLogRequest,
) -> Result<pb::AuditVerdict, Problem> {
    let (number, hash) = (request.known_number, &request.known_hash);
    let mut violations = Vec::new();
    if number < 0 || (number == 0) != hash.is_empty() {
        let text = "expected the number of the line that known_hash is of";
        violations.push(Violation::new("known_number", text));
    }
    if !hash.is_empty() && hash.len() != HASH_BYTES {
        violations.push(Violation::new("known_hash", format!("expected {HASH_BYTES} bytes")));
    }
    if !violations.is_empty() {
        return Err(Problem::invalid(violations));
    }
    let known = (number > 0).then(|| Known { sequence: number, hash: hex::encode(hash) });
    let verdict = verify(db.read(), hospital, known.as_ref()).await.map_err(problem)?;
    Ok(verdict_to_message(&verdict))
}
