//! The policy of a hospital.

use chassis::Problem;
use durable::{Tx, etag, problem};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict,
};

use super::{
    Store,
    entity::policy::{ActiveModel, Column, Entity},
};
use crate::domain::policy::Policy;

// === impl Store ===

impl Store {
    /// The policy, or the defaults.
    pub async fn policy(&self, conn: &impl ConnectionTrait, hospital: &str) -> Result<Policy, Problem> {
        let row = Entity::find_by_id(hospital.to_owned()).one(conn).await.map_err(problem)?;
        match row {
            None => Ok(Policy::defaults(hospital)),
            Some(row) => serde_json::from_str(&row.policy).map_err(Problem::internal),
        }
    }

    /// Writes a changed policy over the version it was read in; it has its new version afterwards.
    ///
    /// # Errors
    /// `ABORTED / ETAG_MISMATCH` when somebody else was faster.
    pub async fn save_policy(&self, tx: &Tx, policy: &mut Policy) -> Result<(), Problem> {
        let seen = policy.version;
        policy.version += 1;
        let row = ActiveModel {
            hospital: Set(policy.hospital.clone()),
            policy: Set(serde_json::to_string(policy).map_err(Problem::internal)?),
            version: Set(policy.version),
        };
        let written = if seen == 0 {
            let once = OnConflict::column(Column::Hospital).do_nothing().to_owned();
            Entity::insert(row).on_conflict(once).exec_without_returning(tx.conn()).await.map_err(problem)?
        } else {
            let of_seen = Entity::update_many()
                .set(row)
                .filter(Column::Hospital.eq(&policy.hospital))
                .filter(Column::Version.eq(seen));
            of_seen.exec(tx.conn()).await.map_err(problem)?.rows_affected
        };
        if written == 1 { Ok(()) } else { Err(etag::mismatch(policy.version)) }
    }
}
