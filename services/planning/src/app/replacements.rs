//! CreateReplacement, CancelReplacement, GetReplacement, ListReplacements.

use chassis::{Ctx, Problem, Target, access::PLANNING as POLICY};
use durable::{Once, Tx, audit::Change, etag, filter::Filter, page::Page, time};
use proto::names::ReplacementName;

use super::{App, editable, not_found, not_found_in, swaps::me};
use crate::{
    domain::{
        exchange::{self, Item},
        plan::Refusal,
        replacement::{Offer, Replacement, State},
        shift::Post,
    },
    exchange_events as events, exchange_problems as problems, metrics,
    store::{from_json, new_id, plans, replacements},
};

/// A replacement with those who are asked, as the caller may see them.
pub type Seen = (Replacement, Vec<Offer>);

/// A replacement to open.
#[derive(Clone, Copy, Debug)]
pub struct NewReplacement<'a> {
    pub hospital: &'a str,
    pub plan: &'a str,
    pub shift: &'a str,
    pub post: Post,
    /// By the caller's clock, in microseconds.
    pub deadline_time: Option<i64>,
}

// === impl App ===

impl App {
    pub async fn create_replacement(
        &self,
        ctx: &Ctx,
        new: NewReplacement<'_>,
        once: &Once,
    ) -> Result<Seen, Problem> {
        self.allow(ctx, "replacements.manage", new.hospital)?;
        let tx = self.db.begin(ctx).await?;
        if let Some(id) = once.replay::<String>(&tx).await? {
            drop(tx);
            return self.get_replacement(ctx, new.hospital, &id).await;
        }
        let plan = self.plan(tx.conn(), new.hospital, new.plan).await?;
        editable(&plan)?;
        if plan.revision == 0 {
            return Err(crate::problems::plan_refusal(&plan, Refusal::NotPublished));
        }
        let row = plans::find_revision(tx.conn(), new.hospital, new.plan, plan.revision).await?;
        let row = row.ok_or_else(|| Problem::internal("the last revision is missing"))?;
        let frozen: super::publish_plan::Frozen = from_json(&row.content)?;
        let shift = frozen.shifts.iter().find(|shift| shift.id == new.shift);
        let shift = shift.ok_or_else(|| not_found_in("Shift", &plan, "shifts", new.shift))?;
        let holder = frozen.holders.iter().find(|own| own.shift == new.shift && own.post == new.post);
        let absent = holder.map_or_else(String::new, |own| own.staff_member.clone());
        let duty = shift.duty(new.post, &absent);
        let (now, clock) =
            (time::micros(ctx.now), self.db.now_micros(tx.conn()).await.map_err(durable::problem)?);
        let due_time = new.deadline_time.unwrap_or_else(|| time::micros(exchange::too_late(&duty, ctx.now)));
        if due_time <= now || due_time > time::micros(exchange::end(&duty)) {
            return Err(problems::replacement_too_late());
        }
        let own = Replacement {
            hospital: new.hospital.to_owned(),
            id: new_id(),
            plan: new.plan.to_owned(),
            item: Item::from(&duty),
            absent,
            origin: String::new(),
            state: State::Open,
            staff_member: String::new(),
            revision: 0,
            due_time,
            deadline_time: clock + due_time - now,
            version: 1,
            create_time: now,
            end_time: 0,
        };
        if !replacements::insert(tx.conn(), &own).await? {
            let other = replacements::of_post(tx.conn(), new.hospital, new.shift, new.post).await?;
            return Err(problems::replacement_open_already(other.as_ref().unwrap_or(&own)));
        }
        tx.audit(of_replacement("replacement.create", &own));
        events::replacement_opened(&tx, &own).await?;
        once.record(&tx, &own.id).await?;
        tx.commit().await?;
        Ok((own, vec![]))
    }

    pub async fn cancel_replacement(
        &self,
        ctx: &Ctx,
        hospital: &str,
        id: &str,
        sent: &str,
        once: &Once,
    ) -> Result<Seen, Problem> {
        self.allow(ctx, "replacements.manage", hospital)?;
        let tx = self.db.begin(ctx).await?;
        if once.replay::<String>(&tx).await?.is_some() {
            drop(tx);
            return self.get_replacement(ctx, hospital, id).await;
        }
        let mut own = self.replacement(tx.conn(), hospital, id).await?;
        self.refuse_ended(&own, tx.conn()).await?;
        etag::check(sent, own.version, false)?;
        close(&tx, &mut own).await?;
        once.record(&tx, &own.id).await?;
        tx.commit().await?;
        self.get_replacement(ctx, hospital, id).await
    }

