//! Whether a process can do its work: asked of its parts, told to `grpc.health.v1` and `/readyz`.

use std::{sync::Arc, time::Duration};

use metrics::gauge;
use tokio_util::sync::CancellationToken;
use tonic_health::{ServingStatus, server::HealthReporter};

use crate::{BoxError, BuildError, Next, Worker, metrics as names, worker::async_trait};

/// Something that must answer for a service to be ready: its database, its bus.
#[async_trait]
pub trait Probe: Send + Sync {
    /// Its name in `/readyz` and metrics: `database`.
    fn name(&self) -> &'static str;

    /// Asks it.
    ///
    /// # Errors
    /// When it does not answer; the text says why.
    async fn check(&self) -> Result<(), BuildError>;
}

/// A part that takes longer than this to answer is not ready.
const ANSWER_MAX: Duration = Duration::from_secs(1);
const ASK_EVERY: Duration = Duration::from_secs(1);

/// All probes of one service, and whether it drains.
#[derive(Clone)]
pub struct Readiness {
    service: &'static str,
    probes: Arc<Vec<Box<dyn Probe>>>,
    stop: CancellationToken,
    reporter: HealthReporter,
}

impl Readiness {
    /// The readiness of a service; told through `reporter`.
    pub fn new(
        service: &'static str,
        probes: Vec<Box<dyn Probe>>,
        reporter: HealthReporter,
        stop: CancellationToken,
    ) -> Self {
        Self { service, probes: Arc::new(probes), stop, reporter }
    }

    /// What keeps the service from working now; empty when it is ready.
    pub async fn obstacles(&self) -> Vec<String> {
        let mut obstacles = vec![];
        if self.stop.is_cancelled() {
            obstacles.push("draining".to_owned());
        }
        for probe in self.probes.iter() {
            let answer = match tokio::time::timeout(ANSWER_MAX, probe.check()).await {
                Ok(answer) => answer.map_err(|error| error.to_string()),
                Err(_) => Err("no answer in time".to_owned()),
            };
            let up = gauge!(names::PROBE_UP, "service" => self.service, "probe" => probe.name());
            up.set(if answer.is_ok() { 1.0 } else { 0.0 });
            if let Err(error) = answer {
                obstacles.push(format!("{}: {error}", probe.name()));
            }
        }
        obstacles
    }

    /// The worker that keeps `grpc.health.v1` honest.
    pub fn worker(self) -> Box<dyn Worker> {
        Box::new(self)
    }

    /// Tells `grpc.health.v1` that the process leaves, as soon as it is asked to and not when its last call has ended.
    pub async fn leave(&self) {
        self.stop.cancelled().await;
        self.tell(ServingStatus::NotServing).await;
    }

    async fn tell(&self, status: ServingStatus) {
        self.reporter.set_service_status("", status).await;
        self.reporter.set_service_status(self.service, status).await;
    }
}

#[async_trait]
impl Worker for Readiness {
    fn name(&self) -> &'static str {
        "chassis.probe"
    }

    fn every(&self) -> Duration {
        ASK_EVERY
    }

    async fn run(&self, _stop: &CancellationToken) -> Result<Next, BoxError> {
        let obstacles = self.obstacles().await;
        let status = if obstacles.is_empty() { ServingStatus::Serving } else { ServingStatus::NotServing };
        self.tell(status).await;
        Ok(Next::Idle)
    }
}
