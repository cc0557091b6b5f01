//! Calendar feeds: one secret a person, kept hashed.

use chassis::Problem;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, sea_query::OnConflict,
};
use sha2::{Digest, Sha256};

use super::entity::calendar_feed;

/// How a secret is stored. It is random and long, so a plain hash cannot be searched for it.
pub fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

pub async fn find(
    db: &impl ConnectionTrait,
    hospital: &str,
    staff_member: &str,
) -> Result<Option<calendar_feed::Model>, Problem> {
    let key = (hospital.to_owned(), staff_member.to_owned());
    calendar_feed::Entity::find_by_id(key).one(db).await.map_err(durable::problem)
}

pub async fn find_by_token(
    db: &impl ConnectionTrait,
    token: &str,
) -> Result<Option<calendar_feed::Model>, Problem> {
    let query = calendar_feed::Entity::find().filter(calendar_feed::Column::TokenHash.eq(hash(token)));
    query.one(db).await.map_err(durable::problem)
}

/// Writes the secret of a person in place of the one before.
pub async fn put(db: &impl ConnectionTrait, row: calendar_feed::Model) -> Result<(), Problem> {
    let replace = OnConflict::columns([calendar_feed::Column::Hospital, calendar_feed::Column::StaffMember])
        .update_columns([calendar_feed::Column::TokenHash, calendar_feed::Column::CreateTime])
        .to_owned();
    calendar_feed::Entity::insert(row.into_active_model())
        .on_conflict(replace)
        .exec_without_returning(db)
        .await
        .map(|_| ())
        .map_err(durable::problem)
}

/// Ends a person's secret; false if there is none.
pub async fn delete(db: &impl ConnectionTrait, hospital: &str, staff_member: &str) -> Result<bool, Problem> {
    let key = (hospital.to_owned(), staff_member.to_owned());
    let deleted = calendar_feed::Entity::delete_by_id(key).exec(db).await.map_err(durable::problem)?;
    Ok(deleted.rows_affected > 0)
}
