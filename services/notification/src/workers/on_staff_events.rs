//! Learns from staff who decides about leave, and of whom nothing may be kept.

use async_trait::async_trait;
use chassis::BoxError;
use durable::{Consumer, Tx, audit::Change, event};
use proto::{
    event::v1::Envelope,
    names::StaffMemberName,
    staff::v1::{StaffMemberCreated, StaffMemberDeactivated, StaffMemberErased, StaffMemberUpdated},
};

use crate::{
    domain::recipient::{Person, Remit},
    peers::remit,
    store::{Store, Which},
};

/// Consumes staff's events.
pub struct OnStaffEvents {
    store: Store,
}

// === impl OnStaffEvents ===

impl OnStaffEvents {
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    async fn put(&self, tx: &Tx, name: &str, remit: Remit) -> Result<(), BoxError> {
        let name = StaffMemberName::parse(name)?;
        let person = Person { staff_member: name.staff_member, remit };
        Ok(self.store.put_person(tx, &name.hospital, &person).await?)
    }
}

#[async_trait]
impl Consumer for OnStaffEvents {
    fn name(&self) -> &'static str {
        "notification.on_staff_events"
    }

    fn topic(&self) -> &'static str {
        "staff"
    }

    async fn handle(&self, tx: &Tx, envelope: &Envelope) -> Result<(), BoxError> {
        if let Some(event) = event::decode::<StaffMemberCreated>(envelope) {
            let event = event?;
            return self.put(tx, &event.staff_member, remit(event.roles())).await;
        }
        if let Some(event) = event::decode::<StaffMemberUpdated>(envelope) {
            let event = event?;
            return self.put(tx, &event.staff_member, remit(event.roles())).await;
        }
        if let Some(event) = event::decode::<StaffMemberDeactivated>(envelope) {
            return self.put(tx, &event?.staff_member, Remit::Nobody).await;
        }
        if let Some(event) = event::decode::<StaffMemberErased>(envelope) {
            let name = StaffMemberName::parse(&event?.staff_member)?;
            let which = Which { hospital: &name.hospital, staff_member: &name.staff_member };
            self.store.erase_person(tx, which).await?;
            let erased = Change::of(&name.hospital, "personal_data.erase", name.to_string());
            tx.audit(erased.by("services/notification"));
            return Ok(());
        }
        Ok(())
    }
}
