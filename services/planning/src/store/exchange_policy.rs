//! How each hospital lets people exchange duties; the defaults until somebody changes them.

use chassis::Problem;
use durable::etag;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::Expr};

use super::{entity::exchange_policy, from_json, to_json};
use crate::domain::exchange::ExchangePolicy;

/// A policy with its version, 0 when nobody wrote one.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    pub policy: ExchangePolicy,
    pub version: i64,
    pub update_time: i64,
}

pub async fn load(db: &impl ConnectionTrait, hospital: &str) -> Result<Stored, Problem> {
    let row = exchange_policy::Entity::find_by_id(hospital.to_owned()).one(db).await;
    match row.map_err(durable::problem)? {
        None => Ok(Stored::default()),
        Some(row) => Ok(Stored {
            policy: from_json(&row.content)?,
            version: row.version,
            update_time: row.update_time,
        }),
    }
}

/// Writes a policy that was loaded at `stored.version`.
///
/// # Errors
/// `ABORTED / ETAG_MISMATCH` when somebody else was faster.
pub async fn save(db: &impl ConnectionTrait, hospital: &str, stored: &mut Stored) -> Result<(), Problem> {
    let seen = stored.version;
    stored.version += 1;
    let content = to_json(&stored.policy)?;
    if seen == 0 {
        let row = exchange_policy::Model {
            hospital: hospital.to_owned(),
            content,
            version: stored.version,
            update_time: stored.update_time,
        };
        let insert = exchange_policy::Entity::insert(row.into_active_model()).exec_without_returning(db);
        return match insert.await {
            Err(error) if durable::is_unique(&error) => Err(etag::mismatch(seen)),
            other => other.map(drop).map_err(durable::problem),
        };
    }
    let done = exchange_policy::Entity::update_many()
        .col_expr(exchange_policy::Column::Content, Expr::value(content))
        .col_expr(exchange_policy::Column::Version, Expr::value(stored.version))
        .col_expr(exchange_policy::Column::UpdateTime, Expr::value(stored.update_time))
        .filter(exchange_policy::Column::Hospital.eq(hospital))
        .filter(exchange_policy::Column::Version.eq(seen))
        .exec(db)
        .await
        .map_err(durable::problem)?;
    if done.rows_affected == 0 { Err(etag::mismatch(seen)) } else { Ok(()) }
}
