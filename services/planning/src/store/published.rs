//! What everybody sees: the duties of each plan's last revision.

use calendar::{Day, DayRange};
use chassis::Problem;
use durable::{filter::Filter, page::Page};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::{
    entity::published_duty,
    shifts::{Assignment, Origin, duty_of},
};
use crate::domain::{feed::Entry, shift::Duty};

/// The published duties of a plan.
pub async fn of_plan(db: &impl ConnectionTrait, hospital: &str, plan: &str) -> Result<Vec<Duty>, Problem> {
    let condition = Condition::all().add(published_duty::Column::Plan.eq(plan));
    duties(db, hospital, condition).await
}

/// The published duties of some days, whatever their plan.
pub async fn in_days(
    db: &impl ConnectionTrait,
    hospital: &str,
    days: DayRange,
) -> Result<Vec<Duty>, Problem> {
    let condition = Condition::all()
        .add(published_duty::Column::Date.gte(days.first().to_string()))
        .add(published_duty::Column::Date.lte(days.last().to_string()));
    duties(db, hospital, condition).await
}

/// The published duties of some days in some other plans.
pub async fn of_others(
    db: &impl ConnectionTrait,
    hospital: &str,
    plans: &[String],
    days: DayRange,
) -> Result<Vec<Duty>, Problem> {
    if plans.is_empty() {
        return Ok(Vec::new());
    }
    let condition = Condition::all()
        .add(published_duty::Column::Plan.is_in(plans))
        .add(published_duty::Column::Date.gte(days.first().to_string()))
        .add(published_duty::Column::Date.lte(days.last().to_string()));
    duties(db, hospital, condition).await
}

async fn duties(
    db: &impl ConnectionTrait,
    hospital: &str,
    condition: Condition,
) -> Result<Vec<Duty>, Problem> {
    let rows = published_duty::Entity::find()
        .filter(published_duty::Column::Hospital.eq(hospital))
        .filter(condition)
        .order_by_asc(published_duty::Column::SortKey)
        .all(db)
        .await
        .map_err(durable::problem)?;
    rows.iter().map(to_duty).collect()
}

/// Every published duty of every hospital: hospital, plan and revision beside it.
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<(String, String, i32, Duty)>, Problem> {
    let rows = published_duty::Entity::find().all(db).await.map_err(durable::problem)?;
    rows.iter().map(|row| Ok((row.hospital.clone(), row.plan.clone(), row.revision, to_duty(row)?))).collect()
}

/// One page of published duties, of one plan or of all, as assignments.
pub async fn list(
    db: &impl ConnectionTrait,
    hospital: &str,
    plan: Option<&str>,
    page: &Page,
    filter: &Filter,
) -> Result<Vec<Assignment>, Problem> {
    let mut query = published_duty::Entity::find()
        .filter(published_duty::Column::Hospital.eq(hospital))
        .filter(filter.condition(|field| match field {
            "staff_member" => published_duty::Column::StaffMember,
            "kind" => published_duty::Column::Kind,
            "site" => published_duty::Column::Site,
            "shift" => published_duty::Column::Shift,
            "post" => published_duty::Column::Post,
            _ => published_duty::Column::Date,
        }));
    if let Some(plan) = plan {
        query = query.filter(published_duty::Column::Plan.eq(plan));
    }
    if let Some(after) = page.after() {
        query = query.filter(published_duty::Column::SortKey.gt(after));
    }
    let rows = query.order_by_asc(published_duty::Column::SortKey).limit(page.limit() + 1).all(db).await;
    rows.map_err(durable::problem)?.iter().map(to_assignment).collect()
}

pub async fn find(
    db: &impl ConnectionTrait,
    hospital: &str,
    plan: &str,
    id: &str,
) -> Result<Option<Assignment>, Problem> {
    let row = published_duty::Entity::find_by_id((hospital.to_owned(), id.to_owned())).one(db).await;
    row.map_err(durable::problem)?.filter(|row| row.plan == plan).as_ref().map(to_assignment).transpose()
}

/// Every published duty of a plan, as assignments.
pub async fn assignments_of_plan(
    db: &impl ConnectionTrait,
    hospital: &str,
    plan: &str,
) -> Result<Vec<Assignment>, Problem> {
    let rows = published_duty::Entity::find()
        .filter(published_duty::Column::Hospital.eq(hospital))
        .filter(published_duty::Column::Plan.eq(plan))
        .order_by_asc(published_duty::Column::SortKey)
        .all(db)
        .await
        .map_err(durable::problem)?;
    rows.iter().map(to_assignment).collect()
}

/// What one person's calendar shows, from a day on.
pub async fn feed(
    db: &impl ConnectionTrait,
    hospital: &str,
    staff_member: &str,
    from: Day,
) -> Result<Vec<Entry>, Problem> {
    let rows = published_duty::Entity::find()
        .filter(published_duty::Column::Hospital.eq(hospital))
        .filter(published_duty::Column::StaffMember.eq(staff_member))
        .filter(published_duty::Column::Date.gte(from.to_string()))
        .order_by_asc(published_duty::Column::SortKey)
        .all(db)
        .await
        .map_err(durable::problem)?;
    let entries = rows.iter().map(|row| {
        Ok(Entry {
            duty: to_duty(row)?,
            holder: String::new(),
            room_number: row.room_number.clone(),
            published: row.publish_time,
            revision: row.revision,
        })
    });
    entries.collect()
}

/// Replaces a plan's published duties by those of a new revision.
pub async fn replace(
    db: &impl ConnectionTrait,
    hospital: &str,
    plan: &str,
    rows: Vec<published_duty::Model>,
) -> Result<(), Problem> {
    published_duty::Entity::delete_many()
        .filter(published_duty::Column::Hospital.eq(hospital))
        .filter(published_duty::Column::Plan.eq(plan))
        .exec(db)
        .await
        .map_err(durable::problem)?;
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model);
    durable::insert_all(db, rows.collect()).await.map_err(durable::problem)
}

pub(super) fn to_duty(row: &published_duty::Model) -> Result<Duty, Problem> {
    let duty = duty_of(&row.staff_member, &row.date, &row.part, &row.kind, &row.post, &row.shift)?;
    Ok(duty.at(row.site.clone(), row.sector.clone(), row.room.clone()))
}

fn to_assignment(row: &published_duty::Model) -> Result<Assignment, Problem> {
    Ok(Assignment {
        id: row.id.clone(),
        plan: row.plan.clone(),
        duty: to_duty(row)?,
        is_pinned: row.is_pinned,
        origin: Origin::from_code(&row.origin),
        version: i64::from(row.revision),
        create_time: row.create_time,
        sort_key: row.sort_key.clone(),
    })
}
