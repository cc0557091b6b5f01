//! Lines of the ledger that no publication wrote, and wishes.

use sea_orm_migration::{async_trait::async_trait, prelude::*};

use super::{Layout, Long, Text};

/// What its file says.
pub(super) struct M20261129Equity;

/// What lines need: where they come from, why, by whom. Those from before are of publications.
const COLUMNS: [&str; 3] = ["source", "justification", "author"];

static WISH: Layout = Layout {
    name: "wish",
    key: &["hospital", "id"],
    columns: &[
        ("hospital", Text),
        ("id", Text),
        ("staff_member", Text),
        ("kind", Text),
        ("date", Text),
        ("part", Text),
        ("rank", Text),
        ("state", Text),
        ("comment", Text),
        ("decision_comment", Text),
        ("decider", Text),
        ("decide_time", Long),
        // The place in the allowance: month, rank and number; the id once rejected.
        ("place", Text),
        ("sort_key", Text),
        ("version", Long),
        ("create_time", Long),
    ],
    // Two wishes sent at once cannot take the last place of an allowance together.
    unique: &[&["hospital", "staff_member", "place"]],
    indexes: &[&["hospital", "date"], &["hospital", "sort_key"]],
};

impl MigrationName for M20261129Equity {
    fn name(&self) -> &str {
        "m20261129_equity"
    }
}

#[async_trait]
impl MigrationTrait for M20261129Equity {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite takes one change at a time.
        for column in COLUMNS {
            let mut column = Text.column(column);
            column.default("");
            manager.alter_table(Table::alter().table("ledger").add_column(column).to_owned()).await?;
        }
        let mut index = Index::create();
        index.name("ledger_hospital_counter_date").table("ledger");
        index.col("hospital").col("counter").col("date");
        manager.create_index(index.to_owned()).await?;
        let mut index = Index::create();
        index.name("ledger_hospital_plan").table("ledger").col("hospital").col("plan");
        manager.create_index(index.to_owned()).await?;
        manager.create_table(WISH.table()).await?;
        for (is_unique, columns) in WISH.all_indexes() {
            manager.create_index(WISH.index(is_unique, columns)).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(WISH.name).to_owned()).await?;
        for index in ["ledger_hospital_plan", "ledger_hospital_counter_date"] {
            manager.drop_index(Index::drop().name(index).table("ledger").to_owned()).await?;
        }
        for column in COLUMNS {
            manager.alter_table(Table::alter().table("ledger").drop_column(column).to_owned()).await?;
        }
        Ok(())
    }
}
