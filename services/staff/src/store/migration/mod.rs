//! The schema, one migration after the other; never edited once landed.

mod m20261123_department;
mod m20261129_imports;
mod m20261129_milestones;
mod m20261201_professions;

use sea_orm_migration::prelude::*;

/// Every migration of this service.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_department::Migration),
            Box::new(m20261129_milestones::Migration),
            Box::new(m20261129_imports::Migration),
            Box::new(m20261201_professions::Migration),
        ]
    }
}
