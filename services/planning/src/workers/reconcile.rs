//! Mends generations that would otherwise last for ever.
//!
//! It is the last resort: what a solver that asks for work mends by asking (a lease that ran out, a wake-up that was
//! lost: solvers poll) is not looked for here.

use std::time::Duration;

use chassis::{BoxError, Clock, Ctx, Next, Worker};
use tokio_util::sync::CancellationToken;

use crate::app::App;

/// Looks again and again.
#[derive(Debug)]
pub struct Reconcile(pub App);

#[tonic::async_trait]
impl Worker for Reconcile {
    fn name(&self) -> &'static str {
        "planning.reconcile"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn run(&self, _stop: &CancellationToken) -> Result<Next, BoxError> {
        self.0.mend_generations(&Ctx::system("planning", &Clock::system())).await?;
        Ok(Next::Idle)
    }
}
