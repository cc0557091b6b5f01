//! The ledger behind the counters: lines are added, never changed; sums are made of them.

use std::collections::BTreeMap;

use calendar::{Day, DayRange};
use chassis::Problem;
use durable::{filter::Filter, page::Page};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};

use super::{
    entity::ledger::{Column, Entity, Model},
    to_day,
};
use crate::domain::{
    equity::{Early, Sums},
    ledger::{Line, Source, Tally},
};

/// How many ids one statement asks for.
const IDS_MAX: usize = 500;

/// Appends lines; none is ever changed.
pub async fn append(db: &impl ConnectionTrait, hospital: &str, lines: Vec<Line>) -> Result<(), Problem> {
    let rows = lines.into_iter().map(|line| row_of(hospital, line).into_active_model());
    durable::insert_all(db, rows.collect()).await.map_err(durable::problem)
}

/// A line.
pub async fn find(db: &impl ConnectionTrait, hospital: &str, id: &str) -> Result<Option<Line>, Problem> {
    let row = Entity::find_by_id((hospital.to_owned(), id.to_owned())).one(db).await;
    row.map_err(durable::problem)?.map(line_of).transpose()
}

/// What lines of these ids add, by id.
pub async fn known(
    db: &impl ConnectionTrait,
    hospital: &str,
    ids: &[String],
) -> Result<BTreeMap<String, i64>, Problem> {
    let mut known = BTreeMap::new();
    for ids in ids.chunks(IDS_MAX) {
        let rows: Vec<(String, i64)> = Entity::find()
            .select_only()
            .column(Column::Id)
            .column(Column::Quantity)
            .filter(Column::Hospital.eq(hospital))
            .filter(Column::Id.is_in(ids))
            .into_tuple()
            .all(db)
            .await
            .map_err(durable::problem)?;
        known.extend(rows);
    }
    Ok(known)
}

/// One page of lines, by day, of one person and counter or of all.
pub async fn list(
    db: &impl ConnectionTrait,
    hospital: &str,
    staff_member: Option<&str>,
    counter: Option<&str>,
    page: &Page,
    filter: &Filter,
) -> Result<Vec<Line>, Problem> {
    let mut query =
        Entity::find().filter(Column::Hospital.eq(hospital)).filter(filter.condition(|field| match field {
            "source" => Column::Source,
            _ => Column::Date,
        }));
    if let Some(staff_member) = staff_member {
        query = query.filter(Column::StaffMember.eq(staff_member));
    }
    if let Some(counter) = counter {
        query = query.filter(Column::Counter.eq(counter));
    }
    if let Some((date, id)) = page.after().and_then(|after| after.split_once('/')) {
        let on_the_day = Condition::all().add(Column::Date.eq(date)).add(Column::Id.gt(id));
        query = query.filter(Condition::any().add(Column::Date.gt(date)).add(on_the_day));
    }
    let rows = query
        .order_by_asc(Column::Date)
        .order_by_asc(Column::Id)
        .limit(page.limit() + 1)
        .all(db)
        .await
        .map_err(durable::problem)?;
    rows.into_iter().map(line_of).collect()
}

/// Where a line stands among those of a list.
pub fn sort_key(line: &Line) -> String {
    format!("{}/{}", line.day, line.id)
}

#[derive(FromQueryResult)]
struct Sum {
    staff_member: String,
    counter: String,
    total: Option<i64>,
}

/// What the ledger says of a plan.
pub async fn sums_of_plan(db: &impl ConnectionTrait, hospital: &str, plan: &str) -> Result<Tally, Problem> {
    let rows: Vec<(String, String, String, String, Option<i64>)> = Entity::find()
        .select_only()
        .column(Column::StaffMember)
        .column(Column::Shift)
        .column(Column::Counter)
        .column(Column::Date)
        // A sum of bigints is numeric on PostgreSQL.
        .column_as(Column::Quantity.sum().cast_as("bigint"), "total")
        .filter(Column::Hospital.eq(hospital))
        .filter(Column::Plan.eq(plan))
        .group_by(Column::StaffMember)
        .group_by(Column::Shift)
        .group_by(Column::Counter)
        .group_by(Column::Date)
        .into_tuple()
        .all(db)
        .await
        .map_err(durable::problem)?;
    let sums = rows.into_iter().map(|(person, shift, counter, date, total)| {
        Ok(((person, shift, counter), (to_day(&date)?, total.unwrap_or_default())))
    });
    sums.collect()
}

