//! Tells about leave and unavailabilities: requesters what was decided, those who decide what waits for them.

use async_trait::async_trait;
use calendar::{DayRange, working_time::Zone};
use chassis::BoxError;
use durable::{Consumer, Tx, event};
use proto::{
    event::v1::Envelope,
    leave::v1::{
        LeaveApproved, LeaveCancelled, LeaveEscalated, LeaveRejected, LeaveReturned, LeaveSubmitted,
        UnavailabilityChanged, unavailability::State,
    },
    names::StaffMemberName,
};

use super::{Teller, days, deciders};
use crate::{
    domain::{
        message::Message,
        recipient::Remit,
        reminder::{Stage, Watched},
    },
    peers::Staff,
    store::News,
};

/// Consumes leave's events.
pub struct OnLeaveEvents {
    teller: Teller,
    staff: Staff,
}

// === impl OnLeaveEvents ===

impl OnLeaveEvents {
    pub fn new(teller: Teller, staff: Staff) -> Self {
        Self { teller, staff }
    }

    async fn submitted(&self, tx: &Tx, event: &Envelope, leave: LeaveSubmitted) -> Result<(), BoxError> {
        let person = StaffMemberName::parse(&leave.staff_member)?;
        let days = days(leave.first_date, leave.last_date)?;
        let what = (leave.leave.as_str(), leave.profession.as_str(), days, Stage::Pending);
        self.watch(tx, event, &person, what).await?;
        let message = Message::LeaveSubmitted { profession: leave.profession.clone(), days };
        let deciders = Remit::over(&leave.profession);
        self.tell_deciders(tx, event, &person, deciders, (message, &leave.leave)).await
    }

    /// The leave stays where it is; those who decide for all hear of it.
    async fn escalated(&self, tx: &Tx, event: &Envelope, leave: LeaveEscalated) -> Result<(), BoxError> {
        let person = StaffMemberName::parse(&leave.staff_member)?;
        let days = days(leave.first_date, leave.last_date)?;
        let (profession, waiting_days) = (leave.profession, leave.waiting_days);
        let message = Message::LeaveEscalated { profession, days, waiting_days };
        self.tell_deciders(tx, event, &person, Remit::OVER_ALL, (message, &leave.leave)).await
    }

    /// What waits is told to those who decide, what was decided to the person. Who withdraws knows it.
    async fn unavailability(
        &self,
        tx: &Tx,
        event: &Envelope,
        changed: UnavailabilityChanged,
    ) -> Result<(), BoxError> {
        let person = StaffMemberName::parse(&changed.staff_member)?;
        let state = changed.state();
        let days = days(changed.first_date, changed.last_date)?;
        let message = match state {
            State::Pending => {
                let profession = changed.profession.clone();
                let message = Message::UnavailabilitySubmitted { profession, days };
                let deciders = Remit::over(&changed.profession);
                return self
                    .tell_deciders(tx, event, &person, deciders, (message, &changed.unavailability))
                    .await;
            }
            State::Approved => Message::UnavailabilityApproved { days },
            State::Rejected => Message::UnavailabilityRejected { days },
            State::Countered => Message::UnavailabilityCountered { days },
            State::Cancelled | State::Unspecified => return Ok(()),
        };
        self.teller.tell(tx, event, person, (message, &changed.unavailability)).await
    }

    async fn cancelled(&self, tx: &Tx, event: &Envelope, leave: LeaveCancelled) -> Result<(), BoxError> {
        let person = StaffMemberName::parse(&leave.staff_member)?;
        let days = days(leave.first_date, leave.last_date)?;
        let what = (leave.leave.as_str(), leave.profession.as_str(), days, Stage::Over);
        self.watch(tx, event, &person, what).await?;
        let is_own = leave.actor != leave.staff_member;
        let message = Message::LeaveCancelled { days, is_own };
        if is_own {
            return self.teller.tell(tx, event, person, (message, &leave.leave)).await;
        }
        // What was still waiting is no news to anybody.
        if !leave.was_approved {
            return Ok(());
        }
        let deciders = Remit::over(&leave.profession);
        self.tell_deciders(tx, event, &person, deciders, (message, &leave.leave)).await
    }

