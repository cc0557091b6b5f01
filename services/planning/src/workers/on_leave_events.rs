//! An absence, or a day without duties, that appears or goes makes the analyses of the plans it touches stale.

use calendar::{Day, DayRange};
use chassis::BoxError;
use durable::{Consumer, Tx, event};
use proto::{
    event::v1::Envelope,
    leave::v1::{LeaveApproved, LeaveCancelled, UnavailabilityChanged, unavailability::State},
    r#type::v1::Date,
    values,
};

use crate::store::plans;

/// Follows leave.
#[derive(Debug)]
pub struct OnLeaveEvents;

#[tonic::async_trait]
impl Consumer for OnLeaveEvents {
    fn name(&self) -> &'static str {
        "planning.on_leave_events"
    }

    fn topic(&self) -> &'static str {
        "leave"
    }

    fn concerns(&self, event: &Envelope) -> bool {
        event::is::<LeaveApproved>(event)
            || event::is::<LeaveCancelled>(event)
            || event::is::<UnavailabilityChanged>(event)
    }

    async fn handle(&self, tx: &Tx, envelope: &Envelope) -> Result<(), BoxError> {
        let days = if let Some(approved) = event::decode::<LeaveApproved>(envelope) {
            let approved = approved?;
            Some(range(approved.first_date, approved.last_date)?)
        } else if let Some(cancelled) = event::decode::<LeaveCancelled>(envelope) {
            let cancelled = cancelled?;
            let days = range(cancelled.first_date, cancelled.last_date)?;
            cancelled.was_approved.then_some(days)
        } else if let Some(changed) = event::decode::<UnavailabilityChanged>(envelope) {
            let changed = changed?;
            // The other states hold nothing, before and after.
            let moves = matches!(changed.state(), State::Approved | State::Cancelled);
            let until = values::day_or_none(changed.until_date)?.unwrap_or(Day::MAX);
            let days = DayRange::new(values::day(changed.first_date)?, until)?;
            moves.then_some(days)
        } else {
            None
        };
        if let Some(days) = days {
            let count = plans::outdate(tx.conn(), &envelope.hospital, Some(days)).await?;
            tracing::info!(
                hospital.id = envelope.hospital,
                plans = count,
                "absence moved, analyses are stale"
            );
        }
        Ok(())
    }
}

fn range(first: Option<Date>, last: Option<Date>) -> Result<DayRange, BoxError> {
    Ok(DayRange::new(values::day(first)?, values::day(last)?)?)
}
