//! Wishes: submitted within an allowance and a window, decided by administrators, taken back.

use calendar::{DayRange, Month, working_time::Zone};
use chassis::{Ctx, Problem, Target, access::PLANNING as POLICY};
use durable::{Once, Tx, audit::Change, etag, filter::Filter, page::Page, time};
use proto::names::WishName;

use super::{App, not_found};
use crate::{
    domain::wish::{State, Wish},
    events, problems,
    store::{plans, rules, wishes},
};

/// What is decided about a wish.
#[derive(Debug)]
pub struct Decision<'a> {
    pub hospital: &'a str,
    pub staff_member: &'a str,
    pub id: &'a str,
    /// Approved or rejected.
    pub state: State,
    pub comment: String,
    pub etag: &'a str,
}

// === impl App ===

impl App {
    pub async fn get_wish(
        &self,
        ctx: &Ctx,
        hospital: &str,
        staff_member: &str,
        id: &str,
    ) -> Result<Wish, Problem> {
        self.allow_for(ctx, "wishes.read", hospital, staff_member)?;
        let reader = self.db.fresh(ctx);
        reader.vouch(self.wish(&reader, hospital, staff_member, id).await)
    }

    /// Wishes of one person, or of all: `-`.
    pub async fn list_wishes(
        &self,
        ctx: &Ctx,
        hospital: &str,
        staff_member: &str,
        page: &Page,
        filter: &Filter,
    ) -> Result<Vec<Wish>, Problem> {
        self.allow_for(ctx, "wishes.read", hospital, staff_member)?;
        let one = Some(staff_member).filter(|id| *id != "-");
        wishes::list(&self.db.fresh(ctx), hospital, one, page, filter).await
    }

    /// Submits a wish; its id is made here.
    pub async fn create_wish(
        &self,
        ctx: &Ctx,
        hospital: &str,
        mut wish: Wish,
        once: &Once,
    ) -> Result<Wish, Problem> {
        self.allow_for(ctx, "wishes.write", hospital, &wish.staff_member)?;
        if let Some(id) = self.replayed::<String>(ctx, once).await? {
            return self.wish(self.db.read(), hospital, &wish.staff_member, &id).await;
        }
        let refuse = |refusal, wish: &Wish| problems::wish(hospital, wish, refusal);
        let policy = rules::load(self.db.read(), hospital).await?.rules.team.wishes;
        if self.decides_wishes(ctx, hospital) {
            self.known_person(ctx, hospital, &wish.staff_member).await?;
        } else {
            let today = Zone::paris().day_at(ctx.now);
            policy.open(wish.day, today).map_err(|refusal| refuse(refusal, &wish))?;
        }
        let tx = self.db.begin(ctx).await?;
        if let Some(id) = once.replay::<String>(&tx).await? {
            return self.wish(tx.conn(), hospital, &wish.staff_member, &id).await;
        }
        let month = Month::of(wish.day);
        let known = wishes::of_month(tx.conn(), hospital, &wish.staff_member, month).await?;
        let others: Vec<Wish> = known.iter().map(|(_, own)| own.clone()).collect();
        wish.beside(&others, &policy).map_err(|refusal| refuse(refusal, &wish))?;
        wish.create_time = time::micros(tx.now());
        let place = wishes::free_place(&wish, &known);
        wishes::insert(tx.conn(), hospital, &wish, place).await?;
        self.moved(&tx, hospital, &wish).await?;
        self.on_behalf(ctx, &tx, hospital, &wish, "wish.create");
        once.record(&tx, &wish.id).await?;
        tx.commit().await?;
        Ok(wish)
    }

    /// Takes a wish back.
    pub async fn delete_wish(
        &self,
        ctx: &Ctx,
        hospital: &str,
        staff_member: &str,
        id: &str,
        sent: &str,
    ) -> Result<(), Problem> {
        self.allow_for(ctx, "wishes.write", hospital, staff_member)?;
        let tx = self.db.begin(ctx).await?;
        let wish = self.wish(tx.conn(), hospital, staff_member, id).await?;
        etag::check(sent, wish.version, false)?;
        if !self.decides_wishes(ctx, hospital) {
            let refuse = |refusal| problems::wish(hospital, &wish, refusal);
            wish.pending().map_err(refuse)?;
            let policy = rules::load(tx.conn(), hospital).await?.rules.team.wishes;
            policy.open(wish.day, Zone::paris().day_at(ctx.now)).map_err(refuse)?;
        }
        wishes::delete(tx.conn(), hospital, &wish).await?;
        self.moved(&tx, hospital, &wish).await?;
        self.on_behalf(ctx, &tx, hospital, &wish, "wish.delete");
        tx.commit().await
    }

    /// Grants or declines a wish.
    pub async fn decide_wish(&self, ctx: &Ctx, decision: Decision<'_>, once: &Once) -> Result<Wish, Problem> {
        let Decision { hospital, staff_member, id, state, .. } = decision;
        self.allow(ctx, "wishes.decide", hospital)?;
        let tx = self.db.begin(ctx).await?;
        let mut wish = self.wish(tx.conn(), hospital, staff_member, id).await?;
        if once.replay::<String>(&tx).await?.is_some() {
            return Ok(wish);
        }
        etag::check(decision.etag, wish.version, false)?;
        wish.pending().map_err(|refusal| problems::wish(hospital, &wish, refusal))?;
        let before = wish.state;
        wish.state = state;
        wish.decision_comment = decision.comment;
        wish.decider = ctx.principal.person().map_or_else(String::new, |own| own.staff_member.clone());
        wish.decide_time = time::micros(tx.now());
        wishes::decide(tx.conn(), hospital, &mut wish).await?;
        self.moved(&tx, hospital, &wish).await?;
        events::wish_decided(&tx, hospital, &wish).await?;
        let action = if state == State::Approved { "wish.approve" } else { "wish.reject" };
        tx.audit(change(hospital, &wish, action).value("state", before.code(), state.code()));
        once.record(&tx, &wish.id).await?;
        tx.commit().await?;
        Ok(wish)
    }

    async fn wish(
        &self,
        db: &impl sea_orm::ConnectionTrait,
        hospital: &str,
        staff_member: &str,
        id: &str,
    ) -> Result<Wish, Problem> {
        let wish = wishes::find(db, hospital, id).await?.filter(|own| own.staff_member == staff_member);
        let parent = format!("staffMembers/{staff_member}/wishes");
        wish.ok_or_else(|| not_found("Wish", hospital, &parent, id))
    }

    fn decides_wishes(&self, ctx: &Ctx, hospital: &str) -> bool {
        POLICY.allows(ctx, "wishes.decide", Target::hospital(hospital))
    }

    /// What was judged of the wish's day tells about another problem.
    async fn moved(&self, tx: &Tx, hospital: &str, wish: &Wish) -> Result<(), Problem> {
        plans::outdate(tx.conn(), hospital, Some(DayRange::single(wish.day))).await.map(|_| ())
    }

    /// What people wish for themselves is no line of the audit log; what is done in their name is.
    fn on_behalf(&self, ctx: &Ctx, tx: &Tx, hospital: &str, wish: &Wish, action: &str) {
        let is_own = ctx.principal.person().is_some_and(|own| own.staff_member == wish.staff_member);
        if !is_own {
            tx.audit(change(hospital, wish, action));
        }
    }
}

fn change(hospital: &str, wish: &Wish, action: &str) -> Change {
    let name = WishName::new(hospital, &wish.staff_member, &wish.id).to_string();
    Change::of(hospital, action, name)
}
