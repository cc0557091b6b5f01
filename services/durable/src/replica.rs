//! Reads that may be a little old, from a standby of the primary, and how old they may be.
//!
//! Two measures, both kept in the WAL, so that no standby can be wrong about them:
//! - a **heartbeat**, a row that says when by the primary's clock it was written. Whoever sees it sees everything that
//!   was committed before. A standby cut off from its primary, or on a timeline that nobody follows any more, sees no
//!   new one, however content it is with itself;
//! - a **position**, the timeline and the place in the WAL after a person's last write, left as a mark for all
//!   instances of the service. A standby that has not come so far is not asked by that person.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bus::{Bus, Mark, Marks};
use chassis::{BoxError, Ctx, Next, Worker};
use sea_orm::{
    AccessMode, ActiveValue::Set, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction,
    DbBackend, DbErr, EntityTrait, ExecResult, QueryResult, Statement, TransactionOptions, TransactionTrait,
    sea_query::OnConflict,
};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::{Db, DbConfig, Result, db, entity::setting, metric};

/// How long a replica and the marks may take to answer before the primary is asked.
const PATIENCE: Duration = Duration::from_millis(250);

/// How long one statement may take at the replica before the primary is asked: above any page of a list, below what
/// people wait for.
const STATEMENT: Duration = Duration::from_secs(1);

/// How long what did not answer is left alone: one call in so long finds out whether it is back.
const REST: Duration = Duration::from_secs(2);

/// How often the heart beats: the age that a replica without any lag is taken for at most.
const BEAT: Duration = Duration::from_secs(1);

/// How long a mark outlives the staleness that is allowed: far above the time a mark takes to be left and a rest.
const MARGIN: Duration = Duration::from_secs(10);

/// The setting that holds the heartbeat: microseconds by the primary's clock, and its timeline.
const HEARTBEAT: &str = "heartbeat";

/// A position that no replica has: of a write whose position could not be asked for.
const BEYOND: &str = "ffffffffffffffffffffffff";

/// The primary's time, timeline and heartbeat. The name of a WAL file begins with the timeline.
const MEASURE: &str = "\
SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) AS now, \
lower(left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)) AS timeline, \
(SELECT value FROM setting WHERE name = 'heartbeat') AS heartbeat";

/// Where the primary's WAL ends: timeline and place in hexadecimal digits, so that texts compare as positions do.
const POSITION: &str = "\
SELECT lower(left(pg_walfile_name(lsn), 8)) || lpad(to_hex(CAST(lsn - '0/0' AS BIGINT)), 16, '0') AS position \
FROM pg_current_wal_insert_lsn() AS lsn";

/// What a replica has replayed. Behind a balancer it may have been promoted, and replays nothing any more.
const LOOK: &str = "\
SELECT (SELECT value FROM setting WHERE name = 'heartbeat') AS heartbeat, \
lpad(to_hex(CAST(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() \
ELSE pg_current_wal_insert_lsn() END - '0/0' AS BIGINT)), 16, '0') AS place";

/// The standbys of a primary, behind one address.
pub(crate) struct Replica {
    pool: DatabaseConnection,
    staleness_max: Duration,
    /// A time by the primary's clock, in microseconds, and when it was asked for. This process's monotonic clock
    /// carries it on, so that no two machines' clocks are compared.
    clock: Mutex<Option<(i64, Instant)>>,
    rest: Arc<Rest>,
    /// Whom the other instances are reached by, and the name of the service.
    bus: OnceLock<(Bus, &'static str)>,
    bus_rest: Rest,
    /// What was written here, for when the bus is away.
    own: Mutex<Marks>,
}

/// Whoever writes in a transaction, so that their next reads see it.
#[derive(Clone, Debug)]
pub(crate) struct Author {
    replica: Arc<Replica>,
    subject: String,
}

/// A connection for reading what may be stale: a replica's, or the primary's where no replica serves.
///
/// A statement that fails at the replica is asked of the primary, and so is everything after it.
#[derive(Debug)]
pub struct Reader {
    primary: DatabaseConnection,
    replica: Option<Opened>,
}

/// A read-only transaction on a replica, which keeps to one server.
#[derive(Debug)]
struct Opened {
    transaction: DatabaseTransaction,
    staleness: Duration,
    has_failed: AtomicBool,
    rest: Arc<Rest>,
}

/// What the heartbeat says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Heartbeat {
    micros: i64,
    timeline: String,
}

/// Leaves alone what did not answer.
#[derive(Debug, Default)]
struct Rest(Mutex<Option<Instant>>);

struct Beat(Db, Arc<Replica>);

