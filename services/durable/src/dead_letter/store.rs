//! The rows of dead letters, and the questions asked of them.

use prost::Message;
use proto::event::v1::Envelope;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, OnConflict},
};

pub(super) use crate::entity::dead_letter::Model as Letter;
use crate::{
    Tx,
    entity::dead_letter::{ActiveModel, Column, Entity},
    page::Page,
    time,
};

/// How much of an error is kept, in characters.
const ERROR_LENGTH_MAX: usize = 1_000;

/// Puts an event aside.
pub(crate) async fn insert(
    tx: &Tx,
    consumer: &str,
    event: &Envelope,
    attempts: i32,
    error: &str,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        consumer: Set(consumer.to_owned()),
        event_id: Set(event.id.clone()),
        kind: Set(event.r#type.clone()),
        hospital: Set(event.hospital.clone()),
        envelope: Set(event.encode_to_vec()),
        error: Set(kept(error)),
        time: Set(time::micros(tx.now())),
        attempts: Set(attempts),
        redrive_time: Set(None),
        version: Set(1),
    };
    // An event that comes once more after its inbox row was forgotten may find itself here.
    let mut again = OnConflict::columns([Column::Consumer, Column::EventId]);
    again.update_columns([Column::Error, Column::Time, Column::Attempts]);
    Entity::insert(row).on_conflict(again).exec_without_returning(tx.conn()).await.map(drop)
}

/// What is kept of an error.
fn kept(error: &str) -> String {
    error.chars().take(ERROR_LENGTH_MAX).collect()
}

pub(super) async fn find(
    db: &impl ConnectionTrait,
    consumer: &str,
    event_id: &str,
) -> Result<Option<Letter>, DbErr> {
    Entity::find_by_id((consumer.to_owned(), event_id.to_owned())).one(db).await
}

/// One page, of a consumer or of all, in order of consumer and event.
pub(super) async fn list(
    db: &impl ConnectionTrait,
    consumer: Option<&str>,
    page: &Page,
) -> Result<Vec<Letter>, DbErr> {
    let mut query = Entity::find();
    if let Some(consumer) = consumer {
        query = query.filter(Column::Consumer.eq(consumer));
    }
    if let Some((consumer, event_id)) = page.after().and_then(|after| after.split_once('/')) {
        let same = Condition::all().add(Column::Consumer.eq(consumer)).add(Column::EventId.gt(event_id));
        query = query.filter(Condition::any().add(Column::Consumer.gt(consumer)).add(same));
    }
    let query = query.order_by_asc(Column::Consumer).order_by_asc(Column::EventId);
    query.limit(page.limit() + 1).all(db).await
}

/// How many dead letters a consumer has.
pub(super) async fn count(db: &impl ConnectionTrait, consumer: &str) -> Result<u64, DbErr> {
    Entity::find().filter(Column::Consumer.eq(consumer)).count(db).await
}

/// The letter of these consumers that waits longest for being tried again.
pub(super) async fn next_queued(
    db: &impl ConnectionTrait,
    consumers: &[&str],
) -> Result<Option<Letter>, DbErr> {
    Entity::find()
        .filter(Column::RedriveTime.is_not_null())
        .filter(Column::Consumer.is_in(consumers.iter().copied()))
        .order_by_asc(Column::RedriveTime)
        .one(db)
        .await
}

/// Writes what changes of a letter that was read at `seen`; false when somebody else was faster.
pub(super) async fn save(db: &impl ConnectionTrait, letter: &Letter, seen: i64) -> Result<bool, DbErr> {
    let done = Entity::update_many()
        .col_expr(Column::Error, Expr::value(kept(&letter.error)))
        .col_expr(Column::Time, Expr::value(letter.time))
        .col_expr(Column::Attempts, Expr::value(letter.attempts))
        .col_expr(Column::RedriveTime, Expr::value(letter.redrive_time))
        .col_expr(Column::Version, Expr::value(letter.version))
        .filter(is(letter, seen))
        .exec(db)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Deletes a letter that was read at `seen`; false when somebody else was faster.
pub(super) async fn delete(db: &impl ConnectionTrait, letter: &Letter, seen: i64) -> Result<bool, DbErr> {
    Ok(Entity::delete_many().filter(is(letter, seen)).exec(db).await?.rows_affected > 0)
}

fn is(letter: &Letter, seen: i64) -> Condition {
    Condition::all()
        .add(Column::Consumer.eq(letter.consumer.as_str()))
        .add(Column::EventId.eq(letter.event_id.as_str()))
        .add(Column::Version.eq(seen))
}
