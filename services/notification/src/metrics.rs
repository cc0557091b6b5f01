//! What notification counts.

use metrics::{counter, describe_counter, describe_gauge, gauge};

/// Notifications written, by kind.
const DELIVERED_TOTAL: &str = "mathildanesth_notification_delivered_total";
/// Watch streams open now.
const WATCHES_OPEN: &str = "mathildanesth_notification_watches_open";

/// Says what the figures mean.
pub fn describe() {
    describe_counter!(DELIVERED_TOTAL, "notifications written, by kind");
    describe_gauge!(WATCHES_OPEN, "watch streams open now");
}

pub fn delivered(kind: &'static str) {
    counter!(DELIVERED_TOTAL, "kind" => kind).increment(1);
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
