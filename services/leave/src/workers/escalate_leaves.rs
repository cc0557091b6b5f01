//! Tells about leave that has waited for a decision for too long.

use std::time::Duration;

use chassis::{BoxError, Clock, Ctx, Next, Service, Worker, worker::async_trait};
use tokio_util::sync::CancellationToken;

use crate::{Leave, app::App};

/// Looks for leave that waits.
pub struct EscalateLeaves {
    app: App,
    clock: Clock,
}

// === impl EscalateLeaves ===

impl EscalateLeaves {
    pub fn new(app: App, clock: Clock) -> Self {
        Self { app, clock }
    }
}

#[async_trait]
impl Worker for EscalateLeaves {
    fn name(&self) -> &'static str {
        "leave.escalate_leaves"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(3_600)
    }

    async fn run(&self, _stop: &CancellationToken) -> Result<Next, BoxError> {
        let ctx = Ctx::system(Leave::NAME, &self.clock);
        Ok(if self.app.escalate_leaves(&ctx).await? { Next::Again } else { Next::Idle })
    }
}
