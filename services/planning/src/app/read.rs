//! Reads: editors see heads, everyone else the last publication.
//!
//! Lists of what is published may be some seconds old; which plans somebody sees, and the heads that editors work on,
//! only while the primary is away.

use std::collections::BTreeMap;

use calendar::DayRange;
use chassis::{Ctx, Problem};
use durable::{filter::Filter, page::Page};

use super::{App, not_found, not_found_in};
use crate::{
    domain::{plan::Plan, shift::Shift},
    store::{
        entity, ledger, operations, plans, proposals, published, rules,
        shifts::{self, Assignment},
        templates,
    },
};

// === impl App ===

impl App {
    /// A plan the caller may see.
    pub async fn get_plan(&self, ctx: &Ctx, hospital: &str, id: &str) -> Result<Plan, Problem> {
        self.begin(ctx, "plans.read", hospital)?;
        let reader = self.db.fresh(ctx);
        let plan = reader.vouch(self.plan(&reader, hospital, id).await)?;
        self.allow_at(ctx, "plans.read", hospital, &plan.sites)?;
        if !self.sees(ctx, &plan) {
            return Err(not_found("Plan", hospital, "plans", id));
        }
        Ok(plan)
    }

    /// A page of plans, of which the caller is to be shown those they see.
    pub async fn list_plans(
        &self,
        ctx: &Ctx,
        hospital: &str,
        page: &Page,
        filter: &Filter,
    ) -> Result<Vec<Plan>, Problem> {
        self.begin(ctx, "plans.read", hospital)?;
        let reader = self.db.stale(ctx).await;
        let is_editor = self.begin(ctx, "plans.edit", hospital).is_ok();
        plans::list(&reader, hospital, page, filter, is_editor).await
    }

    pub async fn get_revision(
        &self,
        ctx: &Ctx,
        hospital: &str,
        plan: &str,
        number: i32,
    ) -> Result<entity::revision::Model, Problem> {
        let plan = self.get_plan(ctx, hospital, plan).await?;
        let reader = self.db.fresh(ctx);
        let row = plans::find_revision(&reader, hospital, &plan.id, number).await?;
        reader.vouch(row.ok_or_else(|| not_found_in("Revision", &plan, "revisions", &number.to_string())))
    }

    pub async fn list_revisions(
        &self,
        ctx: &Ctx,
        hospital: &str,
        plan: &str,
        page: &Page,
    ) -> Result<Vec<entity::revision::Model>, Problem> {
        let plan = self.get_plan(ctx, hospital, plan).await?;
        let reader = self.db.stale(ctx).await;
        plans::list_revisions(&reader, hospital, &plan.id, page).await
    }

    pub async fn get_template(
        &self,
        ctx: &Ctx,
        hospital: &str,
        id: &str,
    ) -> Result<entity::template::Model, Problem> {
        self.begin(ctx, "templates.read", hospital)?;
        let reader = self.db.fresh(ctx);
        let row = templates::find(&reader, hospital, id).await?;
        let row = reader.vouch(row.ok_or_else(|| not_found("Template", hospital, "templates", id)))?;
        self.allow_template(ctx, "templates.read", &row)?;
        Ok(row)
    }

    /// A page of templates, of which the caller is to be shown those they may read.
    pub async fn list_templates(
        &self,
        ctx: &Ctx,
        hospital: &str,
        page: &Page,
    ) -> Result<Vec<entity::template::Model>, Problem> {
        self.begin(ctx, "templates.read", hospital)?;
        templates::list(&self.db.fresh(ctx), hospital, page).await
    }

    pub async fn get_shift(&self, ctx: &Ctx, hospital: &str, plan: &str, id: &str) -> Result<Shift, Problem> {
        let plan = self.get_plan(ctx, hospital, plan).await?;
        let reader = self.db.fresh(ctx);
        let shift = shifts::find(&reader, hospital, &plan.id, id).await?;
        reader.vouch(shift.ok_or_else(|| not_found_in("Shift", &plan, "shifts", id)))
    }

    pub async fn list_shifts(
        &self,
        ctx: &Ctx,
        hospital: &str,
        plan: &str,
        page: &Page,
        filter: &Filter,
    ) -> Result<Vec<Shift>, Problem> {
        let plan = self.get_plan(ctx, hospital, plan).await?;
        shifts::list(&self.db.fresh(ctx), hospital, &plan.id, page, filter).await
    }

