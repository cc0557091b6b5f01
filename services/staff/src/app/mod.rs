//! What may be done: one file for each verb or group of verbs, always authorize → load → decide → save.

pub mod access_policy;
pub mod audit;
pub mod bootstrap;
pub mod departures;
pub mod import_department;
pub mod imports;
pub mod legal_packs;
pub mod passwords;
pub mod permissions;
pub mod personal_data;
pub mod resources;
pub mod run_import;
pub mod service_accounts;
pub mod sessions;
pub mod signing;
pub mod staff_members;

use durable::Db;

use crate::config::Sessions;

pub use passwords::Hasher;

/// The use cases and what they need.
#[derive(Clone)]
pub struct App {
    /// This service's database.
    pub db: Db,
    /// How long sessions and keys live.
    pub sessions: Sessions,
    /// Hashes passwords.
    pub hasher: Hasher,
    /// What large files need.
    pub imports: imports::Imports,
}
