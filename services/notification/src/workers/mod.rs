//! What notification does without being asked: it consumes events, hands letters to the mail server, and tells endpoints.

mod courier;
mod herald;
mod mailer;
mod on_exchange_events;
mod on_leave_events;
mod on_planning_events;
mod on_staff_events;
mod reminder;
mod teller;
mod traffic_keeper;

pub use courier::Courier;
pub use herald::Herald;
pub use mailer::Mailer;
pub use on_exchange_events::OnExchangeEvents;
pub use on_leave_events::OnLeaveEvents;
pub use on_planning_events::OnPlanningEvents;
pub use on_staff_events::OnStaffEvents;
pub use reminder::Reminder;
pub use teller::Teller;
pub use traffic_keeper::TrafficKeeper;

use calendar::DayRange;
use chassis::BoxError;
use durable::{Tx, inbox::Later};
use proto::{r#type::v1::Date, values};

use crate::{domain::recipient::Remit, peers::Staff, store::Store};

/// The days of an event.
fn days(first: Option<Date>, last: Option<Date>) -> Result<DayRange, BoxError> {
    Ok(DayRange::new(values::day(first)?, values::day(last)?)?)
}

/// Everybody who has one of these remits. Staff is asked for the people of a hospital that nothing was heard of yet.
async fn deciders(
    store: &Store,
    staff: &Staff,
    tx: &Tx,
    hospital: &str,
    remits: &[Remit],
) -> Result<Vec<String>, BoxError> {
    if !store.knows_people(tx, hospital).await? {
        // Staff being away is not this event's fault.
        for known in staff.people(hospital).await.map_err(Later)? {
            store.put_person(tx, hospital, &known).await?;
        }
    }
    Ok(store.deciders(tx, hospital, remits).await?)
}
