//! What is particular about people: roles are granted by few, and who leaves is signed out.

use std::collections::BTreeMap;

use calendar::Day;
use chassis::{Ctx, Problem, Target};
use durable::Once;
use jiff::tz::TimeZone;

use super::{
    App,
    permissions::POLICY,
    resources::{load, replace},
};
use crate::{
    domain::{Contract, StaffMember, resource::root_of, staff_member::State},
    store::{Stored, events, hospitals, resources as store, sessions},
};

impl App {
    /// Creates a staff member.
    pub async fn create_staff_member(
        &self,
        ctx: &Ctx,
        once: &Once,
        hospital: &str,
        id: &str,
        person: StaffMember,
    ) -> Result<Stored<StaffMember>, Problem> {
        let person = person.completed();
        POLICY.authorize(ctx, "staff_members.write", Target::hospital(hospital))?;
        if person.has_granted_roles() {
            POLICY.authorize(ctx, "roles.grant", Target::hospital(hospital))?;
        }
        self.create(ctx, once, hospital, id, person).await
    }

    /// Changes a staff member; roles only by who may grant them.
    pub async fn update_staff_member(
        &self,
        ctx: &Ctx,
        once: &Once,
        which: (&str, &str, &str),
        change: impl FnOnce(&StaffMember) -> Result<StaffMember, Problem> + Send,
    ) -> Result<Stored<StaffMember>, Problem> {
        let hospital = which.0;
        let guarded = |old: &StaffMember| {
            let new = change(old)?.completed();
            // Whoever may change an administrator's address could take over the account.
            if new.roles != old.roles || (new.email != old.email && old.is_administrator()) {
                POLICY.authorize(ctx, "roles.grant", Target::hospital(hospital))?;
            }
            Ok(new)
        };
        self.update(ctx, once, which, guarded).await
    }

    /// Makes a staff member active again.
    pub async fn activate_staff_member(
        &self,
        ctx: &Ctx,
        once: &Once,
        which: (&str, &str, &str),
    ) -> Result<Stored<StaffMember>, Problem> {
        let today = self.today(ctx, which.0).await?;
        self.update(ctx, once, which, |old: &StaffMember| {
            let last_date = old.last_date.filter(|last| *last >= today);
            Ok(StaffMember { state: State::Active, last_date, ..old.clone() })
        })
        .await
    }

    /// Makes a staff member inactive and ends the person's sessions.
    pub async fn deactivate_staff_member(
        &self,
        ctx: &Ctx,
        once: &Once,
        (hospital, id, etag): (&str, &str, &str),
        last_date: Option<Day>,
    ) -> Result<Stored<StaffMember>, Problem> {
        POLICY.authorize(ctx, "staff_members.write", Target::hospital(hospital))?;
        let today = self.today(ctx, hospital).await?;
        let tx = self.db.begin(ctx).await?;
        if let Some(first) = once.replay(&tx).await? {
            return Ok(first);
        }
        let old = load::<StaffMember>(&tx, hospital, id, etag).await?;
        if old.value.is_administrator() {
            POLICY.authorize(ctx, "roles.grant", Target::hospital(hospital))?;
        }
        let is_active = old.value.state == State::Active;
        let value = StaffMember {
            state: State::Inactive,
            last_date: if is_active { Some(last_date.unwrap_or(today)) } else { old.value.last_date },
            ..old.value.clone()
        };
        let person = if is_active {
            let changed = replace(&tx, old, value).await?;
            events::deactivated(&tx, &changed).await?;
            changed
        } else {
            old
        };
        sessions::end_all(&tx, hospital, id, None).await?;
        once.record(&tx, &person).await?;
        tx.commit().await?;
        Ok(person)
    }

    /// The contracts of today, by person: of one person, or of all.
    pub async fn current_contracts(
        &self,
        ctx: &Ctx,
        hospital: &str,
        person: Option<&str>,
    ) -> Result<BTreeMap<String, String>, Problem> {
        let today = self.today(ctx, hospital).await?;
        let reader = self.db.fresh(ctx);
        let contracts: Vec<Stored<Contract>> = match person {
            Some(id) => store::children(&reader, hospital, id).await?,
            None => store::all(&reader, hospital).await?,
        };
        let current = contracts.iter().filter(|contract| contract.value.covers(today));
        Ok(current.map(|contract| (root_of(&contract.id).to_owned(), contract.name())).collect())
    }

    /// The day it is in a hospital.
    pub async fn today(&self, ctx: &Ctx, hospital: &str) -> Result<Day, Problem> {
        let hospital = hospitals::find(&self.db.fresh(ctx), hospital).await?;
        let zone =
            hospital.and_then(|hospital| TimeZone::get(&hospital.time_zone).ok()).unwrap_or(TimeZone::UTC);
        let date = ctx.now.to_zoned(zone).date();
        Day::new(i32::from(date.year()), i32::from(date.month()), i32::from(date.day()))
            .map_err(Problem::internal)
    }
}