    pub async fn get_assignment(
        &self,
        ctx: &Ctx,
        hospital: &str,
        plan: &str,
        id: &str,
    ) -> Result<Assignment, Problem> {
        let plan = self.get_plan(ctx, hospital, plan).await?;
        let reader = self.db.fresh(ctx);
        let found = if self.is_editor(ctx, &plan) {
            shifts::find_assignment(&reader, hospital, &plan.id, id).await?
        } else {
            published::find(&reader, hospital, &plan.id, id).await?
        };
        reader.vouch(found.ok_or_else(|| not_found_in("Assignment", &plan, "assignments", id)))
    }

    /// Assignments of a plan, or the published ones of all plans.
    pub async fn list_assignments(
        &self,
        ctx: &Ctx,
        hospital: &str,
        plan: Option<&str>,
        page: &Page,
        filter: &Filter,
    ) -> Result<Vec<Assignment>, Problem> {
        let Some(plan) = plan else {
            self.allow(ctx, "plans.read", hospital)?;
            let reader = self.db.stale(ctx).await;
            return published::list(&reader, hospital, None, page, filter).await;
        };
        let plan = self.get_plan(ctx, hospital, plan).await?;
        if self.is_editor(ctx, &plan) {
            shifts::list_assignments(&self.db.fresh(ctx), hospital, &plan.id, page, filter).await
        } else {
            let reader = self.db.stale(ctx).await;
            published::list(&reader, hospital, Some(&plan.id), page, filter).await
        }
    }

    /// A proposal with its plan.
    pub async fn get_proposal(
        &self,
        ctx: &Ctx,
        hospital: &str,
        plan: &str,
        id: &str,
    ) -> Result<(Plan, entity::proposal::Model), Problem> {
        self.allow_on(ctx, "plans.edit", hospital, plan).await?;
        let reader = self.db.fresh(ctx);
        let plan = reader.vouch(self.plan(&reader, hospital, plan).await)?;
        let row = proposals::find(&reader, hospital, &plan.id, id).await?;
        let row = reader.vouch(row.ok_or_else(|| not_found_in("Proposal", &plan, "proposals", id)))?;
        Ok((plan, row))
    }

    pub async fn list_proposals(
        &self,
        ctx: &Ctx,
        hospital: &str,
        plan: &str,
        page: &Page,
    ) -> Result<(Plan, Vec<entity::proposal::Model>), Problem> {
        self.allow_on(ctx, "plans.edit", hospital, plan).await?;
        let reader = self.db.fresh(ctx);
        let plan = reader.vouch(self.plan(&reader, hospital, plan).await)?;
        let rows = proposals::list(&reader, hospital, &plan.id, page).await?;
        Ok((plan, rows))
    }

    pub async fn get_rule_set(&self, ctx: &Ctx, hospital: &str) -> Result<rules::Stored, Problem> {
        self.allow(ctx, "rules.read", hospital)?;
        rules::load(&self.db.fresh(ctx), hospital).await
    }

    /// Sums of the ledger by person and counter, in thousandths.
    pub async fn list_counters(
        &self,
        ctx: &Ctx,
        hospital: &str,
        staff_member: &str,
        days: DayRange,
    ) -> Result<BTreeMap<(String, String), i64>, Problem> {
        self.allow_for(ctx, "counters.read", hospital, staff_member)?;
        let one = Some(staff_member).filter(|id| *id != "-");
        let reader = self.db.stale(ctx).await;
        ledger::sums(&reader, hospital, one, None, days).await
    }

    pub async fn get_operation(
        &self,
        ctx: &Ctx,
        hospital: &str,
        plan: &str,
        id: &str,
    ) -> Result<operations::Operation, Problem> {
        self.allow_on(ctx, "plans.generate", hospital, plan).await?;
        let reader = self.db.fresh(ctx);
        let row = operations::find(&reader, hospital, plan, id).await?;
        let parent = format!("plans/{plan}/operations");
        reader.vouch(row.ok_or_else(|| not_found("Operation", hospital, &parent, id)))
    }

    pub async fn list_operations(
        &self,
        ctx: &Ctx,
        hospital: &str,
        plan: &str,
        page: &Page,
    ) -> Result<Vec<operations::Operation>, Problem> {
        self.allow_on(ctx, "plans.generate", hospital, plan).await?;
        let reader = self.db.fresh(ctx);
        let plan = reader.vouch(self.plan(&reader, hospital, plan).await)?;
        operations::list(&reader, hospital, &plan.id, page).await
    }
}
