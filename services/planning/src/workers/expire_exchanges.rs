//! Ends swaps that nobody answered in time, and gives up posts that nobody took before their deadline.

use std::time::Duration;

use chassis::{BoxError, Clock, Ctx, Next, Worker};
use tokio_util::sync::CancellationToken;

use crate::app::App;

/// Looks again and again.
#[derive(Debug)]
pub struct ExpireExchanges(pub App);

#[tonic::async_trait]
impl Worker for ExpireExchanges {
    fn name(&self) -> &'static str {
        "planning.expire_exchanges"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn run(&self, _stop: &CancellationToken) -> Result<Next, BoxError> {
        let ctx = Ctx::system("planning", &Clock::system());
        let is_rest = self.0.expire_exchanges(&ctx).await?;
        Ok(if is_rest { Next::Again } else { Next::Idle })
    }
}
