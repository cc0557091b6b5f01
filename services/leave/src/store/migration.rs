//! The schema, the same on SQLite and PostgreSQL. Landed migrations are never edited.

use sea_orm_migration::{MigrationTrait, MigratorTrait, prelude::*, schema::*};

/// Leave's migrations.
#[derive(Clone, Copy, Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(M20261123Leave),
            Box::new(M20261124DutyRevision),
            Box::new(M20261128LeaveRules),
            Box::new(M20261128LeaveLedger),
            Box::new(M20261128LeaveEscalation),
            Box::new(M20261128LeaveSeries),
            Box::new(M20261128Unavailability),
        ]
    }
}

struct M20261123Leave;

impl MigrationName for M20261123Leave {
    fn name(&self) -> &str {
        "m20261123_leave"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M20261123Leave {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [leave(), balance(), entry(), policy(), holiday(), duty(), guard()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

struct M20261124DutyRevision;

impl MigrationName for M20261124DutyRevision {
    fn name(&self) -> &str {
        "m20261124_duty_revision"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M20261124DutyRevision {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(duty_revision()).await
    }
}

struct M20261128LeaveRules;

impl MigrationName for M20261128LeaveRules {
    fn name(&self) -> &str {
        "m20261128_leave_rules"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M20261128LeaveRules {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite adds one column at a time.
        for column in ["charged_type", "employed_since"] {
            manager
                .alter_table(Table::alter().table("leave").add_column(text_null(column)).to_owned())
                .await?;
        }
        Ok(())
    }
}

struct M20261128LeaveLedger;

impl MigrationName for M20261128LeaveLedger {
    fn name(&self) -> &str {
        "m20261128_leave_ledger"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M20261128LeaveLedger {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["expire_date", "origin"] {
            let change = Table::alter().table("balance_entry").add_column(text_null(column)).to_owned();
            manager.alter_table(change).await?;
        }
        let mut index = Index::create();
        index.name("balance_entry_by_expiry").table("balance_entry").col("kind").col("expire_date");
        manager.create_index(index.take()).await
    }
}

struct M20261128LeaveEscalation;

impl MigrationName for M20261128LeaveEscalation {
    fn name(&self) -> &str {
        "m20261128_leave_escalation"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M20261128LeaveEscalation {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let change = Table::alter().table("leave").add_column(big_integer_null("escalate_time")).to_owned();
        manager.alter_table(change).await
    }
}

struct M20261128LeaveSeries;

impl MigrationName for M20261128LeaveSeries {
    fn name(&self) -> &str {
        "m20261128_leave_series"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M20261128LeaveSeries {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let change = Table::alter().table("leave").add_column(text_null("series")).to_owned();
        manager.alter_table(change).await
    }
}

struct M20261128Unavailability;

impl MigrationName for M20261128Unavailability {
    fn name(&self) -> &str {
        "m20261128_unavailability"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for M20261128Unavailability {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(unavailability()).await?;
        let mut index = Index::create();
        index.name("unavailability_by_person").table("unavailability");
        index.col("hospital").col("staff_member").col("first_date");
        manager.create_index(index.take()).await
    }
}

fn table(name: &'static str, key: &[&'static str]) -> TableCreateStatement {
    let mut primary_key = Index::create();
    for column in key {
        primary_key.col(*column);
    }
    Table::create().table(name).primary_key(&mut primary_key).take()
}

fn leave() -> TableCreateStatement {
    table("leave", &["hospital", "id"])
        .col(text("hospital"))
        .col(text("id"))
        .col(text("staff_member"))
        .col(text("profession"))
        .col(text("leave_type"))
        .col(text("first_date"))
        .col(text("first_part"))
        .col(text("last_date"))
        .col(text("last_part"))
        .col(text("charges"))
        .col(boolean("has_balance"))
        .col(text("state"))
        .col(text("comment"))
        .col(text_null("decision"))
        .col(big_integer("version"))
        .col(big_integer("create_time"))
        .col(big_integer("update_time"))
        .take()
}

fn balance() -> TableCreateStatement {
    table("balance", &["hospital", "staff_member", "leave_type", "year"])
        .col(text("hospital"))
        .col(text("staff_member"))
        .col(text("leave_type"))
        .col(integer("year"))
        .col(big_integer("version"))
        .take()
}

fn entry() -> TableCreateStatement {
    table("balance_entry", &["hospital", "id"])
        .col(text("hospital"))
        .col(text("id"))
        .col(text("staff_member"))
        .col(text("leave_type"))
        .col(integer("year"))
        .col(text("kind"))
        .col(integer("half_days"))
        .col(text_null("leave"))
        .col(text("reason"))
        .col(text("actor"))
        .col(big_integer("create_time"))
        .take()
}

fn policy() -> TableCreateStatement {
    table("leave_policy", &["hospital"])
        .col(text("hospital"))
        .col(text("policy"))
        .col(big_integer("version"))
        .take()
}

fn holiday() -> TableCreateStatement {
    table("holiday", &["hospital", "id"])
        .col(text("hospital"))
        .col(text("id"))
        .col(text("kind"))
        .col(text("display_name"))
        .col(text("first_date"))
        .col(text("last_date"))
        .col(text("zone"))
        .take()
}

fn duty() -> TableCreateStatement {
    table("duty", &["hospital", "staff_member", "shift"])
        .col(text("hospital"))
        .col(text("staff_member"))
        .col(text("shift"))
        .col(text("date"))
        .col(text_null("part"))
        .col(boolean("is_on_call"))
        .take()
}

fn duty_revision() -> TableCreateStatement {
    table("duty_revision", &["hospital", "staff_member", "shift"])
        .col(text("hospital"))
        .col(text("staff_member"))
        .col(text("shift"))
        .col(big_integer("revision"))
        .take()
}

fn unavailability() -> TableCreateStatement {
    table("unavailability", &["hospital", "id"])
        .col(text("hospital"))
        .col(text("id"))
        .col(text("staff_member"))
        .col(text("state"))
        .col(text("first_date"))
        .col(text_null("until_date"))
        .col(text("document"))
        .col(big_integer("version"))
        .col(big_integer("update_time"))
        .take()
}

fn guard() -> TableCreateStatement {
    table("guard", &["hospital", "name"])
        .col(text("hospital"))
        .col(text("name"))
        .col(big_integer("turn"))
        .take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &'static str, table: &'static str, columns: &[&'static str]| {
        let mut index = Index::create();
        index.name(name).table(table);
        for column in columns {
            index.col(*column);
        }
        index.take()
    };
    vec![
        index("leave_by_person", "leave", &["hospital", "staff_member", "last_date"]),
        index("leave_by_absence", "leave", &["hospital", "state", "last_date"]),
        index(
            "balance_entry_by_balance",
            "balance_entry",
            &["hospital", "staff_member", "leave_type", "year", "id"],
        ),
        index("holiday_by_day", "holiday", &["hospital", "last_date"]),
        index("duty_by_day", "duty", &["hospital", "staff_member", "date"]),
    ]
}
