//! Ends carry-overs that were not used in time.

use calendar::{Day, DayRange};
use chassis::{Ctx, Problem};

use super::{
    App,
    support::{SERVICE, today},
};
use crate::{
    domain::{
        balance::{EntryKind, NewEntry},
        closing::expired,
        leave::State,
    },
    store::{CarryOver, Guard},
};

/// How many are ended in one run.
const BATCH: u64 = 100;

// === impl App ===

impl App {
    /// Ends those whose last day is over, each in a transaction of its own; true if there may be more.
    pub async fn expire_carry_overs(&self, ctx: &Ctx) -> Result<bool, Problem> {
        let over = self.store.carry_overs_over(self.store.db().read(), today(ctx), BATCH).await?;
        for line in &over {
            self.expire_carry_over(ctx, line).await?;
        }
        Ok(u64::try_from(over.len()).is_ok_and(|count| count == BATCH))
    }

    async fn expire_carry_over(&self, ctx: &Ctx, line: &CarryOver) -> Result<(), Problem> {
        let key = &line.key;
        let tx = self.store.db().begin(ctx).await?;
        self.store.guard(&tx, &key.hospital, Guard::Person(&key.staff_member)).await?;
        // Another instance may have been faster.
        if self.store.has_ended(tx.conn(), line).await? {
            return Ok(());
        }
        let figures = self.balance_or_empty(tx.conn(), key.clone()).await?.figures;
        let first = Day::new(key.year, 1, 1).map_err(Problem::internal)?;
        let range = DayRange::new(first, line.expire).map_err(Problem::internal)?;
        let leaves = self.store.leaves_of(tx.conn(), &key.hospital, &key.staff_member, range).await?;
        let taken = leaves
            .iter()
            .filter(|leave| matches!(leave.state, State::Approved | State::Pending))
            .filter(|leave| leave.has_balance && leave.balance_type() == key.leave_type)
            .flat_map(|leave| &leave.charges)
            .filter(|charge| charge.year == key.year);
        let used = taken.map(|charge| charge.half_days).sum::<i32>() + (-figures.transferred).max(0);
        let half_days = expired(figures.brought + figures.expired, used, figures.projected());
        let entry = NewEntry {
            origin: Some(line.id.clone()),
            ..NewEntry::new(key.year, EntryKind::Expiration, -half_days)
        };
        self.post(&tx, key.clone(), SERVICE, entry).await?;
        tx.commit().await
    }
}
