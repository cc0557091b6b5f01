//! Refuses a leave: for good, or until it is changed.

use chassis::{Ctx, Problem, Target};
use durable::{Once, etag};
use proto::names::LeaveName;

use super::{App, View, permissions, support::decision};
use crate::domain::{
    leave::{Change, Decision, Leave},
    refusal::Refusal,
};

/// What is refused.
pub struct RefuseLeave {
    /// The leave.
    pub name: LeaveName,
    /// The version that was looked at.
    pub etag: String,
    /// Shown to the requester; required.
    pub comment: Result<String, Problem>,
}

// === impl App ===

impl App {
    /// PENDING → REJECTED.
    pub async fn reject_leave(&self, ctx: &Ctx, command: RefuseLeave, once: Once) -> Result<View, Problem> {
        self.refuse(ctx, command, once, Leave::reject).await
    }

    /// PENDING → REVISION_ASKED.
    pub async fn return_leave(&self, ctx: &Ctx, command: RefuseLeave, once: Once) -> Result<View, Problem> {
        self.refuse(ctx, command, once, Leave::give_back).await
    }

    async fn refuse(
        &self,
        ctx: &Ctx,
        command: RefuseLeave,
        once: Once,
        change: fn(Leave, Decision) -> Result<Change, Refusal>,
    ) -> Result<View, Problem> {
        let name = &command.name;
        let hospital = Target::hospital(&name.hospital);
        permissions::begin(ctx, "leaves.approve", hospital)?;
        let comment = command.comment?;
        let seen = self.leave(name).await?;
        permissions::authorize(ctx, "leaves.approve", hospital, &seen.profession)?;

        let tx = self.store.db().begin(ctx).await?;
        if let Some(view) = once.replay(&tx).await? {
            return Ok(view);
        }
        self.take_turn(&tx, &seen).await?;
        let leave = self.leave_in(&tx, name).await?;
        etag::check(&command.etag, leave.version, false)?;
        let leave = self.save(&tx, ctx, change(leave, decision(ctx, comment, false))?).await?;
        let view = self.view(ctx, leave, vec![]);
        once.record(&tx, &view).await?;
        tx.commit().await?;
        Ok(view)
    }
}
