//! The tables that durable brings to each service's database.

use sea_orm_migration::{
    MigrationTrait,
    prelude::*,
    schema::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

/// Durable's own migrations; they run before the service's.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(M20261101Durable),
        Box::new(M20261128Deliveries),
        Box::new(M20261128Windows),
        Box::new(M20261129Audit),
        Box::new(M20261129AccessPolicy),
        Box::new(M20261202Waiting),
    ]
}

struct M20261101Durable;

/// Deliveries are counted where a crash does not forget them, and dead letters can be looked at and re-sent.
struct M20261128Deliveries;

/// What notices close is known without the bus.
struct M20261128Windows;

/// The audit log, whose lines are never changed.
struct M20261129Audit;

/// What hospitals say about who may do what is known without staff and without the bus.
struct M20261129AccessPolicy;

#[derive(DeriveIden)]
enum AccessPolicy {
    Table,
    Hospital,
    Version,
    Rules,
}

/// What waits for the relay is found in its order, however much was relayed before and waits behind it.
struct M20261202Waiting;

#[derive(DeriveIden)]
enum AuditEntry {
    Table,
    Hospital,
    Sequence,
    Time,
    Actor,
    Call,
    Action,
    Resource,
    Fields,
    PreviousHash,
    Hash,
}

#[derive(DeriveIden)]
enum AuditHead {
    Table,
    Hospital,
    Sequence,
    Hash,
}

/// What keeps the log as it was written, whoever is connected.
const FINAL_ON_POSTGRES: &[&str] = &[
    "CREATE FUNCTION audit_entry_is_final() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
     RAISE EXCEPTION 'the audit log only grows' USING ERRCODE = '23001'; END $$",
    "CREATE TRIGGER audit_entry_is_final BEFORE UPDATE OR DELETE ON audit_entry \
     FOR EACH ROW EXECUTE FUNCTION audit_entry_is_final()",
    "CREATE TRIGGER audit_entry_is_kept BEFORE TRUNCATE ON audit_entry \
     FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_is_final()",
];
const FINAL_ON_SQLITE: &[&str] = &[
    "CREATE TRIGGER audit_entry_is_final BEFORE UPDATE ON audit_entry \
     BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
    "CREATE TRIGGER audit_entry_is_kept BEFORE DELETE ON audit_entry \
     BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
];

#[derive(DeriveIden)]
enum Outbox {
    Table,
    Id,
    EventId,
    Topic,
    Kind,
    Hospital,
    Subject,
    Time,
    Traceparent,
    Payload,
    RelayedTime,
}

#[derive(DeriveIden)]
enum Inbox {
    Table,
    Consumer,
    EventId,
    Time,
}

#[derive(DeriveIden)]
enum DeadLetter {
    Table,
    Consumer,
    EventId,
    Kind,
    Hospital,
    Envelope,
    Error,
    Time,
    Attempts,
    RedriveTime,
    Version,
}

#[derive(DeriveIden)]
enum Delivery {
    Table,
    Consumer,
    EventId,
    Attempts,
    Time,
}

#[derive(DeriveIden)]
#[expect(clippy::enum_variant_names, reason = "the column is called request_id")]
enum Request {
    Table,
    Scope,
    Method,
    RequestId,
    Fingerprint,
    Response,
    Time,
}

#[derive(DeriveIden)]
enum Lease {
    Table,
    Name,
    Holder,
    Token,
    ExpireTime,
}

#[derive(DeriveIden)]
enum Setting {
    Table,
    Name,
    Value,
}

#[derive(DeriveIden)]
enum ReadOnlyWindow {
    Table,
    Hospital,
    Notice,
    Version,
    StartTime,
    EndTime,
}

