//! The promises of durable, on SQLite always and on PostgreSQL where a server is named.

#![allow(clippy::unwrap_used)]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bus::Bus;
use chassis::{BoxError, Clock, Ctx, Next, Worker};
use durable::{
    Consumer, Db, Once, Tx,
    audit::{self, Change, Known},
    check::Rule,
    event,
    inbox::{self, Patience},
    lease::Lease,
    outbox, store_suite,
};
use jiff::Timestamp;
use proto::{
    error::v1::Reason,
    event::v1::Envelope,
    leave::v1::{LeaveApproved, LeaveRejected},
};
use sea_orm::{ConnectionTrait, Statement};
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use tokio_util::sync::CancellationToken;

struct Nothing;

impl MigratorTrait for Nothing {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Vec::new()
    }
}

const REQUEST: &str = "0b7e9a52-8a2c-4f0e-9d0e-111111111111";
const METHOD: &str = "leave.v1.LeaveService/RejectLeave";

fn ctx() -> Ctx {
    Ctx::system("leave", &Clock::system())
}

fn rejected(name: &str) -> LeaveRejected {
    LeaveRejected { leave: name.to_owned(), ..LeaveRejected::default() }
}

async fn publish(db: &Db, name: &str) {
    let tx = db.begin(&ctx()).await.unwrap();
    tx.publish("leave", &rejected(name), "chu", name).await.unwrap();
    tx.commit().await.unwrap();
}

/// Writes down the subjects of what it applies; fails as often as it is told.
#[derive(Clone, Default)]
struct Log {
    applied: Arc<Mutex<Vec<String>>>,
    failures: Arc<AtomicUsize>,
    /// The failures are a neighbour's.
    is_later: bool,
}

#[async_trait]
impl Consumer for Log {
    fn name(&self) -> &'static str {
        "test.log"
    }

    fn topic(&self) -> &'static str {
        "leave"
    }

    async fn handle(&self, _tx: &Tx, envelope: &Envelope) -> Result<(), BoxError> {
        if self
            .failures
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
            .is_ok()
        {
            let error: BoxError = "told to fail".into();
            return Err(if self.is_later { inbox::Later(error).into() } else { error });
        }
        let Some(event) = event::decode::<LeaveRejected>(envelope) else { return Ok(()) };
        self.applied.lock().unwrap().push(event?.leave);
        Ok(())
    }
}

impl Log {
    fn applied(&self) -> Vec<String> {
        self.applied.lock().unwrap().clone()
    }
}

/// The worker of a consumer that does not pause for long.
fn consumer(db: &Db, bus: &Bus, consumer: impl Consumer + 'static) -> Box<dyn Worker> {
    inbox::worker(db, bus, Arc::new(consumer), HASTY)
}

const HASTY: Patience = Patience { attempts_max: 5, pause_min: Duration::ZERO };

/// Relays while the consumer consumes, until everything is through.
async fn relay_and_consume(relay: &dyn Worker, consumer: &dyn Worker) {
    let stop = CancellationToken::new();
    let consume = async {
        loop {
            let _ = consumer.run(&stop).await;
        }
    };
    tokio::select! {
        () = consume => {}
        relayed = relay.run(&stop) => assert_eq!(relayed.unwrap(), Next::Idle),
    }
}

