//! DeclareUnplannedAbsence, WithdrawUnplannedAbsence and their reads: somebody is not there, from now on.

use calendar::Span;
use chassis::{Ctx, Problem};
use durable::{Db, Once, Tx, audit::Change, page::Page, time};
use proto::names::UnplannedAbsenceName;

use super::{App, not_found, replacements::close};
use crate::{
    domain::{
        exchange::{self, Item},
        replacement::{Replacement, State, UnplannedAbsence},
    },
    exchange_events as events,
    store::{amendments, new_id, plans, replacements, unplanned_absences as store},
};

/// An absence with what was opened for it.
pub type Declared = (UnplannedAbsence, Vec<Replacement>);

// === impl App ===

impl App {
    /// It holds at once, without asking anybody: neighbors may be away.
    pub async fn declare_unplanned_absence(
        &self,
        ctx: &Ctx,
        hospital: &str,
        staff_member: &str,
        span: Span,
        once: &Once,
    ) -> Result<Declared, Problem> {
        self.allow_for(ctx, "unplanned_absences.declare", hospital, staff_member)?;
        let tx = self.db.begin(ctx).await?;
        if let Some(id) = once.replay::<String>(&tx).await? {
            drop(tx);
            return self.get_unplanned_absence(ctx, hospital, staff_member, &id).await;
        }
        let own = UnplannedAbsence {
            hospital: hospital.to_owned(),
            id: new_id(),
            staff_member: staff_member.to_owned(),
            span,
            is_withdrawn: false,
            create_time: time::micros(tx.now()),
        };
        amendments::take_turn(tx.conn(), hospital).await?;
        store::insert(tx.conn(), &own).await?;
        plans::outdate(tx.conn(), hospital, Some(span.range())).await?;
        let opened = open_for(&self.db, &tx, (hospital, staff_member), span, &name(&own)).await?;
        tx.audit(Change::of(hospital, "unplanned_absence.declare", name(&own)));
        events::absence_declared(&tx, &own, opened.len()).await?;
        once.record(&tx, &own.id).await?;
        tx.commit().await?;
        tracing::info!(
            hospital.id = hospital,
            staff_member.id = staff_member,
            replacements = opened.len(),
            "somebody is not there, posts are to replace"
        );
        Ok((own, opened))
    }

    pub async fn withdraw_unplanned_absence(
        &self,
        ctx: &Ctx,
        hospital: &str,
        staff_member: &str,
        id: &str,
        once: &Once,
    ) -> Result<Declared, Problem> {
        self.allow_for(ctx, "unplanned_absences.declare", hospital, staff_member)?;
        let tx = self.db.begin(ctx).await?;
        if once.replay::<String>(&tx).await?.is_some() {
            drop(tx);
            return self.get_unplanned_absence(ctx, hospital, staff_member, id).await;
        }
        let mut own = self.absence(tx.conn(), hospital, staff_member, id).await?;
        let mut opened = replacements::of_origin(tx.conn(), hospital, &name(&own)).await?;
        if !own.is_withdrawn {
            own.is_withdrawn = true;
            store::withdraw(tx.conn(), hospital, id).await?;
            plans::outdate(tx.conn(), hospital, Some(own.span.range())).await?;
            for replacement in opened.iter_mut().filter(|own| own.state.is_open()) {
                close(&tx, replacement).await?;
            }
            tx.audit(Change::of(hospital, "unplanned_absence.withdraw", name(&own)));
        }
        once.record(&tx, &own.id).await?;
        tx.commit().await?;
        Ok((own, opened))
    }

    pub async fn get_unplanned_absence(
        &self,
        ctx: &Ctx,
        hospital: &str,
        staff_member: &str,
        id: &str,
    ) -> Result<Declared, Problem> {
        self.allow_for(ctx, "unplanned_absences.read", hospital, staff_member)?;
        let reader = self.db.fresh(ctx);
        let own = reader.vouch(self.absence(&reader, hospital, staff_member, id).await)?;
        let opened = replacements::of_origin(&reader, hospital, &name(&own)).await?;
        Ok((own, opened))
    }

    pub async fn list_unplanned_absences(
        &self,
        ctx: &Ctx,
        hospital: &str,
        staff_member: &str,
        page: &Page,
    ) -> Result<Vec<UnplannedAbsence>, Problem> {
        self.allow_for(ctx, "unplanned_absences.read", hospital, staff_member)?;
        let one = Some(staff_member).filter(|id| *id != "-");
        store::list(&self.db.fresh(ctx), hospital, one, page).await
    }

    /// What was opened for some absences.
    pub async fn replacements_for(
        &self,
        ctx: &Ctx,
        own: &UnplannedAbsence,
    ) -> Result<Vec<Replacement>, Problem> {
        replacements::of_origin(&self.db.fresh(ctx), &own.hospital, &name(own)).await
    }

    async fn absence(
        &self,
        db: &impl sea_orm::ConnectionTrait,
        hospital: &str,
        staff_member: &str,
        id: &str,
    ) -> Result<UnplannedAbsence, Problem> {
        let found = store::find(db, hospital, staff_member, id).await?;
        let parent = format!("staffMembers/{staff_member}/unplannedAbsences");
        found.ok_or_else(|| not_found("UnplannedAbsence", hospital, &parent, id))
    }
}

fn name(own: &UnplannedAbsence) -> String {
    UnplannedAbsenceName::new(&own.hospital, &own.staff_member, &own.id).to_string()
}

/// Opens a replacement for every published post that somebody holds in these half-days and that has not ended. `origin` is
/// what it is opened for.
pub async fn open_for(
    db: &Db,
    tx: &Tx,
    (hospital, staff_member): (&str, &str),
    span: Span,
    origin: &str,
) -> Result<Vec<Replacement>, Problem> {
    // Who takes a post over at this moment is seen here, or sees this absence.
    amendments::take_turn(tx.conn(), hospital).await?;
    let (now, clock) = (tx.now(), db.now_micros(tx.conn()).await.map_err(durable::problem)?);
    let mut opened = Vec::new();
    for (plan, duty) in amendments::held_by(tx.conn(), hospital, staff_member, span.range()).await? {
        if !exchange::half_days(&duty).overlaps(span) || exchange::end(&duty) <= now {
            continue;
        }
        let due_time = time::micros(exchange::too_late(&duty, now));
        let own = Replacement {
            hospital: hospital.to_owned(),
            id: new_id(),
            plan,
            item: Item::from(&duty),
            absent: staff_member.to_owned(),
            origin: origin.to_owned(),
            state: State::Open,
            staff_member: String::new(),
            revision: 0,
            due_time,
            deadline_time: clock + due_time - time::micros(now),
            version: 1,
            create_time: time::micros(now),
            end_time: 0,
        };
        // Somebody may be looked for already.
        if replacements::insert(tx.conn(), &own).await? {
            events::replacement_opened(tx, &own).await?;
            opened.push(own);
        }
    }
    Ok(opened)
}