    /// Keeps in mind who is to be reminded of the leave, and when.
    async fn watch(
        &self,
        tx: &Tx,
        event: &Envelope,
        person: &StaffMemberName,
        (leave, profession, days, stage): (&str, &str, DayRange, Stage),
    ) -> Result<(), BoxError> {
        let store = self.teller.store();
        if !store.erased(tx, &person.hospital, &[&person.staff_member]).await?.is_empty() {
            return Ok(());
        }
        let event_time = event::happened(event);
        let mut watched = Watched {
            hospital: person.hospital.clone(),
            leave: leave.to_owned(),
            staff_member: person.staff_member.clone(),
            profession: profession.to_owned(),
            days,
            stage,
            event_time,
            next_time: None,
        };
        watched.next_time = watched.next_after(event_time, &Zone::paris());
        Ok(store.watch(tx, &watched).await?)
    }

    /// Everybody who has one of these remits, but for the person themselves.
    async fn tell_deciders(
        &self,
        tx: &Tx,
        event: &Envelope,
        person: &StaffMemberName,
        remits: &[Remit],
        (message, subject): (Message, &str),
    ) -> Result<(), BoxError> {
        let hospital = person.hospital.as_str();
        let deciders = deciders(self.teller.store(), &self.staff, tx, hospital, remits).await?;
        let people = deciders.into_iter().filter(|decider| *decider != person.staff_member);
        let people = people.map(|decider| (decider, message.clone())).collect();
        self.teller.tell_all(tx, News { hospital, event_id: &event.id, subject, people }).await
    }
}

#[async_trait]
impl Consumer for OnLeaveEvents {
    fn name(&self) -> &'static str {
        "notification.on_leave_events"
    }

    fn topic(&self) -> &'static str {
        "leave"
    }

    async fn handle(&self, tx: &Tx, envelope: &Envelope) -> Result<(), BoxError> {
        if let Some(leave) = event::decode::<LeaveSubmitted>(envelope) {
            return self.submitted(tx, envelope, leave?).await;
        }
        if let Some(leave) = event::decode::<LeaveCancelled>(envelope) {
            return self.cancelled(tx, envelope, leave?).await;
        }
        if let Some(leave) = event::decode::<LeaveEscalated>(envelope) {
            return self.escalated(tx, envelope, leave?).await;
        }
        if let Some(changed) = event::decode::<UnavailabilityChanged>(envelope) {
            return self.unavailability(tx, envelope, changed?).await;
        }
        let (message, person, subject, profession, stage) =
            if let Some(leave) = event::decode::<LeaveApproved>(envelope) {
                let leave = leave?;
                let days = days(leave.first_date, leave.last_date)?;
                let message = Message::LeaveApproved { days };
                (message, leave.staff_member, leave.leave, leave.profession, (days, Stage::Approved))
            } else if let Some(leave) = event::decode::<LeaveRejected>(envelope) {
                let leave = leave?;
                let days = days(leave.first_date, leave.last_date)?;
                let message = Message::LeaveRejected { days };
                (message, leave.staff_member, leave.leave, String::new(), (days, Stage::Over))
            } else if let Some(leave) = event::decode::<LeaveReturned>(envelope) {
                let leave = leave?;
                let days = days(leave.first_date, leave.last_date)?;
                // Nobody waits for a decision until it is sent again.
                let message = Message::LeaveReturned { days };
                (message, leave.staff_member, leave.leave, String::new(), (days, Stage::Over))
            } else {
                return Ok(());
            };
        let person = StaffMemberName::parse(&person)?;
        let (days, stage) = stage;
        self.watch(tx, envelope, &person, (&subject, &profession, days, stage)).await?;
        self.teller.tell(tx, envelope, person, (message, &subject)).await
    }
}
