//! Leave: who is away, and what that costs.
//!
//! Owns leaves, balances and their ledger, leave types, the leave policy and holidays. Asks staff for people and
//! contracts. Learns published duties from planning's events. Publishes leave events to the topic `leave`.
//!
//! **Invariant**: a balance is the sum of its ledger; lines are added, never changed.
//! **Invariant**: why somebody is away never leaves this service, but for that person and those who decide.
//! **Invariant**: only a pending leave is decided; of two who decide at once, the second is told.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod api;
mod app;
mod config;
mod domain;
mod metrics;
mod peers;
mod store;
mod workers;

use std::{collections::BTreeSet, sync::Arc};

use bus::Bus;
use chassis::{BoxError, BuildError, Clock, KeySource, Parts, Peer, Process, Service};
use durable::{Consumer, Db, dead_letter, inbox, outbox};
use proto::{
    leave::v1::leave_service_server::LeaveServiceServer, notification::v1::notice::Service as Closable,
};
use tonic::service::Routes;

pub use config::Config;
pub use store::{Migrator, PublishedDuty};

use crate::{app::App, peers::Staff, store::Store};

/// The leave service.
#[derive(Clone, Copy, Debug)]
pub struct Leave;

/// What leave needs.
pub struct Deps {
    /// Its database.
    pub db: Db,
    /// Where events come from and go to.
    pub bus: Bus,
    /// People and contracts.
    pub staff: Peer,
    /// When things end by themselves.
    pub clock: Clock,
    /// The keys of access tokens.
    pub keys: KeySource,
}

// === impl Leave ===

impl Leave {
    /// What is not true of this database although it must be, a line each; it names nobody.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn check(db: &Db) -> Result<Vec<String>, BoxError> {
        Store::new(db.clone()).check().await
    }

    /// The duties that this database was told of.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn told_duties(db: &Db) -> Result<BTreeSet<PublishedDuty>, BoxError> {
        Store::new(db.clone()).told_duties().await
    }

    /// Takes planning's word for the published duties, after one of the two databases went back.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn take_duties(db: &Db, duties: &BTreeSet<PublishedDuty>) -> Result<(), BoxError> {
        Store::new(db.clone()).take_duties(duties).await
    }
}

impl Service for Leave {
    const NAME: &'static str = "leave";
    type Config = Config;
    type Deps = Deps;

    async fn connect(config: &Config, process: &Process) -> Result<Deps, BuildError> {
        let staff = process.peer(&config.staff)?;
        let bus = Bus::connect(&config.bus).await?;
        Ok(Deps {
            db: Db::open(&config.db, store::Migrator).await?.share_marks(&bus, Self::NAME),
            bus,
            clock: process.clock.clone(),
            keys: peers::signing_keys(staff.clone()),
            staff,
        })
    }

    async fn build(_config: Config, deps: Deps) -> Result<Parts, BuildError> {
        metrics::describe();
        let store = Store::new(deps.db.clone());
        let app = App::new(store.clone(), Staff::new(deps.staff));
        let leave = LeaveServiceServer::new(api::LeaveApi::new(app.clone()));
        let routes = Routes::new(leave).add_service(dead_letter::service(&deps.db));
        let mut parts = Parts::service(routes, deps.keys);
        let on_planning = workers::OnPlanningEvents::new(store);
        let on_staff = workers::OnStaffEvents::new(app.clone(), deps.clock.clone());
        let windows = durable::windows(&deps.db, "leave.on_notices", Closable::Leave).await?;
        let policies = durable::policies(&deps.db, "leave.on_access_policies").await?;
        let consumers: Vec<Arc<dyn Consumer>> =
            vec![Arc::new(on_planning), Arc::new(on_staff), windows.consumer, policies.consumer];
        parts.workers = inbox::workers(&deps.db, &deps.bus, consumers);
        parts.workers.push(Box::new(workers::ExpireCarryOver::new(app.clone(), deps.clock.clone())));
        parts.workers.push(Box::new(workers::EscalateLeaves::new(app, deps.clock)));
        parts.workers.push(windows.keeper);
        parts.workers.push(policies.keeper);
        parts.read_only = windows.read_only;
        parts.access = policies.access;
        parts.workers.push(outbox::relay(&deps.db, &deps.bus, Self::NAME));
        parts.workers.extend(durable::heartbeat(&deps.db));
        parts.probes = deps.db.probes();
        Ok(parts)
    }
}