impl MigrationName for M20261101Durable {
    fn name(&self) -> &str {
        "m20261101_durable"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M20261101Durable {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [outbox(), inbox(), dead_letter(), request(), lease(), setting()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

impl MigrationName for M20261128Deliveries {
    fn name(&self) -> &str {
        "m20261128_deliveries"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M20261128Deliveries {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(delivery()).await?;
        // SQLite takes one change at a time.
        for mut column in [
            integer(DeadLetter::Attempts).default(0).take(),
            big_integer_null(DeadLetter::RedriveTime).take(),
            big_integer(DeadLetter::Version).default(1).take(),
        ] {
            manager
                .alter_table(Table::alter().table(DeadLetter::Table).add_column(&mut column).take())
                .await?;
        }
        Ok(())
    }
}

impl MigrationName for M20261129AccessPolicy {
    fn name(&self) -> &str {
        "m20261129_access_policy"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M20261129AccessPolicy {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(AccessPolicy::Table)
            .col(text(AccessPolicy::Hospital).primary_key())
            .col(big_integer(AccessPolicy::Version))
            .col(text(AccessPolicy::Rules))
            .to_owned();
        manager.create_table(table).await
    }
}

impl MigrationName for M20261128Windows {
    fn name(&self) -> &str {
        "m20261128_windows"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M20261128Windows {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(read_only_window()).await
    }
}

impl MigrationName for M20261129Audit {
    fn name(&self) -> &str {
        "m20261129_audit"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M20261129Audit {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [audit_entry(), audit_head()] {
            manager.create_table(table).await?;
        }
        for (name, column) in
            [("audit_entry_by_resource", AuditEntry::Resource), ("audit_entry_by_actor", AuditEntry::Actor)]
        {
            let index = Index::create()
                .name(name)
                .table(AuditEntry::Table)
                .col(AuditEntry::Hospital)
                .col(column)
                .col(AuditEntry::Sequence)
                .take();
            manager.create_index(index).await?;
        }
        let is_final = match manager.get_database_backend() {
            DbBackend::Postgres => FINAL_ON_POSTGRES,
            _ => FINAL_ON_SQLITE,
        };
        for statement in is_final {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}

impl MigrationName for M20261202Waiting {
    fn name(&self) -> &str {
        "m20261202_waiting"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M20261202Waiting {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // `outbox_by_relay` does not serve the relay: PostgreSQL does not know that rows without a time of relay lie in it
        // by id, and sorts all of them to find the first.
        let sql = "CREATE INDEX outbox_waiting ON outbox (id) WHERE relayed_time IS NULL";
        manager.get_connection().execute_unprepared(sql).await.map(drop)
    }
}

fn audit_entry() -> TableCreateStatement {
    Table::create()
        .table(AuditEntry::Table)
        .col(text(AuditEntry::Hospital))
        .col(big_integer(AuditEntry::Sequence))
        .col(big_integer(AuditEntry::Time))
        .col(text(AuditEntry::Actor))
        .col(text(AuditEntry::Call))
        .col(text(AuditEntry::Action))
        .col(text(AuditEntry::Resource))
        .col(text(AuditEntry::Fields))
        .col(text(AuditEntry::PreviousHash))
        .col(text(AuditEntry::Hash))
        .primary_key(Index::create().col(AuditEntry::Hospital).col(AuditEntry::Sequence))
        .take()
}

fn audit_head() -> TableCreateStatement {
    Table::create()
        .table(AuditHead::Table)
        .col(text(AuditHead::Hospital).primary_key())
        .col(big_integer(AuditHead::Sequence))
        .col(text(AuditHead::Hash))
        .take()
}

fn read_only_window() -> TableCreateStatement {
    Table::create()
        .table(ReadOnlyWindow::Table)
        .col(text(ReadOnlyWindow::Hospital))
        .col(text(ReadOnlyWindow::Notice))
        .col(big_integer(ReadOnlyWindow::Version))
        .col(big_integer(ReadOnlyWindow::StartTime))
        .col(big_integer(ReadOnlyWindow::EndTime))
        .primary_key(Index::create().col(ReadOnlyWindow::Hospital).col(ReadOnlyWindow::Notice))
        .take()
}

fn delivery() -> TableCreateStatement {
    Table::create()
        .table(Delivery::Table)
        .col(text(Delivery::Consumer))
        .col(text(Delivery::EventId))
        .col(integer(Delivery::Attempts))
        .col(big_integer(Delivery::Time))
        .primary_key(Index::create().col(Delivery::Consumer).col(Delivery::EventId))
        .take()
}

fn outbox() -> TableCreateStatement {
    Table::create()
        .table(Outbox::Table)
        .col(big_integer(Outbox::Id).auto_increment().primary_key())
        .col(text_uniq(Outbox::EventId))
        .col(text(Outbox::Topic))
        .col(text(Outbox::Kind))
        .col(text(Outbox::Hospital))
        .col(text(Outbox::Subject))
        .col(big_integer(Outbox::Time))
        .col(text(Outbox::Traceparent))
        .col(blob(Outbox::Payload))
        .col(big_integer_null(Outbox::RelayedTime))
        .take()
}

fn inbox() -> TableCreateStatement {
    Table::create()
        .table(Inbox::Table)
        .col(text(Inbox::Consumer))
        .col(text(Inbox::EventId))
        .col(big_integer(Inbox::Time))
        .primary_key(Index::create().col(Inbox::Consumer).col(Inbox::EventId))
        .take()
}

fn dead_letter() -> TableCreateStatement {
    Table::create()
        .table(DeadLetter::Table)
        .col(text(DeadLetter::Consumer))
        .col(text(DeadLetter::EventId))
        .col(text(DeadLetter::Kind))
        .col(text(DeadLetter::Hospital))
        .col(blob(DeadLetter::Envelope))
        .col(text(DeadLetter::Error))
        .col(big_integer(DeadLetter::Time))
        .primary_key(Index::create().col(DeadLetter::Consumer).col(DeadLetter::EventId))
        .take()
}

fn request() -> TableCreateStatement {
    Table::create()
        .table(Request::Table)
        .col(text(Request::Scope))
        .col(text(Request::Method))
        .col(text(Request::RequestId))
        .col(text(Request::Fingerprint))
        .col(text_null(Request::Response))
        .col(big_integer(Request::Time))
        .primary_key(Index::create().col(Request::Scope).col(Request::Method).col(Request::RequestId))
        .take()
}

fn lease() -> TableCreateStatement {
    Table::create()
        .table(Lease::Table)
        .col(text(Lease::Name).primary_key())
        .col(text(Lease::Holder))
        .col(big_integer(Lease::Token))
        .col(big_integer(Lease::ExpireTime))
        .take()
}

fn setting() -> TableCreateStatement {
    Table::create()
        .table(Setting::Table)
        .col(text(Setting::Name).primary_key())
        .col(text(Setting::Value))
        .take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        Index::create()
            .name("outbox_by_relay")
            .table(Outbox::Table)
            .col(Outbox::RelayedTime)
            .col(Outbox::Id)
            .take(),
        Index::create().name("inbox_by_time").table(Inbox::Table).col(Inbox::Time).take(),
        Index::create().name("request_by_time").table(Request::Table).col(Request::Time).take(),
    ]
}
