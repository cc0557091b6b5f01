//! Posts to replace, and those who are asked.

use std::collections::BTreeMap;

use chassis::Problem;
use durable::{etag, filter::Filter, page::Page};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict, Query},
};

use super::{
    entity::{
        replacement::{self, Column, Entity},
        replacement_offer as offer,
    },
    from_json, to_json,
};
use crate::domain::{
    replacement::{Answer, Offer, Replacement, State},
    shift::Post,
};

pub async fn find(
    db: &impl ConnectionTrait,
    hospital: &str,
    id: &str,
) -> Result<Option<Replacement>, Problem> {
    let row = Entity::find_by_id((hospital.to_owned(), id.to_owned())).one(db).await;
    row.map_err(durable::problem)?.map(from_row).transpose()
}

/// The one by which somebody is looked for, for a post.
pub async fn of_post(
    db: &impl ConnectionTrait,
    hospital: &str,
    shift: &str,
    post: Post,
) -> Result<Option<Replacement>, Problem> {
    let query =
        Entity::find().filter(Column::Hospital.eq(hospital)).filter(Column::OpenKey.eq(key(shift, post)));
    query.one(db).await.map_err(durable::problem)?.map(from_row).transpose()
}

/// Those that were opened for one thing: an absence, a leave.
pub async fn of_origin(
    db: &impl ConnectionTrait,
    hospital: &str,
    origin: &str,
) -> Result<Vec<Replacement>, Problem> {
    let rows = Entity::find()
        .filter(Column::Hospital.eq(hospital))
        .filter(Column::Origin.eq(origin))
        .order_by_asc(Column::Id)
        .all(db)
        .await;
    rows.map_err(durable::problem)?.into_iter().map(from_row).collect()
}

/// One page, oldest first; of those about which somebody is asked, when they are named.
pub async fn list(
    db: &impl ConnectionTrait,
    hospital: &str,
    asked: Option<&str>,
    page: &Page,
    filter: &Filter,
) -> Result<Vec<Replacement>, Problem> {
    let mut query =
        Entity::find().filter(Column::Hospital.eq(hospital)).filter(filter.condition(|field| match field {
            "state" => Column::State,
            "kind" => Column::Kind,
            _ => Column::Date,
        }));
    if let Some(staff_member) = asked {
        let own = Query::select()
            .column(offer::Column::Replacement)
            .from(offer::Entity)
            .and_where(offer::Column::Hospital.eq(hospital))
            .and_where(offer::Column::StaffMember.eq(staff_member))
            .to_owned();
        query = query.filter(Column::Id.in_subquery(own));
    }
    if let Some(after) = page.after() {
        query = query.filter(Column::Id.gt(after));
    }
    let rows = query.order_by_asc(Column::Id).limit(page.limit() + 1).all(db).await;
    rows.map_err(durable::problem)?.into_iter().map(from_row).collect()
}

/// Those in which somebody is looked for although it is too late, of all hospitals.
pub async fn overdue(db: &impl ConnectionTrait, now: i64, limit: u64) -> Result<Vec<Replacement>, Problem> {
    let rows = Entity::find()
        .filter(Column::State.is_in([State::Open.code(), State::Offered.code()]))
        .filter(Column::DeadlineTime.lte(now))
        .order_by_asc(Column::DeadlineTime)
        .limit(limit)
        .all(db)
        .await;
    rows.map_err(durable::problem)?.into_iter().map(from_row).collect()
}

/// Writes a new one; `Ok(false)` when somebody is looked for already.
pub async fn insert(db: &impl ConnectionTrait, own: &Replacement) -> Result<bool, Problem> {
    let once = OnConflict::columns([Column::Hospital, Column::OpenKey]).do_nothing().to_owned();
    let insert = Entity::insert(to_row(own)?.into_active_model()).on_conflict(once);
    let rows = insert.exec_without_returning(db).await.map_err(durable::problem)?;
    Ok(rows > 0)
}

/// Writes one that was loaded at `own.version`; the new version is one more.
///
/// # Errors
/// `ABORTED / ETAG_MISMATCH` when somebody else was faster.
pub async fn save(db: &impl ConnectionTrait, own: &mut Replacement) -> Result<(), Problem> {
    let seen = own.version;
    own.version += 1;
    let mut active = to_row(own)?.into_active_model().reset_all();
    active.hospital = ActiveValue::NotSet;
    active.id = ActiveValue::NotSet;
    let done = Entity::update_many()
        .set(active)
        .filter(Column::Hospital.eq(own.hospital.as_str()))
        .filter(Column::Id.eq(own.id.as_str()))
        .filter(Column::Version.eq(seen))
        .exec(db)
        .await
        .map_err(durable::problem)?;
    if done.rows_affected == 0 { Err(etag::mismatch(seen)) } else { Ok(()) }
}

/// Those who are asked, by person.
pub async fn offers(
    db: &impl ConnectionTrait,
    hospital: &str,
    replacement: &str,
) -> Result<Vec<Offer>, Problem> {
    let rows = offer::Entity::find()
        .filter(offer::Column::Hospital.eq(hospital))
        .filter(offer::Column::Replacement.eq(replacement))
        .order_by_asc(offer::Column::StaffMember)
        .all(db)
        .await;
    rows.map_err(durable::problem)?.into_iter().map(|row| offer_of(&row)).collect()
}

pub async fn offer(
    db: &impl ConnectionTrait,
    hospital: &str,
    replacement: &str,
    staff_member: &str,
) -> Result<Option<Offer>, Problem> {
    let key = (hospital.to_owned(), replacement.to_owned(), staff_member.to_owned());
    let row = offer::Entity::find_by_id(key).one(db).await.map_err(durable::problem)?;
    row.as_ref().map(offer_of).transpose()
}