store_suite! { Nothing;
    async fn an_event_is_sent_if_and_only_if_its_transaction_commits(db) {
        let (bus, log) = (Bus::local(), Log::default());
        let consumer = consumer(&db, &bus, log.clone());
        let relay = outbox::relay(&db, &bus, "leave");
        publish(&db, "a").await;
        let dropped = db.begin(&ctx()).await.unwrap();
        dropped.publish("leave", &rejected("never"), "chu", "never").await.unwrap();
        drop(dropped);
        publish(&db, "b").await;
        relay_and_consume(&*relay, &*consumer).await;
        assert_eq!(log.applied(), ["a", "b"]);
    }

    async fn an_event_that_fails_is_applied_once_it_can_be(db) {
        let (bus, log) = (Bus::local(), Log::default());
        let consumer = consumer(&db, &bus, log.clone());
        log.failures.store(3, Ordering::Relaxed);
        publish(&db, "a").await;
        relay_and_consume(&*outbox::relay(&db, &bus, "leave"), &*consumer).await;
        assert_eq!(log.applied(), ["a"]);
    }

    async fn an_event_nobody_can_apply_does_not_stop_the_next(db) {
        let (bus, log) = (Bus::local(), Log::default());
        let consumer = consumer(&db, &bus, log.clone());
        log.failures.store(5, Ordering::Relaxed);
        publish(&db, "poison").await;
        publish(&db, "b").await;
        relay_and_consume(&*outbox::relay(&db, &bus, "leave"), &*consumer).await;
        assert_eq!(log.applied(), ["b"]);
    }

    async fn an_event_that_waits_for_a_neighbour_is_never_put_aside(db) {
        let (bus, log) = (Bus::local(), Log { is_later: true, ..Log::default() });
        let consumer = consumer(&db, &bus, log.clone());
        log.failures.store(50, Ordering::Relaxed);
        publish(&db, "a").await;
        relay_and_consume(&*outbox::relay(&db, &bus, "leave"), &*consumer).await;
        assert_eq!(log.applied(), ["a"]);
    }

    async fn a_row_nobody_acknowledged_is_sent_again_after_a_restart(db) {
        publish(&db, "a").await;
        let stop = CancellationToken::new();
        {
            let bus = Bus::local();
            let _deaf = bus.queue("leave", "test.log");
            let relay = outbox::relay(&db, &bus, "leave");
            let killed = tokio::time::timeout(Duration::from_millis(200), relay.run(&stop)).await;
            assert!(killed.is_err(), "the relay waits for the consumer");
        }
        let (bus, log) = (Bus::local(), Log::default());
        let consumer = consumer(&db, &bus, log.clone());
        let relay = outbox::relay(&db, &bus, "leave");
        if db.backend() == sea_orm::DbBackend::Postgres {
            // The lease of the killed one still stands, so the row stays until it ends.
            assert_eq!(relay.run(&stop).await.unwrap(), Next::Idle);
            assert!(log.applied().is_empty());
            expire_leases(&db).await;
        }
        relay_and_consume(&*relay, &*consumer).await;
        assert_eq!(log.applied(), ["a"]);
    }

    async fn events_leave_in_their_order_however_many_ids_lie_between(db) {
        let (bus, log) = (Bus::local(), Log::default());
        let consumer = consumer(&db, &bus, log.clone());
        let relay = outbox::relay(&db, &bus, "leave");
        for name in ["a", "b", "c"] {
            publish(&db, name).await;
        }
        // As transactions that never committed leave them.
        let apart = "UPDATE outbox SET id = id + 100000 WHERE subject = 'b' OR subject = 'c'";
        let tx = db.begin(&ctx()).await.unwrap();
        tx.execute_unprepared(apart).await.unwrap();
        tx.commit().await.unwrap();
        relay_and_consume(&*relay, &*consumer).await;
        assert_eq!(log.applied(), ["a"]);
        relay_and_consume(&*relay, &*consumer).await;
        assert_eq!(log.applied(), ["a", "b", "c"]);
    }

    async fn what_was_relayed_is_sent_again_and_applied_by_who_has_forgotten_it(db) {
        let (bus, log) = (Bus::local(), Log::default());
        let consumer = consumer(&db, &bus, log.clone());
        let relay = outbox::relay(&db, &bus, "leave");
        publish(&db, "a").await;
        relay_and_consume(&*relay, &*consumer).await;
        assert_eq!(outbox::resend(&db, Timestamp::MAX).await.unwrap(), 0);
        assert_eq!(outbox::resend(&db, Timestamp::UNIX_EPOCH).await.unwrap(), 1);
        relay_and_consume(&*relay, &*consumer).await;
        assert_eq!(log.applied(), ["a"]);
        // The consumer's database goes back.
        let tx = db.begin(&ctx()).await.unwrap();
        tx.execute_unprepared("DELETE FROM inbox").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(outbox::resend(&db, Timestamp::UNIX_EPOCH).await.unwrap(), 1);
        relay_and_consume(&*relay, &*consumer).await;
        assert_eq!(log.applied(), ["a", "a"]);
        assert_eq!(durable::check::check(&db, &[]).await.unwrap(), Vec::<String>::new());
    }

    async fn a_broken_rule_is_told(db) {
        publish(&db, "a").await;
        let rule = Rule { promise: "nothing waits", broken: "SELECT COUNT(*) AS broken FROM outbox" };
        assert_eq!(durable::check::check(&db, &[rule]).await.unwrap(), ["1 times not true: nothing waits"]);
    }

    async fn a_repeated_delivery_has_one_effect(db) {
        let (bus, log) = (Bus::local(), Log::default());
        let consumer = consumer(&db, &bus, log.clone());
        let stop = CancellationToken::new();
        let envelope = event::encode(&rejected("a"), "chu", "a", Clock::system().now());
        for _ in 0..2 {
            let (sent, taken) = tokio::join!(bus.publish("leave", envelope.clone()), consumer.run(&stop));
            sent.unwrap();
            taken.unwrap();
        }
        assert_eq!(log.applied(), ["a"]);
    }

    async fn a_repeated_request_gets_the_first_response(db) {
        let request = rejected("a");
        let once = Once::of(&ctx(), METHOD, REQUEST, &request).unwrap();
        let tx = db.begin(&ctx()).await.unwrap();
        assert_eq!(once.replay::<String>(&tx).await.unwrap(), None);
        once.record(&tx, &"first").await.unwrap();
        tx.commit().await.unwrap();

        let tx = db.begin(&ctx()).await.unwrap();
        assert_eq!(once.replay::<String>(&tx).await.unwrap().as_deref(), Some("first"));
        let other = Once::of(&ctx(), METHOD, REQUEST, &rejected("b")).unwrap();
        assert_eq!(other.replay::<String>(&tx).await.unwrap_err().reason(), Reason::RequestIdReused);
        assert!(Once::of(&ctx(), METHOD, "not-a-uuid", &request).is_err());
    }

    async fn a_request_whose_transaction_failed_is_new_again(db) {
        let once = Once::of(&ctx(), METHOD, REQUEST, &rejected("a")).unwrap();
        let tx = db.begin(&ctx()).await.unwrap();
        once.record(&tx, &"lost").await.unwrap();
        drop(tx);
        let tx = db.begin(&ctx()).await.unwrap();
        assert_eq!(once.replay::<String>(&tx).await.unwrap(), None);
    }

    async fn one_of_many_holds_a_lease(db) {
        let ttl = Duration::from_secs(60);
        let (one, other) = (Lease::new(&db, "job", "one", ttl), Lease::new(&db, "job", "other", ttl));
        let (first, second) = tokio::join!(one.acquire(), other.acquire());
        let (first, second) = (first.unwrap(), second.unwrap());
        assert!(first.is_some() != second.is_some(), "{first:?} {second:?}");
        let (holder, asker) = if first.is_some() { (one, other) } else { (other, one) };
        assert_eq!(holder.renew().await.unwrap(), Some(1));
        assert_eq!(asker.acquire().await.unwrap(), None);
        holder.release().await.unwrap();
        assert_eq!(asker.acquire().await.unwrap(), Some(2));
        assert_eq!(holder.renew().await.unwrap(), None);
    }

    async fn a_ready_database_says_so(db) {
        for probe in db.probes() {
            probe.check().await.unwrap();
        }
    }
}

