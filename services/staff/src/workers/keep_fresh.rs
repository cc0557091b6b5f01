//! Rotates signing keys and forgets what has ended.

use std::time::Duration;

use chassis::{BoxError, Clock, Ctx, Next, Service, Worker, worker::async_trait};
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::{
    Staff,
    app::App,
    store::{accounts, imports, sessions},
};

/// How long an ended session is kept, so that a late reuse of its tokens is still recognized.
const SESSION_KEPT: SignedDuration = SignedDuration::from_hours(24 * 7);
/// How long wrong passwords are remembered after the last one.
const ATTEMPT_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How long a file and what was found in it are kept.
const IMPORT_KEPT: SignedDuration = SignedDuration::from_hours(24 * 7);

pub struct KeepFresh {
    pub app: App,
    pub clock: Clock,
}

#[async_trait]
impl Worker for KeepFresh {
    fn name(&self) -> &'static str {
        "staff.keep_fresh"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(3_600)
    }

    async fn run(&self, _stop: &CancellationToken) -> Result<Next, BoxError> {
        let ctx = Ctx::system(Staff::NAME, &self.clock);
        self.app.rotate_keys(&ctx).await?;
        let tx = self.app.db.begin(&ctx).await?;
        sessions::forget_before(&tx, ctx.now - SESSION_KEPT).await?;
        accounts::forget_before(&tx, ctx.now - ATTEMPT_KEPT).await?;
        for import in imports::old(tx.conn(), ctx.now - IMPORT_KEPT).await? {
            imports::delete(&tx, &import).await?;
        }
        tx.commit().await?;
        Ok(Next::Idle)
    }
}
