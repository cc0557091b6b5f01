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
/// Dead letters of a consumer that wait for a person.
const DEAD_LETTERS_PENDING: &str = "mathildanesth_durable_dead_letters_pending";
/// Dead letters tried again, by outcome: applied, failed.
const DEAD_LETTERS_REDRIVEN_TOTAL: &str = "mathildanesth_durable_dead_letters_redriven_total";
/// Calls answered from the idempotency record.
const REQUESTS_REPLAYED_TOTAL: &str = "mathildanesth_durable_requests_replayed_total";
/// Leases won by this process.
const LEASES_ACQUIRED_TOTAL: &str = "mathildanesth_durable_leases_acquired_total";
/// Time a write transaction was open.
const TRANSACTION_SECONDS: &str = "mathildanesth_durable_transaction_seconds";
/// Reads that may be stale, by source and why: `replica` for `fresh_enough`; `primary` for `none` (no replica),
/// `decision` (a neighbour asks), `unmeasured`, `away`, `lagging`, `mark_unknown`, `own_write`, `failed` midway.
const STALE_READS_TOTAL: &str = "mathildanesth_durable_stale_reads_total";
/// How old the replica was when it was asked last.
const REPLICA_STALENESS_SECONDS: &str = "mathildanesth_durable_replica_staleness_seconds";
/// Marks of people's writes, by outcome: left, owed (the position comes with the next beat), failed (the other instances may
/// not know).
const MARKS_TOTAL: &str = "mathildanesth_durable_marks_total";

pub(crate) fn stale_read(source: &'static str, why: &'static str) {
    counter!(STALE_READS_TOTAL, "source" => source, "why" => why).increment(1);
}

pub(crate) fn replica_staleness(seconds: f64) {
    gauge!(REPLICA_STALENESS_SECONDS).set(seconds);
}

pub(crate) fn mark(outcome: &'static str) {
    counter!(MARKS_TOTAL, "outcome" => outcome).increment(1);
}

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

pub(crate) fn consumed(consumer: &'static str, outcome: &'static str, count: usize) {
    counter!(INBOX_EVENTS_TOTAL, "consumer" => consumer, "outcome" => outcome).increment(count as u64);
}

pub(crate) fn dead_letters(consumer: &'static str, count: u64) {
    gauge!(DEAD_LETTERS_PENDING, "consumer" => consumer).set(count as f64);
}

pub(crate) fn redriven(consumer: &'static str, outcome: &'static str) {
    counter!(DEAD_LETTERS_REDRIVEN_TOTAL, "consumer" => consumer, "outcome" => outcome).increment(1);
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
