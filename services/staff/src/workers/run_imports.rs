//! Runs imports, one after the other, in one process of all.

use std::time::Duration;

use chassis::{BoxError, Clock, Ctx, Next, Service, Signal, Worker, worker::async_trait};
use durable::lease::Lease;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{Staff, app::App};

/// How often it is asked for imports that another process was told of.
const EVERY: Duration = Duration::from_secs(2);
/// How long a process that died keeps others waiting.
const LEASE: Duration = Duration::from_secs(6);

pub struct RunImports {
    app: App,
    clock: Clock,
    lease: Lease,
}

impl RunImports {
    pub fn new(app: &App, clock: &Clock) -> Self {
        // A SQLite file belongs to one process, so its next process is the same holder and need not wait.
        let holder = match app.db.backend() {
            sea_orm::DbBackend::Sqlite => "this".to_owned(),
            _ => Uuid::now_v7().to_string(),
        };
        let lease = Lease::new(&app.db, "imports", holder, LEASE);
        Self { app: app.clone(), clock: clock.clone(), lease }
    }
}

#[async_trait]
impl Worker for RunImports {
    fn name(&self) -> &'static str {
        "staff.run_imports"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    fn signal(&self) -> Option<Signal> {
        Some(self.app.imports.started.clone())
    }

    async fn run(&self, stop: &CancellationToken) -> Result<Next, BoxError> {
        if self.lease.hold().await?.is_none() {
            return Ok(Next::Idle);
        }
        let ctx = Ctx::system(Staff::NAME, &self.clock);
        let has_run = self.app.run_next_import(&ctx, &self.lease, stop).await?;
        Ok(if has_run && !stop.is_cancelled() { Next::Again } else { Next::Idle })
    }
}
