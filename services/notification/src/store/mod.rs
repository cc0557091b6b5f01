//! The tables of notification and the questions asked of them.

mod check;
mod deliveries;
mod entity;
mod erasure;
mod letters;
mod migration;
mod notices;
mod notifications;
mod people;
mod preferences;
mod reminders;
mod traffic;
mod webhook_deliveries;
mod webhooks;

pub use letters::{Claim, EMAIL, Letter, Outcome, Outgoing};
pub use migration::Migrator;
pub use notifications::{News, Told, Which};
pub use webhook_deliveries::{InHand, Parcel, Tried};
pub use webhooks::Health;

use durable::Db;

/// The store: a database with notification's tables.
#[derive(Clone, Debug)]
pub struct Store {
    db: Db,
}

// === impl Store ===

impl Store {
    /// The store in an open database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// The database, to begin transactions.
    pub fn db(&self) -> &Db {
        &self.db
    }
}

#[cfg(test)]
mod tests;
