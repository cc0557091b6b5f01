//! Reads that may be stale, with a primary, a standby that follows it, and Redis: whoever wrote sees it, whoever did not
//! is told how stale the answer is, and a standby that is of no use costs nothing but the way to the primary.

use std::{future::Future, pin::pin, sync::Arc, time::Duration};

use bus::{Bus, Mark};
use chassis::{Clock, Ctx, Person, Principal, Problem, Role, Secret, worker};
use durable::{Db, DbConfig, Reader};
use futures::poll;
use integration_tests::{backends::Backends, mesh::Mesh, postgres::Standby};
use mathildanesth::demo::{
    self,
    story::{Step, Story},
    visitor::Visitor,
};
use proto::leave::v1::{CancelLeaveRequest, LeaveRejected, ListLeavesRequest, leave::State};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::Code;

use crate::mesh::{PATIENCE, administrator, play};

/// The service whose database it is.
const SERVICE: &str = "leave";
/// Above what the steps between two states take on a slow machine, and little enough to wait for.
const STALENESS_MAX: Duration = Duration::from_secs(20);
/// Of an instance that allows less.
const STRICT: Duration = Duration::from_secs(3);

/// One instance of a service.
struct Instance {
    db: Db,
    _workers: JoinSet<()>,
    _stop: DropGuard,
}

