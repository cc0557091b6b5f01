//! The tenants.

use chassis::Problem;
use durable::{Tx, problem};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

use super::entity::hospital::{ActiveModel, Column, Entity, Model};

/// Whether there is any hospital yet.
pub async fn is_empty(conn: &impl ConnectionTrait) -> Result<bool, Problem> {
    Ok(Entity::find().count(conn).await.map_err(problem)? == 0)
}

/// The ids of all.
pub async fn all(conn: &impl ConnectionTrait) -> Result<Vec<String>, Problem> {
    let query = Entity::find().select_only().column(Column::Id).order_by_asc(Column::Id);
    query.into_tuple().all(conn).await.map_err(problem)
}

/// One hospital.
pub async fn find(conn: &impl ConnectionTrait, id: &str) -> Result<Option<Model>, Problem> {
    Entity::find_by_id(id).one(conn).await.map_err(problem)
}

/// Writes a hospital; false if another instance was faster.
pub async fn insert(tx: &Tx, id: &str, display_name: &str, time_zone: &str) -> Result<bool, Problem> {
    let row = ActiveModel {
        id: Set(id.to_owned()),
        display_name: Set(display_name.to_owned()),
        time_zone: Set(time_zone.to_owned()),
        create_time: Set(durable::time::micros(tx.now())),
    };
    let once = OnConflict::column(Column::Id).do_nothing().to_owned();
    let inserted = Entity::insert(row).on_conflict(once).exec_without_returning(tx.conn()).await;
    Ok(inserted.map_err(problem)? > 0)
}

/// Makes imports of one hospital wait for each other.
pub async fn lock(tx: &Tx, id: &str) -> Result<(), Problem> {
    Entity::update_many()
        .col_expr(Column::CreateTime, Expr::col(Column::CreateTime))
        .filter(Column::Id.eq(id))
        .exec(tx.conn())
        .await
        .map_err(problem)?;
    Ok(())
}
