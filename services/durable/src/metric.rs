//! What durable counts.

use metrics::{counter, gauge, histogram};

/// Rows relayed from the outbox to the bus.
const OUTBOX_RELAYED_TOTAL: &str = "mathildanesth_durable_outbox_relayed_total";
/// Time between an event's commit and its relay.
const OUTBOX_DELAY_SECONDS: &str = "mathildanesth_durable_outbox_delay_seconds";
/// Rows that wait for the relay, as the last run saw them (at most one batch).
const OUTBOX_WAITING: &str = "mathildanesth_durable_outbox_waiting_rows";
/// Outbox rows sent a second time because the bus had lost its memory or may have.
const OUTBOX_RESENT_TOTAL: &str = "mathildanesth_durable_outbox_resent_total";
/// Events a consumer took, by outcome: applied, repeated, failed, buried.
const INBOX_EVENTS_TOTAL: &str = "mathildanesth_durable_inbox_events_total";
/// Calls answered from the idempotency record.
const REQUESTS_REPLAYED_TOTAL: &str = "mathildanesth_durable_requests_replayed_total";
/// Leases won by this process.
const LEASES_ACQUIRED_TOTAL: &str = "mathildanesth_durable_leases_acquired_total";
/// Time a write transaction was open.
const TRANSACTION_SECONDS: &str = "mathildanesth_durable_transaction_seconds";

pub(crate) fn relayed(topic: &str, count: usize, oldest_seconds: f64) {
    counter!(OUTBOX_RELAYED_TOTAL, "topic" => topic.to_owned()).increment(count as u64);
    histogram!(OUTBOX_DELAY_SECONDS, "topic" => topic.to_owned()).record(oldest_seconds);
}

pub(crate) fn waiting(topic: &str, count: usize) {
    gauge!(OUTBOX_WAITING, "topic" => topic.to_owned()).set(count as f64);
}

pub(crate) fn resent(topic: &str, count: u64) {
    counter!(OUTBOX_RESENT_TOTAL, "topic" => topic.to_owned()).increment(count);
}

pub(crate) fn consumed(consumer: &'static str, outcome: &'static str) {
    counter!(INBOX_EVENTS_TOTAL, "consumer" => consumer, "outcome" => outcome).increment(1);
}

pub(crate) fn replayed(method: &'static str) {
    counter!(REQUESTS_REPLAYED_TOTAL, "method" => method).increment(1);
}

pub(crate) fn lease_acquired(name: &str) {
    counter!(LEASES_ACQUIRED_TOTAL, "lease" => name.to_owned()).increment(1);
}

pub(crate) fn transaction(seconds: f64, outcome: &'static str) {
    histogram!(TRANSACTION_SECONDS, "outcome" => outcome).record(seconds);
}