/// The hospital, the replacement and the person behind a secret, by its hash.
pub async fn by_token(
    db: &impl ConnectionTrait,
    token_hash: &str,
) -> Result<Option<(String, String, String)>, Problem> {
    let row = offer::Entity::find().filter(offer::Column::TokenHash.eq(token_hash)).one(db).await;
    Ok(row.map_err(durable::problem)?.map(|row| (row.hospital, row.replacement, row.staff_member)))
}

/// Asks somebody, anew if they were asked before.
pub async fn ask(
    db: &impl ConnectionTrait,
    hospital: &str,
    replacement: &str,
    own: &Offer,
    token_hash: String,
) -> Result<(), Problem> {
    let row = offer::Model {
        hospital: hospital.to_owned(),
        replacement: replacement.to_owned(),
        staff_member: own.staff_member.clone(),
        answer: own.answer.code().to_owned(),
        token_hash,
        offer_time: own.offer_time,
        expire_time: own.expire_time,
        answer_time: own.answer_time,
    };
    let key = [offer::Column::Hospital, offer::Column::Replacement, offer::Column::StaffMember];
    let anew = OnConflict::columns(key)
        .update_columns([
            offer::Column::Answer,
            offer::Column::TokenHash,
            offer::Column::OfferTime,
            offer::Column::ExpireTime,
            offer::Column::AnswerTime,
        ])
        .to_owned();
    let insert = offer::Entity::insert(row.into_active_model()).on_conflict(anew);
    insert.exec_without_returning(db).await.map(drop).map_err(durable::problem)
}

/// Somebody answered.
pub async fn answer(
    db: &impl ConnectionTrait,
    (hospital, replacement, staff_member): (&str, &str, &str),
    answer: Answer,
    now: i64,
) -> Result<(), Problem> {
    settle(
        db,
        hospital,
        replacement,
        Condition::all().add(offer::Column::StaffMember.eq(staff_member)),
        answer,
        now,
    )
    .await
}

/// Nobody else is needed: offers that wait are closed.
pub async fn close_offers(
    db: &impl ConnectionTrait,
    hospital: &str,
    replacement: &str,
    now: i64,
) -> Result<(), Problem> {
    let waits = Condition::all().add(offer::Column::Answer.eq(Answer::Sent.code()));
    settle(db, hospital, replacement, waits, Answer::Closed, now).await
}

async fn settle(
    db: &impl ConnectionTrait,
    hospital: &str,
    replacement: &str,
    which: Condition,
    answer: Answer,
    now: i64,
) -> Result<(), Problem> {
    offer::Entity::update_many()
        .col_expr(offer::Column::Answer, Expr::value(answer.code()))
        .col_expr(offer::Column::AnswerTime, Expr::value(now))
        .filter(offer::Column::Hospital.eq(hospital))
        .filter(offer::Column::Replacement.eq(replacement))
        .filter(which)
        .exec(db)
        .await
        .map(drop)
        .map_err(durable::problem)
}

/// When each was last asked to replace somebody, by person.
pub async fn last_asked(db: &impl ConnectionTrait, hospital: &str) -> Result<BTreeMap<String, i64>, Problem> {
    let rows: Vec<(String, Option<i64>)> = offer::Entity::find()
        .select_only()
        .column(offer::Column::StaffMember)
        .column_as(offer::Column::OfferTime.max(), "last")
        .filter(offer::Column::Hospital.eq(hospital))
        .group_by(offer::Column::StaffMember)
        .into_tuple()
        .all(db)
        .await
        .map_err(durable::problem)?;
    Ok(rows.into_iter().map(|(person, last)| (person, last.unwrap_or_default())).collect())
}

fn key(shift: &str, post: Post) -> String {
    format!("{shift}/{}", post.code())
}

fn offer_of(row: &offer::Model) -> Result<Offer, Problem> {
    let unknown = || Problem::internal(format!("stored answer `{}`", row.answer));
    Ok(Offer {
        staff_member: row.staff_member.clone(),
        answer: Answer::from_code(&row.answer).ok_or_else(unknown)?,
        offer_time: row.offer_time,
        expire_time: row.expire_time,
        answer_time: row.answer_time,
    })
}

fn from_row(row: replacement::Model) -> Result<Replacement, Problem> {
    let unknown = || Problem::internal(format!("stored state `{}`", row.state));
    Ok(Replacement {
        state: State::from_code(&row.state).ok_or_else(unknown)?,
        item: from_json(&row.item)?,
        hospital: row.hospital,
        id: row.id,
        plan: row.plan,
        absent: row.absent,
        origin: row.origin,
        staff_member: row.staff_member,
        revision: row.revision,
        due_time: row.due_time,
        deadline_time: row.deadline_time,
        version: row.version,
        create_time: row.create_time,
        end_time: row.end_time,
    })
}

fn to_row(own: &Replacement) -> Result<replacement::Model, Problem> {
    let open_key = if own.state.is_open() { key(&own.item.shift, own.item.post) } else { own.id.clone() };
    Ok(replacement::Model {
        hospital: own.hospital.clone(),
        id: own.id.clone(),
        plan: own.plan.clone(),
        item: to_json(&own.item)?,
        date: own.item.day.to_string(),
        kind: own.item.kind.code().to_owned(),
        absent: own.absent.clone(),
        origin: own.origin.clone(),
        state: own.state.code().to_owned(),
        open_key,
        staff_member: own.staff_member.clone(),
        revision: own.revision,
        due_time: own.due_time,
        deadline_time: own.deadline_time,
        version: own.version,
        create_time: own.create_time,
        end_time: own.end_time,
    })
}