/// What time does, without waiting for it.
async fn expire_leases(db: &Db) {
    use sea_orm::ConnectionTrait;
    let tx = db.begin(&ctx()).await.unwrap();
    tx.execute_unprepared("UPDATE lease SET expire_time = 0").await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn two_instances_may_open_a_new_database_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let config = durable::DbConfig::at(format!("sqlite://{}/deep/er/x.sqlite", folder.path().display()));
    let (one, other) = tokio::join!(Db::open(&config, Nothing), Db::open(&config, Nothing));
    one.unwrap();
    other.unwrap();
    if let Some(scratch) = durable::testing::scratch(Nothing).await {
        let (one, other) =
            tokio::join!(Db::open(&scratch.config, Nothing), Db::open(&scratch.config, Nothing));
        one.unwrap();
        other.unwrap();
        scratch.drop_database().await;
    }
}

/// A version that brings one more table.
struct Later;

struct M20991231Later;

impl sea_orm_migration::MigrationName for M20991231Later {
    fn name(&self) -> &'static str {
        "m20991231_later"
    }
}

#[async_trait]
impl MigrationTrait for M20991231Later {
    async fn up(&self, manager: &sea_orm_migration::SchemaManager) -> Result<(), sea_orm::DbErr> {
        use sea_orm::ConnectionTrait;
        manager.get_connection().execute_unprepared("CREATE TABLE later (id BIGINT)").await.map(drop)
    }
}

