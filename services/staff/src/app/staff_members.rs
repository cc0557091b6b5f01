//! What is particular about people: roles are granted by few, and who leaves is signed out.

use std::collections::BTreeMap;

use calendar::Day;
use chassis::{Ctx, Problem, Target, Violation};
use durable::Once;
use jiff::tz::TimeZone;
use proto::error::v1::Reason;
use sea_orm::ConnectionTrait;

use super::{
    App,
    permissions::{POLICY, begin, begin_update, may_write},
    personal_data::refuse_erased,
    resources::{add, load, replace},
};
use crate::{
    domain::{Contract, Kind, Profession, StaffMember, resource::root_of, staff_member::State},
    store::{Stored, events, hospitals, resources as store, sessions},
};

/// Refuses a profession of another base, and one that is newly given though nobody is given it any more. One that does
/// not exist is refused with all other references.
async fn check_profession(
    conn: &impl ConnectionTrait,
    hospital: &str,
    old: Option<&StaffMember>,
    new: &StaffMember,
) -> Result<(), Problem> {
    let known = old.map_or("", |old| old.own_profession.as_str());
    if new.own_profession.is_empty() {
        return Ok(());
    }
    let Some(own) = store::find::<Profession>(conn, hospital, &new.own_profession).await? else {
        return Ok(());
    };
    let refuse = |expected: String| {
        Err(Problem::invalid(vec![Violation::new("staff_member.own_profession", expected)]))
    };
    if own.value.base != new.profession {
        return refuse(format!("expected a profession whose base is {}", new.profession));
    }
    if own.value.is_retired && new.own_profession != known {
        return refuse("expected a profession that is not retired".to_owned());
    }
    Ok(())
}

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
        may_write(ctx, hospital, id, &person)?;
        if person.has_granted_roles() {
            POLICY.authorize(ctx, "roles.grant", Target::hospital(hospital))?;
        }
        let tx = self.db.begin(ctx).await?;
        if let Some(first) = once.replay(&tx).await? {
            return Ok(first);
        }
        check_profession(tx.conn(), hospital, None, &person).await?;
        let created = add(&tx, hospital, id, person).await?;
        once.record(&tx, &created).await?;
        tx.commit().await?;
        Ok(created)
    }

    /// Changes a staff member; roles only by who may grant them.
    pub async fn update_staff_member(
        &self,
        ctx: &Ctx,
        once: &Once,
        which: (&str, &str, &str),
        change: impl FnOnce(&StaffMember) -> Result<StaffMember, Problem> + Send,
    ) -> Result<Stored<StaffMember>, Problem> {
        let (hospital, id, etag) = which;
        let may_correct = begin_update(ctx, hospital, id)?;
        let guarded = |old: &StaffMember| {
            let new = change(old)?.completed();
            let is_theirs = |person| may_write(ctx, hospital, id, person).is_ok();
            let is_correction = may_correct && new == old.corrected(&new);
            if !(is_correction || is_theirs(old) && is_theirs(&new)) {
                return Err(Problem::denied());
            }
            // Whoever may change an administrator's address could take over the account.
            if new.roles != old.roles || (new.email != old.email && old.is_administrator()) {
                POLICY.authorize(ctx, "roles.grant", Target::hospital(hospital))?;
            }
            Ok(new)
        };
        let tx = self.db.begin(ctx).await?;
        if let Some(first) = once.replay(&tx).await? {
            return Ok(first);
        }
        let old = load::<StaffMember>(&tx, hospital, id, etag).await?;
        refuse_erased(&old)?;
        let new = guarded(&old.value)?;
        check_profession(tx.conn(), hospital, Some(&old.value), &new).await?;
        let changed = replace(&tx, old, new).await?;
        once.record(&tx, &changed).await?;
        tx.commit().await?;
        Ok(changed)
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
            if old.erase_time.is_some() {
                return Err(Problem::precondition(
                    Reason::StaffMemberErased,
                    "the personal data were erased",
                ));
            }
            let last_date = old.last_date.filter(|last| *last >= today);
            Ok(StaffMember { state: State::Active, last_date, ..old.clone() })
        })
        .await
    }

    /// Makes a staff member inactive and ends the person's sessions: now, or by a worker once the last day has passed.
    pub async fn deactivate_staff_member(
        &self,
        ctx: &Ctx,
        once: &Once,
        (hospital, id, etag): (&str, &str, &str),
        last_date: Option<Day>,
    ) -> Result<Stored<StaffMember>, Problem> {
        begin(ctx, "staff_members.write", Kind::StaffMember, (hospital, id))?;
        let today = self.today(ctx, hospital).await?;
        let tx = self.db.begin(ctx).await?;
        if let Some(first) = once.replay(&tx).await? {
            return Ok(first);
        }
        let old = load::<StaffMember>(&tx, hospital, id, etag).await?;
        may_write(ctx, hospital, id, &old.value)?;
        if old.value.is_administrator() {
            POLICY.authorize(ctx, "roles.grant", Target::hospital(hospital))?;
        }
        let is_active = old.value.state == State::Active;
        let last = last_date.unwrap_or(today);
        let leaves_later = is_active && last > today;
        let person = if is_active {
            let state = if leaves_later { State::Active } else { State::Inactive };
            let value = StaffMember { state, last_date: Some(last), ..old.value.clone() };
            replace(&tx, old, value).await?
        } else {
            old
        };
        if is_active && !leaves_later {
            events::deactivated(&tx, &person).await?;
        }
        if !leaves_later {
            sessions::end_all(&tx, hospital, id, None).await?;
        }
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
        let reader = self.db.fresh(ctx);
        let contracts = async {
            match person {
                Some(id) => store::children(&reader, hospital, id).await,
                None => store::all::<Contract>(&reader, hospital).await,
            }
        };
        let (today, contracts) = tokio::try_join!(self.today(ctx, hospital), contracts)?;
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
