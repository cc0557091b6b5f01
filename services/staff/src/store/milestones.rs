//! What was told once because a date came near, so that it is not told again.

use chassis::Problem;
use durable::{Tx, problem, time};
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};

use super::entity::milestone::{ActiveModel, Column, Entity};

/// True the first time.
pub async fn reach(tx: &Tx, hospital: &str, key: &str) -> Result<bool, Problem> {
    let row = ActiveModel {
        hospital: Set(hospital.to_owned()),
        key: Set(key.to_owned()),
        time: Set(time::micros(tx.now())),
    };
    let once = OnConflict::columns([Column::Hospital, Column::Key]).do_nothing().to_owned();
    let written = Entity::insert(row).on_conflict(once).exec_without_returning(tx.conn()).await;
    Ok(written.map_err(problem)? > 0)
}

/// Forgets what was told before a moment.
pub async fn forget_before(tx: &Tx, before: Timestamp) -> Result<(), Problem> {
    Entity::delete_many()
        .filter(Column::Time.lt(time::micros(before)))
        .exec(tx.conn())
        .await
        .map_err(problem)?;
    Ok(())
}