/// The sums over some days by person and counter, of one person or of all, of some counters or of all.
pub async fn sums(
    db: &impl ConnectionTrait,
    hospital: &str,
    staff_member: Option<&str>,
    counters: Option<&[&str]>,
    days: DayRange,
) -> Result<Sums, Problem> {
    let mut query = Entity::find()
        .select_only()
        .column(Column::StaffMember)
        .column(Column::Counter)
        .column_as(Column::Quantity.sum().cast_as("bigint"), "total")
        .filter(Column::Hospital.eq(hospital))
        .filter(Column::Date.gte(days.first().to_string()))
        .filter(Column::Date.lte(days.last().to_string()));
    if let Some(staff_member) = staff_member {
        query = query.filter(Column::StaffMember.eq(staff_member));
    }
    if let Some(counters) = counters {
        query = query.filter(Column::Counter.is_in(counters.iter().copied()));
    }
    let sums = query
        .group_by(Column::StaffMember)
        .group_by(Column::Counter)
        .into_model::<Sum>()
        .all(db)
        .await
        .map_err(durable::problem)?;
    Ok(sums.into_iter().map(|sum| ((sum.staff_member, sum.counter), sum.total.unwrap_or_default())).collect())
}

/// What some people did on each day before one.
pub async fn early(
    db: &impl ConnectionTrait,
    hospital: &str,
    people: &[&str],
    before: Day,
) -> Result<Vec<Early>, Problem> {
    let mut early = Vec::new();
    for people in people.chunks(IDS_MAX) {
        let rows: Vec<(String, String, String, Option<i64>)> = Entity::find()
            .select_only()
            .column(Column::StaffMember)
            .column(Column::Counter)
            .column(Column::Date)
            .column_as(Column::Quantity.sum().cast_as("bigint"), "total")
            .filter(Column::Hospital.eq(hospital))
            .filter(Column::StaffMember.is_in(people.iter().copied()))
            .filter(Column::Date.lt(before.to_string()))
            .group_by(Column::StaffMember)
            .group_by(Column::Counter)
            .group_by(Column::Date)
            .into_tuple()
            .all(db)
            .await
            .map_err(durable::problem)?;
        for (staff_member, counter, date, total) in rows {
            let quantity = total.unwrap_or_default();
            early.push(Early { staff_member, counter, day: to_day(&date)?, quantity });
        }
    }
    Ok(early)
}

/// The first day of which the ledger says anything.
pub async fn first_day(db: &impl ConnectionTrait, hospital: &str) -> Result<Option<Day>, Problem> {
    let query = Entity::find().select_only().column_as(Column::Date.min(), "first");
    let first: Option<Option<String>> =
        query.filter(Column::Hospital.eq(hospital)).into_tuple().one(db).await.map_err(durable::problem)?;
    first.flatten().as_deref().map(to_day).transpose()
}

/// The last of some days on which a publication counted something.
pub async fn last_published_day(
    db: &impl ConnectionTrait,
    hospital: &str,
    days: DayRange,
) -> Result<Option<Day>, Problem> {
    let query = Entity::find().select_only().column_as(Column::Date.max(), "last");
    let last: Option<Option<String>> = query
        .filter(Column::Hospital.eq(hospital))
        .filter(Column::Source.eq(Source::Publication.code()))
        .filter(Column::Date.gte(days.first().to_string()))
        .filter(Column::Date.lte(days.last().to_string()))
        .into_tuple()
        .one(db)
        .await
        .map_err(durable::problem)?;
    last.flatten().as_deref().map(to_day).transpose()
}

/// Empties what was written about somebody whose personal data are erased; every sum is as before.
pub async fn forget_texts(
    db: &impl ConnectionTrait,
    hospital: &str,
    staff_member: &str,
) -> Result<u64, Problem> {
    let done = Entity::update_many()
        .col_expr(Column::Justification, Expr::value(""))
        .filter(Column::Hospital.eq(hospital))
        .filter(Column::StaffMember.eq(staff_member))
        .filter(Column::Justification.ne(""))
        .exec(db)
        .await
        .map_err(durable::problem)?;
    Ok(done.rows_affected)
}

fn row_of(hospital: &str, line: Line) -> Model {
    Model {
        hospital: hospital.to_owned(),
        id: line.id,
        staff_member: line.staff_member,
        counter: line.counter,
        date: line.day.to_string(),
        quantity: line.quantity,
        plan: line.plan,
        revision: line.revision,
        shift: line.shift,
        create_time: line.create_time,
        source: line.source.code().to_owned(),
        justification: line.justification,
        author: line.author,
    }
}

fn line_of(row: Model) -> Result<Line, Problem> {
    Ok(Line {
        source: Source::from_code(&row.source)
            .ok_or_else(|| Problem::internal(format!("stored source `{}`", row.source)))?,
        day: to_day(&row.date)?,
        id: row.id,
        staff_member: row.staff_member,
        counter: row.counter,
        quantity: row.quantity,
        plan: row.plan,
        revision: row.revision,
        shift: row.shift,
        justification: row.justification,
        author: row.author,
        create_time: row.create_time,
    })
}

#[cfg(test)]
mod tests;
