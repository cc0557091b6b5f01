//! What notification does without being asked: it consumes events, hands letters to the mail server, and tells endpoints.

mod courier;
mod herald;
mod mailer;
mod on_leave_events;
mod on_planning_events;
mod on_staff_events;
mod reminder;
mod teller;
mod traffic_keeper;

pub use courier::Courier;
pub use herald::Herald;
pub use mailer::Mailer;
pub use on_leave_events::OnLeaveEvents;
pub use on_planning_events::OnPlanningEvents;
pub use on_staff_events::OnStaffEvents;
pub use reminder::Reminder;
pub use teller::Teller;
pub use traffic_keeper::TrafficKeeper;

use calendar::DayRange;
use chassis::BoxError;
use proto::{r#type::v1::Date, values};

/// The days of an event.
fn days(first: Option<Date>, last: Option<Date>) -> Result<DayRange, BoxError> {
    Ok(DayRange::new(values::day(first)?, values::day(last)?)?)
}
