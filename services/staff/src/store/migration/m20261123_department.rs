//! The first tables: hospitals, their resources, and who may sign in.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261123_department"
    }
}

#[derive(DeriveIden)]
enum Hospital {
    Table,
    Id,
    DisplayName,
    TimeZone,
    CreateTime,
}

#[derive(DeriveIden)]
enum Resource {
    Table,
    Hospital,
    Kind,
    Id,
    NaturalKey,
    SecondKey,
    Value,
    Version,
    CreateTime,
    UpdateTime,
}

#[derive(DeriveIden)]
enum Account {
    Table,
    Hospital,
    StaffMember,
    PasswordHash,
    TemporaryUntil,
    UpdateTime,
}

#[derive(DeriveIden)]
enum Attempt {
    Table,
    Hospital,
    Login,
    FailureCount,
    LockedUntil,
    Time,
}

#[derive(DeriveIden)]
enum Session {
    Table,
    Hospital,
    Id,
    StaffMember,
    UserAgent,
    CreateRequest,
    Seed,
    Generation,
    CurrentHash,
    RotateRequest,
    Version,
    CreateTime,
    RotateTime,
    ExpireTime,
    EndTime,
}

#[derive(DeriveIden)]
enum SigningKey {
    Table,
    Id,
    Secret,
    PublicKey,
    CreateTime,
    SignUntil,
    ExpireTime,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [hospital(), resource(), account(), attempt(), session(), signing_key()] {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn hospital() -> TableCreateStatement {
    Table::create()
        .table(Hospital::Table)
        .col(text(Hospital::Id).primary_key())
        .col(text(Hospital::DisplayName))
        .col(text(Hospital::TimeZone))
        .col(big_integer(Hospital::CreateTime))
        .take()
}

fn resource() -> TableCreateStatement {
    Table::create()
        .table(Resource::Table)
        .col(text(Resource::Hospital))
        .col(text(Resource::Kind))
        .col(text(Resource::Id))
        .col(text(Resource::NaturalKey))
        .col(text_null(Resource::SecondKey))
        .col(text(Resource::Value))
        .col(big_integer(Resource::Version))
        .col(big_integer(Resource::CreateTime))
        .col(big_integer(Resource::UpdateTime))
        .primary_key(Index::create().col(Resource::Hospital).col(Resource::Kind).col(Resource::Id))
        .take()
}

fn account() -> TableCreateStatement {
    Table::create()
        .table(Account::Table)
        .col(text(Account::Hospital))
        .col(text(Account::StaffMember))
        .col(text(Account::PasswordHash))
        .col(big_integer_null(Account::TemporaryUntil))
        .col(big_integer(Account::UpdateTime))
        .primary_key(Index::create().col(Account::Hospital).col(Account::StaffMember))
        .take()
}

fn attempt() -> TableCreateStatement {
    Table::create()
        .table(Attempt::Table)
        .col(text(Attempt::Hospital))
        .col(text(Attempt::Login))
        .col(integer(Attempt::FailureCount))
        .col(big_integer_null(Attempt::LockedUntil))
        .col(big_integer(Attempt::Time))
        .primary_key(Index::create().col(Attempt::Hospital).col(Attempt::Login))
        .take()
}

fn session() -> TableCreateStatement {
    Table::create()
        .table(Session::Table)
        .col(text(Session::Hospital))
        .col(text(Session::Id))
        .col(text(Session::StaffMember))
        .col(text(Session::UserAgent))
        .col(text_null(Session::CreateRequest))
        .col(text(Session::Seed))
        .col(big_integer(Session::Generation))
        .col(text(Session::CurrentHash))
        .col(text_null(Session::RotateRequest))
        .col(big_integer(Session::Version))
        .col(big_integer(Session::CreateTime))
        .col(big_integer(Session::RotateTime))
        .col(big_integer(Session::ExpireTime))
        .col(big_integer_null(Session::EndTime))
        .primary_key(Index::create().col(Session::Hospital).col(Session::Id))
        .take()
}

fn signing_key() -> TableCreateStatement {
    Table::create()
        .table(SigningKey::Table)
        .col(text(SigningKey::Id).primary_key())
        .col(text(SigningKey::Secret))
        .col(text(SigningKey::PublicKey))
        .col(big_integer(SigningKey::CreateTime))
        .col(big_integer(SigningKey::SignUntil))
        .col(big_integer(SigningKey::ExpireTime))
        .take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    vec![
        Index::create()
            .name("resource_by_natural_key")
            .table(Resource::Table)
            .col(Resource::Hospital)
            .col(Resource::Kind)
            .col(Resource::NaturalKey)
            .unique()
            .take(),
        Index::create()
            .name("resource_by_second_key")
            .table(Resource::Table)
            .col(Resource::Hospital)
            .col(Resource::Kind)
            .col(Resource::SecondKey)
            .unique()
            .take(),
        Index::create()
            .name("session_by_person")
            .table(Session::Table)
            .col(Session::Hospital)
            .col(Session::StaffMember)
            .col(Session::CreateRequest)
            .unique()
            .take(),
        Index::create().name("session_by_expiry").table(Session::Table).col(Session::ExpireTime).take(),
        Index::create().name("attempt_by_time").table(Attempt::Table).col(Attempt::Time).take(),
    ]
}
