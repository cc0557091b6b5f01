//! Swaps, absences that nobody planned, posts to replace, and how a hospital lets people exchange duties.

use sea_orm_migration::{async_trait::async_trait, prelude::*};

use super::{Flag, Int, Layout, Long, Text};

pub struct M20261129Exchanges;

static TABLES: &[Layout] = &[
    Layout {
        name: "swap",
        key: &["hospital", "id"],
        columns: &[
            ("hospital", Text),
            ("id", Text),
            ("plan", Text),
            ("offered", Text),
            ("wanted", Text),
            ("offered_item", Text),
            ("wanted_item", Text),
            ("date", Text),
            ("proposer", Text),
            ("counterpart", Text),
            ("profession", Text),
            ("is_give_away", Flag),
            ("state", Text),
            // The offered assignment while the swap waits, its own id afterwards.
            ("open_key", Text),
            ("findings", Text),
            ("needs_approval", Flag),
            ("revision", Int),
            ("expire_time", Long),
            ("version", Long),
            ("create_time", Long),
            ("update_time", Long),
        ],
        // A duty is offered once at a time.
        unique: &[&["hospital", "open_key"]],
        indexes: &[&["state", "expire_time"], &["hospital", "proposer"], &["hospital", "counterpart"]],
    },
    Layout {
        name: "exchange_policy",
        key: &["hospital"],
        columns: &[("hospital", Text), ("content", Text), ("version", Long), ("update_time", Long)],
        unique: &[],
        indexes: &[],
    },
    Layout {
        name: "unplanned_absence",
        key: &["hospital", "id"],
        columns: &[
            ("hospital", Text),
            ("id", Text),
            ("staff_member", Text),
            ("first_date", Text),
            ("first_part", Text),
            ("last_date", Text),
            ("last_part", Text),
            ("is_withdrawn", Flag),
            ("create_time", Long),
        ],
        unique: &[],
        indexes: &[&["hospital", "last_date"], &["hospital", "staff_member"]],
    },
    Layout {
        name: "replacement",
        key: &["hospital", "id"],
        columns: &[
            ("hospital", Text),
            ("id", Text),
            ("plan", Text),
            ("item", Text),
            ("date", Text),
            ("kind", Text),
            ("absent", Text),
            ("origin", Text),
            ("state", Text),
            // The post while somebody is looked for, its own id afterwards.
            ("open_key", Text),
            ("staff_member", Text),
            ("revision", Int),
            ("due_time", Long),
            ("deadline_time", Long),
            ("version", Long),
            ("create_time", Long),
            ("end_time", Long),
        ],
        // Somebody is looked for once at a time.
        unique: &[&["hospital", "open_key"]],
        indexes: &[&["state", "deadline_time"], &["hospital", "origin"]],
    },
    Layout {
        name: "replacement_offer",
        key: &["hospital", "replacement", "staff_member"],
        columns: &[
            ("hospital", Text),
            ("replacement", Text),
            ("staff_member", Text),
            ("answer", Text),
            ("token_hash", Text),
            ("offer_time", Long),
            ("expire_time", Long),
            ("answer_time", Long),
        ],
        unique: &[&["token_hash"]],
        indexes: &[&["hospital", "staff_member"]],
    },
];

impl MigrationName for M20261129Exchanges {
    fn name(&self) -> &str {
        "m20261129_exchanges"
    }
}

#[async_trait]
impl MigrationTrait for M20261129Exchanges {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES {
            manager.create_table(table.table()).await?;
            for (is_unique, columns) in table.all_indexes() {
                manager.create_index(table.index(is_unique, columns)).await?;
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES.iter().rev() {
            manager.drop_table(Table::drop().table(table.name).to_owned()).await?;
        }
        Ok(())
    }
}
