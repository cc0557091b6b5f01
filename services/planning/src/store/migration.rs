//! Planning's tables. One migration a landing; a landed one is never edited.

use sea_orm_migration::{async_trait::async_trait, prelude::*, schema};

/// Planning's migrations, after durable's.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(M20261123Planning)]
    }
}

struct M20261123Planning;

/// A column: its name and what it holds.
type Column = (&'static str, Holds);

/// What a column holds.
#[derive(Clone, Copy)]
enum Holds {
    Text,
    Int,
    Long,
    Flag,
    Bytes,
}

use Holds::{Bytes, Flag, Int, Long, Text};

struct Layout {
    name: &'static str,
    key: &'static [&'static str],
    columns: &'static [Column],
    unique: &'static [&'static [&'static str]],
    indexes: &'static [&'static [&'static str]],
}

static TABLES: &[Layout] = &[
    Layout {
        name: "plan",
        key: &["hospital", "id"],
        columns: &[
            ("hospital", Text),
            ("id", Text),
            ("display_name", Text),
            ("first_date", Text),
            ("last_date", Text),
            ("sites", Text),
            ("state", Text),
            ("version", Long),
            ("head", Long),
            ("frame", Long),
            ("revision", Int),
            ("published_head", Long),
            ("publish_time", Long),
            ("analysis_levels", Text),
            ("analysis_hard_count", Int),
            ("analysis_hole_count", Int),
            ("analysis_head", Long),
            ("analysis_absences", Text),
            ("analysis_outdated", Flag),
            ("analysis_time", Long),
            ("shift_count", Int),
            ("create_time", Long),
            ("update_time", Long),
        ],
        unique: &[],
        indexes: &[&["hospital", "first_date"]],
    },
    Layout {
        name: "shift",
        key: &["hospital", "id"],
        columns: &[
            ("hospital", Text),
            ("id", Text),
            ("plan", Text),
            ("slot_key", Text),
            ("kind", Text),
            ("date", Text),
            ("part", Text),
            ("site", Text),
            ("sector", Text),
            ("room", Text),
            ("surgeon", Text),
            ("specialty", Text),
            ("is_pediatric", Flag),
            ("ordinal", Int),
            ("template", Text),
            ("sort_key", Text),
        ],
        // A room is open once on a half-day.
        unique: &[&["hospital", "plan", "slot_key"]],
        indexes: &[&["hospital", "plan", "sort_key"]],
    },
    Layout {
        name: "assignment",
        key: &["hospital", "id"],
        columns: &[
            ("hospital", Text),
            ("id", Text),
            ("plan", Text),
            ("shift", Text),
            ("post", Text),
            ("staff_member", Text),
            ("is_pinned", Flag),
            ("origin", Text),
            ("kind", Text),
            ("date", Text),
            ("part", Text),
            ("site", Text),
            ("sector", Text),
            ("room", Text),
            ("version", Long),
            ("create_time", Long),
            ("sort_key", Text),
        ],
        // A post is held by one person.
        unique: &[&["hospital", "shift", "post"]],
        indexes: &[&["hospital", "plan", "sort_key"]],
    },
    Layout {
        name: "published_duty",
        key: &["hospital", "id"],
        columns: &[
            ("hospital", Text),
            ("id", Text),
            ("plan", Text),
            ("revision", Int),
            ("shift", Text),
            ("post", Text),
            ("staff_member", Text),
            ("kind", Text),
            ("date", Text),
            ("part", Text),
            ("site", Text),
            ("sector", Text),
            ("room", Text),
            ("room_number", Text),
            ("is_pinned", Flag),
            ("origin", Text),
            ("publish_time", Long),
            ("create_time", Long),
            ("sort_key", Text),
        ],
        unique: &[&["hospital", "shift", "post"]],
        indexes: &[
            &["hospital", "staff_member", "date"],
            &["hospital", "date"],
            &["hospital", "plan", "sort_key"],
        ],
    },
    Layout {
        name: "template",
        key: &["hospital", "id"],
        columns: &[
            ("hospital", Text),
            ("id", Text),
            ("display_name", Text),
            ("pattern", Text),
            ("slot_count", Int),
            ("version", Long),
            ("create_time", Long),
        ],
        unique: &[&["hospital", "display_name"]],
        indexes: &[],
    },
    Layout {
        name: "proposal",
        key: &["hospital", "id"],
        columns: &[
            ("hospital", Text),
            ("id", Text),
            ("plan", Text),
            ("operation", Text),
            ("levels", Text),
            ("hole_count", Int),
            ("hard_count", Int),
            ("plan_frame", Long),
            ("absences", Text),
            ("cancelled", Flag),
            ("seed", Long),
            ("steps", Long),
            ("elapsed_ms", Long),
            ("entries", Text),
            ("create_time", Long),
        ],
        unique: &[&["hospital", "operation"]],
        indexes: &[&["hospital", "plan"]],
    },
    Layout {
        name: "revision",
        key: &["hospital", "plan", "number"],
        columns: &[
            ("hospital", Text),
            ("plan", Text),
            ("number", Int),
            ("levels", Text),
            ("assignment_count", Int),
            ("hole_count", Int),
            ("publisher", Text),
            ("rules_version", Text),
            ("content", Text),
            ("create_time", Long),
        ],
        unique: &[],
        indexes: &[],
    },
    Layout {
        name: "ledger",
        key: &["hospital", "id"],
        columns: &[
            ("hospital", Text),
            ("id", Text),
            ("staff_member", Text),
            ("counter", Text),
            ("date", Text),
            ("quantity", Long),
            ("plan", Text),
            ("revision", Int),
            ("shift", Text),
            ("create_time", Long),
        ],
        unique: &[],
        indexes: &[&["hospital", "staff_member", "date"], &["hospital", "date"]],
    },
    Layout {
        name: "rule_set",
        key: &["hospital", "id"],
        columns: &[
            ("hospital", Text),
            ("id", Text),
            ("content", Text),
            ("version", Long),
            ("update_time", Long),
        ],
        unique: &[],
        indexes: &[],
    },
    Layout {
        name: "calendar_feed",
        key: &["hospital", "staff_member"],
        columns: &[("hospital", Text), ("staff_member", Text), ("token_hash", Text), ("create_time", Long)],
        unique: &[],
        // The one lookup that knows no hospital: the secret tells it.
        indexes: &[&["token_hash"]],
    },
    Layout {
        name: "operation",
        key: &["hospital", "id"],
        columns: &[
            ("hospital", Text),
            ("id", Text),
            ("plan", Text),
            ("running_key", Text),
            ("phase", Text),
            ("progress_percent", Int),
            ("best_levels", Text),
            ("steps", Long),
            ("attempt", Int),
            ("requester", Text),
            ("cancel_requested", Flag),
            ("done", Flag),
            ("error_reason", Text),
            ("error_message", Text),
            ("proposal", Text),
            ("version", Long),
            ("create_time", Long),
            ("end_time", Long),
        ],
        // At most one runs per plan: the plan's id while it runs, its own afterwards.
        unique: &[&["hospital", "running_key"]],
        indexes: &[&["hospital", "plan"]],
    },
    Layout {
        name: "task",
        key: &["hospital", "id"],
        columns: &[
            ("hospital", Text),
            ("id", Text),
            ("operation", Text),
            ("plan", Text),
            ("state", Text),
            ("attempt", Int),
            ("worker", Text),
            ("lease_expire_time", Long),
            ("seed", Long),
            ("step_limit", Long),
            ("time_limit_ms", Long),
            ("problem", Bytes),
            ("checkpoint", Bytes),
            ("who", Text),
            ("plan_frame", Long),
            ("absences", Text),
            ("create_time", Long),
        ],
        unique: &[],
        indexes: &[&["state", "create_time"], &["hospital", "operation"]],
    },
];

impl MigrationName for M20261123Planning {
    fn name(&self) -> &str {
        "m20261123_planning"
    }
}

#[async_trait]
impl MigrationTrait for M20261123Planning {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for layout in TABLES {
            manager.create_table(layout.table()).await?;
            for (is_unique, columns) in layout.all_indexes() {
                manager.create_index(layout.index(is_unique, columns)).await?;
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for layout in TABLES {
            manager.drop_table(Table::drop().table(layout.name).to_owned()).await?;
        }
        Ok(())
    }
}

// === impl Layout ===

impl Layout {
    fn table(&self) -> TableCreateStatement {
        let mut table = Table::create();
        table.table(self.name);
        for (column, holds) in self.columns {
            table.col(match holds {
                Text => schema::text(*column),
                Int => schema::integer(*column),
                Long => schema::big_integer(*column),
                Flag => schema::boolean(*column),
                Bytes => schema::blob(*column),
            });
        }
        let mut key = Index::create();
        for column in self.key {
            key.col(*column);
        }
        table.primary_key(&mut key);
        table
    }

    fn all_indexes(&self) -> impl Iterator<Item = (bool, &'static [&'static str])> {
        let unique = self.unique.iter().map(|columns| (true, *columns));
        unique.chain(self.indexes.iter().map(|columns| (false, *columns)))
    }

    fn index(&self, is_unique: bool, columns: &[&'static str]) -> IndexCreateStatement {
        let mut index = Index::create();
        index.name(format!("{}_{}", self.name, columns.join("_"))).table(self.name);
        for column in columns {
            index.col(*column);
        }
        if is_unique {
            index.unique();
        }
        index
    }
}
