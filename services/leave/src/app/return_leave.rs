//! Sends a leave back for a change.

use chassis::{Ctx, Problem, Target};
use durable::{Once, etag};
use proto::names::LeaveName;

use super::{
    App, View,
    permissions::{self, POLICY},
    support::decision,
};

/// What is sent back.
pub struct ReturnLeave {
    /// The leave.
    pub name: LeaveName,
    /// The version that was looked at.
    pub etag: String,
    /// What should change; required.
    pub comment: Result<String, Problem>,
}

// === impl App ===

impl App {
    /// PENDING → REVISION_ASKED.
    pub async fn return_leave(&self, ctx: &Ctx, command: ReturnLeave, once: Once) -> Result<View, Problem> {
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
        let leave = self.leave_in(&tx, name).await?;
        etag::check(&command.etag, leave.version, false)?;
        let leave = self.save(&tx, ctx, leave.give_back(decision(ctx, comment, false))?).await?;
        let view = self.view(ctx, leave, vec![]);
        once.record(&tx, &view).await?;
        tx.commit().await?;
        Ok(view)
    }
}
