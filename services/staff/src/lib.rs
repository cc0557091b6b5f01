//! Who works in the department and where, and who is calling.
//!
//! Owns staff members and their contracts, skills, surgeons and specialties, incompatibilities, sites with their
//! sectors and rooms; accounts, sessions and the keys that sign access tokens. Calls nobody.
//!
//! In reading order: [`domain`] decides, [`app`] runs the use cases, [`store`] remembers, [`api`] speaks the contract.
//!
//! **Invariant**: no two contracts of a person share a day.
//! **Invariant**: an import writes every line of every file, or nothing.
//! **Invariant**: passwords and refresh tokens are kept as hashes only; neither reaches a log line.
//! **Invariant**: the names of people leave this service in answers only, never in an event, a metric or a log line.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod api;
mod app;
pub mod config;
mod domain;
mod metrics;
mod store;
mod workers;

use bus::Bus;
use chassis::{BoxError, BuildError, Clock, Ctx, KeySource, Parts, Process, Service};
use durable::Db;
use proto::notification::v1::notice::Service as Closable;

use crate::app::{App, Hasher, imports::Imports};
pub use crate::config::Config;
pub use crate::store::Migrator;

/// The service.
pub struct Staff;

/// What it needs.
pub struct Deps {
    /// Its own database, migrated.
    pub db: Db,
    /// Where its events go.
    pub bus: Bus,
    /// The time.
    pub clock: Clock,
}

/// Methods that need no token: there is none yet.
const ANONYMOUS: &[&str] = &[
    "/mathildanesth.staff.v1.SessionService/CreateSession",
    "/mathildanesth.staff.v1.SessionService/RefreshSession",
    "/mathildanesth.staff.v1.SessionService/ListSigningKeys",
];

// === impl Staff ===

impl Staff {
    /// What is not true of this database although it must be, a line each; it names nobody.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn check(db: &Db) -> Result<Vec<String>, BoxError> {
        Ok(durable::check::check(db, store::check::RULES).await?)
    }

    /// Ends every session, after this database went back: what was signed out since would live again.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn end_sessions(db: &Db) -> Result<u64, BoxError> {
        let tx = db.begin(&Ctx::system(Self::NAME, &Clock::system())).await?;
        let count = store::check::end_sessions(&tx).await?;
        tx.commit().await?;
        Ok(count)
    }
}

impl Service for Staff {
    const NAME: &'static str = "staff";
    type Config = Config;
    type Deps = Deps;

    async fn connect(config: &Config, process: &Process) -> Result<Deps, BuildError> {
        let bus = Bus::connect(&config.bus).await?;
        let db = Db::open(&config.db, Migrator).await?.share_marks(&bus, Self::NAME);
        Ok(Deps { db, bus, clock: process.clock.clone() })
    }

    async fn build(config: Config, deps: Deps) -> Result<Parts, BuildError> {
        let Deps { db, bus, clock } = deps;
        metrics::describe();
        let app = App {
            db: db.clone(),
            sessions: config.sessions,
            hasher: Hasher::new().await?,
            imports: Imports::default(),
        };
        let ctx = Ctx::system(Self::NAME, &clock);
        if let Some(settings) = &config.bootstrap {
            app.bootstrap(&ctx, settings).await?;
        }
        app.rotate_keys(&ctx).await?;
        let routes = api::routes(app.clone()).add_service(durable::dead_letter::service(&db));
        let mut parts = Parts::service(routes, own_keys(&db, &clock));
        let windows = durable::windows(&db, "staff.on_notices", Closable::Staff).await?;
        // Staff hears of policies like everybody else: there is one way in which they come into force.
        let policies = durable::policies(&db, "staff.on_access_policies").await?;
        let consumers = vec![windows.consumer, policies.consumer];
        parts.workers = durable::inbox::workers(&db, &bus, consumers);
        parts.workers.push(policies.keeper);
        parts.access = policies.access;
        parts.workers.push(windows.keeper);
        parts.read_only = windows.read_only;
        parts.workers.extend(workers::all(&app, &bus, &clock));
        parts.workers.extend(durable::heartbeat(&db));
        parts.probes = db.probes();
        parts.anonymous = ANONYMOUS;
        Ok(parts)
    }
}

/// Staff verifies tokens like everybody else; its keys come from its own database.
fn own_keys(db: &Db, clock: &Clock) -> KeySource {
    let (db, clock) = (db.clone(), clock.clone());
    KeySource::fetched(move || {
        let (db, clock) = (db.clone(), clock.clone());
        async move { Ok(app::signing::public_keys(&db, &clock).await?) }
    })
}
