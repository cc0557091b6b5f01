//! What notification does without being asked: it consumes events.

mod on_leave_events;
mod on_planning_events;
mod on_staff_events;

pub use on_leave_events::OnLeaveEvents;
pub use on_planning_events::OnPlanningEvents;
pub use on_staff_events::OnStaffEvents;

use calendar::DayRange;
use chassis::BoxError;
use durable::Tx;
use proto::{
    event::v1::Envelope,
    names::{NotificationName, StaffMemberName},
    notification::v1::NotificationDelivered,
    r#type::v1::Date,
    values,
};

use crate::{
    domain::message::Message,
    metrics,
    store::{Delivery, Store},
};

/// Tells a person, once, and says so on the bus to wake their streams.
async fn tell(
    store: &Store,
    tx: &Tx,
    event: &Envelope,
    person: &StaffMemberName,
    (message, subject): (&Message, &str),
) -> Result<(), BoxError> {
    let (hospital, staff_member) = (person.hospital.as_str(), person.staff_member.as_str());
    let delivery = Delivery { hospital, staff_member, event_id: &event.id, message, subject };
    let Some(id) = store.deliver(tx, &delivery).await? else { return Ok(()) };
    let delivered = NotificationDelivered {
        notification: NotificationName::new(hospital, staff_member, id).to_string(),
        staff_member: person.to_string(),
        kind: message.kind().to_owned(),
    };
    tx.publish("notification", &delivered, hospital, &delivered.notification).await?;
    metrics::delivered(message.kind());
    Ok(())
}

/// The days of an event.
fn days(first: Option<Date>, last: Option<Date>) -> Result<DayRange, BoxError> {
    Ok(DayRange::new(values::day(first)?, values::day(last)?)?)
}
