//! Proposals: immutable once written.

use chassis::Problem;
use durable::page::Page;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::entity::proposal;

pub async fn find(
    db: &impl ConnectionTrait,
    hospital: &str,
    plan: &str,
    id: &str,
) -> Result<Option<proposal::Model>, Problem> {
    let row = proposal::Entity::find_by_id((hospital.to_owned(), id.to_owned())).one(db).await;
    Ok(row.map_err(durable::problem)?.filter(|row| row.plan == plan))
}

/// One page of a plan's proposals, oldest first.
pub async fn list(
    db: &impl ConnectionTrait,
    hospital: &str,
    plan: &str,
    page: &Page,
) -> Result<Vec<proposal::Model>, Problem> {
    let mut query = proposal::Entity::find()
        .filter(proposal::Column::Hospital.eq(hospital))
        .filter(proposal::Column::Plan.eq(plan));
    if let Some(after) = page.after() {
        query = query.filter(proposal::Column::Id.gt(after));
    }
    query.order_by_asc(proposal::Column::Id).limit(page.limit() + 1).all(db).await.map_err(durable::problem)
}

pub async fn insert(db: &impl ConnectionTrait, row: proposal::Model) -> Result<(), Problem> {
    let insert = proposal::Entity::insert(row.into_active_model()).exec_without_returning(db).await;
    insert.map(|_| ()).map_err(durable::problem)
}
