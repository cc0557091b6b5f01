//! What was told once because a date came near.

use sea_orm_migration::{prelude::*, schema::*};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261129_milestones"
    }
}

#[derive(DeriveIden)]
enum Milestone {
    Table,
    Hospital,
    Key,
    Time,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(Milestone::Table)
            .col(text(Milestone::Hospital))
            .col(text(Milestone::Key))
            .col(big_integer(Milestone::Time))
            .primary_key(Index::create().col(Milestone::Hospital).col(Milestone::Key))
            .take();
        manager.create_table(table).await
    }
}
