//! Notification: what people were told, in the application and by e-mail, and what other systems are told of it.
//!
//! Owns notifications, their deliveries and how people want to be told. Nobody calls "send": the service consumes the
//! events of leave and planning, decides whom they concern, and words them when they are read, in the reader's language.
//! Who decides about leave it learns from staff's events, and an address it asks of staff each time.
//!
//! **Invariant**: a person is told once of an event, however often it is delivered.
//! **Invariant**: only the person reads what the person was told.
//! **Invariant**: no notification says why somebody is away.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod api;
mod app;
mod config;
mod domain;
mod https;
mod metrics;
mod peers;
mod smtp;
mod store;
mod workers;

use std::sync::Arc;

use bus::Bus;
use chassis::{BoxError, BuildError, Clock, KeySource, Parts, Peer, Process, Service, Signal};
use durable::{Consumer, Db, dead_letter, inbox, outbox};
use proto::notification::v1::{
    notice::Service as Closable, notification_service_server::NotificationServiceServer,
    traffic_service_server::TrafficServiceServer,
};
use tonic::service::Routes;

pub use config::{Config, Email, Webhooks};
pub use store::Migrator;

use crate::{app::App, https::Https, peers::Staff, smtp::Smtp, store::Store, workers::Teller};

/// The notification service.
#[derive(Clone, Copy, Debug)]
pub struct Notification;

/// What notification needs.
pub struct Deps {
    /// Its database.
    pub db: Db,
    /// Where events come from and go to.
    pub bus: Bus,
    /// Who decides, asked once for a hospital of which no event told.
    pub staff: Peer,
    /// The time of calls that no call asked for.
    pub clock: Clock,
    /// The keys of access tokens.
    pub keys: KeySource,
}

// === impl Notification ===

impl Notification {
    /// What is not true of this database although it must be, a line each; it names nobody.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn check(db: &Db) -> Result<Vec<String>, BoxError> {
        Store::new(db.clone()).check().await
    }

    /// Forgets who decides about leave, after staff's database went back: staff is asked again.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn forget_people(db: &Db) -> Result<(), BoxError> {
        Store::new(db.clone()).forget_people().await
    }
}

impl Service for Notification {
    const NAME: &'static str = "notification";
    type Config = Config;
    type Deps = Deps;

    async fn connect(config: &Config, process: &Process) -> Result<Deps, BuildError> {
        let staff = process.peer(&config.staff)?;
        let bus = Bus::connect(&config.bus).await?;
        Ok(Deps {
            db: Db::open(&config.db, Migrator).await?.share_marks(&bus, Self::NAME),
            bus,
            keys: peers::signing_keys(staff.clone()),
            staff,
            clock: process.clock.clone(),
        })
    }

    async fn build(config: Config, deps: Deps) -> Result<Parts, BuildError> {
        metrics::describe();
        let (db, bus) = (&deps.db, &deps.bus);
        let store = Store::new(db.clone());
        let staff = Staff::new(deps.staff, deps.clock.clone());
        let teller = Teller::new(store.clone(), config.email.is_some());
        let noticed = Signal::new();
        let https = Https::new(&config.webhooks)?;
        let app = App::new(store.clone(), bus.clone(), noticed.clone(), https.clone());
        let traffic = TrafficServiceServer::new(api::TrafficApi::new(app.clone()));
        let notification = NotificationServiceServer::new(api::NotificationApi::new(app));
        let routes = Routes::new(notification).add_service(traffic).add_service(dead_letter::service(db));
        let mut parts = Parts::service(routes, deps.keys);
        let windows = durable::windows(db, "notification.on_notices", Closable::Notification).await?;
        let policies = durable::policies(db, "notification.on_access_policies").await?;
        let consumers: Vec<Arc<dyn Consumer>> = vec![
            Arc::new(workers::OnStaffEvents::new(store.clone())),
            Arc::new(workers::OnLeaveEvents::new(teller.clone(), staff.clone())),
            Arc::new(workers::OnPlanningEvents::new(teller.clone())),
            Arc::new(workers::OnExchangeEvents::new(teller.clone(), staff.clone())),
            windows.consumer,
            policies.consumer,
        ];
        parts.workers = inbox::workers(db, bus, consumers);
        parts.workers.push(windows.keeper);
        parts.workers.push(policies.keeper);
        parts.read_only = windows.read_only;
        parts.access = policies.access;
        parts.workers.push(outbox::relay(db, bus, Self::NAME));
        parts.workers.extend(durable::heartbeat(db));
        let herald = workers::Herald::new(teller.clone(), staff.clone(), deps.clock.clone(), noticed);
        parts.workers.push(Box::new(herald));
        parts.workers.push(Box::new(workers::Reminder::new(teller.clone(), deps.clock.clone())));
        let keeper = workers::TrafficKeeper::new(store.clone(), deps.clock.clone());
        parts.workers.push(Box::new(keeper));
        let courier = workers::Courier::new(teller, https, deps.clock.clone(), config.webhooks);
        parts.workers.push(Box::new(courier));
        if let Some(email) = config.email {
            let mailer = workers::Mailer::new(store, staff, Smtp::new(&email)?, deps.clock, email);
            parts.workers.push(Box::new(mailer));
        }
        parts.probes = db.probes();
        Ok(parts)
    }
}
