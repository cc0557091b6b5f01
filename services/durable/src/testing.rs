//! Databases for tests.
//!
//! ```ignore
//! durable::store_suite! { Migrator;
//!     async fn a_leave_is_found_again(db) { … }
//! }
//! ```
//! runs each test on SQLite, and on PostgreSQL when `MATHILDANESTH_TEST_POSTGRES` names a server
//! (`postgres://user@127.0.0.1:5432`).

use std::{env, fmt::Debug, sync::Arc};

use async_trait::async_trait;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr};
use sea_orm_migration::MigratorTrait;
pub use tempfile::TempDir;
use uuid::Uuid;

use crate::{Db, DbConfig};

/// The variable that names a PostgreSQL server where databases may be made.
pub const POSTGRES: &str = "MATHILDANESTH_TEST_POSTGRES";

/// A scratch PostgreSQL database; drop it with [`Scratch::drop_database`].
#[derive(Debug)]
pub struct Scratch {
    /// The open database.
    pub db: Db,
    /// Its address, for opening it again.
    pub config: DbConfig,
    server: String,
    name: String,
}

/// The way to a simulated database, which may be long or broken.
#[async_trait]
pub trait Link: Debug + Send + Sync {
    /// A transaction is asked for.
    async fn ask(&self) -> Result<(), DbErr>;

    /// A commit took place, and its answer is on the way; when it is lost the outcome is unknown.
    async fn answered(&self) -> Result<(), DbErr>;
}

/// A database over simulated connections, whose tables are there.
pub fn over(writer: DatabaseConnection, reader: DatabaseConnection, link: Arc<dyn Link>) -> Db {
    Db::over(writer, reader).behind(link)
}

/// A SQLite database in a folder of its own, gone with the folder.
pub async fn sqlite<M: MigratorTrait>(migrator: M) -> (Db, TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let config = DbConfig::at(format!("sqlite://{}/test.sqlite", folder.path().display()));
    let db = Db::open(&config, migrator).await.expect("a new SQLite file can be opened");
    (db, folder)
}

/// A PostgreSQL database of its own, or `None` when no server is named.
pub async fn postgres<M: MigratorTrait>(migrator: M) -> Option<Db> {
    scratch(migrator).await.map(|scratch| scratch.db)
}

/// Like [`postgres`], with what is needed to drop it.
pub async fn scratch<M: MigratorTrait>(migrator: M) -> Option<Scratch> {
    let server = env::var(POSTGRES).ok()?.trim_end_matches('/').to_owned();
    let name = format!("test_{}", Uuid::now_v7().simple());
    administer(&server, &format!("CREATE DATABASE {name}")).await;
    let config = DbConfig { pool_max: 4, ..DbConfig::at(format!("{server}/{name}")) };
    let db = Db::open(&config, migrator).await.expect("a new PostgreSQL database can be opened");
    Some(Scratch { db, config, server, name })
}

// === impl Scratch ===

impl Scratch {
    /// Drops the database and whoever is connected to it.
    pub async fn drop_database(self) {
        administer(&self.server, &format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
    }
}

async fn administer(server: &str, sql: &str) {
    let mut options = ConnectOptions::new(format!("{server}/postgres"));
    options.max_connections(1).sqlx_logging(false);
    let connection = Database::connect(options).await.expect("the test server answers");
    connection.execute_unprepared(sql).await.expect("databases may be made on the test server");
    connection.close().await.expect("a connection can be closed");
}

/// Writes each test twice: on SQLite, and on PostgreSQL where a server is named.
#[macro_export]
macro_rules! store_suite {
    ($migrator:expr; $( $(#[$meta:meta])* async fn $name:ident($db:ident) $body:block )*) => {
        $(
            $(#[$meta])*
            mod $name {
                #[allow(unused_imports)]
                use super::*;

                async fn check($db: $crate::Db) $body

                #[$crate::__tokio::test]
                async fn sqlite() {
                    let (db, _folder) = $crate::testing::sqlite($migrator).await;
                    check(db).await;
                }

                #[$crate::__tokio::test]
                async fn postgres() {
                    if let Some(scratch) = $crate::testing::scratch($migrator).await {
                        check(scratch.db.clone()).await;
                        scratch.drop_database().await;
                    }
                }
            }
        )*
    };
}
