//! What dates bring about by themselves: who has left becomes inactive, skills run out.

use calendar::Day;
use chassis::{Ctx, Problem};
use proto::error::v1::Reason;

use super::{
    App,
    resources::{load, replace},
};
use crate::{
    domain::{StaffMember, staff_member::State},
    store::{Stored, events, hospitals, milestones, resources as store, sessions},
};

/// How many days ahead it is told that a skill runs out.
const NOTICE_DAYS: i32 = 30;
/// How many days later it is still told that one has.
const LATE_DAYS: i32 = 7;

impl App {
    /// Does what today's date asks for, in each hospital by its own clock. Done twice it does nothing more.
    pub async fn follow_dates(&self, ctx: &Ctx) -> Result<(), Problem> {
        for hospital in hospitals::all(self.db.read()).await? {
            let today = self.today(ctx, &hospital).await?;
            let mut cursor = None;
            loop {
                let keep = |stored: &Stored<StaffMember>| is_due(&stored.value, today);
                let people =
                    store::after(self.db.read(), (&hospital, ""), cursor.as_deref(), 100, keep).await?;
                let Some(last) = people.last() else { break };
                cursor = Some(last.id.clone());
                for person in &people {
                    match self.follow(ctx, person, today).await {
                        // Somebody else changed the person meanwhile: the next run looks again.
                        Err(problem) if problem.reason() == Reason::EtagMismatch => {}
                        outcome => outcome?,
                    }
                }
            }
        }
        Ok(())
    }

    async fn follow(&self, ctx: &Ctx, seen: &Stored<StaffMember>, today: Day) -> Result<(), Problem> {
        let tx = self.db.begin(ctx).await?;
        let person = load::<StaffMember>(&tx, &seen.hospital, &seen.id, "").await?;
        if person.value.state == State::Inactive {
            return Ok(());
        }
        if has_left(&person.value, today) {
            let (hospital, id) = (person.hospital.clone(), person.id.clone());
            let value = StaffMember { state: State::Inactive, ..person.value.clone() };
            let gone = replace(&tx, person, value).await?;
            events::deactivated(&tx, &gone).await?;
            sessions::end_all(&tx, &hospital, &id, None).await?;
            return tx.commit().await;
        }
        for grant in &person.value.skills {
            let Some(last) = grant.last_date else { continue };
            let (word, is_over) = match last - today {
                days if !(-LATE_DAYS..=NOTICE_DAYS).contains(&days) => continue,
                days if days < 0 => ("skill_expired", true),
                _ => ("skill_expiring", false),
            };
            let key = format!("{word}/{}/{}/{last}", person.id, grant.skill);
            if milestones::reach(&tx, &person.hospital, &key).await? {
                events::skill(&tx, &person, grant, is_over).await?;
            }
        }
        tx.commit().await
    }
}

fn has_left(person: &StaffMember, today: Day) -> bool {
    person.last_date.is_some_and(|last| last < today)
}

/// Whether anything may have to be done about a person.
fn is_due(person: &StaffMember, today: Day) -> bool {
    let runs_out = |last: Day| (-LATE_DAYS..=NOTICE_DAYS).contains(&(last - today));
    person.state == State::Active
        && (has_left(person, today)
            || person.skills.iter().any(|grant| grant.last_date.is_some_and(runs_out)))
}
