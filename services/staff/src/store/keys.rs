//! Keys that sign access tokens. The newest signs; the one before still verifies until its tokens have ended.

use chassis::Problem;
use durable::{Tx, problem, time};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use super::entity::signing_key;

pub use super::entity::signing_key::Model as SigningKey;

/// Keys that verify at a moment, newest first.
pub async fn valid(conn: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<SigningKey>, Problem> {
    signing_key::Entity::find()
        .filter(signing_key::Column::ExpireTime.gt(time::micros(now)))
        .order_by_desc(signing_key::Column::CreateTime)
        .order_by_desc(signing_key::Column::Id)
        .all(conn)
        .await
        .map_err(problem)
}

/// One key.
pub async fn find(conn: &impl ConnectionTrait, id: &str) -> Result<Option<SigningKey>, Problem> {
    signing_key::Entity::find_by_id(id).one(conn).await.map_err(problem)
}

/// Writes a key.
pub async fn insert(tx: &Tx, key: SigningKey) -> Result<(), Problem> {
    let row: signing_key::ActiveModel = key.into();
    signing_key::Entity::insert(row).exec_without_returning(tx.conn()).await.map_err(problem)?;
    Ok(())
}

/// Forgets keys that ended before a moment.
pub async fn forget_before(tx: &Tx, before: Timestamp) -> Result<(), Problem> {
    signing_key::Entity::delete_many()
        .filter(signing_key::Column::ExpireTime.lt(time::micros(before)))
        .exec(tx.conn())
        .await
        .map_err(problem)?;
    Ok(())
}
