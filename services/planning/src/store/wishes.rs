//! Wishes: each stands at a place of its person's allowance.

use std::collections::BTreeSet;

use calendar::{DayRange, Month};
use chassis::Problem;
use durable::{etag, filter::Filter, page::Page};
use proto::error::v1::Reason;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::{
    entity::wish::{Column, Entity, Model},
    to_day,
};
use crate::domain::{
    shift::{part_code, part_from_code},
    wish::{Kind, Rank, State, Wish},
};

pub async fn find(db: &impl ConnectionTrait, hospital: &str, id: &str) -> Result<Option<Wish>, Problem> {
    let row = Entity::find_by_id((hospital.to_owned(), id.to_owned())).one(db).await;
    row.map_err(durable::problem)?.map(wish_of).transpose()
}

/// One page of wishes, by date, of one person or of all.
pub async fn list(
    db: &impl ConnectionTrait,
    hospital: &str,
    staff_member: Option<&str>,
    page: &Page,
    filter: &Filter,
) -> Result<Vec<Wish>, Problem> {
    let mut query =
        Entity::find().filter(Column::Hospital.eq(hospital)).filter(filter.condition(|field| match field {
            "state" => Column::State,
            "kind" => Column::Kind,
            "rank" => Column::Rank,
            _ => Column::Date,
        }));
    if let Some(staff_member) = staff_member {
        query = query.filter(Column::StaffMember.eq(staff_member));
    }
    if let Some(after) = page.after() {
        query = query.filter(Column::SortKey.gt(after));
    }
    let rows = query.order_by_asc(Column::SortKey).limit(page.limit() + 1).all(db).await;
    rows.map_err(durable::problem)?.into_iter().map(wish_of).collect()
}

/// Everybody's wishes for some days, the rejected ones left out.
pub async fn in_days(
    db: &impl ConnectionTrait,
    hospital: &str,
    days: DayRange,
) -> Result<Vec<Wish>, Problem> {
    let rows = Entity::find()
        .filter(Column::Hospital.eq(hospital))
        .filter(Column::Date.gte(days.first().to_string()))
        .filter(Column::Date.lte(days.last().to_string()))
        .filter(Column::State.ne(State::Rejected.code()))
        .order_by_asc(Column::SortKey)
        .all(db)
        .await
        .map_err(durable::problem)?;
    rows.into_iter().map(wish_of).collect()
}

/// What somebody wishes for in a month, the rejected wishes left out.
pub async fn of_month(
    db: &impl ConnectionTrait,
    hospital: &str,
    staff_member: &str,
    month: Month,
) -> Result<Vec<(String, Wish)>, Problem> {
    let rows = Entity::find()
        .filter(Column::Hospital.eq(hospital))
        .filter(Column::StaffMember.eq(staff_member))
        .filter(Column::Date.gte(month.first().to_string()))
        .filter(Column::Date.lte(month.last().to_string()))
        .filter(Column::State.ne(State::Rejected.code()))
        .all(db)
        .await
        .map_err(durable::problem)?;
    rows.into_iter().map(|row| Ok((row.place.clone(), wish_of(row)?))).collect()
}

/// The first free place of a rank in a month.
pub fn free_place(wish: &Wish, taken: &[(String, Wish)]) -> String {
    let taken: BTreeSet<&str> = taken.iter().map(|(place, _)| place.as_str()).collect();
    let month = Month::of(wish.day);
    let place = |number: usize| format!("{month}/{}/{number}", wish.rank.code());
    (0..).map(place).find(|place| !taken.contains(place.as_str())).unwrap_or_default()
}

