//! The edge of the mesh: what browsers and other systems reach, and the only thing they reach.
//!
//! It owns no state and no business rule; between two calls it remembers how many there were, to tell notification. A call comes in as gRPC-web or gRPC, is looked up in the table of
//! public methods, has its token verified, and goes to the service that answers it.
//!
//! Invariants:
//! - a message is never decoded here; bytes go through as they are (the calendar feed, which is no gRPC call of
//!   the client's, is asked for by the gateway itself);
//! - a token is verified here *and* by each service; no header speaks for a person;
//! - everything that is refused carries a typed reason, in the dialect the client speaks;
//! - what the table does not offer does not exist.

#![cfg_attr(test, allow(clippy::unwrap_used))]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chassis::auth::Verifier;
use chassis::places::Places;
use chassis::{BoxError, BuildError, Clock, KeySource, Parts, Peer, Process, PublicKey, Service};
use proto::staff::v1::ListSigningKeysRequest;
use proto::staff::v1::session_service_client::SessionServiceClient;
use tokio_util::sync::CancellationToken;

mod calendar;
mod config;
mod deadline;
mod dialect;
mod intake;
pub mod metrics;
mod origin;
mod proxy;
mod refusal;
mod relay;
mod routes;
mod session;
mod stack;
mod traffic;

pub use config::Config;
pub use routes::{Neighbor, Table};

use crate::origin::Origins;
use crate::stack::Edge;
use crate::traffic::{Reporter, Traffic};

/// The gateway as a value.
pub struct Gateway;

/// What the gateway needs of others.
pub struct Deps {
    /// Staff, which also makes the tokens.
    pub staff: Peer,
    /// Leave.
    pub leave: Peer,
    /// Planning, which also makes the calendars.
    pub planning: Peer,
    /// Notification.
    pub notification: Peer,
    /// The process's clock.
    pub clock: Clock,
    /// Set when the process drains: streams end.
    pub stop: CancellationToken,
    /// The public keys that tokens are verified with.
    pub keys: KeySource,
}

impl Service for Gateway {
    const NAME: &'static str = "gateway";
    type Config = Config;
    type Deps = Deps;

    async fn connect(config: &Config, process: &Process) -> Result<Deps, BuildError> {
        let staff = process.peer(&config.staff)?;
        Ok(Deps {
            keys: signing_keys(staff.clone()),
            staff,
            leave: process.peer(&config.leave)?,
            planning: process.peer(&config.planning)?,
            notification: process.peer(&config.notification)?,
            clock: process.clock.clone(),
            stop: process.stop.clone(),
        })
    }

    async fn build(config: Config, deps: Deps) -> Result<Parts, BuildError> {
        metrics::describe();
        let origins = Origins::new(&config.origins)
            .map_err(|origin| BuildError::new(format!("origins: `{origin}` is not an origin")))?;
        let limits = &config.server.limits;
        let default = Duration::from_millis(config.deadline_ms_default).min(limits.call_max());
        let traffic = Arc::new(Traffic::new(deps.clock.clone()));
        let every = Duration::from_secs(config.traffic_report_seconds.clamp(1, 240));
        let reporter = Reporter::new(traffic.clone(), deps.notification.clone(), every);
        let table = Table::new(&BTreeMap::from([
            (Neighbor::Staff, deps.staff),
            (Neighbor::Leave, deps.leave),
            (Neighbor::Planning, deps.planning.clone()),
            (Neighbor::Notification, deps.notification),
        ]))?;
        let edge = Edge {
            table,
            planning: deps.planning,
            origins,
            verifier: Verifier::new(deps.keys.clone()),
            clock: deps.clock,
            deadlines: deadline::Limits { default, max: limits.call_max() },
            message_bytes_max: limits.message_bytes_max,
            calls: Places::new(Self::NAME, limits.calls_max),
            streams: Places::new(Self::NAME, config.streams_max),
            stop: deps.stop,
            traffic,
        };
        let mut parts = Parts::edge(stack::app(edge), deps.keys);
        parts.workers.push(Box::new(reporter));
        Ok(parts)
    }
}

/// The public keys, asked from staff when they are needed.
pub fn signing_keys(staff: Peer) -> KeySource {
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
