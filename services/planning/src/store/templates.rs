//! Templates.

use chassis::Problem;
use durable::page::Page;
use proto::error::v1::Reason;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

use super::entity::template;

pub async fn find(
    db: &impl ConnectionTrait,
    hospital: &str,
    id: &str,
) -> Result<Option<template::Model>, Problem> {
    let row = template::Entity::find_by_id((hospital.to_owned(), id.to_owned())).one(db).await;
    row.map_err(durable::problem)
}

/// One page of a hospital's templates, by id.
pub async fn list(
    db: &impl ConnectionTrait,
    hospital: &str,
    page: &Page,
) -> Result<Vec<template::Model>, Problem> {
    let mut query = template::Entity::find().filter(template::Column::Hospital.eq(hospital));
    if let Some(after) = page.after() {
        query = query.filter(template::Column::Id.gt(after));
    }
    query.order_by_asc(template::Column::Id).limit(page.limit() + 1).all(db).await.map_err(durable::problem)
}

/// Writes a new template.
///
/// # Errors
/// `ALREADY_EXISTS / NAME_TAKEN` when another one has its display name.
pub async fn insert(db: &impl ConnectionTrait, row: template::Model) -> Result<(), Problem> {
    let name = format!("hospitals/{}/templates/{}", row.hospital, row.id);
    match template::Entity::insert(row.into_active_model()).exec_without_returning(db).await {
        Err(error) if durable::is_unique(&error) => {
            Err(Problem::already_exists(Reason::NameTaken, "Template", name))
        }
        other => other.map(|_| ()).map_err(durable::problem),
    }
}

/// Whether a display name is taken.
pub async fn is_taken(
    db: &impl ConnectionTrait,
    hospital: &str,
    display_name: &str,
) -> Result<bool, Problem> {
    let row = template::Entity::find()
        .filter(template::Column::Hospital.eq(hospital))
        .filter(template::Column::DisplayName.eq(display_name))
        .one(db)
        .await
        .map_err(durable::problem)?;
    Ok(row.is_some())
}

pub async fn delete(db: &impl ConnectionTrait, hospital: &str, id: &str) -> Result<(), Problem> {
    let key = (hospital.to_owned(), id.to_owned());
    template::Entity::delete_by_id(key).exec(db).await.map(|_| ()).map_err(durable::problem)
}
