//! The schema, the same on SQLite and PostgreSQL. Landed migrations are never edited.

use sea_orm_migration::{MigrationTrait, MigratorTrait, prelude::*, schema::*};

/// Notification's migrations.
#[derive(Clone, Copy, Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(M20261123Notification),
            Box::new(M20261128Email),
            Box::new(M20261128Notices),
            Box::new(M20261128Reminders),
            Box::new(M20261128Webhooks),
            Box::new(M20261129Traffic),
        ]
    }
}

struct M20261123Notification;

impl MigrationName for M20261123Notification {
    fn name(&self) -> &str {
        "m20261123_notification"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M20261123Notification {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [notification(), mailbox(), person()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

struct M20261128Email;

impl MigrationName for M20261128Email {
    fn name(&self) -> &str {
        "m20261128_email"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M20261128Email {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [preferences(), outgoing()] {
            manager.create_table(table).await?;
        }
        for index in outgoing_indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

struct M20261128Notices;

impl MigrationName for M20261128Notices {
    fn name(&self) -> &str {
        "m20261128_notices"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M20261128Notices {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(notice()).await?;
        let by_start =
            Index::create().name("notice_by_start").table("notice").col("hospital").col("start_time").take();
        manager.create_index(by_start).await?;
        let by_end = Index::create().name("notice_by_end").table("notice").col("end_time").take();
        manager.create_index(by_end).await
    }
}

struct M20261128Reminders;

impl MigrationName for M20261128Reminders {
    fn name(&self) -> &str {
        "m20261128_reminders"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M20261128Reminders {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(watched_leave()).await?;
        let by_next =
            Index::create().name("watched_leave_by_next").table("watched_leave").col("next_time").take();
        manager.create_index(by_next).await
    }
}

struct M20261128Webhooks;

impl MigrationName for M20261128Webhooks {
    fn name(&self) -> &str {
        "m20261128_webhooks"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M20261128Webhooks {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [webhook(), webhook_delivery()] {
            manager.create_table(table).await?;
        }
        for index in webhook_delivery_indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

struct M20261129Traffic;

impl MigrationName for M20261129Traffic {
    fn name(&self) -> &str {
        "m20261129_traffic"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M20261129Traffic {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [traffic(), seen_hour()] {
            manager.create_table(table).await?;
        }
        let by_hour = Index::create().name("traffic_by_hour").table("traffic").col("hour").take();
        manager.create_index(by_hour).await
    }
}

fn notification() -> TableCreateStatement {
    Table::create()
        .table("notification")
        .col(text("hospital"))
        .col(text("id"))
        .col(text("staff_member"))
        .col(big_integer("sequence"))
        .col(text("event_id"))
        .col(text("kind"))
        .col(text("priority"))
        .col(text("message"))
        .col(text("subject"))
        .col(big_integer("create_time"))
        .col(boolean("is_read"))
        .col(big_integer_null("read_time"))
        .primary_key(Index::create().col("hospital").col("id"))
        .take()
}

fn mailbox() -> TableCreateStatement {
    Table::create()
        .table("mailbox")
        .col(text("hospital"))
        .col(text("staff_member"))
        .col(big_integer("sequence"))
        .primary_key(Index::create().col("hospital").col("staff_member"))
        .take()
}

fn person() -> TableCreateStatement {
    Table::create()
        .table("person")
        .col(text("hospital"))
        .col(text("staff_member"))
        .col(text("remit"))
        .primary_key(Index::create().col("hospital").col("staff_member"))
        .take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        // A person is told once of an event.
        Index::create()
            .name("notification_once")
            .table("notification")
            .col("hospital")
            .col("staff_member")
            .col("event_id")
            .col("kind")
            .unique()
            .take(),
        Index::create()
            .name("notification_by_sequence")
            .table("notification")
            .col("hospital")
            .col("staff_member")
            .col("sequence")
            .unique()
            .take(),
    ]
}

fn preferences() -> TableCreateStatement {
    Table::create()
        .table("preferences")
        .col(text("hospital"))
        .col(text("staff_member"))
        .col(text("preferences"))
        .col(big_integer("version"))
        .primary_key(Index::create().col("hospital").col("staff_member"))
        .take()
}

fn outgoing() -> TableCreateStatement {
    Table::create()
        .table("outgoing")
        .col(text("hospital"))
        .col(text("id"))
        .col(text("staff_member"))
        .col(text("notification"))
        .col(text("event_id"))
        .col(text("kind"))
        .col(text("channel"))
        .col(text("letter"))
        .col(text("state"))
        .col(integer("attempts"))
        .col(text("answer"))
        .col(big_integer("create_time"))
        .col(big_integer_null("last_attempt_time"))
        .col(big_integer("next_attempt_time"))
        .col(text("claim"))
        .col(big_integer("claim_expire_time"))
        .primary_key(Index::create().col("hospital").col("id"))
        .take()
}

fn outgoing_indexes() -> Vec<IndexCreateStatement> {
    vec![
        // A person is told once of an event on each way.
        Index::create()
            .name("outgoing_once")
            .table("outgoing")
            .col("hospital")
            .col("staff_member")
            .col("event_id")
            .col("kind")
            .col("channel")
            .unique()
            .take(),
        // What is due, of all hospitals.
        Index::create().name("outgoing_due").table("outgoing").col("state").col("next_attempt_time").take(),
        // What leaves together.
        Index::create().name("outgoing_by_letter").table("outgoing").col("letter").take(),
    ]
}

fn notice() -> TableCreateStatement {
    Table::create()
        .table("notice")
        .col(text("hospital"))
        .col(text("id"))
        .col(text("category"))
        .col(text("severity"))
        .col(text("notice"))
        .col(big_integer("start_time"))
        .col(big_integer("end_time"))
        .col(boolean("is_cancelled"))
        .col(text("told"))
        .col(big_integer("version"))
        .primary_key(Index::create().col("hospital").col("id"))
        .take()
}

fn watched_leave() -> TableCreateStatement {
    Table::create()
        .table("watched_leave")
        .col(text("hospital"))
        .col(text("leave"))
        .col(text("staff_member"))
        .col(text("profession"))
        .col(integer("first_day"))
        .col(integer("last_day"))
        .col(text("stage"))
        .col(big_integer("event_time"))
        .col(big_integer("next_time"))
        .primary_key(Index::create().col("hospital").col("leave"))
        .take()
}

fn webhook() -> TableCreateStatement {
    Table::create()
        .table("webhook")
        .col(text("hospital"))
        .col(text("id"))
        .col(text("webhook"))
        .col(boolean("is_enabled"))
        .col(big_integer_null("failing_since"))
        .col(big_integer("version"))
        .primary_key(Index::create().col("hospital").col("id"))
        .take()
}

fn webhook_delivery() -> TableCreateStatement {
    Table::create()
        .table("webhook_delivery")
        .col(text("hospital"))
        .col(text("id"))
        .col(text("webhook"))
        .col(text("event_id"))
        .col(text("kind"))
        .col(text("subject"))
        .col(text("state"))
        .col(integer("attempts"))
        .col(text("answer"))
        .col(big_integer("create_time"))
        .col(big_integer_null("last_attempt_time"))
        .col(big_integer("next_attempt_time"))
        .col(text("claim"))
        .col(big_integer("claim_expire_time"))
        .primary_key(Index::create().col("hospital").col("id"))
        .take()
}

fn webhook_delivery_indexes() -> Vec<IndexCreateStatement> {
    vec![
        // An endpoint is told once of an event.
        Index::create()
            .name("webhook_delivery_once")
            .table("webhook_delivery")
            .col("hospital")
            .col("webhook")
            .col("event_id")
            .col("kind")
            .unique()
            .take(),
        // What is due, of all hospitals.
        Index::create()
            .name("webhook_delivery_due")
            .table("webhook_delivery")
            .col("state")
            .col("next_attempt_time")
            .take(),
    ]
}

fn traffic() -> TableCreateStatement {
    Table::create()
        .table("traffic")
        .col(text("hospital"))
        .col(big_integer("hour"))
        .col(text("reporter"))
        .col(big_integer("calls"))
        .primary_key(Index::create().col("hospital").col("hour").col("reporter"))
        .take()
}

fn seen_hour() -> TableCreateStatement {
    Table::create()
        .table("seen_hour")
        .col(big_integer("hour"))
        .primary_key(Index::create().col("hour"))
        .take()
}
