//! AdoptProposal: a proposal becomes the head of its plan.

use std::collections::{BTreeMap, BTreeSet};

use chassis::{Ctx, Problem};
use durable::{Once, etag, time};

use super::{App, audit::of_plan, editable, not_found_in, save_head};
use crate::{
    domain::{
        plan::{Plan, Summary},
        shift::{Holder, Post, Shift},
    },
    events, problems,
    store::{
        from_json, proposals,
        shifts::{self, Assignment, Origin},
    },
};

// === impl App ===

impl App {
    pub async fn adopt_proposal(
        &self,
        ctx: &Ctx,
        (hospital, plan, id): (&str, &str, &str),
        sent: &str,
        is_preview: bool,
        once: &Once,
    ) -> Result<Plan, Problem> {
        self.allow_on(ctx, "plans.edit", hospital, plan).await?;
        let tx = self.db.begin(ctx).await?;
        let mut plan = self.plan(tx.conn(), hospital, plan).await?;
        if once.replay::<String>(&tx).await?.is_some() {
            return Ok(plan);
        }
        let row = proposals::find(tx.conn(), hospital, &plan.id, id).await?;
        let row = row.ok_or_else(|| not_found_in("Proposal", &plan, "proposals", id))?;
        etag::check(sent, plan.version, true)?;
        editable(&plan)?;
        if row.plan_frame != plan.frame {
            return Err(problems::proposal_stale());
        }
        let summary = Summary {
            levels: from_json(&row.levels)?,
            hard_count: row.hard_count,
            hole_count: row.hole_count,
            head: plan.head + 1,
            absences_version: row.absences.clone(),
            is_outdated: false,
            time: time::micros(tx.now()),
        };
        if is_preview {
            plan.analysis = Some(summary);
            plan.head += 1;
            return Ok(plan);
        }
        let entries: Vec<Holder> = from_json(&row.entries)?;
        let own_shifts = shifts::of_plan(tx.conn(), hospital, &plan.id).await?;
        let kept = shifts::assignments_of_plan(tx.conn(), hospital, &plan.id).await?;
        let new = assignments(&plan, &own_shifts, &kept, &entries, time::micros(tx.now()));
        shifts::delete_unpinned(tx.conn(), hospital, &plan.id).await?;
        shifts::insert_assignments(tx.conn(), hospital, &new).await?;
        plan.analysis = Some(summary);
        save_head(&tx, &mut plan, false).await?;
        tx.audit(of_plan("plan.adopt_proposal", &plan).value("proposal", "", id));
        events::assignment_changed(&tx, &plan, None).await?;
        once.record(&tx, &plan.id).await?;
        tx.commit().await?;
        Ok(plan)
    }
}

/// What a proposal writes: every entry whose post is not pinned. Where somebody keeps a post, the assignment keeps
/// its id, so that calendars see the same event.
fn assignments(
    plan: &Plan,
    own_shifts: &[Shift],
    kept: &[Assignment],
    entries: &[Holder],
    now: i64,
) -> Vec<Assignment> {
    let by_id: BTreeMap<&str, &Shift> = own_shifts.iter().map(|shift| (shift.id.as_str(), shift)).collect();
    let post = |own: &Assignment| (own.duty.shift.clone(), own.duty.post);
    let pinned: BTreeSet<(String, Post)> = kept.iter().filter(|own| own.is_pinned).map(post).collect();
    let before: BTreeMap<(String, Post), &Assignment> = kept.iter().map(|own| (post(own), own)).collect();
    let mut new = Vec::with_capacity(entries.len());
    for entry in entries {
        let place = (entry.shift.clone(), entry.post);
        let Some(shift) = by_id.get(entry.shift.as_str()).filter(|_| !pinned.contains(&place)) else {
            continue;
        };
        let mut own = Assignment::new(&plan.id, shift, entry.post, &entry.staff_member, Origin::Solver, now);
        if let Some(old) = before.get(&place).filter(|old| old.duty.staff_member == entry.staff_member) {
            own.id.clone_from(&old.id);
            own.origin = old.origin;
            own.version = old.version;
            own.create_time = old.create_time;
        }
        new.push(own);
    }
    new
}
