//! Absences that nobody planned. Why somebody is away is not here.

use std::collections::BTreeMap;

use calendar::{DayPart, DayRange, HalfDay, Span};
use chassis::Problem;
use durable::page::Page;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::{
    entity::unplanned_absence::{Column, Entity, Model},
    to_day,
};
use crate::domain::{
    replacement::UnplannedAbsence,
    shift::{part_code, part_from_code},
};

pub async fn find(
    db: &impl ConnectionTrait,
    hospital: &str,
    staff_member: &str,
    id: &str,
) -> Result<Option<UnplannedAbsence>, Problem> {
    let row = Entity::find_by_id((hospital.to_owned(), id.to_owned())).one(db).await;
    let row = row.map_err(durable::problem)?.filter(|row| row.staff_member == staff_member);
    row.map(from_row).transpose()
}

/// One page of a person's absences, or of everybody's; oldest first.
pub async fn list(
    db: &impl ConnectionTrait,
    hospital: &str,
    staff_member: Option<&str>,
    page: &Page,
) -> Result<Vec<UnplannedAbsence>, Problem> {
    let mut query = Entity::find().filter(Column::Hospital.eq(hospital));
    if let Some(staff_member) = staff_member {
        query = query.filter(Column::StaffMember.eq(staff_member));
    }
    if let Some(after) = page.after() {
        query = query.filter(Column::Id.gt(after));
    }
    let rows = query.order_by_asc(Column::Id).limit(page.limit() + 1).all(db).await;
    rows.map_err(durable::problem)?.into_iter().map(from_row).collect()
}

/// The half-days of those that hold on some of these days, by person.
pub async fn in_days(
    db: &impl ConnectionTrait,
    hospital: &str,
    days: DayRange,
) -> Result<BTreeMap<String, Vec<Span>>, Problem> {
    let rows = Entity::find()
        .filter(Column::Hospital.eq(hospital))
        .filter(Column::IsWithdrawn.eq(false))
        .filter(Column::FirstDate.lte(days.last().to_string()))
        .filter(Column::LastDate.gte(days.first().to_string()))
        .order_by_asc(Column::Id)
        .all(db)
        .await;
    let mut found: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    for row in rows.map_err(durable::problem)? {
        let own = from_row(row)?;
        found.entry(own.staff_member).or_default().push(own.span);
    }
    Ok(found)
}

pub async fn insert(db: &impl ConnectionTrait, own: &UnplannedAbsence) -> Result<(), Problem> {
    let row = Model {
        hospital: own.hospital.clone(),
        id: own.id.clone(),
        staff_member: own.staff_member.clone(),
        first_date: own.span.first().day.to_string(),
        first_part: part_code(Some(own.span.first().part)).to_owned(),
        last_date: own.span.last().day.to_string(),
        last_part: part_code(Some(own.span.last().part)).to_owned(),
        is_withdrawn: own.is_withdrawn,
        create_time: own.create_time,
    };
    let insert = Entity::insert(row.into_active_model()).exec_without_returning(db).await;
    insert.map(drop).map_err(durable::problem)
}

/// It holds no longer.
pub async fn withdraw(db: &impl ConnectionTrait, hospital: &str, id: &str) -> Result<(), Problem> {
    Entity::update_many()
        .col_expr(Column::IsWithdrawn, Expr::value(true))
        .filter(Column::Hospital.eq(hospital))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await
        .map(drop)
        .map_err(durable::problem)
}

fn from_row(row: Model) -> Result<UnplannedAbsence, Problem> {
    let half = |day: &str, part: &str, default| {
        Ok::<_, Problem>(HalfDay::new(to_day(day)?, part_from_code(part).unwrap_or(default)))
    };
    let first = half(&row.first_date, &row.first_part, DayPart::Morning)?;
    let last = half(&row.last_date, &row.last_part, DayPart::Afternoon)?;
    Ok(UnplannedAbsence {
        hospital: row.hospital,
        id: row.id,
        staff_member: row.staff_member,
        span: Span::new(first, last).map_err(Problem::internal)?,
        is_withdrawn: row.is_withdrawn,
        create_time: row.create_time,
    })
}
