//! What staff counts.

use metrics::{counter, describe_counter};

/// Sign-ins by outcome: right, wrong, locked.
pub const SIGN_INS_TOTAL: &str = "mathildanesth_staff_sign_ins_total";
/// Sessions revoked because an old refresh token came back.
pub const REFRESH_REUSED_TOTAL: &str = "mathildanesth_staff_refresh_reused_total";
/// Resources that imports created or changed.
pub const IMPORTED_RESOURCES_TOTAL: &str = "mathildanesth_staff_imported_resources_total";

/// Describes each metric once.
pub fn describe() {
    describe_counter!(SIGN_INS_TOTAL, "sign-ins by outcome: right, wrong, locked");
    describe_counter!(REFRESH_REUSED_TOTAL, "sessions revoked because an old refresh token came back");
    describe_counter!(IMPORTED_RESOURCES_TOTAL, "resources that imports created or changed");
}

/// Counts a sign-in.
pub(crate) fn sign_in(outcome: &'static str) {
    counter!(SIGN_INS_TOTAL, "outcome" => outcome).increment(1);
}

/// Counts a revoked session.
pub(crate) fn refresh_reused() {
    counter!(REFRESH_REUSED_TOTAL).increment(1);
}

/// Counts imported resources.
pub(crate) fn imported(count: i32) {
    counter!(IMPORTED_RESOURCES_TOTAL).increment(u64::try_from(count).unwrap_or(0));
}
