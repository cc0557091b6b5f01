//! Ends the calendar feed of who was erased, forgets what they wished for and why their counters were corrected: nothing
//! else that planning keeps is more than an id.

use chassis::BoxError;
use durable::{Consumer, Tx, audit::Change, event};
use proto::{
    event::v1::Envelope,
    names::{CalendarFeedName, StaffMemberName},
    staff::v1::StaffMemberErased,
};

use crate::store::{feeds, ledger, wishes};

/// Follows staff.
#[derive(Debug)]
pub struct OnStaffEvents;

#[tonic::async_trait]
impl Consumer for OnStaffEvents {
    fn name(&self) -> &'static str {
        "planning.on_staff_events"
    }

    fn topic(&self) -> &'static str {
        "staff"
    }

    fn concerns(&self, event: &Envelope) -> bool {
        event::is::<StaffMemberErased>(event)
    }

    async fn handle(&self, tx: &Tx, envelope: &Envelope) -> Result<(), BoxError> {
        let Some(erased) = event::decode::<StaffMemberErased>(envelope) else { return Ok(()) };
        let person = StaffMemberName::parse(&erased?.staff_member)?;
        ledger::forget_texts(tx.conn(), &person.hospital, &person.staff_member).await?;
        wishes::forget(tx.conn(), &person.hospital, &person.staff_member).await?;
        if feeds::delete(tx.conn(), &person.hospital, &person.staff_member).await? {
            let feed = CalendarFeedName::new(&person.hospital, &person.staff_member, "default").to_string();
            tx.audit(Change::of(person.hospital, "calendar_feed.revoke", feed).by("services/planning"));
            tracing::info!(staff_member.id = person.staff_member, "calendar feed of an erased person ended");
        }
        Ok(())
    }
}
