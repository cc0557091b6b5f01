//! Forgets how much was called longer ago than suggestions look back, and what would be too much to keep.

use std::time::Duration;

use async_trait::async_trait;
use chassis::{BoxError, Clock, Ctx, Next, Worker};
use tokio_util::sync::CancellationToken;

use crate::{domain::traffic, store::Store};

/// How often it looks.
const EVERY: Duration = Duration::from_secs(60 * 60);

/// How many rows are kept: eight weeks of a hundred hospitals and three gateways, and some restarts.
const ROWS_MAX: u64 = 500_000;

/// Keeps the counts of calls small.
pub struct TrafficKeeper {
    store: Store,
    clock: Clock,
}

// === impl TrafficKeeper ===

impl TrafficKeeper {
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock }
    }
}

#[async_trait]
impl Worker for TrafficKeeper {
    fn name(&self) -> &'static str {
        "notification.traffic_keeper"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    async fn run(&self, _stop: &CancellationToken) -> Result<Next, BoxError> {
        let ctx = Ctx::system("notification", &self.clock);
        let tx = self.store.db().begin(&ctx).await?;
        let gone = self.store.prune_traffic(&tx, traffic::first_kept(ctx.now), ROWS_MAX).await?;
        tx.commit().await?;
        if gone > 0 {
            tracing::debug!(row_count = gone, "old counts of calls are forgotten");
        }
        Ok(Next::Idle)
    }
}
