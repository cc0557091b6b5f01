//! The rule set of each hospital; the defaults until somebody writes one.

use chassis::Problem;
use durable::etag;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::Expr};

use super::{entity::rule_set, from_json, to_json};
use crate::domain::rule_set::RuleSet;

/// The one rule set.
pub const DEFAULT: &str = "default";

/// A rule set with its version, 0 when nobody wrote one.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    pub rules: RuleSet,
    pub version: i64,
    pub update_time: i64,
}

pub async fn load(db: &impl ConnectionTrait, hospital: &str) -> Result<Stored, Problem> {
    let row = rule_set::Entity::find_by_id((hospital.to_owned(), DEFAULT.to_owned())).one(db).await;
    match row.map_err(durable::problem)? {
        None => Ok(Stored::default()),
        Some(row) => {
            Ok(Stored { rules: from_json(&row.content)?, version: row.version, update_time: row.update_time })
        }
    }
}

/// Writes a rule set that was loaded at `stored.version`.
pub async fn save(db: &impl ConnectionTrait, hospital: &str, stored: &mut Stored) -> Result<(), Problem> {
    let seen = stored.version;
    stored.version += 1;
    let content = to_json(&stored.rules)?;
    if seen == 0 {
        let row = rule_set::Model {
            hospital: hospital.to_owned(),
            id: DEFAULT.to_owned(),
            content,
            version: stored.version,
            update_time: stored.update_time,
        };
        return match rule_set::Entity::insert(row.into_active_model()).exec_without_returning(db).await {
            Err(error) if durable::is_unique(&error) => Err(etag::mismatch(seen)),
            other => other.map(|_| ()).map_err(durable::problem),
        };
    }
    let done = rule_set::Entity::update_many()
        .col_expr(rule_set::Column::Content, Expr::value(content))
        .col_expr(rule_set::Column::Version, Expr::value(stored.version))
        .col_expr(rule_set::Column::UpdateTime, Expr::value(stored.update_time))
        .filter(rule_set::Column::Hospital.eq(hospital))
        .filter(rule_set::Column::Id.eq(DEFAULT))
        .filter(rule_set::Column::Version.eq(seen))
        .exec(db)
        .await
        .map_err(durable::problem)?;
    if done.rows_affected == 0 { Err(etag::mismatch(seen)) } else { Ok(()) }
}
