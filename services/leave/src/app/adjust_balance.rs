//! Corrects a balance by a line of its own.

use chassis::{Ctx, Problem, Target, Violation};
use durable::{Once, audit::Change};
use proto::{error::v1::Reason, names::BalanceName};

use super::{
    App,
    balances::balance_key,
    permissions::POLICY,
    support::{actor, today},
};
use crate::{
    domain::balance::{Balance, EntryKind, NewEntry},
    store::Guard,
};

/// The largest correction, either way.
const HALF_DAYS_MAX: i32 = 400;

/// The correction.
pub struct AdjustBalance {
    /// Which balance.
    pub name: BalanceName,
    /// Positive gives, negative takes.
    pub half_days: i32,
    /// Why.
    pub reason: Result<String, Problem>,
    /// The version that was looked at.
    pub etag: String,
}

// === impl App ===

impl App {
    /// Adds an adjustment to the ledger.
    pub async fn adjust_balance(
        &self,
        ctx: &Ctx,
        command: AdjustBalance,
        once: Once,
    ) -> Result<Balance, Problem> {
        let name = &command.name;
        POLICY.authorize(ctx, "balances.adjust", Target::person(&name.hospital, &name.staff_member))?;
        let half_days = command.half_days;
        if half_days == 0 || half_days.abs() > HALF_DAYS_MAX {
            let text = format!("expected 1 to {HALF_DAYS_MAX} either way, got {half_days}");
            return Err(Problem::invalid(vec![Violation::new("half_days", text)]));
        }
        let reason = command.reason?;
        let key = balance_key(name).ok_or_else(|| Problem::not_found("balance", name.to_string()))?;
        let person = self.staff.person(ctx, &key.hospital, &key.staff_member).await?;

        let tx = self.store.db().begin(ctx).await?;
        if let Some(balance) = once.replay(&tx).await? {
            return Ok(balance);
        }
        self.store.guard(&tx, &key.hospital, Guard::Person(&key.staff_member)).await?;
        let seen = self.balance_or_empty(tx.conn(), key.clone()).await?;
        self.store.check_balance(&seen, &command.etag)?;
        let policy = self.store.policy(tx.conn(), &key.hospital).await?;
        let balance = self.entitled_balance(&tx, key, &person.contracts, (&policy, today(ctx))).await?;
        if balance.figures.projected() + half_days < 0 && half_days < 0 {
            let text = format!("balance `{name}` would fall below zero");
            return Err(Problem::precondition(Reason::LeaveBalanceExceeded, text)
                .with("projected_half_days", balance.figures.projected().to_string()));
        }
        let year = balance.key.year;
        let entry = NewEntry { reason, ..NewEntry::new(year, EntryKind::Adjustment, half_days) };
        let balance = self.post(&tx, balance.key, &actor(ctx), entry).await?;
        let line = Change::of(&name.hospital, "balance.adjust", name.to_string());
        tx.audit(line.field("half_days").field("reason"));
        once.record(&tx, &balance).await?;
        tx.commit().await?;
        Ok(balance)
    }
}
