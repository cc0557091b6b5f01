//! Events leave the database: rows written with their transaction, relayed after it.
//!
//! One instance relays at a time (a lease), in the order of ids. A row is marked once the bus has taken it: on
//! a local bus once every consumer has committed, on Redis once Redis holds it. A crash in between sends it
//! again, which inboxes expect. When the bus has lost its memory ([`Bus::epoch`]) everything that is still kept
//! is sent again, and when another server holds it, what was relayed last: the latest, which may not have been applied
//! yet, before all news and in order, the rest at leisure, so that no news wait behind what everybody knows.

mod remainder;

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use bus::Bus;
use chassis::{BoxError, Next, Signal, Worker};
use jiff::Timestamp;
use proto::event::v1::Envelope;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{self, Expr, OnConflict},
};
use tokio::{sync::Mutex, time::Instant};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::remainder::Remainder;
use crate::{
    Db, Tx,
    entity::{delivery, inbox, outbox, request, setting},
    lease::Lease,
    metric, rows, time,
};

/// How many rows travel at once.
const BATCH: u64 = 200;

/// The id before which the next rows lie: far enough for a batch with ids between that were never committed.
const NEXT: &str = "(SELECT MIN(id) FROM outbox WHERE relayed_time IS NULL) + 1000";

/// How long the relay rests without a signal: the latency of rows another instance has written.
const EVERY: Duration = Duration::from_secs(1);

/// How long an instance keeps the relay without renewing.
const LEASE: Duration = Duration::from_secs(15);

/// How often the relay asks whether the bus remembers: the latency of what a failover of the bus lost.
const HOUSEKEEPING: Duration = Duration::from_secs(1);

/// How often it forgets what is old.
const PURGE: Duration = Duration::from_secs(60);

/// How long relayed rows and request ids are kept.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3_600);

/// How long an inbox remembers: longer than any outbox can send again.
const INBOX_KEPT: Duration = Duration::from_secs(30 * 24 * 3_600);

/// The setting that names the bus memory which the relay has filled.
const MEMORY: &str = "bus_epoch";

/// The setting that names the run of the server which held that memory.
const RUN: &str = "bus_run";

/// The setting that names what is sent again at leisure.
const REMAINDER: &str = "bus_remainder";

/// How far another server may be behind what was relayed last when it takes over: above what Sentinels let a replica lag
/// and still choose it, and little enough to send again at each restart.
const BEHIND: Duration = Duration::from_secs(600);

/// How far consumers may be behind what was relayed last while all is well: what may not have been applied yet.
const RECENT: Duration = Duration::from_secs(10);

/// When the relay last looked after things.
struct Kept {
    asked: Option<Instant>,
    /// From its beginning on: deleting is cheap to put off, and the beginning of a process is busy enough.
    purged: Instant,
}

/// What the relay has to remember, by name.
type Settings = BTreeMap<String, String>;

struct Relay {
    db: Db,
    bus: Bus,
    topic: &'static str,
    lease: Lease,
    kept: Mutex<Kept>,
}

/// The worker that relays this database's events to the topic of its service.
pub fn relay(db: &Db, bus: &Bus, topic: &'static str) -> Box<dyn Worker> {
    // A SQLite file belongs to one process, so its next process is the same holder and need not wait.
    let holder = match db.backend() {
        DbBackend::Sqlite => "this".to_owned(),
        _ => Uuid::now_v7().to_string(),
    };
    Box::new(Relay {
        db: db.clone(),
        bus: bus.clone(),
        topic,
        lease: Lease::new(db, "outbox", holder, LEASE),
        kept: Mutex::new(Kept { asked: None, purged: Instant::now() }),
    })
}

/// Lets the relay send again what it has sent since a time: for consumers whose database went back to it. Those who
/// have applied an event know it. Answers how many events; what was sent more than 7 days ago is forgotten.
pub async fn resend(db: &Db, since: Timestamp) -> Result<u64, DbErr> {
    let tx = db.begin_now().await?;
    let taken = take_back(&tx, time::micros(since)).await?;
    tx.commit_raw().await?;
    Ok(taken)
}

