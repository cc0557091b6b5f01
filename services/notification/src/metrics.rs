//! What notification counts.

use metrics::{counter, describe_counter, describe_gauge, gauge};

/// Notifications written, by kind.
const DELIVERED_TOTAL: &str = "mathildanesth_notification_delivered_total";
/// Attempts to hand over an e-mail, by what the provider answered.
const ATTEMPTS_TOTAL: &str = "mathildanesth_notification_email_attempts_total";
/// E-mails that were given up: their people can read the news in the application only.
const FAILED_TOTAL: &str = "mathildanesth_notification_email_failed_total";
/// Attempts to tell an endpoint, by what it answered.
const WEBHOOK_ATTEMPTS_TOTAL: &str = "mathildanesth_notification_webhook_attempts_total";
/// What endpoints were not told in the end.
const WEBHOOK_FAILED_TOTAL: &str = "mathildanesth_notification_webhook_failed_total";
/// Reports of gateways about hours that have not begun or are kept no longer: a clock is wrong.
const TRAFFIC_MISDATED_TOTAL: &str = "mathildanesth_notification_traffic_misdated_total";
/// Watch streams open now.
const WATCHES_OPEN: &str = "mathildanesth_notification_watches_open";

/// Says what the figures mean.
pub fn describe() {
    describe_counter!(DELIVERED_TOTAL, "notifications written, by kind");
    describe_counter!(ATTEMPTS_TOTAL, "attempts to hand over an e-mail, by answer");
    describe_counter!(FAILED_TOTAL, "e-mails that were given up");
    describe_counter!(WEBHOOK_ATTEMPTS_TOTAL, "attempts to tell an endpoint, by answer");
    describe_counter!(WEBHOOK_FAILED_TOTAL, "what endpoints were not told in the end");
    describe_counter!(TRAFFIC_MISDATED_TOTAL, "reports of gateways whose clock is wrong");
    describe_gauge!(WATCHES_OPEN, "watch streams open now");
}

pub fn delivered(kind: &'static str) {
    counter!(DELIVERED_TOTAL, "kind" => kind).increment(1);
}

pub fn attempted(answer: &'static str) {
    counter!(ATTEMPTS_TOTAL, "answer" => answer).increment(1);
}

pub fn given_up(letters: usize) {
    counter!(FAILED_TOTAL).increment(letters as u64);
}

pub fn asked(answer: &'static str) {
    counter!(WEBHOOK_ATTEMPTS_TOTAL, "answer" => answer).increment(1);
}

pub fn not_told(parcels: usize) {
    counter!(WEBHOOK_FAILED_TOTAL).increment(parcels as u64);
}

pub fn misdated() {
    counter!(TRAFFIC_MISDATED_TOTAL).increment(1);
}

/// Counts a watch stream for as long as it lives.
pub struct Watch;

impl Watch {
    pub fn open() -> Self {
        gauge!(WATCHES_OPEN).increment(1.0);
        Self
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        gauge!(WATCHES_OPEN).decrement(1.0);
    }
}
