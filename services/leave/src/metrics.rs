//! What leave counts.

use metrics::{counter, describe_counter};

use crate::domain::leave::State;

/// Leaves that reached a state, by state.
const TRANSITIONS_TOTAL: &str = "mathildanesth_leave_transitions_total";
/// Refusals, by reason.
const REFUSALS_TOTAL: &str = "mathildanesth_leave_refusals_total";

/// Says what the figures mean.
pub fn describe() {
    describe_counter!(TRANSITIONS_TOTAL, "leaves that reached a state, by state");
    describe_counter!(REFUSALS_TOTAL, "leaves refused by the domain, by reason");
}

pub fn reached(state: State) {
    counter!(TRANSITIONS_TOTAL, "state" => state.word()).increment(1);
}

pub fn refused(reason: &'static str) {
    counter!(REFUSALS_TOTAL, "reason" => reason).increment(1);
}
