//! The tables of leave and the questions asked of them.

mod balances;
mod check;
mod duties;
mod entity;
mod holidays;
mod leaves;
mod migration;
mod policy;
mod unavailabilities;

pub use balances::{CarryOver, EntryRow};
pub use check::PublishedDuty;
pub use leaves::LeaveFilter;
pub use migration::Migrator;

use chassis::{Problem, access::Among};
use durable::{Db, Tx};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait,
    sea_query::{Expr, ExprTrait, OnConflict, SimpleExpr},
};

/// The store: a database with leave's tables.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
}

/// What only one transaction at a time may decide about.
#[derive(Debug)]
pub enum Guard<'a> {
    /// The absences of a profession.
    Profession(&'a str),
    /// The leaves and balances of a person.
    Person(&'a str),
}

/// Rows of professions that somebody may see.
fn of_professions(column: impl ColumnTrait, professions: &Among) -> SimpleExpr {
    match professions {
        Among::Only(named) => column.is_in(named),
        Among::Except(named) => column.is_not_in(named),
    }
}

// === impl Store ===

impl Store {
    /// The store in an open database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// The database, to begin transactions and to read.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Waits for its turn among the transactions of the same person or profession. Take the profession first.
    pub async fn guard(&self, tx: &Tx, hospital: &str, guard: Guard<'_>) -> Result<(), Problem> {
        use entity::guard;
        let name = match guard {
            Guard::Profession(profession) => format!("professions/{profession}"),
            Guard::Person(staff_member) => format!("staffMembers/{staff_member}"),
        };
        let row = guard::ActiveModel { hospital: Set(hospital.to_owned()), name: Set(name), turn: Set(1) };
        let next = OnConflict::columns([guard::Column::Hospital, guard::Column::Name])
            .value(guard::Column::Turn, Expr::col((guard::Entity, guard::Column::Turn)).add(1))
            .to_owned();
        let taken = guard::Entity::insert(row).on_conflict(next).exec_without_returning(tx.conn()).await;
        taken.map(drop).map_err(durable::problem)
    }
}

#[cfg(test)]
mod tests;