impl MigratorTrait for Later {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(M20991231Later)]
    }
}

/// An instance of this version starts again beside the next one, and after it was taken back.
#[tokio::test]
async fn a_database_that_a_later_version_has_migrated_can_be_opened() {
    let check = |config: durable::DbConfig| async move {
        drop(Db::open(&config, Later).await.unwrap());
        publish(&Db::open(&config, Nothing).await.unwrap(), "a").await;
        drop(Db::open(&config, Later).await.unwrap());
    };
    let folder = tempfile::tempdir().unwrap();
    check(durable::DbConfig::at(format!("sqlite://{}/x.sqlite", folder.path().display()))).await;
    if let Some(scratch) = durable::testing::scratch(Nothing).await {
        check(scratch.config.clone()).await;
        scratch.drop_database().await;
    }
}

#[tokio::test]
async fn an_address_of_another_database_is_refused() {
    let refused = Db::open(&durable::DbConfig::at("mysql://x"), Nothing).await;
    assert!(matches!(refused, Err(durable::Error::Address)));
}

#[tokio::test]
async fn an_emptied_redis_gets_everything_again() {
    let Ok(url) = std::env::var("MATHILDANESTH_TEST_REDIS") else { return };
    let prefix = format!("test-{}", uuid::Uuid::now_v7());
    let config = bus::Config {
        url: chassis::Secret::new(url.clone()),
        prefix: prefix.clone(),
        block_ms: 50,
        ..Default::default()
    };
    let bus = Bus::connect(&config).await.unwrap();
    let (db, _folder) = durable::testing::sqlite(Nothing).await;
    let stop = CancellationToken::new();
    publish(&db, "a").await;
    outbox::relay(&db, &bus, "leave").run(&stop).await.unwrap();

    forget(&url, &prefix).await;
    expire_leases(&db).await;
    let log = Log::default();
    let consumer = consumer(&db, &bus, log.clone());
    outbox::relay(&db, &bus, "leave").run(&stop).await.unwrap();
    consumer.run(&stop).await.unwrap();
    assert_eq!(log.applied(), ["a"]);
}

