//! Files on their way in.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261129_imports"
    }
}

#[derive(DeriveIden)]
enum Import {
    Table,
    Hospital,
    Id,
    Kind,
    FileName,
    ByteCount,
    ReceivedCount,
    State,
    Look,
    Settings,
    Run,
    Attempt,
    Progress,
    WrittenLine,
    Failure,
    CancelRequested,
    Version,
    CreateTime,
    UpdateTime,
}

#[derive(DeriveIden)]
enum ImportChunk {
    Table,
    Hospital,
    Import,
    Offset,
    Content,
}

#[derive(DeriveIden)]
enum ImportFinding {
    Table,
    Hospital,
    Import,
    Number,
    Severity,
    Line,
    Field,
    Value,
    Expected,
    Known,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [import(), chunk(), finding()] {
            manager.create_table(table).await?;
        }
        let by_state = Index::create()
            .name("import_by_state")
            .table(Import::Table)
            .col(Import::State)
            .col(Import::UpdateTime)
            .take();
        manager.create_index(by_state).await
    }
}

fn import() -> TableCreateStatement {
    Table::create()
        .table(Import::Table)
        .col(text(Import::Hospital))
        .col(text(Import::Id))
        .col(text(Import::Kind))
        .col(text(Import::FileName))
        .col(big_integer(Import::ByteCount))
        .col(big_integer(Import::ReceivedCount))
        .col(text(Import::State))
        .col(text_null(Import::Look))
        .col(text_null(Import::Settings))
        .col(integer(Import::Run))
        .col(integer(Import::Attempt))
        .col(text(Import::Progress))
        .col(big_integer(Import::WrittenLine))
        .col(text_null(Import::Failure))
        .col(boolean(Import::CancelRequested))
        .col(big_integer(Import::Version))
        .col(big_integer(Import::CreateTime))
        .col(big_integer(Import::UpdateTime))
        .primary_key(Index::create().col(Import::Hospital).col(Import::Id))
        .take()
}

fn chunk() -> TableCreateStatement {
    Table::create()
        .table(ImportChunk::Table)
        .col(text(ImportChunk::Hospital))
        .col(text(ImportChunk::Import))
        .col(big_integer(ImportChunk::Offset))
        .col(blob(ImportChunk::Content))
        .primary_key(
            Index::create().col(ImportChunk::Hospital).col(ImportChunk::Import).col(ImportChunk::Offset),
        )
        .take()
}

fn finding() -> TableCreateStatement {
    Table::create()
        .table(ImportFinding::Table)
        .col(text(ImportFinding::Hospital))
        .col(text(ImportFinding::Import))
        .col(big_integer(ImportFinding::Number))
        .col(text(ImportFinding::Severity))
        .col(big_integer(ImportFinding::Line))
        .col(text(ImportFinding::Field))
        .col(text(ImportFinding::Value))
        .col(text(ImportFinding::Expected))
        .col(text(ImportFinding::Known))
        .primary_key(
            Index::create()
                .col(ImportFinding::Hospital)
                .col(ImportFinding::Import)
                .col(ImportFinding::Number),
        )
        .take()
}
