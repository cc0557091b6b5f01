//! The audit log between the contract and its lines.

use chassis::{Problem, Violation};
use durable::audit::Known;
use proto::notification::v1 as pb;

/// How long a hash is.
const HASH_LENGTH: usize = 32;

/// The hash that was kept elsewhere, if one was sent.
pub fn known(request: &pb::VerifyAuditLogRequest) -> Result<Option<Known>, Problem> {
    let (number, hash) = (request.known_number, &request.known_hash);
    let mut violations = Vec::new();
    if number < 0 || (number == 0) != hash.is_empty() {
        violations
            .push(Violation::new("known_number", "expected the number of the line that known_hash is of"));
    }
    if !hash.is_empty() && hash.len() != HASH_LENGTH {
        violations.push(Violation::new("known_hash", format!("expected {HASH_LENGTH} bytes")));
    }
    if !violations.is_empty() {
        return Err(Problem::invalid(violations));
    }
    Ok((number > 0).then(|| Known { sequence: number, hash: hex::encode(hash) }))
}