/// Writes a new wish at its place.
///
/// # Errors
/// `ABORTED / CONFLICT` when another wish of the person took the place meanwhile.
pub async fn insert(
    db: &impl ConnectionTrait,
    hospital: &str,
    wish: &Wish,
    place: String,
) -> Result<(), Problem> {
    let row = Model {
        hospital: hospital.to_owned(),
        id: wish.id.clone(),
        staff_member: wish.staff_member.clone(),
        kind: wish.kind.code().to_owned(),
        date: wish.day.to_string(),
        part: part_code(wish.part).to_owned(),
        rank: wish.rank.code().to_owned(),
        state: wish.state.code().to_owned(),
        comment: wish.comment.clone(),
        decision_comment: wish.decision_comment.clone(),
        decider: wish.decider.clone(),
        decide_time: wish.decide_time,
        place,
        sort_key: sort_key(wish),
        version: wish.version,
        create_time: wish.create_time,
    };
    match Entity::insert(row.into_active_model()).exec_without_returning(db).await {
        Err(error) if durable::is_unique(&error) => {
            Err(Problem::aborted(Reason::Conflict, "another wish of the person was written meanwhile"))
        }
        other => other.map(|_| ()).map_err(durable::problem),
    }
}

/// Writes the decision about a wish that was loaded at `wish.version`.
pub async fn decide(db: &impl ConnectionTrait, hospital: &str, wish: &mut Wish) -> Result<(), Problem> {
    let seen = wish.version;
    wish.version += 1;
    let mut query = Entity::update_many()
        .col_expr(Column::State, Expr::value(wish.state.code()))
        .col_expr(Column::DecisionComment, Expr::value(wish.decision_comment.as_str()))
        .col_expr(Column::Decider, Expr::value(wish.decider.as_str()))
        .col_expr(Column::DecideTime, Expr::value(wish.decide_time))
        .col_expr(Column::Version, Expr::value(wish.version));
    if wish.state == State::Rejected {
        query = query.col_expr(Column::Place, Expr::value(wish.id.as_str()));
    }
    let done = query
        .filter(Column::Hospital.eq(hospital))
        .filter(Column::Id.eq(wish.id.as_str()))
        .filter(Column::Version.eq(seen))
        .exec(db)
        .await
        .map_err(durable::problem)?;
    if done.rows_affected == 0 { Err(etag::mismatch(seen)) } else { Ok(()) }
}

pub async fn delete(db: &impl ConnectionTrait, hospital: &str, wish: &Wish) -> Result<(), Problem> {
    let done = Entity::delete_many()
        .filter(Column::Hospital.eq(hospital))
        .filter(Column::Id.eq(wish.id.as_str()))
        .filter(Column::Version.eq(wish.version))
        .exec(db)
        .await
        .map_err(durable::problem)?;
    if done.rows_affected == 0 { Err(etag::mismatch(wish.version)) } else { Ok(()) }
}

/// Forgets what somebody wished for.
pub async fn forget(db: &impl ConnectionTrait, hospital: &str, staff_member: &str) -> Result<u64, Problem> {
    let done = Entity::delete_many()
        .filter(Column::Hospital.eq(hospital))
        .filter(Column::StaffMember.eq(staff_member))
        .exec(db)
        .await
        .map_err(durable::problem)?;
    Ok(done.rows_affected)
}

/// Where a wish stands among those of all.
pub fn sort_key(wish: &Wish) -> String {
    format!("{}/{}/{}", wish.day, wish.staff_member, wish.id)
}

fn wish_of(row: Model) -> Result<Wish, Problem> {
    let stored = |what: &str, code: &str| Problem::internal(format!("stored {what} `{code}`"));
    Ok(Wish {
        kind: Kind::from_code(&row.kind).ok_or_else(|| stored("kind", &row.kind))?,
        rank: Rank::from_code(&row.rank).ok_or_else(|| stored("rank", &row.rank))?,
        state: State::from_code(&row.state).ok_or_else(|| stored("state", &row.state))?,
        day: to_day(&row.date)?,
        part: part_from_code(&row.part),
        id: row.id,
        staff_member: row.staff_member,
        comment: row.comment,
        decision_comment: row.decision_comment,
        decider: row.decider,
        decide_time: row.decide_time,
        create_time: row.create_time,
        version: row.version,
    })
}
