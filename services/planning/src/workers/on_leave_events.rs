//! An absence, or a day without duties, that appears or goes makes the analyses of the plans it touches stale.
//!
//! A leave that slipped over published duties, approved by force or while a plan was being published, opens a replacement
//! for each; one that is cancelled closes those that nobody took.

use calendar::{Day, DayRange};
use chassis::BoxError;
use durable::{Consumer, Db, Tx, event};
use proto::{
    event::v1::Envelope,
    leave::v1::{LeaveApproved, LeaveCancelled, UnavailabilityChanged, unavailability::State},
    names::StaffMemberName,
    r#type::v1::Date,
    values,
};

use crate::{
    app::{replacements::close, unplanned_absences::open_for},
    store::{plans, replacements},
};

/// Follows leave.
#[derive(Debug)]
pub struct OnLeaveEvents(pub Db);

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
            self.open(tx, &approved).await?;
            Some(range(approved.first_date, approved.last_date)?)
        } else if let Some(cancelled) = event::decode::<LeaveCancelled>(envelope) {
            let cancelled = cancelled?;
            let days = range(cancelled.first_date, cancelled.last_date)?;
            for mut own in replacements::of_origin(tx.conn(), &envelope.hospital, &cancelled.leave).await? {
                if own.state.is_open() {
                    close(tx, &mut own).await?;
                }
            }
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

// === impl OnLeaveEvents ===

impl OnLeaveEvents {
    async fn open(&self, tx: &Tx, leave: &LeaveApproved) -> Result<(), BoxError> {
        // Of versions before, that said no more than the days.
        let Ok(person) = StaffMemberName::parse(&leave.staff_member) else { return Ok(()) };
        let span = values::span(leave.first_date, leave.first_part, leave.last_date, leave.last_part)?;
        let who = (person.hospital.as_str(), person.staff_member.as_str());
        let opened = open_for(&self.0, tx, who, span, &leave.leave).await?;
        if !opened.is_empty() {
            tracing::info!(
                hospital.id = person.hospital,
                replacements = opened.len(),
                "a leave is over published duties"
            );
        }
        Ok(())
    }
}

fn range(first: Option<Date>, last: Option<Date>) -> Result<DayRange, BoxError> {
    Ok(DayRange::new(values::day(first)?, values::day(last)?)?)
}
