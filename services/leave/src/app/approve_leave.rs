//! Approves a leave.

use chassis::{Ctx, Problem, Target, Violation};
use durable::{Once, Tx, etag};
use proto::names::LeaveName;

use super::{
    App, View,
    permissions::{self, POLICY},
    support::{decision, missing, today},
};
use crate::domain::{
    conflict::{Conflict, Severity},
    leave::{Decision, Leave},
    policy::Policy,
    ranking::Rank,
    refusal::Refusal,
    rule::decide::{Escalation, escalation},
};

/// What is approved.
pub struct ApproveLeave {
    /// The leave.
    pub name: LeaveName,
    /// The version the approver saw.
    pub etag: String,
    /// Shown to the requester.
    pub comment: Result<String, Problem>,
    /// Against what blocks.
    pub force: bool,
    /// Changes nothing.
    pub validate_only: bool,
}

/// How it is approved.
pub struct Approval {
    /// Shown to the requester.
    pub comment: String,
    /// Against what blocks.
    pub force: bool,
    /// Where it stood among those that ask for the same days.
    pub rank: Option<Rank>,
}

// === impl App ===

impl App {
    /// PENDING → APPROVED.
    pub async fn approve_leave(&self, ctx: &Ctx, command: ApproveLeave, once: Once) -> Result<View, Problem> {
        let name = &command.name;
        let hospital = Target::hospital(&name.hospital);
        permissions::begin(ctx, "leaves.approve", hospital)?;
        if command.force {
            POLICY.authorize(ctx, "leaves.force", hospital)?;
        }
        let comment = command.comment?;
        if command.force && comment.is_empty() {
            return Err(Problem::invalid(vec![Violation::new("comment", "required to force an approval")]));
        }
        self.store.db().writable()?;
        let seen = self.leave(name).await?;
        permissions::authorize(ctx, "leaves.approve", hospital, &seen.profession)?;
        let head_count = self.staff.head_count(ctx, &seen.hospital, &seen.profession).await?;

        let tx = self.store.db().begin(ctx).await?;
        if let Some(view) = once.replay(&tx).await? {
            return Ok(view);
        }
        self.take_turn(&tx, &seen).await?;
        let leave = self.leave_in(&tx, name).await?;
        etag::check(&command.etag, leave.version, true)?;
        let policy = self.store.policy(tx.conn(), &leave.hospital).await?;
        let approval = Approval { comment, force: command.force, rank: None };
        let view = self.approve_in(&tx, ctx, leave, (&policy, head_count), approval).await?;
        if !command.validate_only {
            once.record(&tx, &view).await?;
            tx.commit().await?;
        }
        Ok(view)
    }

    /// Approves a leave that was read in this transaction, in its turn.
    pub(super) async fn approve_in(
        &self,
        tx: &Tx,
        ctx: &Ctx,
        leave: Leave,
        (policy, head_count): (&Policy, i32),
        approval: Approval,
    ) -> Result<View, Problem> {
        self.refuse_beyond_remit(tx, ctx, &leave, policy).await?;
        let lacks = missing(&leave, &self.balances_read(tx.conn(), &leave).await?);
        let conflicts = self.conflicts(tx.conn(), ctx, &leave, (policy, head_count, lacks)).await?;
        let blocking: Vec<Conflict> =
            conflicts.iter().filter(|conflict| conflict.severity == Severity::Blocking).cloned().collect();
        let is_forced = approval.force && !blocking.is_empty();
        let decision = Decision { rank: approval.rank, ..decision(ctx, approval.comment, is_forced) };
        let change = leave.approve(decision)?;
        if !blocking.is_empty() && !approval.force {
            return Err(Refusal::Conflicts(blocking).into());
        }
        let leave = self.save(tx, ctx, change).await?;
        if is_forced {
            // The audit of it is the decision itself; this is for whoever watches.
            tracing::info!(leave.id = leave.id, "leave approved against what blocks");
        }
        Ok(self.view(ctx, leave, conflicts))
    }

    /// A nurse administrator decides alone neither at the last minute nor when many are away (rules L11, L12).
    async fn refuse_beyond_remit(
        &self,
        tx: &Tx,
        ctx: &Ctx,
        leave: &Leave,
        policy: &Policy,
    ) -> Result<(), Problem> {
        if permissions::decides_alone(ctx) {
            return Ok(());
        }
        let others = self.others_away(tx.conn(), leave).await?;
        match escalation(leave, &others, policy, today(ctx)) {
            None => Ok(()),
            Some(why) => Err(Problem::denied()
                .with("escalate_to", "ANESTHETIST_ADMINISTRATOR")
                .with("rule", if why == Escalation::Crowded { "L11" } else { "L12" })),
        }
    }
}
