//! Ends carry-overs whose last day is over.

use std::time::Duration;

use chassis::{BoxError, Clock, Ctx, Next, Service, Worker, worker::async_trait};
use tokio_util::sync::CancellationToken;

use crate::{Leave, app::App};

/// Looks for carry-overs that were not used in time.
pub struct ExpireCarryOver {
    app: App,
    clock: Clock,
}

// === impl ExpireCarryOver ===

impl ExpireCarryOver {
    pub fn new(app: App, clock: Clock) -> Self {
        Self { app, clock }
    }
}

#[async_trait]
impl Worker for ExpireCarryOver {
    fn name(&self) -> &'static str {
        "leave.expire_carry_over"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(3_600)
    }

    async fn run(&self, _stop: &CancellationToken) -> Result<Next, BoxError> {
        let ctx = Ctx::system(Leave::NAME, &self.clock);
        Ok(if self.app.expire_carry_overs(&ctx).await? { Next::Again } else { Next::Idle })
    }
}
