//! Makes inactive who has left, and tells of skills that run out.

use std::time::Duration;

use chassis::{BoxError, Clock, Ctx, Next, Service, Worker, worker::async_trait};
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use crate::{Staff, app::App, store::milestones};

/// A day begins at another moment in each time zone: none waits longer than this.
const EVERY: Duration = Duration::from_secs(900);
/// How long it is remembered that something was told; longer than it could be told again.
const TOLD_KEPT: SignedDuration = SignedDuration::from_hours(24 * 100);

pub struct FollowDates {
    pub app: App,
    pub clock: Clock,
}

#[async_trait]
impl Worker for FollowDates {
    fn name(&self) -> &'static str {
        "staff.follow_dates"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    async fn run(&self, _stop: &CancellationToken) -> Result<Next, BoxError> {
        let ctx = Ctx::system(Staff::NAME, &self.clock);
        self.app.follow_dates(&ctx).await?;
        let tx = self.app.db.begin(&ctx).await?;
        milestones::forget_before(&tx, ctx.now - TOLD_KEPT).await?;
        tx.commit().await?;
        Ok(Next::Idle)
    }
}