/// The worker that writes the heartbeat and carries the primary's clock; none where there is no replica.
pub fn heartbeat(db: &Db) -> Option<Box<dyn Worker>> {
    Some(Box::new(Beat(db.clone(), db.replica()?)))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Whole values are replaced: a panic cannot leave one half done.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn statement(sql: &str) -> Statement {
    Statement::from_string(DbBackend::Postgres, sql)
}

/// The one row of a question that has one.
async fn row(connection: &impl ConnectionTrait, sql: &str) -> std::result::Result<QueryResult, DbErr> {
    let row = connection.query_one_raw(statement(sql)).await?;
    row.ok_or_else(|| DbErr::RecordNotFound("an answer of the database".to_owned()))
}

// === impl Replica ===

impl Replica {
    /// Waits for nobody: a replica that is away is missed when it is asked.
    pub(crate) async fn open(config: &DbConfig) -> Result<Option<Self>> {
        let Some(url) = &config.replica_url else { return Ok(None) };
        let mut options = db::postgres_options(config, url.expose());
        // A balancer gets the chance to send us to another standby.
        options.connect_lazy(true).acquire_timeout(PATIENCE).max_lifetime(Duration::from_secs(60));
        Ok(Some(Self {
            pool: Database::connect(options).await?,
            staleness_max: config.replica_staleness_max(),
            clock: Mutex::default(),
            rest: Arc::default(),
            bus: OnceLock::new(),
            bus_rest: Rest::default(),
            own: Mutex::default(),
        }))
    }

    pub(crate) fn share_marks(&self, bus: &Bus, service: &'static str) {
        // Once: a database belongs to one service.
        let _ = self.bus.set((bus.clone(), service));
    }

    /// How long marks count: a replica that is asked has everything older than it may be stale.
    fn kept(&self) -> Duration {
        self.staleness_max + MARGIN
    }

    /// The primary's time, a round trip ahead of it at most.
    fn now_micros(&self) -> Option<i64> {
        let (micros, asked) = (*lock(&self.clock))?;
        Some(micros.saturating_add(i64::try_from(asked.elapsed().as_micros()).unwrap_or(i64::MAX)))
    }

    /// A transaction on a replica that is fresh enough for this caller, or why there is none.
    async fn serve(&self, ctx: &Ctx) -> std::result::Result<Opened, &'static str> {
        if ctx.principal.is_neighbour() {
            return Err("decision");
        }
        if self.now_micros().is_none() {
            return Err("unmeasured");
        }
        if !self.rest.may_ask(Instant::now()) {
            return Err("away");
        }
        let (mark, looked) = tokio::join!(self.mark(ctx), timeout(PATIENCE, self.look()));
        let (transaction, heartbeat, place) = match looked {
            Ok(Ok(looked)) => looked,
            outcome => {
                let why = match outcome {
                    Ok(Err(error)) => error.to_string(),
                    _ => "no answer in time".to_owned(),
                };
                tracing::warn!(why, "the replica is away; the primary is asked");
                self.rest.begin(Instant::now());
                return Err("away");
            }
        };
        self.rest.end();
        let (Some(heartbeat), Some(now)) = (heartbeat, self.now_micros()) else { return Err("lagging") };
        let staleness = Duration::from_micros(u64::try_from(now - heartbeat.micros).unwrap_or(0));
        metric::replica_staleness(staleness.as_secs_f64());
        if staleness > self.staleness_max {
            return Err("lagging");
        }
        let position = format!("{}{place}", heartbeat.timeline);
        if mark?.is_some_and(|mark| mark > position) {
            return Err("own_write");
        }
        Ok(Opened { transaction, staleness, has_failed: AtomicBool::new(false), rest: self.rest.clone() })
    }

    /// Opens a transaction and looks how far its server is. Statements after this one see at least as much.
    async fn look(&self) -> std::result::Result<(DatabaseTransaction, Option<Heartbeat>, String), DbErr> {
        let options =
            TransactionOptions { access_mode: Some(AccessMode::ReadOnly), ..TransactionOptions::default() };
        let transaction = self.pool.begin_with_options(options).await?;
        let seen = row(&transaction, LOOK).await?;
        let heartbeat: Option<String> = seen.try_get("", "heartbeat")?;
        let heartbeat = heartbeat.as_deref().and_then(Heartbeat::parse);
        Ok((transaction, heartbeat, seen.try_get("", "place")?))
    }

    /// The position of the caller's last write.
    async fn mark(&self, ctx: &Ctx) -> std::result::Result<Option<String>, &'static str> {
        const UNKNOWN: &str = "mark_unknown";
        // Only people are promised to see what they wrote.
        if ctx.principal.person().is_none() {
            return Ok(None);
        }
        let (Some((bus, service)), true) = (self.bus.get(), self.bus_rest.may_ask(Instant::now())) else {
            return Err(UNKNOWN);
        };
        let name = format!("{service}:{}", ctx.principal.subject());
        let found = timeout(PATIENCE, bus.find_mark(&name, self.kept())).await;
        let Ok(Ok(found)) = found else {
            self.bus_rest.begin(Instant::now());
            return Err(UNKNOWN);
        };
        self.bus_rest.end();
        let shared = match found {
            Mark::Unknown => return Err(UNKNOWN),
            Mark::None => None,
            Mark::At(position) => Some(position),
        };
        let own = lock(&self.own).find(&name, std::time::Instant::now()).map(str::to_owned);
        Ok(shared.max(own))
    }

    /// Leaves the mark of a write: here, and for the other instances.
    async fn leave(&self, subject: &str, position: &str) -> &'static str {
        let Some((bus, service)) = self.bus.get() else { return "failed" };
        let name = format!("{service}:{subject}");
        lock(&self.own).leave(&name, position, std::time::Instant::now(), self.kept());
        if !self.bus_rest.may_ask(Instant::now()) {
            return "failed";
        }
        match timeout(PATIENCE, bus.leave_mark(&name, position, self.kept())).await {
            Ok(Ok(())) => {
                self.bus_rest.end();
                "left"
            }
            _ => {
                self.bus_rest.begin(Instant::now());
                "failed"
            }
        }
    }
}

