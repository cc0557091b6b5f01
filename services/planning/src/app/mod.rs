//! Use cases: each authorises, loads, decides, saves.

pub mod adjust_counter;
pub mod adopt_proposal;
pub mod amend;
pub mod analyze_plan;
pub mod apply_template;
pub mod audit;
pub mod board;
pub mod calendar_feeds;
pub mod cancel_operation;
pub mod certify;
pub mod check;
pub mod divide_task;
pub mod edits;
pub mod equity_accounts;
pub mod exchange_policy;
pub mod expire_exchanges;
pub mod fill_replacement;
pub mod generate_plan;
pub mod heavy_weeks;
pub mod import_ledger;
pub mod judge;
pub mod ledger_lines;
pub mod marks;
pub mod mend_generations;
pub mod offer_replacement;
pub mod propose_swap;
pub mod publish_plan;
pub mod read;
pub mod replacements;
pub mod settle_swap;
pub mod standing;
pub mod suggest_replacements;
pub mod swap_candidates;
pub mod swaps;
pub mod tasks;
pub mod together;
pub mod unplanned_absences;
pub mod wakes;
pub mod wishes;
pub mod write_assignments;
pub mod write_plans;
pub mod write_rules;
pub mod write_shifts;
pub mod write_templates;

use std::time::Duration;

use chassis::{Ctx, Problem, Target, access::PLANNING as POLICY};
use durable::{Db, Once, Tx, time};
use serde::de::DeserializeOwned;

use self::{board::Boards, judge::Judges, wakes::Wakes};
use crate::{
    domain::{plan::Plan, template::Pattern},
    peers::Peers,
    problems,
    store::{entity::template, from_json, plans},
};

/// What every use case needs.
#[derive(Clone, Debug)]
pub struct App {
    pub db: Db,
    pub peers: Peers,
    /// Wakes the streams that watch an operation.
    pub wakes: Wakes,
    /// Plans that are being read to be judged.
    pub boards: Boards,
    /// Who judges rosters.
    pub judges: Judges,
    pub limits: Limits,
}

/// The bounds of generations.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a solver may stay silent before its task goes to another one.
    pub lease: Duration,
    /// How often solvers report.
    pub report_interval: Duration,
    /// How often the solvers of a task may be lost before its operation fails.
    pub attempts_max: i32,
}

// === impl App ===

impl App {
    /// Whether the caller may do it to the hospital.
    pub fn allow(&self, ctx: &Ctx, permission: &'static str, hospital: &str) -> Result<(), Problem> {
        POLICY.authorize(ctx, permission, Target::hospital(hospital))
    }

    /// Refuses who may not do it anywhere, before it is known where; whether they may there is asked once it is.
    pub fn begin(&self, ctx: &Ctx, permission: &'static str, hospital: &str) -> Result<(), Problem> {
        POLICY.authorize(ctx, permission, Target::hospital(hospital).in_part())
    }

    /// Whether the caller may do it at each of these sites.
    pub fn allow_at(
        &self,
        ctx: &Ctx,
        permission: &'static str,
        hospital: &str,
        sites: &[String],
    ) -> Result<(), Problem> {
        POLICY.authorize(ctx, permission, Target::hospital(hospital).at_each(sites))
    }

    /// Whether the caller may do it to a plan. Only for who is limited to sites it is read which ones the plan has.
    pub async fn allow_on(
        &self,
        ctx: &Ctx,
        permission: &'static str,
        hospital: &str,
        plan: &str,
    ) -> Result<(), Problem> {
        if POLICY.allows(ctx, permission, Target::hospital(hospital)) {
            return Ok(());
        }
        self.begin(ctx, permission, hospital)?;
        let plan = self.plan(self.db.read(), hospital, plan).await?;
        self.allow_at(ctx, permission, hospital, &plan.sites)
    }

    /// Whether the caller may do it to a template: at each site of its lines.
    pub fn allow_template(
        &self,
        ctx: &Ctx,
        permission: &'static str,
        row: &template::Model,
    ) -> Result<(), Problem> {
        if POLICY.allows(ctx, permission, Target::hospital(&row.hospital)) {
            return Ok(());
        }
        let pattern: Pattern = from_json(&row.pattern)?;
        self.allow_at(ctx, permission, &row.hospital, &pattern.sites())
    }

    /// Whether the caller may do it to one person, or is that person.
    pub fn allow_for(
        &self,
        ctx: &Ctx,
        permission: &'static str,
        hospital: &str,
        staff_member: &str,
    ) -> Result<(), Problem> {
        POLICY.authorize(ctx, permission, Target::person(hospital, staff_member))
    }

    /// Whether the caller sees the plan's head rather than its publication.
    pub fn is_editor(&self, ctx: &Ctx, plan: &Plan) -> bool {
        self.allow_at(ctx, "plans.edit", &plan.hospital, &plan.sites).is_ok()
    }

    /// Whether the caller sees a plan at all: editors before its publication, readers after it.
    pub fn sees(&self, ctx: &Ctx, plan: &Plan) -> bool {
        let is_reader = self.allow_at(ctx, "plans.read", &plan.hospital, &plan.sites).is_ok();
        is_reader && (plan.revision > 0 || self.is_editor(ctx, plan))
    }

    /// The plan.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn plan(
        &self,
        db: &impl sea_orm::ConnectionTrait,
        hospital: &str,
        id: &str,
    ) -> Result<Plan, Problem> {
        let plan = plans::find(db, hospital, id).await?;
        plan.ok_or_else(|| not_found("Plan", hospital, "plans", id))
    }

    /// The same, kept as it is until the transaction ends: edits of one plan wait for each other.
    pub async fn locked_plan(&self, tx: &Tx, hospital: &str, id: &str) -> Result<Plan, Problem> {
        let plan = plans::lock(tx.conn(), hospital, id).await?;
        plan.ok_or_else(|| not_found("Plan", hospital, "plans", id))
    }

    /// What a request id was answered with before. Claims nothing: the effect's own transaction does.
    pub async fn replayed<T: DeserializeOwned>(&self, ctx: &Ctx, once: &Once) -> Result<Option<T>, Problem> {
        let tx = self.db.begin(ctx).await?;
        once.replay(&tx).await
    }
}

/// What a resource of a hospital that is not there answers.
pub fn not_found(kind: &str, hospital: &str, collection: &str, id: &str) -> Problem {
    Problem::not_found(kind, format!("hospitals/{hospital}/{collection}/{id}"))
}

/// What a resource of a plan that is not there answers.
pub fn not_found_in(kind: &str, plan: &Plan, collection: &str, id: &str) -> Problem {
    Problem::not_found(kind, format!("hospitals/{}/plans/{}/{collection}/{id}", plan.hospital, plan.id))
}

/// Writes a plan whose head moved; `is_frame` when shifts or pins did.
pub async fn save_head(tx: &Tx, plan: &mut Plan, is_frame: bool) -> Result<(), Problem> {
    plan.head += 1;
    if is_frame {
        plan.frame += 1;
        plan.shift_count = plans::count_shifts(tx.conn(), &plan.hospital, &plan.id).await?;
    }
    plan.update_time = time::micros(tx.now());
    plans::save(tx.conn(), plan).await
}

/// Refuses to change a plan that is closed.
pub fn editable(plan: &Plan) -> Result<(), Problem> {
    plan.editable().map_err(|refusal| problems::plan_refusal(plan, refusal))
}
