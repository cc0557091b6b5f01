//! One service's database.
//!
//! SQLite: one writer connection whose transactions begin with `BEGIN IMMEDIATE`, so a `FOR UPDATE` is not
//! needed there, and a pool of readers beside it (WAL). An acknowledged write is on the disk
//! (`synchronous = FULL`). PostgreSQL: one pool, READ COMMITTED; what must not race is guarded by row versions
//! and unique indexes. Reads that may be stale go to its standbys, where there are any (`replica.rs`).

use std::{
    marker::PhantomData,
    ops::Deref,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bus::Bus;
use chassis::{BuildError, Clock, Ctx, Probe, Problem, Signal};
use jiff::Timestamp;
use prost::{Message, Name};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    EntityTrait, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::{MigrationTrait, MigratorTrait, seaql_migrations};
use tokio::time::{Instant, timeout};

use crate::{
    DbConfig, Error, Reader, Result,
    audit::{self, Actor, Change},
    event, metric, migrations,
    problem::{self, problem},
    replica::{Author, Replica},
};

/// How long a probe waits for the database: a replica may be asked after it, within the second a probe has.
const PROBE_TIMEOUT: Duration = Duration::from_millis(700);

/// Two instances that start at once migrate one after the other: the key of PostgreSQL's advisory lock.
const MIGRATION_LOCK: i64 = 0x6d61_7468_696c;

/// A connection that was used within this time is not asked whether it lives before it is used again.
const IDLE_MAX: Duration = Duration::from_millis(500);

/// How long a migration waits for a table that calls use before it gives up, so that it never holds them up for longer.
const MIGRATION_LOCK_TIMEOUT: &str = "3s";

/// A service's database; cheap to clone.
#[derive(Clone, Debug)]
pub struct Db {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    outbox_signal: Signal,
    redrive_signal: Signal,
    replica: Option<Arc<Replica>>,
    clock: Clock,
    #[cfg(feature = "testing")]
    link: Option<std::sync::Arc<dyn crate::testing::Link>>,
}

/// A write transaction. Dropped without [`Tx::commit`] it never happened.
#[derive(Debug)]
pub struct Tx {
    inner: DatabaseTransaction,
    now: Timestamp,
    begun: Instant,
    has_published: AtomicBool,
    outbox_signal: Signal,
    /// Whose reads shall see it, and where its position is asked for.
    author: Option<(Author, DatabaseConnection)>,
    /// Who does what the audit log is told of, and what that is.
    actor: Actor,
    changes: Mutex<Vec<Change>>,
    #[cfg(feature = "testing")]
    link: Option<std::sync::Arc<dyn crate::testing::Link>>,
}

/// Durable's migrations, then the service's.
struct Combined<M>(PhantomData<M>);

/// How far this machine's clock may be from the database's: as far as a token's verifier forgives.
const CLOCK_APART_MAX: Duration = Duration::from_secs(30);

struct DbProbe(Db);

struct ClockProbe(Db);

// === impl Db ===

impl Db {
    /// Opens the database and brings its tables up to date.
    pub async fn open<M: MigratorTrait>(config: &DbConfig, _migrator: M) -> Result<Self> {
        let db = Self::open_as_it_is(config).await?;
        db.migrate::<M>().await?;
        Ok(db)
    }

    /// Opens the database and leaves its tables alone: for an operator's look at it.
    pub async fn open_as_it_is(config: &DbConfig) -> Result<Self> {
        let url = config.url.expose();
        let (writer, reader) = if let Some(path) = url.strip_prefix("sqlite://") {
            create_folder(path)?;
            let writer = Database::connect(sqlite_options(config, true)).await?;
            (writer, Database::connect(sqlite_options(config, false)).await?)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let pool = Database::connect(postgres_options(config, config.url.expose())).await?;
            (pool.clone(), pool)
        } else {
            return Err(Error::Address);
        };
        if config.replica_url.is_some() && writer.get_database_backend() != DbBackend::Postgres {
            return Err(Error::Replica);
        }
        let replica = Replica::open(config).await?.map(Arc::new);
        Ok(Self { replica, ..Self::over(writer, reader) })
    }

    /// A database whose tables are there.
    pub(crate) fn over(writer: DatabaseConnection, reader: DatabaseConnection) -> Self {
        Self {
            writer,
            reader,
            outbox_signal: Signal::new(),
            redrive_signal: Signal::new(),
            replica: None,
            clock: Clock::system(),
            #[cfg(feature = "testing")]
            link: None,
        }
    }

    /// The same database for a process with a clock of its own.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The same database behind a link that may break.
    #[cfg(feature = "testing")]
    pub(crate) fn behind(self, link: std::sync::Arc<dyn crate::testing::Link>) -> Self {
        Self { link: Some(link), ..self }
    }

    /// The time of what no call asked for: relays, inboxes, leases. Calls bring their own.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// For reading outside a transaction what something is decided by: sees what is committed.
    pub fn read(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Lets the instances of a service tell each other whose writes a replica must have. Without it the replica is
    /// not asked for people.
    #[must_use]
    pub fn share_marks(self, bus: &Bus, service: &'static str) -> Self {
        if let Some(replica) = &self.replica {
            replica.share_marks(bus, service);
        }
        self
    }

    /// For reading what may be some seconds old: lists and reports, never what this service decides by. The answer's
    /// head says how old.
    ///
    /// The replica serves when it answers at once, is not staler than allowed and has what the caller wrote last; in
    /// all other cases, and where there is none, [`Db::read`] does.
    pub async fn stale(&self, ctx: &Ctx) -> Reader {
        Reader::of_replica(&self.reader, self.replica.as_ref(), ctx).await
    }

    /// For reading what is shown as it is now. While the primary is away, a replica as in [`Db::stale`] answers, which
    /// may then be staler, and the answer's head says how old.
    pub fn fresh(&self, ctx: &Ctx) -> Reader {
        Reader::of_primary(&self.reader, self.replica.as_ref(), ctx)
    }

    pub(crate) fn replica(&self) -> Option<Arc<Replica>> {
        self.replica.clone()
    }

    /// Refuses at once while the primary is known to be away: before a use case asks its neighbours for a write that
    /// cannot be made, and before it waits for a connection that cannot be had.
    pub fn writable(&self) -> std::result::Result<(), Problem> {
        match self.replica.as_ref().and_then(|replica| replica.outage()) {
            Some(outage) => Err(problem::away_for(outage)),
            None => Ok(()),
        }
    }

    /// Begins a write transaction.
    pub async fn begin(&self, ctx: &Ctx) -> std::result::Result<Tx, Problem> {
        self.writable()?;
        let mut tx = self.begin_at(ctx.now).await.map_err(problem)?;
        tx.actor = Actor { subject: ctx.principal.subject(), call: ctx.request_id.to_string() };
        tx.author = Author::of(self.replica(), ctx).map(|author| (author, self.writer.clone()));
        Ok(tx)
    }

    /// Begins a write transaction of a worker.
    pub(crate) async fn begin_now(&self) -> std::result::Result<Tx, DbErr> {
        self.begin_at(self.now()).await
    }

    async fn begin_at(&self, now: Timestamp) -> std::result::Result<Tx, DbErr> {
        #[cfg(feature = "testing")]
        if let Some(link) = &self.link {
            link.ask().await?;
        }
        let inner = self.writer.begin_with_options(self.transaction_options()).await?;
        Ok(Tx {
            inner,
            now,
            begun: Instant::now(),
            has_published: AtomicBool::new(false),
            outbox_signal: self.outbox_signal.clone(),
            author: None,
            actor: Actor { subject: "services/-".to_owned(), call: String::new() },
            changes: Mutex::default(),
            #[cfg(feature = "testing")]
            link: self.link.clone(),
        })
    }

    /// The time by which instances agree, in microseconds since 1970: PostgreSQL's own clock, this machine's for a file
    /// of this machine.
    ///
    /// Whatever decides which instance owns something compares times of this clock only; [`Tx::now`] is a caller's
    /// own clock, good for saying when something happened.
    pub async fn now_micros(&self, connection: &impl ConnectionTrait) -> std::result::Result<i64, DbErr> {
        if self.backend() != DbBackend::Postgres {
            return Ok(self.now().as_microsecond());
        }
        let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) AS now";
        let row = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
        row.ok_or_else(|| DbErr::RecordNotFound("the time".to_owned()))?.try_get("", "now")
    }

    /// Given when a transaction with events has committed.
    pub(crate) fn outbox_signal(&self) -> Signal {
        self.outbox_signal.clone()
    }

    /// Given when somebody has asked for a dead letter to be tried again.
    pub(crate) fn redrive_signal(&self) -> Signal {
        self.redrive_signal.clone()
    }

    /// Which database this is, for the few statements that differ (`FOR UPDATE`).
    pub fn backend(&self) -> DbBackend {
        self.writer.get_database_backend()
    }

    /// Tells whether the database answers, and whether this machine's clock agrees with its: an instance whose clock is
    /// wrong takes good tokens for ended ones and signs bad ones, so it had better be left out. While the primary is away
    /// a replica is enough: what only reads goes on, and leaving all instances out would end that too.
    pub fn probes(&self) -> Vec<Box<dyn Probe>> {
        vec![Box::new(DbProbe(self.clone())), Box::new(ClockProbe(self.clone()))]
    }

    fn transaction_options(&self) -> TransactionOptions {
        let sqlite_transaction_mode =
            (self.backend() == DbBackend::Sqlite).then_some(SqliteTransactionMode::Immediate);
        TransactionOptions { sqlite_transaction_mode, ..TransactionOptions::default() }
    }

    async fn migrate<M: MigratorTrait>(&self) -> std::result::Result<(), DbErr> {
        let tx = self.writer.begin_with_options(self.transaction_options()).await?;
        if self.backend() == DbBackend::Postgres {
            // Another instance's migration and one's own may take longer than a statement of a call.
            tx.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
            tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
            tx.execute_unprepared(&format!("SET LOCAL lock_timeout = '{MIGRATION_LOCK_TIMEOUT}'")).await?;
        }
        Combined::<M>::up(&tx, None).await?;
        tx.commit().await
    }
}

fn create_folder(path: &str) -> std::io::Result<()> {
    let path = path.split('?').next().unwrap_or(path);
    match Path::new(path).parent() {
        Some(folder) if !folder.as_os_str().is_empty() => std::fs::create_dir_all(folder),
        _ => Ok(()),
    }
}

fn sqlite_options(config: &DbConfig, is_writer: bool) -> ConnectOptions {
    let busy_timeout = config.statement_timeout();
    let mut options = ConnectOptions::new(config.url.expose().clone());
    options
        .max_connections(if is_writer { 1 } else { config.pool_max })
        // There is one writer: waiting for it is waiting for the file.
        .acquire_timeout(busy_timeout)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |options| {
            options
                .create_if_missing(true)
                .foreign_keys(true)
                .busy_timeout(busy_timeout)
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL")
                .pragma("query_only", if is_writer { "OFF" } else { "ON" })
        });
    options
}

