//! CreatePlan, DeletePlan, ArchivePlan.

use calendar::DayRange;
use chassis::{Ctx, Problem};
use durable::{Once, etag, time};

use super::{App, audit::of_plan};
use crate::{
    domain::plan::{Plan, State},
    problems,
    store::{new_id, operations, plans, rules, shifts},
};

/// What a new plan is asked to be.
#[derive(Debug)]
pub struct NewPlan {
    pub hospital: String,
    /// Empty: made.
    pub id: String,
    pub display_name: String,
    pub days: DayRange,
    pub sites: Vec<String>,
}

// === impl App ===

impl App {
    pub async fn create_plan(&self, ctx: &Ctx, new: NewPlan, once: &Once) -> Result<Plan, Problem> {
        self.allow_at(ctx, "plans.edit", &new.hospital, &new.sites)?;
        if let Some(id) = self.replayed::<String>(ctx, once).await? {
            return self.plan(self.db.read(), &new.hospital, &id).await;
        }
        let snapshot = self.peers.people_and_holidays(ctx, &new.hospital, new.days).await?;
        let id = if new.id.is_empty() { new_id() } else { new.id };
        if snapshot.people_of(&new.sites, new.days).is_empty() {
            return Err(problems::without_staff(&new.hospital, &id));
        }
        let tx = self.db.begin(ctx).await?;
        if let Some(id) = once.replay::<String>(&tx).await? {
            return self.plan(tx.conn(), &new.hospital, &id).await;
        }
        plans::take_turn(tx.conn(), &new.hospital).await?;
        for other in plans::overlapping(tx.conn(), &new.hospital, new.days).await? {
            if other.state != State::Archived && other.sites.iter().any(|site| new.sites.contains(site)) {
                return Err(problems::overlaps(&other));
            }
        }
        let now = time::micros(tx.now());
        let rules = rules::load(tx.conn(), &new.hospital).await?.rules;
        let mut needed = rules.shifts(new.days, &new.sites, |day| snapshot.public_holidays.contains(&day));
        for shift in &mut needed {
            shift.id = new_id();
        }
        let display_name = if new.display_name.is_empty() {
            format!("{} – {}", new.days.first(), new.days.last())
        } else {
            new.display_name
        };
        let plan = Plan {
            hospital: new.hospital,
            id,
            display_name,
            days: new.days,
            sites: new.sites,
            state: State::Draft,
            version: 1,
            head: 1,
            frame: 1,
            revision: 0,
            published_head: 0,
            publish_time: 0,
            analysis: None,
            shift_count: super::judge::count(needed.len()),
            create_time: now,
            update_time: now,
        };
        plans::insert(tx.conn(), &plan).await?;
        shifts::insert(tx.conn(), &plan.hospital, &plan.id, &needed).await?;
        tx.audit(of_plan("plan.create", &plan));
        once.record(&tx, &plan.id).await?;
        tx.commit().await?;
        Ok(plan)
    }

    pub async fn delete_plan(&self, ctx: &Ctx, hospital: &str, id: &str, sent: &str) -> Result<(), Problem> {
        self.allow_on(ctx, "plans.edit", hospital, id).await?;
        let tx = self.db.begin(ctx).await?;
        let plan = self.plan(tx.conn(), hospital, id).await?;
        etag::check(sent, plan.version, false)?;
        plan.deletable().map_err(|refusal| problems::plan_refusal(&plan, refusal))?;
        if let Some(running) = operations::running(tx.conn(), hospital, id).await? {
            return Err(problems::generation_running(hospital, id, &running.id));
        }
        plans::delete(tx.conn(), &plan).await?;
        tx.audit(of_plan("plan.delete", &plan));
        tx.commit().await
    }

    pub async fn archive_plan(
        &self,
        ctx: &Ctx,
        hospital: &str,
        id: &str,
        sent: &str,
        once: &Once,
    ) -> Result<Plan, Problem> {
        self.allow_on(ctx, "plans.publish", hospital, id).await?;
        let tx = self.db.begin(ctx).await?;
        let mut plan = self.plan(tx.conn(), hospital, id).await?;
        if once.replay::<String>(&tx).await?.is_some() {
            return Ok(plan);
        }
        etag::check(sent, plan.version, false)?;
        plan.archivable().map_err(|refusal| problems::plan_refusal(&plan, refusal))?;
        plan.state = State::Archived;
        tx.audit(of_plan("plan.archive", &plan));
        plan.update_time = time::micros(tx.now());
        plans::save(tx.conn(), &mut plan).await?;
        once.record(&tx, &plan.id).await?;
        tx.commit().await?;
        Ok(plan)
    }
}
