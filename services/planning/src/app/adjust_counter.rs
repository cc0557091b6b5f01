//! AdjustCounter: a counter is corrected by a line of its own, with the reason.

use calendar::Day;
use chassis::{Ctx, Problem};
use durable::{Once, audit::Change, time};
use proto::names::LedgerLineName;

use super::App;
use crate::{
    domain::{
        ledger::{Line, Source},
        team,
    },
    events, problems,
    store::{ledger, new_id, plans},
};

/// A correction.
#[derive(Debug)]
pub struct Adjustment<'a> {
    pub hospital: &'a str,
    pub staff_member: &'a str,
    pub counter: &'a str,
    pub day: Day,
    /// In thousandths; not 0.
    pub quantity: i64,
    pub justification: String,
}

// === impl App ===

impl App {
    pub async fn adjust_counter(
        &self,
        ctx: &Ctx,
        adjustment: Adjustment<'_>,
        once: &Once,
    ) -> Result<Line, Problem> {
        let Adjustment { hospital, staff_member, counter, .. } = adjustment;
        self.allow(ctx, "counters.adjust", hospital)?;
        if team::kept(counter).is_none() {
            return Err(problems::counter_not_kept(hospital, staff_member, counter));
        }
        if adjustment.justification.is_empty() {
            return Err(problems::justification_required());
        }
        self.known_person(ctx, hospital, staff_member).await?;
        let tx = self.db.begin(ctx).await?;
        if let Some(id) = once.replay::<String>(&tx).await? {
            let line = ledger::find(tx.conn(), hospital, &id).await?;
            return line.ok_or_else(|| Problem::internal("the line of a repeated request is gone"));
        }
        let line = Line {
            id: new_id(),
            staff_member: staff_member.to_owned(),
            counter: counter.to_owned(),
            day: adjustment.day,
            quantity: adjustment.quantity,
            source: Source::Adjustment,
            plan: String::new(),
            revision: 0,
            shift: String::new(),
            justification: adjustment.justification,
            author: ctx.principal.person().map_or_else(String::new, |own| own.staff_member.clone()),
            create_time: time::micros(tx.now()),
        };
        ledger::append(tx.conn(), hospital, vec![line.clone()]).await?;
        plans::outdate(tx.conn(), hospital, None).await?;
        events::counter_adjusted(&tx, hospital, &line).await?;
        // The figure and the reason are in the ledger: this says that there was a correction, and by whom.
        let name = LedgerLineName::new(hospital, staff_member, counter, &line.id).to_string();
        tx.audit(Change::of(hospital, "counter.adjust", name).field("quantity").field("justification"));
        once.record(&tx, &line.id).await?;
        tx.commit().await?;
        tracing::info!(hospital.id = hospital, staff_member.id = staff_member, "counter adjusted");
        Ok(line)
    }

    /// Refuses who is not rostered.
    pub(super) async fn known_person(
        &self,
        ctx: &Ctx,
        hospital: &str,
        staff_member: &str,
    ) -> Result<(), Problem> {
        let people = self.peers.people(ctx, hospital).await?;
        if people.iter().any(|person| person.id == staff_member) {
            return Ok(());
        }
        Err(super::not_found("StaffMember", hospital, "staffMembers", staff_member))
    }
}