/// What may not have been applied yet comes first, and in order; then news, which wait for nothing else.
#[tokio::test]
async fn of_all_that_an_emptied_redis_gets_again_news_wait_for_the_latest_only() {
    let Ok(url) = std::env::var("MATHILDANESTH_TEST_REDIS") else { return };
    let prefix = format!("test-{}", uuid::Uuid::now_v7());
    let config = bus::Config {
        url: chassis::Secret::new(url.clone()),
        prefix: prefix.clone(),
        block_ms: 50,
        ..Default::default()
    };
    let bus = Bus::connect(&config).await.unwrap();
    let (db, _folder) = durable::testing::sqlite(Nothing).await;
    let stop = CancellationToken::new();
    let relay = async || {
        expire_leases(&db).await;
        while outbox::relay(&db, &bus, "leave").run(&stop).await.unwrap() == Next::Again {}
    };
    // More than go at once.
    let old: Vec<String> = (0..501).map(|at| format!("old-{at}")).collect();
    let tx = db.begin(&ctx()).await.unwrap();
    for subject in &old {
        tx.publish("leave", &rejected(subject), "chu", subject).await.unwrap();
    }
    tx.commit().await.unwrap();
    relay().await;
    let tx = db.begin(&ctx()).await.unwrap();
    tx.execute_unprepared("UPDATE outbox SET relayed_time = relayed_time - 3600000000").await.unwrap();
    tx.commit().await.unwrap();
    for subject in ["recent", "latest"] {
        publish(&db, subject).await;
    }
    relay().await;

    forget(&url, &prefix).await;
    publish(&db, "news").await;
    let log = Log::default();
    let consumer = consumer(&db, &bus, log.clone());
    relay().await;
    while log.applied().len() < 3 {
        consumer.run(&stop).await.unwrap();
    }
    assert_eq!(log.applied(), ["recent", "latest", "news"]);
    for _ in 0..2 {
        relay().await;
    }
    while log.applied().len() < 3 + old.len() {
        consumer.run(&stop).await.unwrap();
    }
    assert_eq!(log.applied()[3..], old);
    // And then it has an end.
    relay().await;
    let left =
        Statement::from_string(db.backend(), "SELECT 1 AS one FROM setting WHERE name = 'bus_remainder'");
    assert!(db.read().query_all_raw(left).await.unwrap().is_empty());
}

/// Hears of rejections only.
struct Deaf(Log);

#[async_trait]
impl Consumer for Deaf {
    fn name(&self) -> &'static str {
        "test.deaf"
    }

    fn topic(&self) -> &'static str {
        "leave"
    }

    fn concerns(&self, event: &Envelope) -> bool {
        event::is::<LeaveRejected>(event)
    }

    async fn handle(&self, tx: &Tx, event: &Envelope) -> Result<(), BoxError> {
        self.0.handle(tx, event).await
    }
}

store_suite! { Nothing;
    async fn what_concerns_nobody_leaves_no_trace_and_holds_nobody_up(db) {
        let (bus, log) = (Bus::local(), Log::default());
        let consumer = consumer(&db, &bus, Deaf(log.clone()));
        for number in 0..3 {
            let tx = db.begin(&ctx()).await.unwrap();
            let approved = LeaveApproved { leave: format!("{number}"), ..LeaveApproved::default() };
            tx.publish("leave", &approved, "chu", &approved.leave).await.unwrap();
            tx.commit().await.unwrap();
            publish(&db, &format!("rejected {number}")).await;
        }
        relay_and_consume(&*outbox::relay(&db, &bus, "leave"), &*consumer).await;
        let stop = CancellationToken::new();
        while log.applied().len() < 3 {
            consumer.run(&stop).await.unwrap();
        }
        assert_eq!(log.applied(), ["rejected 0", "rejected 1", "rejected 2"]);
        let sql = "SELECT event_id FROM inbox WHERE consumer = 'test.deaf'";
        let rows = db.read().query_all_raw(Statement::from_string(db.backend(), sql)).await.unwrap();
        assert_eq!(rows.len(), 3);
    }
}

/// Says in its own transaction what it applies; refuses one.
struct Echo;

#[async_trait]
impl Consumer for Echo {
    fn name(&self) -> &'static str {
        "test.echo"
    }

    fn topic(&self) -> &'static str {
        "leave"
    }

    async fn handle(&self, tx: &Tx, envelope: &Envelope) -> Result<(), BoxError> {
        if envelope.subject == "poison" {
            return Err("told to fail".into());
        }
        tx.publish("echo", &rejected(&envelope.subject), "chu", &envelope.subject).await.map_err(Into::into)
    }
}