pub(crate) fn postgres_options(config: &DbConfig, url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url.to_owned());
    options
        .max_connections(config.pool_max)
        .acquire_timeout(config.acquire_timeout())
        .connect_timeout(config.acquire_timeout())
        .statement_timeout(config.statement_timeout())
        .test_before_acquire_if_idle_for(IDLE_MAX)
        .sqlx_logging(false);
    options
}

// === impl Tx ===

impl Tx {
    /// The time of everything this transaction writes: the call's.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The connection of this transaction.
    pub fn conn(&self) -> &DatabaseTransaction {
        &self.inner
    }

    /// Writes an event into the outbox: it is sent if and only if this transaction commits.
    ///
    /// `topic` is the name of the publishing service; `hospital` an id; `subject` the name of the resource.
    pub async fn publish<M: Message + Name>(
        &self,
        topic: &str,
        message: &M,
        hospital: &str,
        subject: impl AsRef<str>,
    ) -> std::result::Result<(), Problem> {
        let envelope = event::encode(message, hospital, subject.as_ref(), self.now);
        crate::outbox::insert(&self.inner, topic, envelope).await.map_err(problem)?;
        self.has_published.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Like [`Tx::publish`], for many events of one hospital, each with its subject.
    pub async fn publish_all<M: Message + Name>(
        &self,
        topic: &str,
        hospital: &str,
        events: impl IntoIterator<Item = (M, String)>,
    ) -> std::result::Result<(), Problem> {
        let encode = |(message, subject): (M, String)| event::encode(&message, hospital, &subject, self.now);
        let envelopes: Vec<_> = events.into_iter().map(encode).collect();
        if envelopes.is_empty() {
            return Ok(());
        }
        crate::outbox::insert_all(&self.inner, topic, envelopes).await.map_err(problem)?;
        self.has_published.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Writes a line of the audit log: with everything else of this transaction, or not at all.
    pub fn audit(&self, change: Change) {
        self.changes.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(change);
    }

    /// Makes it so. After an error the outcome may be unknown: the same request id tells.
    pub async fn commit(self) -> std::result::Result<(), Problem> {
        self.commit_raw().await.map_err(problem)
    }

    pub(crate) async fn commit_raw(self) -> std::result::Result<(), DbErr> {
        let changes = self.changes.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !changes.is_empty() {
            // Last of all: from here on others of the hospital wait.
            audit::append(&self.inner, &self.actor, self.now, changes).await?;
        }
        let outcome = self.inner.commit().await;
        #[cfg(feature = "testing")]
        let outcome = match &self.link {
            Some(link) => outcome.and(link.answered().await),
            None => outcome,
        };
        let label = if outcome.is_ok() { "committed" } else { "failed" };
        metric::transaction(self.begun.elapsed().as_secs_f64(), label);
        if self.has_published.into_inner() {
            self.outbox_signal.notify();
        }
        if let (Ok(()), Some((author, primary))) = (&outcome, self.author) {
            author.wrote(&primary).await;
        }
        outcome
    }

    /// Says that the author was told of an earlier write once more, and may look for it.
    pub(crate) async fn repeated(&self) {
        if let Some((author, _)) = &self.author {
            author.wrote(&self.inner).await;
        }
    }
}

impl Deref for Tx {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

// === impl Combined ===

#[async_trait]
impl<M: MigratorTrait> MigratorTrait for Combined<M> {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        migrations().into_iter().chain(M::migrations()).collect()
    }

    /// What a later version has applied is passed over: during a rolling upgrade and after its rollback this version
    /// works on the later tables, which only ever gain something until no instance of it is left.
    async fn get_migration_models<C: ConnectionTrait>(
        db: &C,
    ) -> std::result::Result<Vec<seaql_migrations::Model>, DbErr> {
        Self::install(db).await?;
        let known = Self::migrations();
        let mut applied = seaql_migrations::Entity::find().all(db).await?;
        applied.retain(|row| known.iter().any(|migration| migration.name() == row.version));
        Ok(applied)
    }
}

// === impl DbProbe ===

#[async_trait]
impl Probe for DbProbe {
    fn name(&self) -> &'static str {
        "database"
    }

    async fn check(&self) -> std::result::Result<(), BuildError> {
        let answer = Statement::from_string(self.0.backend(), "SELECT 1");
        let answered = timeout(PROBE_TIMEOUT, self.0.reader.query_one_raw(answer)).await;
        if let Some(replica) = &self.0.replica
            && !matches!(answered, Ok(Ok(_)))
            && replica.answers().await
        {
            return Ok(());
        }
        answered??;
        Ok(())
    }
}

// === impl ClockProbe ===

#[async_trait]
impl Probe for ClockProbe {
    fn name(&self) -> &'static str {
        "clock"
    }

    async fn check(&self) -> std::result::Result<(), BuildError> {
        let asked = Instant::now();
        // A database that does not answer is the other probe's business.
        let Ok(Ok(theirs)) = timeout(PROBE_TIMEOUT, self.0.now_micros(&self.0.reader)).await else {
            return Ok(());
        };
        let ours = self.0.now().as_microsecond();
        // The answer is as old as its way back, which is not ours to know: the whole way counts for us.
        let apart = Duration::from_micros(ours.abs_diff(theirs)).saturating_sub(asked.elapsed());
        if apart > CLOCK_APART_MAX {
            return Err(BuildError::new(format!("{} s from the database's", apart.as_secs())));
        }
        Ok(())
    }
}
