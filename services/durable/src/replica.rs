//! Reads from a standby of the primary, and how old they may be: of what may be a little old at any time, of everything
//! while the primary is away.
//!
//! Two measures, both kept in the WAL, so that no standby can be wrong about them:
//! - a **heartbeat** (`heartbeat.rs`), a row that says when by the primary's clock it was written. Whoever sees it sees
//!   everything that was committed before. A standby cut off from its primary, or on a timeline that nobody follows any
//!   more, sees no new one, however content it is with itself;
//! - a **position** (`author.rs`), the timeline and the place in the WAL after a person's last write, left as a mark for
//!   all instances of the service. A standby that has not come so far is not asked by that person.

mod author;
mod heartbeat;
mod reader;
mod rest;

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bus::{Bus, Marks};
use chassis::{BoxError, Ctx};
use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, QueryResult,
    Statement, TransactionTrait,
};
use tokio::time::{Instant, timeout};

pub(crate) use self::author::Author;
use self::{heartbeat::Heartbeat, rest::Rest};
pub use self::{heartbeat::heartbeat, reader::Reader};
use crate::{DbConfig, db, metric, problem::Result as OpenResult};

/// How long a replica and the marks may take to answer before the primary is asked.
const PATIENCE: Duration = Duration::from_millis(250);

/// How long it may take while there is nobody else to ask: below the second in which everybody is told what cannot be had.
const OUTAGE_PATIENCE: Duration = Duration::from_millis(700);

/// How long one statement may take at the replica before the primary is asked: above any page of a list, below what
/// people wait for.
const STATEMENT: Duration = Duration::from_secs(1);

/// How long the primary may take over one read before a replica is asked.
const PRIMARY_PATIENCE: Duration = Duration::from_secs(1);

/// How long a mark outlives the staleness that is allowed: far above the time a mark takes to be left and a rest.
const MARGIN: Duration = Duration::from_secs(10);

/// One for the beat, one for the next if the first was given up.
const PULSE_CONNECTIONS: u32 = 2;

/// What a replica has replayed. Behind a balancer it may have been promoted, and replays nothing any more.
const LOOK: &str = "\
SELECT (SELECT value FROM setting WHERE name = 'heartbeat') AS heartbeat, \
lpad(to_hex(CAST(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() \
ELSE pg_current_wal_insert_lsn() END - '0/0' AS BIGINT)), 16, '0') AS place";

/// The standbys of a primary, behind one address.
pub(crate) struct Replica {
    pool: DatabaseConnection,
    staleness_max: Duration,
    /// How stale an answer may be while the primary is away.
    outage_staleness_max: Duration,
    /// Whether the primary failed to answer when it was asked last.
    is_primary_away: AtomicBool,
    /// A time by the primary's clock, in microseconds, and when it was asked for. This process's monotonic clock
    /// carries it on, so that no two machines' clocks are compared.
    clock: Mutex<Option<(i64, Instant)>>,
    rest: Arc<Rest>,
    /// Whom the other instances are reached by, and the name of the service.
    bus: OnceLock<(Bus, &'static str)>,
    bus_rest: Rest,
    /// What was written here, for when the bus is away.
    own: Mutex<Marks>,
    /// Marks that were opened here and wait for a position.
    owed: Mutex<HashMap<String, String>>,
    /// For the heartbeat alone: to the primary, however busy the calls' connections are.
    pulse: DatabaseConnection,
}

/// A transaction on a replica, which keeps to one server.
#[derive(Debug)]
struct Opened {
    transaction: DatabaseTransaction,
    staleness: Duration,
    has_failed: AtomicBool,
    rest: Arc<Rest>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Whole values are replaced: a panic cannot leave one half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The one row of a question that has one.
async fn row(connection: &impl ConnectionTrait, sql: &str) -> Result<QueryResult, DbErr> {
    let row = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    row.ok_or_else(|| DbErr::RecordNotFound("an answer of the database".to_owned()))
}

/// Opens a transaction and looks how far its server is. Statements after this one see at least as much.
async fn look(pool: DatabaseConnection) -> Result<(DatabaseTransaction, Option<Heartbeat>, String), DbErr> {
    let transaction = pool.begin().await?;
    let seen = row(&transaction, LOOK).await?;
    let heartbeat: Option<String> = seen.try_get("", "heartbeat")?;
    let heartbeat = heartbeat.as_deref().and_then(Heartbeat::parse);
    Ok((transaction, heartbeat, seen.try_get("", "place")?))
}

// === impl Replica ===

impl Replica {
    /// Waits for nobody: a replica that is away is missed when it is asked.
    pub(crate) async fn open(config: &DbConfig) -> OpenResult<Option<Self>> {
        let Some(url) = &config.replica_url else { return Ok(None) };
        let mut options = db::postgres_options(config, url.expose());
        // A balancer gets the chance to send us to another standby.
        options.connect_lazy(true).acquire_timeout(STATEMENT).max_lifetime(Duration::from_secs(60));
        let mut pulse = db::postgres_options(config, config.url.expose());
        pulse.connect_lazy(true).max_connections(PULSE_CONNECTIONS);
        Ok(Some(Self {
            pool: Database::connect(options).await?,
            pulse: Database::connect(pulse).await?,
            staleness_max: config.replica_staleness_max(),
            outage_staleness_max: config.replica_outage_staleness_max(),
            is_primary_away: AtomicBool::new(false),
            clock: Mutex::default(),
            rest: Arc::default(),
            bus: OnceLock::new(),
            bus_rest: Rest::default(),
            own: Mutex::default(),
            owed: Mutex::default(),
        }))
    }

