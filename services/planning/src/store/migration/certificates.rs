//! Certificates of revisions. Revisions from before have none.

use sea_orm_migration::{async_trait::async_trait, prelude::*};

use super::{Bytes, Int, Layout, Long, Text};

pub(super) struct M20261129Certificates;

static CERTIFICATE: Layout = Layout {
    name: "certificate",
    key: &["hospital", "plan", "number"],
    columns: &[
        ("hospital", Text),
        ("plan", Text),
        ("number", Int),
        ("format", Text),
        ("hash", Text),
        ("verdict", Text),
        ("fact_count", Int),
        ("content", Bytes),
        ("facts", Bytes),
        ("create_time", Long),
    ],
    unique: &[],
    indexes: &[],
};

impl MigrationName for M20261129Certificates {
    fn name(&self) -> &str {
        "m20261129_certificates"
    }
}

#[async_trait]
impl MigrationTrait for M20261129Certificates {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(CERTIFICATE.table()).await?;
        let mut hash = Text.column("certificate_hash");
        hash.default("");
        manager.alter_table(Table::alter().table("revision").add_column(hash).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = Table::alter().table("revision").drop_column("certificate_hash").to_owned();
        manager.alter_table(column).await?;
        manager.drop_table(Table::drop().table(CERTIFICATE.name).to_owned()).await
    }
}
