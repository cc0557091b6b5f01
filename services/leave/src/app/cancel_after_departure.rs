//! Cancels leave that begins after a person's last day.

use calendar::{Day, DayRange};
use chassis::{Ctx, Problem};
use durable::Tx;
use proto::names::StaffMemberName;

use super::{App, support::decision};
use crate::domain::leave::Leave;

/// How far ahead leave is looked for.
const DAYS: i32 = 3_660;

// === impl App ===

impl App {
    /// Cancels what begins later; leave that began before keeps its days. Done again, it finds nothing.
    pub async fn cancel_after_departure(
        &self,
        tx: &Tx,
        ctx: &Ctx,
        person: &StaffMemberName,
        last: Day,
    ) -> Result<(), Problem> {
        let (hospital, staff_member) = (person.hospital.as_str(), person.staff_member.as_str());
        let later = DayRange::new(last.next(), last.plus(DAYS)).map_err(Problem::internal)?;
        let begins_later = |leave: &Leave| leave.is_alive() && leave.span.first().day > last;
        let seen = self.store.leaves_of(tx.conn(), hospital, staff_member, later).await?;
        let Some(first) = seen.into_iter().find(begins_later) else { return Ok(()) };
        self.take_turn(tx, &first).await?;
        for leave in self.store.leaves_of(tx.conn(), hospital, staff_member, later).await? {
            if begins_later(&leave) {
                let change = leave.cancel(decision(ctx, String::new(), false))?;
                self.save(tx, ctx, change).await?;
            }
        }
        Ok(())
    }
}
