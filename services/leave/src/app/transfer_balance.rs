//! Moves half-days between two balances of a person.

use chassis::{Ctx, Problem, Target, Violation};
use durable::{Once, audit::Change};
use proto::names::BalanceName;
use serde::{Deserialize, Serialize};

use super::{
    App,
    balances::balance_key,
    permissions::POLICY,
    support::{actor, balance_name, today},
};
use crate::{
    domain::{
        balance::{Balance, BalanceKey, EntryKind, NewEntry},
        transfer::{rule, transfer},
    },
    store::Guard,
};

/// The most that moves at once.
const HALF_DAYS_MAX: i32 = 400;

/// What moves.
pub struct TransferBalance {
    /// The balance that gives.
    pub name: BalanceName,
    /// The balance that receives.
    pub target: Result<BalanceName, Problem>,
    /// How much leaves.
    pub half_days: i32,
    /// Why.
    pub reason: Result<String, Problem>,
    /// The version of the giving balance that was looked at.
    pub etag: String,
    /// Changes nothing.
    pub validate_only: bool,
}

/// Both sides afterwards.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Transferred {
    /// The balance that gave.
    pub source: Balance,
    /// The balance that received.
    pub target: Balance,
    /// How much arrived.
    pub received: i32,
}

// === impl App ===

impl App {
    /// Writes a line into each ledger.
    pub async fn transfer_balance(
        &self,
        ctx: &Ctx,
        command: TransferBalance,
        once: Once,
    ) -> Result<Transferred, Problem> {
        let name = &command.name;
        let owner = Target::person(&name.hospital, &name.staff_member);
        POLICY.authorize(ctx, "balances.transfer", owner)?;
        let half_days = command.half_days;
        if !(1..=HALF_DAYS_MAX).contains(&half_days) {
            let text = format!("expected 1 to {HALF_DAYS_MAX}, got {half_days}");
            return Err(Problem::invalid(vec![Violation::new("half_days", text)]));
        }
        let (reason, target) = (command.reason?, command.target?);
        if (&target.hospital, &target.staff_member) != (&name.hospital, &name.staff_member) {
            return Err(Problem::invalid(vec![Violation::new(
                "target",
                "expected a balance of the same person",
            )]));
        }
        let key = |name: &BalanceName| {
            balance_key(name).ok_or_else(|| Problem::not_found("balance", name.to_string()))
        };
        let (from, to) = (key(name)?, key(&target)?);
        let person = self.staff.person(ctx, &from.hospital, &from.staff_member).await?;

        let tx = self.store.db().begin(ctx).await?;
        if let Some(done) = once.replay(&tx).await? {
            return Ok(done);
        }
        self.store.guard(&tx, &from.hospital, Guard::Person(&from.staff_member)).await?;
        let seen = self.balance_or_empty(tx.conn(), from.clone()).await?;
        self.store.check_balance(&seen, &command.etag)?;
        let policy = self.store.policy(tx.conn(), &from.hospital).await?;
        let rule = rule(&policy.transfer_rules, &from, &to)?;
        if rule.requires_approval {
            POLICY.authorize(ctx, "balances.adjust", owner)?;
        }
        let now = (&policy, today(ctx));
        let source = self.entitled_balance(&tx, from, &person.contracts, now).await?;
        let target = self.entitled_balance(&tx, to, &person.contracts, now).await?;
        let given = self.store.transferred(tx.conn(), &source.key, &target.key).await?;
        let received = transfer(rule, &source.figures, given, half_days)?;
        let line = |own: &BalanceKey, other: &BalanceKey, half_days| NewEntry {
            reason: reason.clone(),
            origin: Some(other.id()),
            ..NewEntry::new(own.year, EntryKind::Transfer, half_days)
        };
        let (out, into) =
            (line(&source.key, &target.key, -half_days), line(&target.key, &source.key, received));
        let source = self.post(&tx, source.key, &actor(ctx), out).await?;
        let target = self.post(&tx, target.key, &actor(ctx), into).await?;
        let done = Transferred { source, target, received };
        if !command.validate_only {
            let line = Change::of(&name.hospital, "balance.transfer", name.to_string());
            let receiver = balance_name(&done.target.key);
            tx.audit(line.value("target", "", &receiver).field("half_days").field("reason"));
            once.record(&tx, &done).await?;
            tx.commit().await?;
        }
        Ok(done)
    }
}