/// Takes back what was relayed since a time, in microseconds.
async fn take_back(tx: &Tx, since: i64) -> Result<u64, DbErr> {
    let taken = outbox::Entity::update_many()
        .col_expr(outbox::Column::RelayedTime, Expr::value(Option::<i64>::None))
        .filter(outbox::Column::RelayedTime.gte(since))
        .exec(tx.conn())
        .await?;
    Ok(taken.rows_affected)
}

/// Writes a row.
pub(crate) async fn insert(
    conn: &impl ConnectionTrait,
    topic: &str,
    envelope: Envelope,
) -> Result<(), DbErr> {
    outbox::Entity::insert(row(topic, envelope)).exec_without_returning(conn).await.map(drop)
}

/// Writes rows in their order.
pub(crate) async fn insert_all(
    conn: &impl ConnectionTrait,
    topic: &str,
    envelopes: Vec<Envelope>,
) -> Result<(), DbErr> {
    rows::insert_all(conn, envelopes.into_iter().map(|envelope| row(topic, envelope)).collect()).await
}

/// Writes a setting.
async fn remember(tx: &Tx, name: &str, value: String) -> Result<(), DbErr> {
    let row = setting::ActiveModel { name: Set(name.to_owned()), value: Set(value) };
    let replace = OnConflict::column(setting::Column::Name).update_column(setting::Column::Value).to_owned();
    setting::Entity::insert(row).on_conflict(replace).exec_without_returning(tx.conn()).await.map(drop)
}