impl fmt::Debug for Replica {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replica").field("staleness_max", &self.staleness_max).finish_non_exhaustive()
    }
}

// === impl Author ===

impl Author {
    /// The person behind a call, where there is a replica that could lack what they write.
    pub(crate) fn of(replica: Option<Arc<Replica>>, ctx: &Ctx) -> Option<Self> {
        ctx.principal.person()?;
        // Where no marks are shared no person is sent to a replica.
        let replica = replica.filter(|replica| replica.bus.get().is_some())?;
        Some(Self { replica, subject: ctx.principal.subject() })
    }

    /// Says that everything committed so far is to be seen in the author's next reads. Never fails: without an answer
    /// of the primary their reads stay with it, without the bus the other instances say how stale they answer.
    pub(crate) async fn wrote(&self, primary: &impl ConnectionTrait) {
        let asked = async { row(primary, POSITION).await?.try_get::<String>("", "position") };
        let position = match timeout(PATIENCE, asked).await {
            Ok(Ok(position)) => position,
            _ => BEYOND.to_owned(),
        };
        metric::mark(self.replica.leave(&self.subject, &position).await);
    }
}

// === impl Reader ===

impl Reader {
    pub(crate) async fn open(primary: &DatabaseConnection, replica: Option<&Replica>, ctx: &Ctx) -> Self {
        let served = match replica {
            Some(replica) => replica.serve(ctx).await,
            None => Err("none"),
        };
        let replica = match served {
            Ok(opened) => {
                metric::stale_read("replica", "fresh_enough");
                chassis::stack::answered_from(opened.staleness);
                Some(opened)
            }
            Err(why) => {
                metric::stale_read("primary", why);
                None
            }
        };
        Self { primary: primary.clone(), replica }
    }

    /// How old what is read here may be; none when the primary answers.
    pub fn staleness(&self) -> Option<Duration> {
        self.replica.as_ref().map(|opened| opened.staleness)
    }

    /// Asks the replica as long as it answers, then the primary, which has the last word on errors too: a replica
    /// may cancel what hinders its replay, lack a new column, or die.
    async fn ask<T>(
        &self,
        at_replica: impl AsyncFnOnce(&DatabaseTransaction) -> std::result::Result<T, DbErr>,
        at_primary: impl AsyncFnOnce(&DatabaseConnection) -> std::result::Result<T, DbErr>,
    ) -> std::result::Result<T, DbErr> {
        if let Some(opened) =
            self.replica.as_ref().filter(|opened| !opened.has_failed.load(Ordering::Relaxed))
        {
            let why = match timeout(STATEMENT, at_replica(&opened.transaction)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => error.to_string(),
                Err(_) => {
                    opened.rest.begin(Instant::now());
                    "no answer in time".to_owned()
                }
            };
            tracing::warn!(why, "the replica failed in the middle of a read; the primary is asked");
            opened.has_failed.store(true, Ordering::Relaxed);
            metric::stale_read("primary", "failed");
        }
        at_primary(&self.primary).await
    }
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        self.primary.get_database_backend()
    }

    async fn execute_raw(&self, _: Statement) -> std::result::Result<ExecResult, DbErr> {
        Err(DbErr::Custom("a reader does not write".to_owned()))
    }

    async fn execute_unprepared(&self, _: &str) -> std::result::Result<ExecResult, DbErr> {
        Err(DbErr::Custom("a reader does not write".to_owned()))
    }

    async fn query_one_raw(&self, asked: Statement) -> std::result::Result<Option<QueryResult>, DbErr> {
        let again = asked.clone();
        self.ask(async |at| at.query_one_raw(asked).await, async |at| at.query_one_raw(again).await).await
    }

    async fn query_all_raw(&self, asked: Statement) -> std::result::Result<Vec<QueryResult>, DbErr> {
        let again = asked.clone();
        self.ask(async |at| at.query_all_raw(asked).await, async |at| at.query_all_raw(again).await).await
    }
}

