//! Readiness of the transport.

use std::sync::Arc;

use async_trait::async_trait;
use chassis::{BuildError, Probe};

use crate::transport::Transport;

/// Asks the transport for a sign of life.
pub(crate) struct BusProbe(pub(crate) Arc<dyn Transport>);

#[async_trait]
impl Probe for BusProbe {
    fn name(&self) -> &'static str {
        "bus"
    }

    async fn check(&self) -> Result<(), BuildError> {
        Ok(self.0.check().await?)
    }
}
