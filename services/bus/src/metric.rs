//! What the bus counts.

use metrics::counter;

/// Events handed to the transport, by topic and outcome.
pub(crate) const PUBLISHED_TOTAL: &str = "mathildanesth_bus_published_total";
/// Events handed to a consumer, by topic; repeated deliveries count again.
pub(crate) const DELIVERED_TOTAL: &str = "mathildanesth_bus_delivered_total";
/// Events a slow listener of a tail has missed, by topic.
pub(crate) const TAIL_MISSED_TOTAL: &str = "mathildanesth_bus_tail_missed_total";

pub(crate) fn published(topic: &str, count: u64, is_ok: bool) {
    let outcome = if is_ok { "ok" } else { "error" };
    counter!(PUBLISHED_TOTAL, "topic" => topic.to_owned(), "outcome" => outcome).increment(count);
}

pub(crate) fn delivered(topic: &str, count: usize) {
    counter!(DELIVERED_TOTAL, "topic" => topic.to_owned()).increment(count as u64);
}

pub(crate) fn missed(topic: &str, count: u64) {
    counter!(TAIL_MISSED_TOTAL, "topic" => topic.to_owned()).increment(count);
}
