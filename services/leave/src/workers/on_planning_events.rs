//! Keeps the projection of published duties: approval looks there, not at planning.

use async_trait::async_trait;
use calendar::DayPart;
use chassis::BoxError;
use durable::{Consumer, Tx, event};
use proto::{
    event::v1::Envelope,
    names::StaffMemberName,
    planning::v1::{DutyChange, PlanPublished, duty_change::Change, shift},
    r#type::v1 as value,
    values,
};

use crate::{domain::conflict::Duty, store::Store};

/// Consumes planning's events.
pub struct OnPlanningEvents {
    store: Store,
}

// === impl OnPlanningEvents ===

impl OnPlanningEvents {
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// What a person leaves first, then what the person has: one duty's old shift may be another one's new shift.
    async fn apply(&self, tx: &Tx, person: &StaffMemberName, changes: &[DutyChange]) -> Result<(), BoxError> {
        let (hospital, staff_member) = (person.hospital.as_str(), person.staff_member.as_str());
        for change in changes {
            match change.change() {
                Change::Removed => self.store.remove_duty(tx, hospital, staff_member, &change.shift).await?,
                Change::Moved => {
                    self.store.remove_duty(tx, hospital, staff_member, &change.previous_shift).await?;
                }
                Change::Added => {}
                Change::Unspecified => return Err("a duty change without a kind".into()),
            }
        }
        for change in changes.iter().filter(|change| change.change() != Change::Removed) {
            self.store.put_duty(tx, hospital, staff_member, &duty(change)?).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Consumer for OnPlanningEvents {
    fn name(&self) -> &'static str {
        "leave.on_planning_events"
    }

    fn topic(&self) -> &'static str {
        "planning"
    }

    async fn handle(&self, tx: &Tx, envelope: &Envelope) -> Result<(), BoxError> {
        let Some(published) = event::decode::<PlanPublished>(envelope) else { return Ok(()) };
        for person in published?.people {
            let name = StaffMemberName::parse(&person.staff_member)?;
            self.apply(tx, &name, &person.changes).await?;
        }
        Ok(())
    }
}

fn duty(change: &DutyChange) -> Result<Duty, BoxError> {
    let part = match change.day_part() {
        value::DayPart::Unspecified => None,
        value::DayPart::Morning => Some(DayPart::Morning),
        value::DayPart::Afternoon => Some(DayPart::Afternoon),
    };
    Ok(Duty {
        shift: change.shift.clone(),
        day: values::day(change.date)?,
        part,
        is_on_call: matches!(change.kind(), shift::Kind::Garde | shift::Kind::Astreinte),
    })
}
