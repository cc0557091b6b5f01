//! Database errors in the terms of a caller.

use std::time::Duration;

use chassis::Problem;
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, SqlErr, sqlx};

/// Why the database could not be opened or prepared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address is neither `sqlite://` nor `postgres://`.
    #[error("the database address must begin with sqlite:// or postgres://")]
    Address,
    /// A SQLite file has no replica.
    #[error("only a PostgreSQL database has a replica_url")]
    Replica,
    /// The folder of a SQLite file cannot be made.
    #[error("the database folder cannot be made: {0}")]
    Folder(#[from] std::io::Error),
    /// The database refused.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// The result of opening.
pub type Result<T> = std::result::Result<T, Error>;

/// Translates: a database that is away or busy is `UNAVAILABLE` (the one code clients retry by themselves),
/// everything else is ours.
pub fn problem(error: DbErr) -> Problem {
    if is_passing(&error) {
        tracing::warn!(%error, "the database is away or busy");
        return away();
    }
    Problem::internal(error)
}

/// That the database is away or busy.
pub(crate) fn away() -> Problem {
    away_for(Duration::ZERO)
}

/// The longest that callers are asked to wait for a database that is away, but for chance.
const AWAY_RETRY_MAX: Duration = Duration::from_secs(4);

/// That the database is away, and for how long it has been: what has lasted will last, and whoever asks again and again
/// takes the time of those who only read.
pub(crate) fn away_for(outage: Duration) -> Problem {
    let about = (outage / 2).clamp(chassis::stack::RETRY_AFTER, AWAY_RETRY_MAX);
    Problem::unavailable("the database is away or busy", chassis::stack::retry_after(about))
}

/// Tells whether a unique index refused the write.
pub fn is_unique(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

/// Whether no connection of the pool became free in time.
pub(crate) fn is_pool_busy(error: &DbErr) -> bool {
    matches!(error, DbErr::ConnectionAcquire(ConnAcquireErr::Timeout))
}

/// Whether the same question may be answered a moment later.
pub(crate) fn is_passing(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            match error.as_ref() {
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed => true,
                sqlx::Error::Database(error) => error.code().is_some_and(|code| is_passing_code(&code)),
                _ => false,
            }
        }
        _ => false,
    }
}

/// PostgreSQL: lost connection (class 08), no disk, memory or connection left (class 53), serialization failure, deadlock,
/// statement timeout, shutdown, failover, an error of the disk. SQLite: busy and locked.
fn is_passing_code(code: &str) -> bool {
    ["08", "53"].iter().any(|class| code.starts_with(class))
        || matches!(code, "40001" | "40P01" | "57014" | "57P01" | "57P02" | "57P03" | "58030" | "25006")
        || matches!(code, "5" | "6" | "261" | "517")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_connection_may_be_retried_and_a_syntax_error_may_not() {
        for code in ["08006", "40001", "53100", "57P01", "58030", "5"] {
            assert!(is_passing_code(code), "{code}");
        }
        for code in ["42601", "23505", "1"] {
            assert!(!is_passing_code(code), "{code}");
        }
    }
}
