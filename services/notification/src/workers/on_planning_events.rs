//! Tells of a publication each person whose duties it changed, and nobody else.

use async_trait::async_trait;
use chassis::BoxError;
use durable::{Consumer, Tx, event};
use proto::{
    event::v1::Envelope,
    names::{PlanName, StaffMemberName},
    planning::v1::{DutyChange, PlanPublished, duty_change, shift},
};

use super::{Teller, days};
use crate::{
    domain::message::{Change, Duty, Message, tally},
    store::News,
};

/// Consumes planning's events.
pub struct OnPlanningEvents {
    teller: Teller,
}

// === impl OnPlanningEvents ===

impl OnPlanningEvents {
    pub fn new(teller: Teller) -> Self {
        Self { teller }
    }
}

#[async_trait]
impl Consumer for OnPlanningEvents {
    fn name(&self) -> &'static str {
        "notification.on_planning_events"
    }

    fn topic(&self) -> &'static str {
        "planning"
    }

    fn concerns(&self, event: &Envelope) -> bool {
        event::is::<PlanPublished>(event)
    }

    async fn handle(&self, tx: &Tx, envelope: &Envelope) -> Result<(), BoxError> {
        let Some(published) = event::decode::<PlanPublished>(envelope) else { return Ok(()) };
        let published = published?;
        let days = days(published.first_date, published.last_date)?;
        let hospital = PlanName::parse(&published.plan)?.hospital;
        let mut people = Vec::with_capacity(published.people.len());
        for person in published.people.iter().filter(|person| !person.changes.is_empty()) {
            let changes = tally(person.changes.iter().map(|change| (change_of(change), duty_of(change))));
            let name = StaffMemberName::parse(&person.staff_member)?;
            if name.hospital != hospital {
                return Err("a publication concerns people of its own hospital only".into());
            }
            people.push((name.staff_member, Message::PlanPublished { days, changes }));
        }
        let (hospital, event_id, subject) =
            (hospital.as_str(), envelope.id.as_str(), published.plan.as_str());
        self.teller.tell_all(tx, News { hospital, event_id, subject, people }).await
    }
}

fn change_of(change: &DutyChange) -> Change {
    match change.change() {
        duty_change::Change::Removed => Change::Removed,
        duty_change::Change::Moved => Change::Moved,
        duty_change::Change::Added | duty_change::Change::Unspecified => Change::Added,
    }
}

fn duty_of(change: &DutyChange) -> Duty {
    match change.kind() {
        shift::Kind::Garde => Duty::Garde,
        shift::Kind::Astreinte => Duty::Astreinte,
        _ => Duty::HalfDay,
    }
}