#[tokio::test]
async fn a_backlog_is_applied_together_and_what_fails_in_it_alone() {
    let Ok(url) = std::env::var("MATHILDANESTH_TEST_REDIS") else { return };
    let prefix = format!("test-{}", uuid::Uuid::now_v7());
    let config = bus::Config { url: chassis::Secret::new(url), prefix, block_ms: 50, ..Default::default() };
    let bus = Bus::connect(&config).await.unwrap();
    let (db, _folder) = durable::testing::sqlite(Nothing).await;
    for subject in ["a", "b", "poison", "c", "d"] {
        publish(&db, subject).await;
    }
    let stop = CancellationToken::new();
    outbox::relay(&db, &bus, "leave").run(&stop).await.unwrap();
    // As after a failover of the bus: everything is there twice.
    outbox::resend(&db, Timestamp::UNIX_EPOCH).await.unwrap();
    expire_leases(&db).await;
    outbox::relay(&db, &bus, "leave").run(&stop).await.unwrap();

    let consumer = consumer(&db, &bus, Echo);
    let texts = async |sql: &str, column: &str| -> Vec<String> {
        let rows = db.read().query_all_raw(Statement::from_string(db.backend(), sql)).await.unwrap();
        rows.iter().map(|row| row.try_get("", column).unwrap()).collect()
    };
    let mut runs = 0;
    while texts("SELECT event_id FROM dead_letter", "event_id").await.is_empty()
        || texts("SELECT subject FROM outbox WHERE topic = 'echo'", "subject").await.len() < 4
    {
        let _ = consumer.run(&stop).await;
        runs += 1;
        assert!(runs < 100, "it never comes to an end");
    }
    let applied = texts("SELECT subject FROM outbox WHERE topic = 'echo' ORDER BY id", "subject").await;
    assert_eq!(applied, ["a", "b", "c", "d"], "each once and in order");
    let letters = texts("SELECT event_id FROM dead_letter", "event_id").await;
    let poison = texts("SELECT event_id FROM outbox WHERE subject = 'poison'", "event_id").await;
    assert_eq!(letters, poison, "nobody is put aside for what another one did");
}

/// Deletes the keys of one prefix: what FLUSHALL does to this test's mesh.
async fn forget(url: &str, prefix: &str) {
    use deadpool_redis::redis::{Client, cmd};
    let mut connection = Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap();
    for key in [format!("{prefix}:epoch"), format!("{prefix}:stream:leave")] {
        cmd("DEL").arg(key).query_async::<()>(&mut connection).await.unwrap();
    }
}

async fn note(db: &Db, hospital: &str, resource: &str) {
    let tx = db.begin(&ctx()).await.unwrap();
    tx.audit(Change::of(hospital, "site.update", resource).value("color", "", "#ffffff"));
    tx.commit().await.unwrap();
}

async fn verdict(db: &Db) -> audit::Verdict {
    audit::verify(db.read(), "chu", None).await.unwrap()
}

/// Does to the log what only somebody with every right could.
async fn go_around(db: &Db, sql: &str) {
    let disarm: &[&str] = match db.backend() {
        sea_orm::DbBackend::Postgres => &["ALTER TABLE audit_entry DISABLE TRIGGER USER"],
        _ => &["DROP TRIGGER audit_entry_is_final", "DROP TRIGGER audit_entry_is_kept"],
    };
    let tx = db.begin(&ctx()).await.unwrap();
    for sql in disarm.iter().chain([&sql]) {
        tx.conn().execute_unprepared(sql).await.unwrap();
    }
    tx.commit().await.unwrap();
}

