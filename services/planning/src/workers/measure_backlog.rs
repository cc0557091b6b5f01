//! Measures how many generations wait and run: the signal by which solvers are added.

use std::time::Duration;

use chassis::{BoxError, Next, Worker};
use durable::Db;
use tokio_util::sync::CancellationToken;

use crate::{metrics, store::operations};

/// Reads the backlog again and again.
#[derive(Debug)]
pub struct MeasureBacklog(pub Db);

#[tonic::async_trait]
impl Worker for MeasureBacklog {
    fn name(&self) -> &'static str {
        "planning.measure_backlog"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn run(&self, _stop: &CancellationToken) -> Result<Next, BoxError> {
        metrics::backlog(operations::backlog(self.0.read()).await?);
        Ok(Next::Idle)
    }
}
