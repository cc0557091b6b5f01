//! Keeps the projection of published duties: approval looks there, not at planning.

use async_trait::async_trait;
use calendar::DayPart;
use chassis::BoxError;
use durable::{Consumer, Tx, event};
use proto::{
    event::v1::Envelope,
    names::{RevisionName, StaffMemberName},
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
    ///
    /// An event tells only what a revision changed, and two instances may take two revisions in either order. Each
    /// change says all about one person and one shift, so the latest revision that told about them holds.
    async fn apply(
        &self,
        tx: &Tx,
        revision: i64,
        person: &StaffMemberName,
        changes: &[DutyChange],
    ) -> Result<(), BoxError> {
        let (hospital, staff_member) = (person.hospital.as_str(), person.staff_member.as_str());
        for change in changes {
            let left = match change.change() {
                Change::Removed => &change.shift,
                Change::Moved => &change.previous_shift,
                Change::Added => continue,
                Change::Unspecified => return Err("a duty change without a kind".into()),
            };
            if self.store.is_news(tx, hospital, staff_member, left, revision).await? {
                self.store.remove_duty(tx, hospital, staff_member, left).await?;
            }
        }
        for change in changes.iter().filter(|change| change.change() != Change::Removed) {
            if self.store.is_news(tx, hospital, staff_member, &change.shift, revision).await? {
                self.store.put_duty(tx, hospital, staff_member, &duty(change)?).await?;
            }
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

    fn concerns(&self, event: &Envelope) -> bool {
        event::is::<PlanPublished>(event)
    }

    async fn handle(&self, tx: &Tx, envelope: &Envelope) -> Result<(), BoxError> {
        let Some(published) = event::decode::<PlanPublished>(envelope) else { return Ok(()) };
        let published = published?;
        let revision: i64 = RevisionName::parse(&published.revision)?.revision.parse()?;
        for person in published.people {
            let name = StaffMemberName::parse(&person.staff_member)?;
            self.apply(tx, revision, &name, &person.changes).await?;
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