store_suite! { Nothing;
    async fn the_audit_log_tells_what_committed_and_nothing_else(db) {
        let undone = db.begin(&ctx()).await.unwrap();
        undone.audit(Change::of("chu", "site.delete", "a"));
        drop(undone);
        note(&db, "chu", "a").await;
        note(&db, "other", "x").await;
        let both = db.begin(&ctx()).await.unwrap();
        both.audit(Change::of("chu", "site.create", "b"));
        both.audit(Change::of("chu", "site.create", "c").by("services/import"));
        both.commit().await.unwrap();
        let page = durable::page::Page::of(2, "", &[]).unwrap();
        let filter = durable::filter::parse("", audit::FILTER).unwrap();
        let (lines, token) = audit::list(db.read(), "chu", &filter, &page).await.unwrap();
        let seen: Vec<_> = lines.iter().map(|line| (line.sequence, line.resource.as_str())).collect();
        assert_eq!(seen, [(3, "c"), (2, "b")]);
        assert_eq!((lines[0].actor.as_str(), lines[1].actor.as_str()), ("services/import", "services/leave"));
        let page = durable::page::Page::of(2, &token, &[]).unwrap();
        let (lines, token) = audit::list(db.read(), "chu", &filter, &page).await.unwrap();
        assert_eq!((lines.len(), lines[0].resource.as_str(), token.as_str()), (1, "a", ""));
        let filter = durable::filter::parse("action = site.create AND resource = c", audit::FILTER).unwrap();
        let page = durable::page::Page::of(0, "", &[]).unwrap();
        assert_eq!(audit::list(db.read(), "chu", &filter, &page).await.unwrap().0.len(), 1);
        let verdict = verdict(&db).await;
        assert_eq!((verdict.count, verdict.broken), (3, None));
        assert!(durable::check::check(&db, &[]).await.unwrap().is_empty());
    }

    async fn the_database_refuses_to_change_and_to_delete_lines(db) {
        note(&db, "chu", "a").await;
        for sql in ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry"] {
            let tx = db.begin(&ctx()).await.unwrap();
            let refused = tx.conn().execute_unprepared(sql).await.unwrap_err();
            assert!(refused.to_string().contains("only grows"), "{refused}");
        }
        assert_eq!(verdict(&db).await.count, 1);
    }

    async fn a_changed_a_missing_and_a_last_line_that_is_gone_are_found(db) {
        for resource in ["a", "b", "c"] {
            note(&db, "chu", resource).await;
        }
        let known = Known { sequence: 3, hash: verdict(&db).await.head };
        assert_eq!(audit::verify(db.read(), "chu", Some(&known)).await.unwrap().broken, None);
        go_around(&db, "DELETE FROM audit_entry WHERE sequence = 3").await;
        assert_eq!(verdict(&db).await.broken.unwrap().sequence, 3);
        let tx = db.begin(&ctx()).await.unwrap();
        tx.conn().execute_unprepared("UPDATE audit_entry SET resource = 'z' WHERE sequence = 2").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(verdict(&db).await.broken.unwrap().sequence, 2);
        let broken = durable::check::check(&db, &[]).await.unwrap();
        assert!(broken[0].contains("hospitals/chu is broken at line 2"), "{broken:?}");
    }

    async fn many_who_write_at_once_make_one_chain(db) {
        let all = (0..24).map(|number| {
            let db = db.clone();
            tokio::spawn(async move { note(&db, "chu", &number.to_string()).await })
        });
        for one in all.collect::<Vec<_>>() {
            one.await.unwrap();
        }
        let verdict = verdict(&db).await;
        assert_eq!((verdict.count, verdict.broken), (24, None));
    }
}

#[tokio::test]
async fn a_change_that_is_not_committed_yet_holds_nobody_up() {
    // SQLite has one writer whatever is written.
    let Some(scratch) = durable::testing::scratch(Nothing).await else { return };
    let slow = scratch.db.begin(&ctx()).await.unwrap();
    slow.audit(Change::of("chu", "site.update", "slow"));
    // Were the chain locked by what was noted, this would wait for ever.
    note(&scratch.db, "chu", "quick").await;
    slow.commit().await.unwrap();
    let verdict = verdict(&scratch.db).await;
    assert_eq!((verdict.count, verdict.broken), (2, None));
    scratch.drop_database().await;
}
