//! Cancels a leave.

use chassis::{Ctx, Problem, Target};
use durable::{Once, etag};
use proto::names::LeaveName;

use super::{
    App, View,
    permissions::{self, POLICY},
    support::{decision, today},
};
use crate::domain::{
    leave::{Leave, State},
    policy::Policy,
};

/// What is cancelled.
pub struct CancelLeave {
    /// The leave.
    pub name: LeaveName,
    /// The version that was looked at.
    pub etag: String,
    /// Why.
    pub comment: Result<String, Problem>,
}

// === impl App ===

impl App {
    /// Anything alive → CANCELLED.
    pub async fn cancel_leave(&self, ctx: &Ctx, command: CancelLeave, once: Once) -> Result<View, Problem> {
        let name = &command.name;
        let target = Target::person(&name.hospital, &name.staff_member);
        if !POLICY.allows(ctx, "leaves.cancel_own", target) {
            permissions::begin(ctx, "leaves.cancel", target)?;
        }
        let comment = command.comment?;
        let seen = self.leave(name).await?;

        let tx = self.store.db().begin(ctx).await?;
        if let Some(view) = once.replay(&tx).await? {
            return Ok(view);
        }
        self.take_turn(&tx, &seen).await?;
        let leave = self.leave_in(&tx, name).await?;
        let policy = self.store.policy(tx.conn(), &leave.hospital).await?;
        if !may_cancel_own(ctx, &leave, &policy) {
            permissions::authorize(ctx, "leaves.cancel", target, &leave.profession)?;
        }
        etag::check(&command.etag, leave.version, false)?;
        let leave = self.save(&tx, ctx, leave.cancel(decision(ctx, comment, false))?).await?;
        let view = self.view(ctx, leave, vec![]);
        once.record(&tx, &view).await?;
        tx.commit().await?;
        Ok(view)
    }
}

/// A person cancels their own leave until it is approved, then while there is notice enough. What is over already
/// is theirs to ask about, and refused by the domain.
pub(super) fn may_cancel_own(ctx: &Ctx, leave: &Leave, policy: &Policy) -> bool {
    let target = Target::person(&leave.hospital, &leave.staff_member);
    let notice = leave.span.first().day - today(ctx);
    POLICY.allows(ctx, "leaves.cancel_own", target)
        && (leave.state != State::Approved || notice >= policy.own_cancel_notice_days_min)
}
