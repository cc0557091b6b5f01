//! Planning's tables. One migration a landing; a landed one is never edited.

mod certificates;

mod exchanges;

mod equity;

use sea_orm_migration::{async_trait::async_trait, prelude::*, schema};

use exchanges::M20261129Exchanges;

/// Planning's migrations, after durable's.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(M20261123Planning),
            Box::new(M20261123Parts),
            Box::new(certificates::M20261129Certificates),
            Box::new(M20261129Exchanges),
            Box::new(equity::M20261129Equity),
        ]
    }
}

struct M20261123Planning;

/// Tasks divided into parts, and what is proved of a generation.
struct M20261123Parts;

/// What the parts need: table, column, what it holds. Rows from before are whole tasks.
static PARTS: &[(&str, &str, Holds)] = &[
    // The task it is a part of; empty for a whole one.
    ("task", "parent", Text),
    // The position among the parts of its round.
    ("task", "part", Int),
    // Of a part, its round; of a whole task, how many are done.
    ("task", "round", Int),
    // What a part found.
    ("task", "found", Bytes),
    // The share of its budget spent.
    ("task", "percent", Int),
    // Of a divided task, the share that will be spent when the round ends.
    ("task", "round_percent", Int),
    // Steps of this attempt.
    ("task", "steps", Long),
    // What attempts before spent of the budget.
    ("task", "spent_steps", Long),
    ("task", "spent_ms", Long),
    // When it was divided.
    ("task", "divide_time", Long),
    ("operation", "bound", Text),
    ("operation", "open_parts", Int),
];

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
            table.col(holds.column(column));
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

impl MigrationName for M20261123Parts {
    fn name(&self) -> &str {
        "m20261123_parts"
    }
}

#[async_trait]
impl MigrationTrait for M20261123Parts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // SQLite takes one change at a time.
        for (table, column, holds) in PARTS {
            let mut column = holds.column(column);
            match holds {
                Text => column.default(""),
                Bytes => column.default(Vec::<u8>::new()),
                Int | Long | Flag => column.default(0),
            };
            manager.alter_table(Table::alter().table(*table).add_column(column).to_owned()).await?;
        }
        let mut index = Index::create();
        index.name("task_hospital_parent").table("task").col("hospital").col("parent");
        manager.create_index(index.to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("task_hospital_parent").table("task").to_owned()).await?;
        for (table, column, _) in PARTS {
            manager.alter_table(Table::alter().table(*table).drop_column(*column).to_owned()).await?;
        }
        Ok(())
    }
}

// === impl Holds ===

impl Holds {
    fn column(self, name: &'static str) -> ColumnDef {
        match self {
            Text => schema::text(name),
            Int => schema::integer(name),
            Long => schema::big_integer(name),
            Flag => schema::boolean(name),
            Bytes => schema::blob(name),
        }
    }
}
