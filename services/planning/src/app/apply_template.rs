//! ApplyTemplate: a trame becomes the theatre shifts of a plan.

use std::collections::BTreeSet;

use calendar::DayRange;
use chassis::{Ctx, Problem, Violation};
use durable::Once;
use serde::{Deserialize, Serialize};

use super::{App, audit::of_plan, editable, not_found, save_head, write_templates::is_open};
use crate::{
    domain::{
        plan::Plan,
        shift::Shift,
        template::{Applied, Pattern},
    },
    problems,
    store::{from_json, new_id, shifts, templates},
};

/// What an application did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub created: i32,
    pub existing: i32,
    pub holiday: i32,
    pub other_site: i32,
    pub closed: i32,
}

/// What is applied where.
#[derive(Debug)]
pub struct Apply<'a> {
    pub hospital: &'a str,
    pub plan: &'a str,
    pub template: &'a str,
    pub first: Option<calendar::Day>,
    pub last: Option<calendar::Day>,
    pub is_preview: bool,
}

// === impl App ===

impl App {
    pub async fn apply_template(
        &self,
        ctx: &Ctx,
        apply: Apply<'_>,
        once: &Once,
    ) -> Result<(Counts, Plan), Problem> {
        self.allow_on(ctx, "plans.edit", apply.hospital, apply.plan).await?;
        let plan = self.plan(self.db.read(), apply.hospital, apply.plan).await?;
        if let Some(counts) = self.replayed::<Counts>(ctx, once).await? {
            return Ok((counts, plan));
        }
        editable(&plan)?;
        let days = range(&apply, &plan)?;
        let row = templates::find(self.db.read(), apply.hospital, apply.template).await?;
        let row = row.ok_or_else(|| not_found("Template", apply.hospital, "templates", apply.template))?;
        let pattern: Pattern = from_json(&row.pattern)?;
        let facts = self.peers.places_and_holidays(ctx, apply.hospital, days).await?;
        let closed = pattern.slots.iter().map(|slot| &slot.place);
        let closed = closed.filter(|place| plan.has_site(&place.site)).find(|place| !is_open(place, &facts));
        if let Some(place) = closed {
            return Err(problems::room_closed("template", &place.room));
        }
        let tx = self.db.begin(ctx).await?;
        if let Some(counts) = once.replay::<Counts>(&tx).await? {
            return Ok((counts, self.plan(tx.conn(), apply.hospital, apply.plan).await?));
        }
        let mut plan = self.plan(tx.conn(), apply.hospital, apply.plan).await?;
        editable(&plan)?;
        let existing: BTreeSet<String> =
            shifts::of_plan(tx.conn(), &plan.hospital, &plan.id).await?.iter().map(Shift::key).collect();
        let is_holiday = |day| facts.public_holidays.contains(&day);
        let mut applied = pattern
            .apply(days, &plan.sites, &existing, is_holiday, |specialty| facts.is_pediatric(specialty));
        let counts = counts(&applied);
        if apply.is_preview {
            return Ok((counts, plan));
        }
        for shift in &mut applied.shifts {
            shift.id = new_id();
            shift.template = row.id.clone();
        }
        shifts::insert(tx.conn(), &plan.hospital, &plan.id, &applied.shifts).await?;
        save_head(&tx, &mut plan, true).await?;
        let line = of_plan("plan.apply_template", &plan).value("template", "", &row.id);
        tx.audit(line.value("created", "", &counts.created.to_string()));
        once.record(&tx, &counts).await?;
        tx.commit().await?;
        Ok((counts, plan))
    }
}

/// The days asked for, inside the plan.
fn range(apply: &Apply<'_>, plan: &Plan) -> Result<DayRange, Problem> {
    let (first, last) = (apply.first.unwrap_or(plan.days.first()), apply.last.unwrap_or(plan.days.last()));
    let mut wrong = Vec::new();
    for (field, day) in [("first_date", first), ("last_date", last)] {
        if !plan.days.contains(day) {
            let inside = format!("expected a day of the plan, {} to {}", plan.days.first(), plan.days.last());
            wrong.push(Violation::new(field, inside));
        }
    }
    match DayRange::new(first, last) {
        Ok(days) if wrong.is_empty() => Ok(days),
        Ok(_) => Err(Problem::invalid(wrong)),
        Err(_) => {
            wrong.push(Violation::new("last_date", "expected no day before first_date"));
            Err(Problem::invalid(wrong))
        }
    }
}

fn counts(applied: &Applied) -> Counts {
    Counts {
        created: super::judge::count(applied.shifts.len()),
        existing: applied.existing_count,
        holiday: applied.holiday_count,
        other_site: applied.other_site_count,
        closed: applied.closed_count,
    }
}
