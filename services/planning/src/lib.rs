//! Planning: what must be staffed, and who does it.
//!
//! Owns plans with their shifts and assignments, templates, proposals, revisions, rule sets, the ledger behind the
//! counters, calendar feeds, and the queue of tasks solvers work from. Asks staff and leave, on behalf of whoever
//! asks planning. Publishes to the topic `planning`, wakes solvers on the topic `tasks`.
//!
//! **Invariant**: a published revision never changes; a publication adds one.
//! **Invariant**: counters are sums of ledger lines; lines are added, never changed.
//! **Invariant**: nothing with a broken hard rule is published; the judge is `roster`, always asked here.
//! **Invariant**: a solver's result counts only under the task's current attempt; at most one generation runs per
//! plan; the problem handed out names nobody.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod api;
mod app;
mod config;
mod domain;
mod events;
mod exchange_events;
mod exchange_problems;
mod metrics;
mod peers;
mod problems;
mod store;
mod wire;
mod workers;

use std::sync::Arc;

use bus::Bus;
use calendar::{Day, DayPart};
use chassis::{BoxError, BuildError, Clock, Ctx, KeySource, Parts, Peer, Process, Service};
use durable::{Consumer, Db, dead_letter, inbox, outbox};
use proto::{
    names::ShiftName,
    notification::v1::notice::Service as Closable,
    planning::v1::{
        planning_service_server::PlanningServiceServer, replacement_service_server::ReplacementServiceServer,
        swap_service_server::SwapServiceServer, task_service_server::TaskServiceServer,
    },
};
use tonic::service::Routes;

pub use config::Config;
pub use store::migration::Migrator;

/// Duties as an iCalendar file: what people's feeds are made of, and the copy that is kept outside.
pub mod calendar_file {
    pub use crate::domain::{
        feed::{Entry, render},
        shift::{Duty, Kind, Post},
    };
}

use crate::{
    app::{App, board::Boards, judge::Judges, wakes::Wakes},
    domain::shift::Kind,
    peers::Peers,
};

/// The planning service.
#[derive(Clone, Copy, Debug)]
pub struct Planning;

/// What planning needs.
pub struct Deps {
    /// Its database.
    pub db: Db,
    /// Where events come from and go to.
    pub bus: Bus,
    /// People and places.
    pub staff: Peer,
    /// Absences and holidays.
    pub leave: Peer,
    /// The keys of access tokens.
    pub keys: KeySource,
}

/// The secret in the address is the permission.
const ANONYMOUS: &[&str] = &[
    "/mathildanesth.planning.v1.PlanningService/ReadCalendarFeed",
    "/mathildanesth.planning.v1.ReplacementService/RedeemReplacementToken",
];

/// The largest message: problems and rosters of a big hospital.
const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A duty that everybody sees, as planning tells others of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublishedDuty {
    /// Hospital id.
    pub hospital: String,
    /// Id of the person.
    pub staff_member: String,
    /// Name of the shift.
    pub shift: String,
    /// When.
    pub day: Day,
    /// The half-day; none when it lasts the day.
    pub part: Option<DayPart>,
    /// A garde or an astreinte.
    pub is_on_call: bool,
    /// The revision of its plan.
    pub revision: i64,
}

// === impl Planning ===

impl Planning {
    /// What is not true of this database although it must be, a line each: sums, references, and the judge's word on
    /// every published plan. It names no person.
    ///
    /// # Errors
    /// When the database or a neighbor cannot be read.
    pub async fn check(db: &Db, staff: Peer, leave: Peer) -> Result<Vec<String>, BoxError> {
        let app = App {
            db: db.clone(),
            peers: Peers::new(staff, leave),
            wakes: Wakes::new(),
            boards: Boards::new(),
            judges: Judges::new(),
            limits: Config::default().limits(),
        };
        app.check(&Ctx::system(Self::NAME, &Clock::system())).await
    }

    /// The duties that everybody sees.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn published_duties(db: &Db) -> Result<Vec<PublishedDuty>, BoxError> {
        let rows = store::published::all(db.read()).await?;
        let duties = rows.into_iter().map(|(hospital, plan, revision, duty)| PublishedDuty {
            shift: ShiftName::new(&hospital, plan, duty.shift).to_string(),
            hospital,
            staff_member: duty.staff_member,
            day: duty.day,
            part: duty.part,
            is_on_call: matches!(duty.kind, Kind::Garde | Kind::Astreinte),
            revision: i64::from(revision),
        });
        Ok(duties.collect())
    }

    /// Marks every analysis as outdated, after leave went back: plans are judged anew before they are published.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn outdate_plans(db: &Db) -> Result<u64, BoxError> {
        let tx = db.begin(&Ctx::system(Self::NAME, &Clock::system())).await?;
        let count = store::plans::outdate_all(tx.conn()).await?;
        tx.commit().await?;
        Ok(count)
    }
}

impl Service for Planning {
    const NAME: &'static str = "planning";
    type Config = Config;
    type Deps = Deps;

    async fn connect(config: &Config, process: &Process) -> Result<Deps, BuildError> {
        let staff = process.peer(&config.staff)?;
        let bus = Bus::connect(&config.bus).await?;
        Ok(Deps {
            db: Db::open(&config.db, Migrator).await?.share_marks(&bus, Self::NAME),
            bus,
            keys: peers::signing_keys(staff.clone()),
            leave: process.peer(&config.leave)?,
            staff,
        })
    }

    async fn build(config: Config, deps: Deps) -> Result<Parts, BuildError> {
        metrics::describe();
        let app = App {
            db: deps.db.clone(),
            peers: Peers::new(deps.staff, deps.leave),
            wakes: Wakes::new(),
            boards: Boards::new(),
            judges: Judges::new(),
            limits: config.limits(),
        };
        let planning = PlanningServiceServer::new(api::Planning(app.clone()));
        let tasks =
            TaskServiceServer::new(api::Tasks(app.clone())).max_decoding_message_size(MESSAGE_BYTES_MAX);
        let letters = dead_letter::service(&deps.db);
        let swaps = SwapServiceServer::new(api::Swaps(app.clone()));
        let replacements = ReplacementServiceServer::new(api::Replacements(app.clone()));
        let routes = Routes::new(planning)
            .add_service(tasks)
            .add_service(letters)
            .add_service(swaps)
            .add_service(replacements);
        let mut parts = Parts::service(routes, deps.keys);
        let windows = durable::windows(&deps.db, "planning.on_notices", Closable::Planning).await?;
        let policies = durable::policies(&deps.db, "planning.on_access_policies").await?;
        let consumers: Vec<Arc<dyn Consumer>> = vec![
            Arc::new(workers::OnLeaveEvents(deps.db.clone())),
            Arc::new(workers::OnStaffEvents),
            windows.consumer,
            policies.consumer,
        ];
        parts.workers = inbox::workers(&deps.db, &deps.bus, consumers);
        parts.workers.push(windows.keeper);
        parts.workers.push(policies.keeper);
        parts.read_only = windows.read_only;
        parts.access = policies.access;
        parts.workers.push(outbox::relay(&deps.db, &deps.bus, Self::NAME));
        parts.workers.push(Box::new(workers::MeasureBacklog(deps.db.clone())));
        parts.workers.push(Box::new(workers::ExpireExchanges(app.clone())));
        parts.workers.push(Box::new(workers::Reconcile(app)));
        parts.workers.extend(durable::heartbeat(&deps.db));
        parts.probes = deps.db.probes();
        parts.anonymous = ANONYMOUS;
        Ok(parts)
    }
}
