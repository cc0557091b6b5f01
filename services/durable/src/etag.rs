//! Versions as clients see them (AIP-154).

use chassis::{Problem, Violation};
use proto::error::v1::Reason;

/// The etag of a row version, quoted.
pub fn of(version: i64) -> String {
    format!("\"{version}\"")
}

/// Compares what the client saw with what is stored.
///
/// # Errors
/// `INVALID_ARGUMENT / ETAG_REQUIRED` when it is required and empty; `ABORTED / ETAG_MISMATCH` with the current
/// etag when somebody else was faster.
pub fn check(sent: &str, version: i64, required: bool) -> Result<(), Problem> {
    if sent.is_empty() {
        return if required {
            let violation =
                Violation::new("etag", "required: send the etag of the version that was looked at");
            Err(Problem::invalid_as(Reason::EtagRequired, vec![violation]))
        } else {
            Ok(())
        };
    }
    if sent == of(version) { Ok(()) } else { Err(mismatch(version)) }
}

/// The refusal of a stale version.
pub fn mismatch(version: i64) -> Problem {
    Problem::aborted(Reason::EtagMismatch, "the resource has changed since it was read")
        .with("current_etag", of(version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_etag_is_checked_when_present_and_asked_for_when_required() {
        assert!(check("", 3, false).is_ok());
        assert!(check("\"3\"", 3, true).is_ok());
        assert_eq!(check("", 3, true).unwrap_err().reason(), Reason::EtagRequired);
        assert_eq!(check("\"2\"", 3, false).unwrap_err().reason(), Reason::EtagMismatch);
    }
}
