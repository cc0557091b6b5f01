//! The queue solvers lease tasks from.

use chassis::Problem;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockBehavior, LockType},
};

pub use super::entity::task::Model as Task;
use super::entity::task::{Column, Entity};

/// A task without what it carries.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Outline {
    pub hospital: String,
    pub id: String,
    pub operation: String,
    pub parent: String,
    pub state: String,
    pub attempt: i32,
    pub round: i32,
    pub lease_expire_time: i64,
}

/// Waits for a solver.
pub const QUEUED: &str = "QUEUED";
/// A solver has it.
pub const LEASED: &str = "LEASED";
/// Divided into parts, and waits for them.
pub const DIVIDED: &str = "DIVIDED";
/// Over.
pub const DONE: &str = "DONE";

pub async fn find(db: &impl ConnectionTrait, hospital: &str, id: &str) -> Result<Option<Task>, Problem> {
    Entity::find_by_id((hospital.to_owned(), id.to_owned())).one(db).await.map_err(durable::problem)
}

/// The task of an operation; not one of its parts.
pub async fn of_operation(
    db: &impl ConnectionTrait,
    hospital: &str,
    operation: &str,
) -> Result<Option<Task>, Problem> {
    let query = Entity::find()
        .filter(Column::Hospital.eq(hospital))
        .filter(Column::Operation.eq(operation))
        .filter(Column::Parent.eq(""));
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

/// Every task that is not over, of all hospitals, without what it carries.
pub async fn open(db: &impl ConnectionTrait) -> Result<Vec<Outline>, Problem> {
    let query = Entity::find()
        .select_only()
        .columns([
            Column::Hospital,
            Column::Id,
            Column::Operation,
            Column::Parent,
            Column::State,
            Column::Attempt,
            Column::Round,
            Column::LeaseExpireTime,
        ])
        .filter(Column::State.ne(DONE));
    query.into_model::<Outline>().all(db).await.map_err(durable::problem)
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

/// What an attempt says of its task when it renews the lease.
#[derive(Debug)]
pub enum Word {
    /// How far it is: the share of the budget, and the steps.
    Progress { percent: i32, steps: i64 },
    /// The best roster so far, and what all attempts spent to find it.
    Checkpoint { roster: Vec<u8>, spent_steps: i64, spent_ms: i64 },
}

/// Renews the lease of an attempt; `Ok(false)` when the attempt lost it.
pub async fn renew(
    db: &impl ConnectionTrait,
    task: &Task,
    expire_time: i64,
    word: Word,
) -> Result<bool, Problem> {
    let query =
        Entity::update_many().col_expr(Column::LeaseExpireTime, Expr::value(expire_time)).filter(holds(task));
    let query = match word {
        Word::Progress { percent, steps } => query
            // A task that was divided keeps what its rounds have spent.
            .col_expr(Column::Percent, Expr::value(percent.max(task.percent)))
            .col_expr(Column::Steps, Expr::value(steps)),
        Word::Checkpoint { roster, spent_steps, spent_ms } => query
            .col_expr(Column::Checkpoint, Expr::value(roster))
            .col_expr(Column::SpentSteps, Expr::value(spent_steps))
            .col_expr(Column::SpentMs, Expr::value(spent_ms)),
    };
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
    let is_ended = done.rows_affected > 0;
    // Not those of a task that somebody else has divided meanwhile: it would wait for parts that nobody has.
    if task.parent.is_empty() && (is_ended || is_done(db, task).await?) {
        delete_parts(db, task).await?;
    }
    Ok(is_ended)
}

async fn is_done(db: &impl ConnectionTrait, task: &Task) -> Result<bool, Problem> {
    let now = find(db, &task.hospital, &task.id).await?;
    Ok(now.is_none_or(|now| now.state == DONE))
}

/// Ends a part an attempt still holds, or one nobody does, with what it found.
pub async fn end_part(
    db: &impl ConnectionTrait,
    task: &Task,
    found: Vec<u8>,
    steps: i64,
) -> Result<bool, Problem> {
    let done = Entity::update_many()
        .col_expr(Column::State, Expr::value(DONE))
        .col_expr(Column::Checkpoint, Expr::value(Vec::<u8>::new()))
        .col_expr(Column::Found, Expr::value(found))
        .col_expr(Column::Percent, Expr::value(100))
        .col_expr(Column::Steps, Expr::value(steps))
        .col_expr(Column::SpentSteps, Expr::value(0))
        .filter(Column::Hospital.eq(task.hospital.as_str()))
        .filter(Column::Id.eq(task.id.as_str()))
        .filter(Column::Attempt.eq(task.attempt))
        .filter(Column::State.ne(DONE))
        .exec(db)
        .await
        .map_err(durable::problem)?;
    Ok(done.rows_affected > 0)
}

/// The parts of a divided task, in order.
pub async fn parts(db: &impl ConnectionTrait, whole: &Task) -> Result<Vec<Task>, Problem> {
    let query = Entity::find()
        .filter(Column::Hospital.eq(whole.hospital.as_str()))
        .filter(Column::Parent.eq(whole.id.as_str()))
        .order_by_asc(Column::Part);
    query.all(db).await.map_err(durable::problem)
}

/// The parts of a task that was divided are forgotten; whoever still searches one has lost it.
pub async fn delete_parts(db: &impl ConnectionTrait, whole: &Task) -> Result<(), Problem> {
    Entity::delete_many()
        .filter(Column::Hospital.eq(whole.hospital.as_str()))
        .filter(Column::Parent.eq(whole.id.as_str()))
        .exec(db)
        .await
        .map(|_| ())
        .map_err(durable::problem)
}

/// Locks a divided task until the transaction ends: of parts that end at once, the last one must see the others.
/// `Ok(false)` when it is not divided.
pub async fn lock_divided(db: &impl ConnectionTrait, hospital: &str, id: &str) -> Result<bool, Problem> {
    let done = Entity::update_many()
        .col_expr(Column::State, Expr::value(DIVIDED))
        .filter(Column::Hospital.eq(hospital))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(DIVIDED))
        .exec(db)
        .await
        .map_err(durable::problem)?;
    Ok(done.rows_affected > 0)
}

/// A leased task waits for its parts from now on; `Ok(false)` when the attempt lost it.
pub async fn divide(db: &impl ConnectionTrait, whole: &Task) -> Result<bool, Problem> {
    let done = Entity::update_many()
        .col_expr(Column::State, Expr::value(DIVIDED))
        .col_expr(Column::Checkpoint, Expr::value(whole.checkpoint.clone()))
        .col_expr(Column::Percent, Expr::value(whole.percent))
        .col_expr(Column::RoundPercent, Expr::value(whole.round_percent))
        .col_expr(Column::DivideTime, Expr::value(whole.divide_time))
        .filter(holds(whole))
        .exec(db)
        .await
        .map_err(durable::problem)?;
    Ok(done.rows_affected > 0)
}

/// A divided task that has lost its parts waits for a solver again, who divides it anew.
pub async fn requeue(db: &impl ConnectionTrait, whole: &Task) -> Result<bool, Problem> {
    let done = Entity::update_many()
        .col_expr(Column::State, Expr::value(QUEUED))
        .filter(Column::Hospital.eq(whole.hospital.as_str()))
        .filter(Column::Id.eq(whole.id.as_str()))
        .filter(Column::State.eq(DIVIDED))
        .exec(db)
        .await
        .map_err(durable::problem)?;
    Ok(done.rows_affected > 0)
}

/// Forgets a task.
pub async fn delete(db: &impl ConnectionTrait, task: &Task) -> Result<(), Problem> {
    let key = (task.hospital.clone(), task.id.clone());
    Entity::delete_by_id(key).exec(db).await.map(drop).map_err(durable::problem)
}

/// A divided task whose parts are all done waits for a solver again.
pub async fn unite(db: &impl ConnectionTrait, whole: &Task) -> Result<(), Problem> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(QUEUED))
        .col_expr(Column::Round, Expr::value(whole.round))
        .col_expr(Column::Percent, Expr::value(whole.percent))
        .col_expr(Column::SpentSteps, Expr::value(whole.spent_steps))
        .col_expr(Column::SpentMs, Expr::value(whole.spent_ms))
        .filter(Column::Hospital.eq(whole.hospital.as_str()))
        .filter(Column::Id.eq(whole.id.as_str()))
        .filter(Column::State.eq(DIVIDED))
        .exec(db)
        .await
        .map(|_| ())
        .map_err(durable::problem)
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

    /// Whether it is a part of another one.
    pub fn is_part(&self) -> bool {
        !self.parent.is_empty()
    }

    /// How often a solver was lost while it held it.
    pub fn times_lost(&self) -> i32 {
        times_lost(self.is_part(), self.round, self.attempt)
    }
}

/// A part is begun once in order, a whole once for each round.
fn times_lost(is_part: bool, round: i32, attempt: i32) -> i32 {
    attempt - if is_part { 1 } else { round + 1 }
}

// === impl Outline ===

impl Outline {
    /// Whether it is a part of another one.
    pub fn is_part(&self) -> bool {
        !self.parent.is_empty()
    }

    /// Whether its solver was lost by this time, and nobody has taken it since.
    pub fn is_lost(&self, now: i64) -> bool {
        self.state == LEASED && self.lease_expire_time < now
    }

    /// How often solvers were lost, the one that held it last included.
    pub fn times_lost(&self) -> i32 {
        times_lost(self.is_part(), self.round, self.attempt + 1)
    }
}

fn holds(task: &Task) -> Condition {
    Condition::all()
        .add(Column::Hospital.eq(task.hospital.as_str()))
        .add(Column::Id.eq(task.id.as_str()))
        .add(Column::Attempt.eq(task.attempt))
        .add(Column::State.eq(LEASED))
}