fn row(topic: &str, envelope: Envelope) -> outbox::ActiveModel {
    let time = time::micros(crate::event::happened(&envelope));
    outbox::ActiveModel {
        id: NotSet,
        event_id: Set(envelope.id),
        topic: Set(topic.to_owned()),
        kind: Set(envelope.r#type),
        hospital: Set(envelope.hospital),
        subject: Set(envelope.subject),
        time: Set(time),
        traceparent: Set(envelope.traceparent),
        payload: Set(envelope.payload),
        relayed_time: Set(None),
    }
}

fn envelope(row: outbox::Model) -> Envelope {
    Envelope {
        id: row.event_id,
        r#type: row.kind,
        hospital: row.hospital,
        subject: row.subject,
        time: Some(time::micros_to_proto(row.time)),
        traceparent: row.traceparent,
        payload: row.payload,
    }
}

// === impl Relay ===

#[async_trait]
impl Worker for Relay {
    fn name(&self) -> &'static str {
        "outbox.relay"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    fn signal(&self) -> Option<Signal> {
        Some(self.db.outbox_signal())
    }

    async fn run(&self, stop: &CancellationToken) -> Result<Next, BoxError> {
        tokio::select! {
            biased;
            // Dropping the step withdraws what no consumer has taken yet; its rows stay unmarked.
            () = stop.cancelled() => {
                // So that the next instance need not wait for the lease to end.
                self.lease.release().await?;
                Ok(Next::Idle)
            }
            next = self.step() => next,
        }
    }
}

impl Relay {
    async fn step(&self) -> Result<Next, BoxError> {
        self.keep_house().await?;
        let before = self.lease.token().await;
        let mut rows = self.waiting().await?;
        metric::waiting(self.topic, rows.len());
        if rows.is_empty() {
            return Ok(Next::Idle);
        }
        let Some(token) = self.lease.hold().await? else { return Ok(Next::Idle) };
        if before != Some(token) {
            // Again under the lease: the holder before may have sent these in between.
            rows = self.waiting().await?;
        }
        let is_full = rows.len() as u64 == BATCH;
        for run in rows.chunk_by(|one, other| one.topic == other.topic) {
            self.send(run).await?;
        }
        Ok(if is_full { Next::Again } else { Next::Idle })
    }

    /// The first rows that wait, in their order. By their ids too: PostgreSQL mostly thinks that few wait, and would sort all
    /// of a large backlog to find its first rows.
    async fn waiting(&self) -> Result<Vec<outbox::Model>, DbErr> {
        outbox::Entity::find()
            .filter(outbox::Column::RelayedTime.is_null())
            .filter(sea_query::ExprTrait::lt(
                Expr::col((outbox::Entity, outbox::Column::Id)),
                Expr::cust(NEXT),
            ))
            .order_by_asc(outbox::Column::Id)
            .limit(BATCH)
            .all(self.db.read())
            .await
    }

    async fn send(&self, rows: &[outbox::Model]) -> Result<(), BoxError> {
        let Some(first) = rows.first() else { return Ok(()) };
        self.bus.publish_all(&first.topic, rows.iter().cloned().map(envelope).collect()).await?;
        let tx = self.db.begin_now().await?;
        if !self.lease.guards(&tx).await? {
            // Another relay may have found since that the bus lost these rows, and must see them as they are.
            return Err("the lease ended while events were on their way".into());
        }
        // By the clock that all relays share: another one compares it.
        let now = self.db.now_micros(tx.conn()).await?;
        outbox::Entity::update_many()
            .col_expr(outbox::Column::RelayedTime, Expr::value(now))
            .filter(outbox::Column::Id.is_in(rows.iter().map(|row| row.id)))
            .exec(&*tx)
            .await?;
        tx.commit_raw().await?;
        metric::relayed(&first.topic, rows.len(), (now - first.time).max(0) as f64 / 1e6);
        Ok(())
    }

    async fn keep_house(&self) -> Result<(), BoxError> {
        let mut kept = self.kept.lock().await;
        if kept.asked.is_none_or(|asked| asked.elapsed() >= HOUSEKEEPING) {
            let settings = self.settings().await?;
            self.check_epoch(&settings).await?;
            self.send_remainder(&settings).await?;
            kept.asked = Some(Instant::now());
        }
        if kept.purged.elapsed() >= PURGE {
            self.purge().await?;
            kept.purged = Instant::now();
        }
        Ok(())
    }

    /// Sends again what the bus may no longer hold.
    async fn check_epoch(&self, settings: &Settings) -> Result<(), BoxError> {
        let epoch = self.bus.epoch().await?;
        let memory = settings.get(MEMORY);
        let is_known = memory == Some(&epoch.memory) && settings.get(RUN) == Some(&epoch.run);
        if is_known || self.lease.hold().await?.is_none() {
            return Ok(());
        }
        let tx = self.db.begin_now().await?;
        if !self.lease.guards(&tx).await? {
            return Ok(());
        }
        match memory {
            // Whatever is in the outbox of a new database was never relayed.
            None => {}
            Some(memory) if *memory == epoch.memory => {
                self.send_again(&tx, Some(BEHIND), "another server holds the bus").await?;
            }
            Some(_) => self.send_again(&tx, None, "the bus has lost its memory").await?,
        }
        for (name, value) in [(MEMORY, epoch.memory), (RUN, epoch.run)] {
            remember(&tx, name, value).await?;
        }
        tx.commit_raw().await?;
        Ok(())
    }

    /// When a row was relayed last, in microseconds; 0 when none was.
    async fn latest_relayed(&self, tx: &Tx) -> Result<i64, DbErr> {
        let latest = outbox::Entity::find()
            .filter(outbox::Column::RelayedTime.is_not_null())
            .order_by_desc(outbox::Column::RelayedTime)
            .limit(1)
            .one(tx.conn())
            .await?;
        Ok(latest.and_then(|row| row.relayed_time).unwrap_or(0))
    }

    async fn settings(&self) -> Result<Settings, DbErr> {
        let rows = setting::Entity::find()
            .filter(setting::Column::Name.is_in([MEMORY, RUN, REMAINDER]))
            .all(self.db.read())
            .await?;
        Ok(rows.into_iter().map(|row| (row.name, row.value)).collect())
    }

    /// Takes back the latest of what was relayed, and leaves the rest for later, back to so long before; all of it if none.
    async fn send_again(&self, tx: &Tx, behind: Option<Duration>, why: &str) -> Result<(), BoxError> {
        // Not from now on: nothing may have been relayed for long, while no server or no relay was there.
        let latest = self.latest_relayed(tx).await?;
        let before = |span: Duration| latest - i64::try_from(span.as_micros()).unwrap_or(latest);
        let rest = Remainder::between(behind.map_or(0, before), before(RECENT));
        let left = setting::Entity::find_by_id(REMAINDER).one(tx.conn()).await?;
        let rest = left.and_then(|row| row.value.parse().ok()).map_or(rest, |left| rest.and(left));
        let taken = take_back(tx, rest.until()).await?;
        remember(tx, REMAINDER, rest.to_string()).await?;
        tracing::warn!(outbox.rows = taken, why, "events are sent again");
        metric::resent(self.topic, taken);
        Ok(())
    }

    /// Sends some of what is left to be sent again. It was relayed before, and stays so.
    async fn send_remainder(&self, settings: &Settings) -> Result<(), BoxError> {
        let Some(text) = settings.get(REMAINDER) else { return Ok(()) };
        let rest: Remainder = text.parse()?;
        if self.lease.hold().await?.is_none() {
            return Ok(());
        }
        let rows = rest.first(self.db.read()).await?;
        for run in rows.chunk_by(|one, other| one.topic == other.topic) {
            self.bus.publish_all(&run[0].topic, run.iter().cloned().map(envelope).collect()).await?;
        }
        let tx = self.db.begin_now().await?;
        let left = setting::Entity::find_by_id(REMAINDER).one(tx.conn()).await?;
        // The bus may have lost more since.
        if !self.lease.guards(&tx).await? || left.is_none_or(|left| left.value != *text) {
            return Ok(());
        }
        match rest.behind(&rows) {
            Some(rest) => remember(&tx, REMAINDER, rest.to_string()).await?,
            None => {
                setting::Entity::delete_by_id(REMAINDER).exec(tx.conn()).await?;
            }
        }
        tx.commit_raw().await?;
        metric::resent(self.topic, rows.len() as u64);
        Ok(())
    }

    async fn purge(&self) -> Result<(), DbErr> {
        let now = self.db.now_micros(self.db.read()).await?;
        let before = |kept: Duration| now - i64::try_from(kept.as_micros()).unwrap_or(i64::MAX);
        let is_old = outbox::Column::RelayedTime.lt(before(KEPT));
        // Reading first: a delete that finds nothing would still be a write, every few seconds for ever.
        let has_old = outbox::Entity::find().filter(is_old.clone()).one(self.db.read()).await?.is_some()
            || request::Entity::find()
                .filter(request::Column::Time.lt(before(KEPT)))
                .one(self.db.read())
                .await?
                .is_some()
            || inbox::Entity::find()
                .filter(inbox::Column::Time.lt(before(INBOX_KEPT)))
                .one(self.db.read())
                .await?
                .is_some();
        if !has_old {
            return Ok(());
        }
        let tx = self.db.begin_now().await?;
        outbox::Entity::delete_many().filter(is_old).exec(&*tx).await?;
        request::Entity::delete_many().filter(request::Column::Time.lt(before(KEPT))).exec(&*tx).await?;
        inbox::Entity::delete_many().filter(inbox::Column::Time.lt(before(INBOX_KEPT))).exec(&*tx).await?;
        // Of events that the bus dropped before they could be applied.
        delivery::Entity::delete_many()
            .filter(delivery::Column::Time.lt(before(INBOX_KEPT)))
            .exec(&*tx)
            .await?;
        tx.commit_raw().await
    }
}