    pub(crate) fn share_marks(&self, bus: &Bus, service: &'static str) {
        // Once: a database belongs to one service.
        let _ = self.bus.set((bus.clone(), service));
    }

    /// How long marks are kept: a replica that is asked has everything older than it may be stale.
    fn kept(&self) -> Duration {
        self.staleness_max.max(self.outage_staleness_max) + MARGIN
    }

    /// Whether the primary failed to answer when it was asked last; the heartbeat finds out when it is back.
    pub(crate) fn is_primary_away(&self) -> bool {
        self.is_primary_away.load(Ordering::Relaxed)
    }

    /// How long the primary has not answered, if it is away; of one that never answered that is not known.
    pub(crate) fn outage(&self) -> Option<Duration> {
        let asked = (*lock(&self.clock)).map(|(_, asked)| asked);
        self.is_primary_away().then(|| asked.map_or(Duration::ZERO, |asked| asked.elapsed()))
    }

    /// The primary's time, a round trip ahead of it at most.
    fn now_micros(&self) -> Option<i64> {
        let (micros, asked) = (*lock(&self.clock))?;
        Some(micros.saturating_add(i64::try_from(asked.elapsed().as_micros()).unwrap_or(i64::MAX)))
    }

    /// A transaction on a replica that is fresh enough for this caller, or why there is none.
    async fn serve(&self, ctx: &Ctx) -> Result<Opened, &'static str> {
        if ctx.principal.is_neighbour() && !ctx.is_shown {
            return Err("decision");
        }
        if self.now_micros().is_none() {
            return Err("unmeasured");
        }
        let outage = self.outage();
        if !self.rest.may_ask(Instant::now()) {
            return Err("away");
        }
        let patience = if outage.is_some() { OUTAGE_PATIENCE } else { PATIENCE };
        // A mark that matters is younger than what a replica may lack.
        let marked = self.mark(ctx, self.staleness_max + outage.unwrap_or_default() + MARGIN, patience);
        // In a task of its own: given up half-way, a transaction would stay open on its connection.
        let look = tokio::spawn(look(self.pool.clone()));
        let looked = async { Ok::<_, BoxError>(timeout(patience, look).await???) };
        let (mark, looked) = tokio::join!(marked, looked);
        let (transaction, heartbeat, place) = match looked {
            Ok(looked) => looked,
            Err(error) => {
                tracing::warn!(%error, "the replica is away; the primary is asked");
                self.rest.begin(Instant::now());
                return Err("away");
            }
        };
        self.rest.end();
        let (Some(heartbeat), Some(now)) = (heartbeat, self.now_micros()) else { return Err("lagging") };
        let staleness = Duration::from_micros(u64::try_from(now - heartbeat.micros).unwrap_or(0));
        metric::replica_staleness(staleness.as_secs_f64());
        // The heartbeat stands still with the primary: until then a replica was as fresh as at any other time.
        let (most, why) = match outage {
            Some(outage) => ((self.staleness_max + outage).min(self.outage_staleness_max), "primary_away"),
            None => (self.staleness_max, "fresh_enough"),
        };
        if staleness > most {
            return Err("lagging");
        }
        let position = format!("{}{place}", heartbeat.timeline);
        if mark?.is_some_and(|mark| mark > position) {
            return Err("own_write");
        }
        metric::stale_read("replica", why);
        Ok(Opened { transaction, staleness, has_failed: AtomicBool::new(false), rest: self.rest.clone() })
    }

    /// Whether a replica can serve while the primary is away.
    pub(crate) async fn answers(&self) -> bool {
        let looked = timeout(PATIENCE, tokio::spawn(look(self.pool.clone()))).await;
        let Ok(Ok(Ok((_, Some(heartbeat), _)))) = looked else { return false };
        let staleness = self.now_micros().map(|now| now - heartbeat.micros);
        let most = i64::try_from(self.outage_staleness_max.as_micros()).unwrap_or(i64::MAX);
        staleness.is_some_and(|staleness| staleness <= most)
    }
}

impl fmt::Debug for Replica {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replica").field("staleness_max", &self.staleness_max).finish_non_exhaustive()
    }
}