// === impl Heartbeat ===

impl Heartbeat {
    fn parse(text: &str) -> Option<Self> {
        let (micros, timeline) = text.split_once(' ')?;
        Some(Self { micros: micros.parse().ok()?, timeline: timeline.to_owned() })
    }
}

impl fmt::Display for Heartbeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.micros, self.timeline)
    }
}

// === impl Rest ===

impl Rest {
    /// True while all is well, and for one asker each time a rest ends.
    fn may_ask(&self, now: Instant) -> bool {
        let mut until = lock(&self.0);
        match *until {
            None => true,
            Some(end) if end > now => false,
            Some(_) => {
                *until = Some(now + REST);
                true
            }
        }
    }

    fn begin(&self, now: Instant) {
        *lock(&self.0) = Some(now + REST);
    }

    fn end(&self) {
        *lock(&self.0) = None;
    }
}

// === impl Beat ===

#[async_trait]
impl Worker for Beat {
    fn name(&self) -> &'static str {
        "replica.heartbeat"
    }

    fn every(&self) -> Duration {
        BEAT
    }

    async fn run(&self, stop: &CancellationToken) -> std::result::Result<Next, BoxError> {
        tokio::select! {
            () = stop.cancelled() => {}
            beaten = self.beat() => beaten?,
        }
        Ok(Next::Idle)
    }
}

impl Beat {
    async fn beat(&self) -> std::result::Result<(), DbErr> {
        let Self(db, replica) = self;
        let asked = Instant::now();
        let measured = row(db.read(), MEASURE).await?;
        let now =
            Heartbeat { micros: measured.try_get("", "now")?, timeline: measured.try_get("", "timeline")? };
        *lock(&replica.clock) = Some((now.micros, asked));
        let last: Option<String> = measured.try_get("", "heartbeat")?;
        // Another instance may have written it: one write a second and service is enough. Half a beat, so that
        // instances whose timers differ a little do not leave every other one out.
        let half = i64::try_from(BEAT.as_micros() / 2).unwrap_or(i64::MAX);
        let is_recent = last.as_deref().and_then(Heartbeat::parse).is_some_and(|last| {
            last.timeline == now.timeline && (0..half).contains(&(now.micros - last.micros))
        });
        if is_recent {
            return Ok(());
        }
        let tx = db.begin_now().await?;
        let beat = setting::ActiveModel { name: Set(HEARTBEAT.to_owned()), value: Set(now.to_string()) };
        let replace =
            OnConflict::column(setting::Column::Name).update_column(setting::Column::Value).to_owned();
        setting::Entity::insert(beat).on_conflict(replace).exec_without_returning(tx.conn()).await?;
        tx.commit_raw().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_of_a_later_timeline_come_later() {
        let beat = Heartbeat { micros: 1_700_000_000_000_000, timeline: "0000000a".to_owned() };
        assert_eq!(Heartbeat::parse(&beat.to_string()), Some(beat));
        let positions = ["000000090000000fffffffff", "0000000a0000000000000001", "0000000a0000000100000000"];
        assert!(positions.is_sorted() && positions[2] < BEYOND);
        for text in ["", "1", "x 00000001"] {
            assert_eq!(Heartbeat::parse(text), None, "{text}");
        }
    }

    #[test]
    fn one_asker_finds_out_whether_it_is_back() {
        let (rest, now) = (Rest::default(), Instant::now());
        assert!(rest.may_ask(now) && rest.may_ask(now));
        rest.begin(now);
        assert!(!rest.may_ask(now));
        assert_eq!([rest.may_ask(now + REST), rest.may_ask(now + REST)], [true, false]);
        rest.end();
        assert!(rest.may_ask(now) && rest.may_ask(now));
    }
}
