//! Operations: at most one runs per plan.

use chassis::Problem;
use durable::page::Page;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

pub use super::entity::operation::Model as Operation;
use super::entity::operation::{Column, Entity};

/// Waiting for a solver.
pub const QUEUED: &str = "QUEUED";
/// A solver searches.
pub const SOLVING: &str = "SOLVING";
/// Over.
pub const DONE: &str = "DONE";

pub async fn find(
    db: &impl ConnectionTrait,
    hospital: &str,
    plan: &str,
    id: &str,
) -> Result<Option<Operation>, Problem> {
    Ok(by_id(db, hospital, id).await?.filter(|row| row.plan == plan))
}

pub async fn by_id(
    db: &impl ConnectionTrait,
    hospital: &str,
    id: &str,
) -> Result<Option<Operation>, Problem> {
    Entity::find_by_id((hospital.to_owned(), id.to_owned())).one(db).await.map_err(durable::problem)
}

/// The operation that runs for a plan.
pub async fn running(
    db: &impl ConnectionTrait,
    hospital: &str,
    plan: &str,
) -> Result<Option<Operation>, Problem> {
    let query = Entity::find().filter(Column::Hospital.eq(hospital)).filter(Column::RunningKey.eq(plan));
    query.one(db).await.map_err(durable::problem)
}

/// Every operation that runs, of all hospitals.
pub async fn all_running(db: &impl ConnectionTrait) -> Result<Vec<Operation>, Problem> {
    Entity::find().filter(Column::Done.eq(false)).all(db).await.map_err(durable::problem)
}

/// One page of a plan's operations, oldest first.
pub async fn list(
    db: &impl ConnectionTrait,
    hospital: &str,
    plan: &str,
    page: &Page,
) -> Result<Vec<Operation>, Problem> {
    let mut query = Entity::find().filter(Column::Hospital.eq(hospital)).filter(Column::Plan.eq(plan));
    if let Some(after) = page.after() {
        query = query.filter(Column::Id.gt(after));
    }
    query.order_by_asc(Column::Id).limit(page.limit() + 1).all(db).await.map_err(durable::problem)
}

/// Writes a new operation; `Ok(false)` when one runs for its plan already.
pub async fn insert(db: &impl ConnectionTrait, row: &Operation) -> Result<bool, Problem> {
    match Entity::insert(row.clone().into_active_model()).exec_without_returning(db).await {
        Err(error) if durable::is_unique(&error) => Ok(false),
        other => other.map(|_| true).map_err(durable::problem),
    }
}

/// Writes an operation that was read at its version; `Ok(false)` when somebody else was faster.
pub async fn save(db: &impl ConnectionTrait, row: &mut Operation) -> Result<bool, Problem> {
    let seen = row.version;
    row.version += 1;
    let mut active = row.clone().into_active_model().reset_all();
    active.hospital = sea_orm::ActiveValue::NotSet;
    active.id = sea_orm::ActiveValue::NotSet;
    let done = Entity::update_many()
        .set(active)
        .filter(Column::Hospital.eq(row.hospital.as_str()))
        .filter(Column::Id.eq(row.id.as_str()))
        .filter(Column::Version.eq(seen))
        .exec(db)
        .await
        .map_err(durable::problem)?;
    Ok(done.rows_affected > 0)
}

/// How many operations wait and run, of all hospitals: what an autoscaler reads.
pub async fn backlog(db: &impl ConnectionTrait) -> Result<u64, Problem> {
    Entity::find().filter(Column::Done.eq(false)).count(db).await.map_err(durable::problem)
}

// === impl Operation ===

impl Operation {
    /// Ends it; the plan is free for another one.
    pub fn end(&mut self, now: i64) {
        self.done = true;
        self.phase = DONE.to_owned();
        self.running_key = self.id.clone();
        self.end_time = now;
    }
}
