//! The schema, one migration after the other; never edited once landed.

mod m20261123_department;

use sea_orm_migration::prelude::*;

/// Every migration of this service.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m20261123_department::Migration)]
    }
}
