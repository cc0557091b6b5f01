//! Tells about leave that has waited for a decision for too long.

use chassis::{Ctx, Problem};
use jiff::SignedDuration;
use proto::{leave::v1::LeaveEscalated, names::StaffMemberName};

use super::App;
use crate::domain::leave::Leave;

/// How many of a hospital are told in one run.
const BATCH: u64 = 100;

// === impl App ===

impl App {
    /// Escalates what has waited, each in a transaction of its own; true if there may be more.
    pub async fn escalate_leaves(&self, ctx: &Ctx) -> Result<bool, Problem> {
        let (read, mut has_more) = (self.store.db().read(), false);
        for hospital in self.store.hospitals_waiting(read).await? {
            let days = self.store.policy(read, &hospital).await?.escalation_days;
            let before = ctx.now - SignedDuration::from_hours(24 * i64::from(days));
            let waiting = self.store.waiting_since(read, &hospital, before, BATCH).await?;
            has_more |= u64::try_from(waiting.len()).is_ok_and(|count| count == BATCH);
            for leave in &waiting {
                self.escalate(ctx, leave).await?;
            }
        }
        Ok(has_more)
    }

    async fn escalate(&self, ctx: &Ctx, leave: &Leave) -> Result<(), Problem> {
        let tx = self.store.db().begin(ctx).await?;
        // Decided meanwhile, or another instance was faster.
        if !self.store.escalate(&tx, leave).await? {
            return Ok(());
        }
        let waited = ctx.now.duration_since(leave.update_time).as_hours() / 24;
        let event = LeaveEscalated {
            leave: leave.name(),
            staff_member: StaffMemberName::new(&leave.hospital, &leave.staff_member).to_string(),
            profession: leave.profession.clone(),
            first_date: Some(leave.span.first().day.into()),
            last_date: Some(leave.span.last().day.into()),
            waiting_days: i32::try_from(waited).unwrap_or(i32::MAX),
        };
        tx.publish("leave", &event, &leave.hospital, &event.leave).await?;
        tx.commit().await?;
        tracing::info!(leave.id = leave.id, "leave escalated");
        Ok(())
    }
}
