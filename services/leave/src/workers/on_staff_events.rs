//! Cancels the leave of people who will be gone by then, and forgets what was written about who was erased.

use async_trait::async_trait;
use chassis::{BoxError, Clock, Ctx, Service};
use durable::{Consumer, Tx, event};
use proto::{
    event::v1::Envelope,
    names::StaffMemberName,
    staff::v1::{StaffMemberDeactivated, StaffMemberErased},
    values,
};

use crate::{Leave, app::App};

/// Consumes staff's events.
pub struct OnStaffEvents {
    app: App,
    clock: Clock,
}

// === impl OnStaffEvents ===

impl OnStaffEvents {
    pub fn new(app: App, clock: Clock) -> Self {
        Self { app, clock }
    }
}

#[async_trait]
impl Consumer for OnStaffEvents {
    fn name(&self) -> &'static str {
        "leave.on_staff_events"
    }

    fn topic(&self) -> &'static str {
        "staff"
    }

    fn concerns(&self, event: &Envelope) -> bool {
        event::is::<StaffMemberErased>(event) || event::is::<StaffMemberDeactivated>(event)
    }

    async fn handle(&self, tx: &Tx, envelope: &Envelope) -> Result<(), BoxError> {
        if let Some(erased) = event::decode::<StaffMemberErased>(envelope) {
            let name = StaffMemberName::parse(&erased?.staff_member)?;
            return Ok(self.app.forget_person(tx, &name).await?);
        }
        let Some(gone) = event::decode::<StaffMemberDeactivated>(envelope) else { return Ok(()) };
        let gone = gone?;
        // Without a last day the person has gone already, and what was approved stays for an administrator to see.
        let Some(last) = values::day_or_none(gone.last_date)? else { return Ok(()) };
        let name = StaffMemberName::parse(&gone.staff_member)?;
        let ctx = Ctx::system(Leave::NAME, &self.clock);
        Ok(self.app.cancel_after_departure(tx, &ctx, &name, last).await?)
    }
}
