//! The solver as a service: it computes and owns nothing.
//!
//! Its work is tasks leased from planning, one on each thread; `SolverService` is for callers who wait. The search
//! itself is the `engine` crate, which knows no clock: time budgets, cancellation and progress live here.
//!
//! Invariants:
//! - a task is handed in by whoever holds its lease, and by nobody else: the attempt is the fencing token;
//! - a killed solver loses at most what happened since the last checkpoint; one that goes down in order loses
//!   nothing;
//! - with a budget of steps, nothing in here changes what a search finds.

#![cfg_attr(test, allow(clippy::unwrap_used))]

use std::sync::Arc;
use std::time::Duration;

use bus::Bus;
use chassis::{
    BoxError, BuildError, Clock, KeySource, Parts, Peer, Process, PublicKey, Service, Signal, Worker,
};
use proto::solver::v1::solver_service_server::SolverServiceServer;
use proto::staff::v1::ListSigningKeysRequest;
use proto::staff::v1::session_service_client::SessionServiceClient;
use tonic::service::Routes;

mod api;
mod bridge;
mod catalog;
mod config;
mod divide;
pub mod metrics;
mod permissions;
mod planning;
mod pool;
mod search;
mod solution;
mod task;
mod workers;

pub use config::Config;
pub use workers::TOPIC;

use crate::api::Api;
use crate::planning::Tasks;
use crate::pool::Pool;
use crate::workers::{Searcher, WakeUp};

/// The largest problem a caller may send, in bytes.
const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The solver as a value.
pub struct Solver;

/// What the solver needs of others.
pub struct Deps {
    /// Who has tasks.
    pub planning: Peer,
    /// Where wake-ups come from.
    pub bus: Bus,
    /// The process's clock.
    pub clock: Clock,
    /// The public keys that tokens are verified with.
    pub keys: KeySource,
}

impl Service for Solver {
    const NAME: &'static str = "solver";
    type Config = Config;
    type Deps = Deps;

    async fn connect(config: &Config, process: &Process) -> Result<Deps, BuildError> {
        Ok(Deps {
            planning: process.peer(&config.planning)?,
            bus: Bus::connect(&config.bus).await?,
            clock: process.clock.clone(),
            keys: signing_keys(process.peer(&config.staff)?),
        })
    }

    async fn build(config: Config, deps: Deps) -> Result<Parts, BuildError> {
        metrics::describe();
        let threads = config.threads();
        let pool = Pool::new(threads);
        let (rhythm, how) = (config.rhythm(), config.how());
        let tasks = Arc::new(Tasks::new(deps.planning, deps.clock, rhythm.call_max));
        let signal = Signal::new();
        let poll = Duration::from_millis(config.poll_ms);
        let api = Api {
            pool: pool.clone(),
            time_max: Duration::from_millis(config.solve_ms_max),
            threads: config.search_threads(),
        };
        let service = SolverServiceServer::new(api).max_decoding_message_size(MESSAGE_BYTES_MAX);
        let mut parts = Parts::service(Routes::new(service), deps.keys);
        parts.workers.extend((0..threads).map(|_| {
            let searcher =
                Searcher { tasks: tasks.clone(), pool: pool.clone(), how, poll, signal: signal.clone() };
            Box::new(searcher) as Box<dyn Worker>
        }));
        parts.workers.push(Box::new(WakeUp { bus: deps.bus, signal }));
        Ok(parts)
    }
}

/// The public keys, asked from staff when they are needed.
fn signing_keys(staff: Peer) -> KeySource {
    KeySource::fetched(move || {
        let mut client = SessionServiceClient::new(staff.clone());
        async move {
            let answer = client.list_signing_keys(ListSigningKeysRequest::default()).await?.into_inner();
            let keys = answer.signing_keys.into_iter().map(|key| PublicKey {
                id: key.name.strip_prefix("signingKeys/").unwrap_or(&key.name).to_owned(),
                ed25519: key.public_key,
            });
            Ok::<_, BoxError>(keys.collect())
        }
    })
}
