//! What an exchange changes of what everybody sees: some posts, and the number of the revision.

use calendar::DayRange;
use chassis::Problem;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    Statement, sea_query::Expr,
};

use super::{
    entity::{plan, published_duty},
    published::to_duty,
};
use crate::domain::{
    plan::State,
    shift::{Duty, Post},
};

/// Waits for its turn among those who exchange duties of a hospital: what one judges must not move before it is written.
pub async fn take_turn(db: &impl ConnectionTrait, hospital: &str) -> Result<(), Problem> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let sql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
    let key = format!("exchanges/{hospital}");
    let turn = Statement::from_sql_and_values(DbBackend::Postgres, sql, [key.into()]);
    db.execute_raw(turn).await.map(drop).map_err(durable::problem)
}

/// The revisions of the other plans whose duties count on these days, by plan.
pub async fn neighbors(
    db: &impl ConnectionTrait,
    hospital: &str,
    id: &str,
    days: DayRange,
) -> Result<Vec<(String, i32)>, Problem> {
    let mut found: Vec<(String, i32)> = plan::Entity::find()
        .select_only()
        .columns([plan::Column::Id, plan::Column::Revision])
        .filter(plan::Column::Hospital.eq(hospital))
        .filter(plan::Column::Id.ne(id))
        .filter(plan::Column::FirstDate.lte(days.last().to_string()))
        .filter(plan::Column::LastDate.gte(days.first().to_string()))
        .into_tuple()
        .all(db)
        .await
        .map_err(durable::problem)?;
    found.sort();
    Ok(found)
}

/// The published duties of a person on some days, with their plans; archived plans are over.
pub async fn held_by(
    db: &impl ConnectionTrait,
    hospital: &str,
    staff_member: &str,
    days: DayRange,
) -> Result<Vec<(String, Duty)>, Problem> {
    let archived: Vec<String> = plan::Entity::find()
        .select_only()
        .column(plan::Column::Id)
        .filter(plan::Column::Hospital.eq(hospital))
        .filter(plan::Column::State.eq(State::Archived.code()))
        .filter(plan::Column::LastDate.gte(days.first().to_string()))
        .into_tuple()
        .all(db)
        .await
        .map_err(durable::problem)?;
    let rows = published_duty::Entity::find()
        .filter(published_duty::Column::Hospital.eq(hospital))
        .filter(published_duty::Column::StaffMember.eq(staff_member))
        .filter(published_duty::Column::Date.gte(days.first().to_string()))
        .filter(published_duty::Column::Date.lte(days.last().to_string()))
        .all(db)
        .await
        .map_err(durable::problem)?;
    let rows = rows.iter().filter(|row| !archived.contains(&row.plan));
    rows.map(|row| Ok((row.plan.clone(), to_duty(row)?))).collect()
}

/// A post of the plan passes to somebody.
pub async fn hand_over(
    db: &impl ConnectionTrait,
    (hospital, shift, post): (&str, &str, Post),
    staff_member: &str,
    now: i64,
) -> Result<(), Problem> {
    published_duty::Entity::update_many()
        .col_expr(published_duty::Column::StaffMember, Expr::value(staff_member))
        .col_expr(published_duty::Column::PublishTime, Expr::value(now))
        .filter(published_duty::Column::Hospital.eq(hospital))
        .filter(published_duty::Column::Shift.eq(shift))
        .filter(published_duty::Column::Post.eq(post.code()))
        .exec(db)
        .await
        .map(drop)
        .map_err(durable::problem)
}

/// Nobody holds a post any more.
pub async fn vacate(
    db: &impl ConnectionTrait,
    (hospital, shift, post): (&str, &str, Post),
) -> Result<(), Problem> {
    published_duty::Entity::delete_many()
        .filter(published_duty::Column::Hospital.eq(hospital))
        .filter(published_duty::Column::Shift.eq(shift))
        .filter(published_duty::Column::Post.eq(post.code()))
        .exec(db)
        .await
        .map(drop)
        .map_err(durable::problem)
}

/// Somebody holds a post that was empty.
pub async fn occupy(db: &impl ConnectionTrait, row: published_duty::Model) -> Result<(), Problem> {
    let insert = published_duty::Entity::insert(row.into_active_model()).exec_without_returning(db).await;
    insert.map(drop).map_err(durable::problem)
}

/// Everything of a plan is of its new revision.
pub async fn advance(
    db: &impl ConnectionTrait,
    hospital: &str,
    plan: &str,
    revision: i32,
) -> Result<(), Problem> {
    published_duty::Entity::update_many()
        .col_expr(published_duty::Column::Revision, Expr::value(revision))
        .filter(published_duty::Column::Hospital.eq(hospital))
        .filter(published_duty::Column::Plan.eq(plan))
        .exec(db)
        .await
        .map(drop)
        .map_err(durable::problem)
}
