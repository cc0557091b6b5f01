//! A connection for reading that changes servers when one does not answer.

use std::{
    sync::{Arc, Mutex, atomic::Ordering},
    time::Duration,
};

use async_trait::async_trait;
use chassis::{Ctx, Problem};
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};
use tokio::time::{Instant, timeout};
use tonic::Code;

use super::{Opened, PRIMARY_PATIENCE, Replica, STATEMENT, lock};
use crate::{metric, problem};

/// A connection for reading: a replica's or the primary's, and the other one's when that does not answer.
#[derive(Debug)]
pub struct Reader {
    primary: DatabaseConnection,
    replica: Mutex<Option<Arc<Opened>>>,
    /// Who may be asked when the primary does not answer, and for whom.
    instead: Option<(Arc<Replica>, Ctx)>,
}

/// How many rows a question is answered by.
#[derive(Clone, Copy)]
enum Rows {
    One,
    All,
}

/// That the primary does not answer.
fn away() -> DbErr {
    DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)
}

/// The rows that a server answers.
async fn rows(at: &impl ConnectionTrait, asked: Statement, rows: Rows) -> Result<Vec<QueryResult>, DbErr> {
    match rows {
        Rows::One => Ok(at.query_one_raw(asked).await?.into_iter().collect()),
        Rows::All => at.query_all_raw(asked).await,
    }
}

// === impl Reader ===

impl Reader {
    /// Asks a replica first.
    pub(crate) async fn of_replica(
        primary: &DatabaseConnection,
        replica: Option<&Arc<Replica>>,
        ctx: &Ctx,
    ) -> Self {
        let reader = Self { primary: primary.clone(), replica: Mutex::default(), instead: None };
        match replica {
            Some(replica) => drop(reader.turn_to(replica, ctx).await),
            None => metric::stale_read("primary", "none"),
        }
        reader
    }

    /// Asks the primary first, unless it is known to be away.
    pub(crate) fn of_primary(
        primary: &DatabaseConnection,
        replica: Option<&Arc<Replica>>,
        ctx: &Ctx,
    ) -> Self {
        let instead = replica.map(|replica| (replica.clone(), ctx.clone()));
        Self { primary: primary.clone(), replica: Mutex::default(), instead }
    }

    /// How old what was read here may be; none when the primary answered.
    pub fn staleness(&self) -> Option<Duration> {
        lock(&self.replica).as_ref().map(|opened| opened.staleness)
    }

    /// What was read here about one resource. One that a replica does not have may have been made a moment ago, so that
    /// it is not said to be nowhere.
    pub fn vouch<T>(&self, found: Result<T, Problem>) -> Result<T, Problem> {
        let is_stale = || self.staleness().is_some();
        found.map_err(|problem| match problem.code() {
            Code::NotFound if is_stale() => problem::away(),
            _ => problem,
        })
    }

    /// Opens a replica, if one serves this caller.
    async fn turn_to(&self, replica: &Replica, ctx: &Ctx) -> Option<Arc<Opened>> {
        match replica.serve(ctx).await {
            Ok(opened) => {
                let opened = Arc::new(opened);
                *lock(&self.replica) = Some(opened.clone());
                chassis::stack::answered_from(opened.staleness);
                Some(opened)
            }
            Err(why) => {
                metric::stale_read("primary", why);
                None
            }
        }
    }

    /// Asks the replica as long as it answers, then the primary, which has the last word on errors too: a replica
    /// may cancel what hinders its replay, lack a new column, or die. When the primary is who does not answer, a
    /// replica may have to do.
    async fn ask(&self, asked: Statement, which: Rows) -> Result<Vec<QueryResult>, DbErr> {
        let opened = lock(&self.replica).clone();
        if let Some(opened) = opened.filter(|opened| !opened.has_failed.load(Ordering::Relaxed))
            && let Some(answer) = opened.ask(asked.clone(), which).await
        {
            return Ok(answer);
        }
        let Some((replica, ctx)) = self.instead.as_ref().filter(|_| self.staleness().is_none()) else {
            return rows(&self.primary, asked, which).await;
        };
        if replica.is_primary_away() {
            // Nobody waits for what will not come; the heartbeat finds out when it is back.
            let opened = self.turn_to(replica, ctx).await.ok_or_else(away)?;
            return opened.ask(asked, which).await.ok_or_else(away);
        }
        let (error, is_busy) =
            match timeout(PRIMARY_PATIENCE, rows(&self.primary, asked.clone(), which)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) if !problem::is_passing(&error) => return Err(error),
                Ok(Err(error)) => {
                    let is_busy = problem::is_pool_busy(&error);
                    (error, is_busy)
                }
                Err(_) => (away(), false),
            };
        tracing::warn!(%error, is_busy, "the primary does not answer; a replica is asked");
        // Of a primary whose connections are all in use the heartbeat knows better, which has its own.
        if !is_busy {
            replica.is_primary_away.store(true, Ordering::Relaxed);
        }
        let Some(opened) = self.turn_to(replica, ctx).await else { return Err(error) };
        opened.ask(asked, which).await.ok_or(error)
    }
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        self.primary.get_database_backend()
    }

    async fn execute_raw(&self, _: Statement) -> Result<ExecResult, DbErr> {
        Err(DbErr::Custom("a reader does not write".to_owned()))
    }

    async fn execute_unprepared(&self, _: &str) -> Result<ExecResult, DbErr> {
        Err(DbErr::Custom("a reader does not write".to_owned()))
    }

    async fn query_one_raw(&self, asked: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.ask(asked, Rows::One).await?.pop())
    }

    async fn query_all_raw(&self, asked: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.ask(asked, Rows::All).await
    }
}

// === impl Opened ===

impl Opened {
    /// Asks; none when it did not answer, and is not to be asked again.
    async fn ask(&self, asked: Statement, which: Rows) -> Option<Vec<QueryResult>> {
        let why = match timeout(STATEMENT, rows(&self.transaction, asked, which)).await {
            Ok(Ok(answer)) => return Some(answer),
            Ok(Err(error)) => error.to_string(),
            Err(_) => {
                self.rest.begin(Instant::now());
                "no answer in time".to_owned()
            }
        };
        tracing::warn!(why, "the replica failed in the middle of a read; the primary is asked");
        self.has_failed.store(true, Ordering::Relaxed);
        metric::stale_read("primary", "failed");
        None
    }
}