    /// Planners see all of it; whoever is asked sees the post and their own offer.
    pub async fn get_replacement(&self, ctx: &Ctx, hospital: &str, id: &str) -> Result<Seen, Problem> {
        self.allow(ctx, "replacements.read", hospital)?;
        let reader = self.db.fresh(ctx);
        let own = reader.vouch(self.replacement(&reader, hospital, id).await)?;
        let offers = replacements::offers(&reader, hospital, id).await?;
        reader.vouch(self.seen(ctx, own, offers))
    }

    pub async fn list_replacements(
        &self,
        ctx: &Ctx,
        hospital: &str,
        page: &Page,
        filter: &Filter,
    ) -> Result<Vec<Seen>, Problem> {
        self.allow(ctx, "replacements.read", hospital)?;
        let reader = self.db.fresh(ctx);
        let asked = (!self.plans_replacements(ctx, hospital)).then(|| me(ctx));
        let rows = replacements::list(&reader, hospital, asked, page, filter).await?;
        let mut seen = Vec::with_capacity(rows.len());
        for own in rows {
            let offers = replacements::offers(&reader, hospital, &own.id).await?;
            seen.push(self.seen(ctx, own, offers)?);
        }
        Ok(seen)
    }

    fn seen(&self, ctx: &Ctx, mut own: Replacement, mut offers: Vec<Offer>) -> Result<Seen, Problem> {
        if self.plans_replacements(ctx, &own.hospital) {
            return Ok((own, offers));
        }
        offers.retain(|offer| offer.staff_member == me(ctx));
        if offers.is_empty() {
            return Err(not_found("Replacement", &own.hospital, "replacements", &own.id));
        }
        own.absent.clear();
        if own.staff_member != me(ctx) {
            own.staff_member.clear();
        }
        Ok((own, offers))
    }

    fn plans_replacements(&self, ctx: &Ctx, hospital: &str) -> bool {
        POLICY.allows(ctx, "replacements.manage", Target::hospital(hospital))
    }

    pub(super) async fn replacement(
        &self,
        db: &impl sea_orm::ConnectionTrait,
        hospital: &str,
        id: &str,
    ) -> Result<Replacement, Problem> {
        let found = replacements::find(db, hospital, id).await?;
        found.ok_or_else(|| not_found("Replacement", hospital, "replacements", id))
    }

    /// Refuses one in which nobody is looked for any more.
    pub(super) async fn refuse_ended(
        &self,
        own: &Replacement,
        db: &impl sea_orm::ConnectionTrait,
    ) -> Result<(), Problem> {
        let clock = self.db.now_micros(db).await.map_err(durable::problem)?;
        own.open(clock).map_err(|refusal| problems::replacement_refusal(own, refusal))
    }
}

/// Nobody is needed any more.
pub async fn close(tx: &Tx, own: &mut Replacement) -> Result<(), Problem> {
    let now = time::micros(tx.now());
    let asked = waiting(tx, own).await?;
    own.end(State::Cancelled, now);
    replacements::save(tx.conn(), own).await?;
    replacements::close_offers(tx.conn(), &own.hospital, &own.id, now).await?;
    tx.audit(of_replacement("replacement.cancel", own));
    events::replacement_closed(tx, own, &asked).await?;
    metrics::replacement_ended(own.state.code());
    Ok(())
}

/// Those who are asked and have not answered.
pub(super) async fn waiting(tx: &Tx, own: &Replacement) -> Result<Vec<String>, Problem> {
    use crate::domain::replacement::Answer;
    let offers = replacements::offers(tx.conn(), &own.hospital, &own.id).await?;
    let waiting = offers.into_iter().filter(|offer| offer.answer == Answer::Sent);
    Ok(waiting.map(|offer| offer.staff_member).collect())
}

/// A line about a replacement.
pub(super) fn of_replacement(action: &str, own: &Replacement) -> Change {
    let name = ReplacementName::new(&own.hospital, &own.id).to_string();
    Change::of(&own.hospital, action, name).value("state", "", own.state.code())
}
