//! The queue solvers lease tasks from.

use chassis::Problem;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, LockBehavior, LockType},
};

pub use super::entity::task::Model as Task;
use super::entity::task::{Column, Entity};

/// Waits for a solver.
pub const QUEUED: &str = "QUEUED";
/// A solver has it.
pub const LEASED: &str = "LEASED";
/// Over.
pub const DONE: &str = "DONE";

pub async fn find(db: &impl ConnectionTrait, hospital: &str, id: &str) -> Result<Option<Task>, Problem> {
    Entity::find_by_id((hospital.to_owned(), id.to_owned())).one(db).await.map_err(durable::problem)
}

/// The task of an operation.
pub async fn of_operation(
    db: &impl ConnectionTrait,
    hospital: &str,
    operation: &str,
) -> Result<Option<Task>, Problem> {
    let query = Entity::find().filter(Column::Hospital.eq(hospital)).filter(Column::Operation.eq(operation));
    query.one(db).await.map_err(durable::problem)
}

pub async fn insert(db: &impl ConnectionTrait, row: Task) -> Result<(), Problem> {
    let insert = Entity::insert(row.into_active_model()).exec_without_returning(db).await;
    insert.map(|_| ()).map_err(durable::problem)
}

/// The oldest task that waits, or whose lease ran out, locked until the transaction ends. On PostgreSQL rows others
/// have locked are skipped; SQLite has one writer.
pub async fn next(db: &impl ConnectionTrait, now: i64) -> Result<Option<Task>, Problem> {
    let lost = Condition::all().add(Column::State.eq(LEASED)).add(Column::LeaseExpireTime.lt(now));
    let mut query = Entity::find()
        .filter(Condition::any().add(Column::State.eq(QUEUED)).add(lost))
        .order_by_asc(Column::CreateTime)
        .order_by_asc(Column::Id)
        .limit(1);
    if db.get_database_backend() == DbBackend::Postgres {
        query = query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    query.one(db).await.map_err(durable::problem)
}

/// Gives a task that was read at `seen` to a worker; `Ok(false)` when another one has it.
pub async fn lease(db: &impl ConnectionTrait, task: &Task, seen: i32) -> Result<bool, Problem> {
    let done = Entity::update_many()
        .col_expr(Column::State, Expr::value(LEASED))
        .col_expr(Column::Attempt, Expr::value(task.attempt))
        .col_expr(Column::Worker, Expr::value(task.worker.clone()))
        .col_expr(Column::LeaseExpireTime, Expr::value(task.lease_expire_time))
        .filter(Column::Hospital.eq(task.hospital.as_str()))
        .filter(Column::Id.eq(task.id.as_str()))
        .filter(Column::Attempt.eq(seen))
        .filter(Column::State.ne(DONE))
        .exec(db)
        .await
        .map_err(durable::problem)?;
    Ok(done.rows_affected > 0)
}

/// Renews the lease of an attempt, with a checkpoint if there is one; `Ok(false)` when the attempt lost it.
pub async fn renew(
    db: &impl ConnectionTrait,
    task: &Task,
    expire_time: i64,
    checkpoint: Option<Vec<u8>>,
) -> Result<bool, Problem> {
    let mut query =
        Entity::update_many().col_expr(Column::LeaseExpireTime, Expr::value(expire_time)).filter(holds(task));
    if let Some(checkpoint) = checkpoint {
        query = query.col_expr(Column::Checkpoint, Expr::value(checkpoint));
    }
    Ok(query.exec(db).await.map_err(durable::problem)?.rows_affected > 0)
}

/// Ends a task an attempt still holds, or one nobody does; what it carried is dropped.
pub async fn end(db: &impl ConnectionTrait, task: &Task) -> Result<bool, Problem> {
    let done = Entity::update_many()
        .col_expr(Column::State, Expr::value(DONE))
        .col_expr(Column::Problem, Expr::value(Vec::<u8>::new()))
        .col_expr(Column::Checkpoint, Expr::value(Vec::<u8>::new()))
        .col_expr(Column::Who, Expr::value(""))
        .filter(Column::Hospital.eq(task.hospital.as_str()))
        .filter(Column::Id.eq(task.id.as_str()))
        .filter(Column::Attempt.eq(task.attempt))
        .filter(Column::State.ne(DONE))
        .exec(db)
        .await
        .map_err(durable::problem)?;
    Ok(done.rows_affected > 0)
}

pub async fn delete_of_plan(db: &impl ConnectionTrait, hospital: &str, plan: &str) -> Result<(), Problem> {
    Entity::delete_many()
        .filter(Column::Hospital.eq(hospital))
        .filter(Column::Plan.eq(plan))
        .exec(db)
        .await
        .map(|_| ())
        .map_err(durable::problem)
}

// === impl Task ===

impl Task {
    /// Whether no solver holds it: it waits, or its lease ran out.
    pub fn is_free(&self, now: i64) -> bool {
        self.state == QUEUED || (self.state == LEASED && self.lease_expire_time < now)
    }
}

fn holds(task: &Task) -> Condition {
    Condition::all()
        .add(Column::Hospital.eq(task.hospital.as_str()))
        .add(Column::Id.eq(task.id.as_str()))
        .add(Column::Attempt.eq(task.attempt))
        .add(Column::State.eq(LEASED))
}
