//! CreateShift, BatchCreateShifts, DeleteShift.

use std::collections::BTreeSet;

use chassis::{Ctx, Problem, Violation};
use durable::Once;

use super::{App, audit::of_plan, editable, not_found_in, save_head, write_templates::is_open};
use crate::{
    domain::{
        plan::Plan,
        shift::{Kind, Shift},
        snapshot::Snapshot,
        template::Place,
    },
    problems,
    store::{new_id, shifts},
};

// === impl App ===

impl App {
    /// Creates shifts, all or none. `field` names one in violations: `shift`, or `requests[3].shift`.
    pub async fn create_shifts(
        &self,
        ctx: &Ctx,
        hospital: &str,
        plan: &str,
        mut new: Vec<Shift>,
        field: impl Fn(usize) -> String,
        once: &Once,
    ) -> Result<Vec<Shift>, Problem> {
        self.allow_on(ctx, "plans.edit", hospital, plan).await?;
        if let Some(ids) = self.replayed::<Vec<String>>(ctx, once).await? {
            return self.shifts_again(hospital, plan, &ids).await;
        }
        let facts = self.peers.places(ctx, hospital).await?;
        let tx = self.db.begin(ctx).await?;
        if let Some(ids) = once.replay::<Vec<String>>(&tx).await? {
            drop(tx);
            return self.shifts_again(hospital, plan, &ids).await;
        }
        let mut plan = self.plan(tx.conn(), hospital, plan).await?;
        editable(&plan)?;
        check(&plan, &new, &facts, field)?;
        let existing = shifts::of_plan(tx.conn(), hospital, &plan.id).await?;
        let mut keys: BTreeSet<String> = existing.iter().map(Shift::key).collect();
        for shift in &mut new {
            shift.id = new_id();
            shift.is_pediatric = facts.is_pediatric(&shift.specialty);
            // Several of a kind are told apart by their ordinal; a room is not.
            while shift.kind != Kind::Theatre && keys.contains(&shift.key()) {
                shift.ordinal += 1;
            }
            keys.insert(shift.key());
        }
        shifts::insert(tx.conn(), hospital, &plan.id, &new).await?;
        save_head(&tx, &mut plan, true).await?;
        tx.audit(of_plan("plan.create_shifts", &plan).value("created", "", &new.len().to_string()));
        once.record(&tx, &new.iter().map(|shift| shift.id.clone()).collect::<Vec<_>>()).await?;
        tx.commit().await?;
        Ok(new)
    }

    async fn shifts_again(&self, hospital: &str, plan: &str, ids: &[String]) -> Result<Vec<Shift>, Problem> {
        let mut again = Vec::with_capacity(ids.len());
        for id in ids {
            again.extend(shifts::find(self.db.read(), hospital, plan, id).await?);
        }
        Ok(again)
    }

    pub async fn delete_shift(&self, ctx: &Ctx, hospital: &str, plan: &str, id: &str) -> Result<(), Problem> {
        self.allow_on(ctx, "plans.edit", hospital, plan).await?;
        let tx = self.db.begin(ctx).await?;
        let mut plan = self.plan(tx.conn(), hospital, plan).await?;
        editable(&plan)?;
        let shift = shifts::find(tx.conn(), hospital, &plan.id, id).await?;
        let shift = shift.ok_or_else(|| not_found_in("Shift", &plan, "shifts", id))?;
        shifts::delete(tx.conn(), hospital, &shift.id).await?;
        save_head(&tx, &mut plan, true).await?;
        tx.audit(of_plan("plan.delete_shift", &plan).value("shift", &shift.id, ""));
        tx.commit().await
    }
}

/// Refuses shifts outside the plan, in closed rooms, or of surgeons and specialties nobody knows.
fn check(
    plan: &Plan,
    new: &[Shift],
    facts: &Snapshot,
    field: impl Fn(usize) -> String,
) -> Result<(), Problem> {
    let mut wrong = Vec::new();
    for (at, shift) in new.iter().enumerate() {
        let mut refuse =
            |name: &str, text: String| wrong.push(Violation::new(format!("{}.{name}", field(at)), text));
        if !plan.days.contains(shift.day) {
            refuse(
                "date",
                format!("expected a day of the plan, {} to {}", plan.days.first(), plan.days.last()),
            );
        }
        if !plan.has_site(&shift.site) {
            refuse("site", "expected one of the plan's sites".into());
        }
        if !shift.surgeon.is_empty()
            && !facts.surgeons.iter().any(|own| own.id == shift.surgeon && own.is_active)
        {
            refuse("surgeon", "no such surgeon".into());
        }
        if !shift.specialty.is_empty() && !facts.specialties.iter().any(|own| own.id == shift.specialty) {
            refuse("specialty", "no such specialty".into());
        }
        let place =
            Place { site: shift.site.clone(), sector: shift.sector.clone(), room: shift.room.clone() };
        if shift.kind == Kind::Theatre && !is_open(&place, facts) {
            return Err(problems::room_closed(&format!("{}.room", field(at)), &shift.room));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Problem::invalid(wrong)) }
}
