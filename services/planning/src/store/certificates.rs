//! Certificates of revisions: written with them, never changed.

use chassis::Problem;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel};

use super::entity::certificate;

pub async fn insert(db: &impl ConnectionTrait, row: certificate::Model) -> Result<(), Problem> {
    let insert = certificate::Entity::insert(row.into_active_model()).exec_without_returning(db).await;
    insert.map(|_| ()).map_err(durable::problem)
}

pub async fn find(
    db: &impl ConnectionTrait,
    hospital: &str,
    plan: &str,
    number: i32,
) -> Result<Option<certificate::Model>, Problem> {
    let key = (hospital.to_owned(), plan.to_owned(), number);
    certificate::Entity::find_by_id(key).one(db).await.map_err(durable::problem)
}

/// The facts of a row: each ends with a line feed.
pub fn facts(row: &certificate::Model) -> Result<Vec<&str>, Problem> {
    Ok(std::str::from_utf8(&row.facts).map_err(Problem::internal)?.lines().collect())
}
