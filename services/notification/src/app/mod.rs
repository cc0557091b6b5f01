//! Use cases, one file a verb: authorise → load → save.

mod audit;
mod list_deliveries;
mod list_notifications;
mod notices;
mod preferences;
mod read_notifications;
mod traffic;
mod watch_notifications;
mod webhooks;

pub use list_deliveries::{ListDeliveries, Recipients};
pub use list_notifications::ListNotifications;
pub use notices::{FIELDS as NOTICE_FIELDS, Sent as SentNotice, part_of};
pub use preferences::{FIELDS as PREFERENCES_FIELDS, Sent};
pub use watch_notifications::Update;
pub use webhooks::{FIELDS as WEBHOOK_FIELDS, Sent as SentWebhook};

use bus::Bus;
use chassis::{Ctx, Problem, Signal, Target, access::NOTIFICATION as POLICY};
use proto::names::StaffMemberName;

use crate::{
    https::Https,
    store::{Store, Which},
};

/// What every use case works with.
#[derive(Clone)]
pub struct App {
    store: Store,
    bus: Bus,
    /// Wakes those who tell of notices.
    herald: Signal,
    /// Knows to which endpoints something may be sent.
    https: Https,
}

// === impl App ===

impl App {
    pub fn new(store: Store, bus: Bus, herald: Signal, https: Https) -> Self {
        Self { store, bus, herald, https }
    }
}

fn authorize(ctx: &Ctx, permission: &'static str, person: &StaffMemberName) -> Result<(), Problem> {
    POLICY.authorize(ctx, permission, Target::person(&person.hospital, &person.staff_member))
}

fn which(person: &StaffMemberName) -> Which<'_> {
    Which { hospital: &person.hospital, staff_member: &person.staff_member }
}