async fn until<T, R: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> R) -> T {
    let end = Instant::now() + Duration::from_secs(120);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < end, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

impl Instance {
    async fn start(backends: &Backends, standby: &Standby, staleness_max: Duration) -> Self {
        Self::start_with(backends, standby, staleness_max, DbConfig::default().pool_max).await
    }

    async fn start_with(
        backends: &Backends,
        standby: &Standby,
        staleness_max: Duration,
        pool_max: u32,
    ) -> Self {
        let config = DbConfig {
            pool_max,
            replica_url: Some(Secret::new(format!("{}/{SERVICE}", standby.url()))),
            replica_staleness_max_ms: u64::try_from(staleness_max.as_millis()).unwrap(),
            replica_outage_staleness_max_ms: u64::try_from(staleness_max.as_millis()).unwrap(),
            ..DbConfig::at(format!("{}/{SERVICE}", backends.postgres.url()))
        };
        let redis = bus::Config { url: Secret::new(backends.redis.url()), ..bus::Config::default() };
        let bus = Bus::connect(&redis).await.unwrap();
        let db = Db::open(&config, leave::Migrator).await.unwrap().share_marks(&bus, SERVICE);
        let stop = CancellationToken::new();
        let workers = worker::spawn(durable::heartbeat(&db).into_iter().collect(), &stop);
        Self { db, _workers: workers, _stop: stop.drop_guard() }
    }

    async fn write(&self, who: &Ctx, what: &str) {
        let tx = self.db.begin(who).await.unwrap();
        tx.publish(SERVICE, &LeaveRejected::default(), "chu", what).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Whether it is seen, and how stale the answer may be.
    async fn sees(&self, who: &Ctx, what: &str) -> (bool, Option<Duration>) {
        let reader = self.db.stale(who).await;
        (count(&reader, what).await == 1, reader.staleness())
    }

    /// Waits until a standby answers this caller.
    async fn served_by_standby(&self, who: &Ctx) {
        let served = async || self.db.stale(who).await.staleness();
        until("a standby answers", || async { served().await }).await;
    }
}

async fn count(reader: &Reader, what: &str) -> i64 {
    let sql = "SELECT COUNT(*) AS seen FROM outbox WHERE subject = $1";
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [what.into()]);
    reader.query_one_raw(statement).await.unwrap().unwrap().try_get("", "seen").unwrap()
}

fn one_row() -> Statement {
    Statement::from_string(DbBackend::Postgres, "SELECT 1 AS seen")
}

fn person(id: &str) -> Ctx {
    let clock = Clock::system();
    let person = Person {
        hospital: "chu".to_owned(),
        staff_member: id.to_owned(),
        service_account: String::new(),
        session: "s".to_owned(),
        roles: vec![Role::Secretary],
        profession: "SECRETARY".to_owned(),
        sites: vec![],
        password_change_required: false,
        expire_time: clock.now(),
        token: Secret::new(String::new()),
    };
    let principal = Principal::PersonVia(Arc::new(person), "gateway".into());
    Ctx { principal, ..Ctx::system("gateway", &clock) }
}

/// Blocking helpers of the servers, on a thread that may block.
fn block<T>(act: impl FnOnce() -> std::io::Result<T>) -> T {
    tokio::task::block_in_place(act).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_wrote_sees_it_and_whoever_did_not_is_told_how_stale_it_is() {
    let mut backends = block(Backends::start);
    block(|| backends.postgres.create_database(SERVICE));
    let mut standby = block(|| backends.postgres.standby());
    let one = Instance::start(&backends, &standby, STALENESS_MAX).await;
    let other = Instance::start(&backends, &standby, STALENESS_MAX).await;
    let (ann, bob, nobody) = (person("ann"), person("bob"), Ctx::system("gateway", &Clock::system()));
    one.served_by_standby(&nobody).await;
    for instance in [&one, &other] {
        for who in [&ann, &bob] {
            instance.served_by_standby(who).await;
        }
    }
    assert_eq!(other.db.stale(&Ctx::system("planning", &Clock::system())).await.staleness(), None);

    // A standby that lags: seen at once by who wrote it, at every instance; with its age by everybody else.
    block(|| standby.pause());
    one.write(&ann, "first").await;
    for instance in [&one, &other] {
        assert_eq!(
            instance.sees(&ann, "first").await,
            (true, None),
            "one's own write comes from the primary"
        );
        let (is_seen, staleness) = instance.sees(&bob, "first").await;
        assert!(!is_seen && staleness.is_some_and(|age| age <= STALENESS_MAX), "{is_seen} {staleness:?}");
    }
    block(|| standby.resume());
    until("the standby has what Ann wrote", || async {
        let (is_seen, staleness) = other.sees(&ann, "first").await;
        assert!(is_seen, "at no moment does one's own write disappear");
        staleness
    })
    .await;

    // Redis dies, and forgets what it was not told: nobody is sent to a standby until that cannot matter any more.
    block(|| standby.pause());
    backends.redis.kill();
    one.write(&ann, "second").await;
    assert_eq!(other.sees(&ann, "second").await, (true, None), "without Redis");
    block(|| backends.redis.restart());
    assert_eq!(other.sees(&ann, "second").await, (true, None), "with a Redis that was away");
    assert!(other.sees(&nobody, "second").await.1.is_some(), "who wrote nothing needs no Redis");
    block(|| standby.resume());

    // A standby that hangs, in the middle of a read and before one.
    one.served_by_standby(&nobody).await;
    let reader = one.db.stale(&nobody).await;
    assert!(reader.staleness().is_some());
    standby.freeze();
    assert_eq!(count(&reader, "second").await, 1);
    for _ in 0..20 {
        assert_eq!(one.sees(&bob, "second").await, (true, None));
    }
    drop(reader);
    standby.thaw();

    // A dead standby.
    one.served_by_standby(&nobody).await;
    standby.kill();
    for _ in 0..20 {
        assert_eq!(one.sees(&bob, "second").await, (true, None));
    }
    block(|| standby.restart());
    one.served_by_standby(&nobody).await;
    other.served_by_standby(&ann).await;

    // Until Redis is trusted for longer than the rest of this takes.
    let patient = Instance::start(&backends, &standby, STALENESS_MAX + Duration::from_secs(10)).await;
    patient.served_by_standby(&ann).await;

    // The primary dies: the standby answers what may be stale and what else only reads, to people and to whoever signs
    // nothing, but no neighbour that decides by the answer, and only as long as it is not too old.
    backends.postgres.kill();
    let planning = Ctx::system("planning", &Clock::system());
    for who in [&ann, &nobody] {
        for reader in [one.db.stale(who).await, one.db.fresh(who)] {
            assert_eq!(count(&reader, "second").await, 1);
            assert!(reader.staleness().is_some_and(|age| age <= STALENESS_MAX), "{:?}", reader.staleness());
            let missing: Result<(), _> = reader.vouch(Err(Problem::not_found("leave", "leaves/x")));
            assert_eq!(missing.unwrap_err().code(), Code::Unavailable, "it may be there by now");
        }
    }
    assert!(one.db.fresh(&planning).query_one_raw(one_row()).await.is_err());
    assert_eq!(
        one.db.begin(&ann).await.unwrap_err().code(),
        Code::Unavailable,
        "nobody waits for the primary"
    );
    assert!(one.db.fresh(&planning.shown()).query_one_raw(one_row()).await.is_ok(), "only shown");
    for probe in one.db.probes() {
        probe.check().await.unwrap();
    }
    block(|| backends.postgres.restart());
    until("the primary is asked again", || async {
        let reader = one.db.fresh(&nobody);
        (count(&reader, "second").await == 1 && reader.staleness().is_none()).then_some(())
    })
    .await;
    one.write(&ann, "third").await;
    let reader = one.db.fresh(&nobody);
    let missing: Result<(), _> = reader.vouch(Err(Problem::not_found("leave", "leaves/x")));
    assert_eq!(missing.unwrap_err().code(), Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_that_nobody_said_after_a_write_is_learned_with_the_next_beat() {
    let backends = block(Backends::start);
    block(|| backends.postgres.create_database(SERVICE));
    let standby = block(|| backends.postgres.standby());
    let one = Instance::start_with(&backends, &standby, STRICT, 1).await;
    let (ann, bob) = (person("ann"), person("bob"));
    one.served_by_standby(&ann).await;

    // The only connection goes to somebody else as soon as the write is committed.
    let tx = one.db.begin(&ann).await.unwrap();
    tx.publish(SERVICE, &LeaveRejected::default(), "chu", "owed").await.unwrap();
    let mut next = pin!(one.db.begin(&bob));
    assert!(poll!(&mut next).is_pending());
    let (held, written) = tokio::join!(next, tx.commit());
    written.unwrap();
    drop(held.unwrap());

    let redis = bus::Config { url: Secret::new(backends.redis.url()), ..bus::Config::default() };
    let bus = Bus::connect(&redis).await.unwrap();
    let name = format!("{SERVICE}:{}", ann.principal.subject());
    until("the mark has a position that a standby can reach", || async {
        let found = bus.find_mark(&name, Duration::ZERO).await.unwrap();
        matches!(found, Mark::At(position) if position.starts_with("0000")).then_some(())
    })
    .await;
    until("a standby shows it", || async {
        let (is_seen, staleness) = one.sees(&ann, "owed").await;
        assert!(is_seen, "at no moment does one's own write disappear");
        staleness
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_that_is_held_back_or_cut_off_is_left_out_after_the_bound() {
    let backends = block(Backends::start);
    block(|| backends.postgres.create_database(SERVICE));
    let standby = block(|| backends.postgres.standby());
    let instance = Instance::start(&backends, &standby, STRICT).await;
    let nobody = Ctx::system("gateway", &Clock::system());
    let left_out = async || {
        until("the standby is left out", || async {
            let staleness = instance.db.stale(&nobody).await.staleness();
            assert!(staleness.is_none_or(|age| age <= STRICT), "{staleness:?} is above the bound");
            staleness.is_none().then_some(())
        })
        .await;
    };
    instance.served_by_standby(&nobody).await;

    block(|| standby.set("recovery_min_apply_delay", "30s"));
    left_out().await;
    instance.write(&person("ann"), "held back").await;
    assert_eq!(instance.sees(&person("bob"), "held back").await, (true, None));
    block(|| standby.set("recovery_min_apply_delay", "0"));
    instance.served_by_standby(&nobody).await;

    block(|| standby.set("primary_conninfo", ""));
    left_out().await;
    let is_content = "SELECT pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()";
    until("it has replayed all it knows", || async {
        (block(|| standby.ask(is_content)) == "t").then_some(())
    })
    .await;
    assert_eq!(
        instance.db.stale(&nobody).await.staleness(),
        None,
        "its own figures would not say that it is old"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_the_mesh_hears_how_stale_a_list_is_and_finds_its_own_writes_in_it() {
    let mesh = block(|| Mesh::start_on(Backends::start_replicated()?, None, |_| 2, &administrator()));
    let standby = mesh.backends.standby.as_ref().unwrap();
    let setting = demo::setting(&play(), &mesh.address(), Some(&mesh.authority()), PATIENCE).unwrap();
    let (door, login) = (setting.visitor.clone(), setting.administrator.clone());
    let mut story = Story::new(setting, |_| ());
    for step in [Step::ImportDepartment, Step::SignIn, Step::LoadHolidays, Step::RequestLeave] {
        story.play(step).await.unwrap();
    }
    let (email, leave) = story.outcome.leaves.first().unwrap().clone();
    let asker = story.visitor(&email).unwrap();
    let other = &door.sign_in(&login).await.unwrap();
    let parent = leave.name.split("/leaves/").next().unwrap().to_owned();
    // The state of the leave in the list, and what the head of the answer says.
    let listed = async |visitor: &Visitor| {
        let request = ListLeavesRequest { parent: parent.clone(), page_size: 100, ..Default::default() };
        let answer = visitor.leave().list_leaves(request).await.unwrap();
        let age = answer.metadata().get("mathildanesth-staleness-ms");
        let age = age.map(|age| age.to_str().unwrap().parse::<u64>().unwrap());
        let found = answer.into_inner().leaves.into_iter().find(|found| found.name == leave.name).unwrap();
        (found.state(), age)
    };
    for visitor in [asker, other] {
        until("a list comes from the standby", || async { listed(visitor).await.1 }).await;
    }

    block(|| standby.pause());
    let request = CancelLeaveRequest {
        name: leave.name.clone(),
        request_id: uuid::Uuid::now_v7().to_string(),
        ..Default::default()
    };
    asker.leave().cancel_leave(request).await.unwrap();
    // Each instance in its turn.
    for _ in 0..8 {
        assert_eq!(listed(asker).await, (State::Cancelled, None), "one's own write");
        match listed(other).await {
            (state, None) => assert_eq!(state, State::Cancelled, "without a word it is fresh"),
            (_, Some(age)) => assert!(age <= 5_000, "{age} ms"),
        }
    }
    block(|| standby.resume());
    until("the standby has it", || async {
        let (state, age) = listed(asker).await;
        assert_eq!(state, State::Cancelled);
        age
    })
    .await;
}
