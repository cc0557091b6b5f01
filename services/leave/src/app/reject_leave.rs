//! Rejects a leave.

use chassis::{Ctx, Problem, Target};
use durable::{Once, etag};
use proto::names::LeaveName;

use super::{
    App, View,
    permissions::{self, POLICY},
    support::{decision, leave_not_found},
};

/// What is rejected.
pub struct RejectLeave {
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
    pub async fn reject_leave(&self, ctx: &Ctx, command: RejectLeave, once: Once) -> Result<View, Problem> {
        let name = &command.name;
        let hospital = Target::hospital(&name.hospital);
        POLICY.authorize(ctx, "leaves.approve", hospital)?;
        let comment = command.comment?;
        let seen = self.leave(ctx, name).await?;
        permissions::authorize(ctx, "leaves.approve", hospital, &seen.profession)?;

        let tx = self.store.db().begin(ctx).await?;
        if let Some(view) = once.replay(&tx).await? {
            return Ok(view);
        }
        self.take_turn(&tx, &seen).await?;
        let leave = self.store.leave(tx.conn(), &name.hospital, &name.staff_member, &name.leave).await?;
        let leave = leave.ok_or_else(|| leave_not_found(name))?;
        etag::check(&command.etag, leave.version, false)?;
        let leave = self.save(&tx, ctx, leave.reject(decision(ctx, comment, false))?).await?;
        let view = self.view(ctx, leave, vec![]);
        once.record(&tx, &view).await?;
        tx.commit().await?;
        Ok(view)
    }
}
