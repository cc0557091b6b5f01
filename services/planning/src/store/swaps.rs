//! Swaps.

use chassis::Problem;
use durable::{etag, filter::Filter, page::Page};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::{
    entity::swap::{self, Column, Entity},
    from_json, to_json,
};
use crate::domain::swap::{State, Swap};

/// Whose swaps somebody sees.
#[derive(Clone, Debug)]
pub struct Sight {
    pub staff_member: String,
    /// Those that wait for anybody of these professions.
    pub professions: Vec<&'static str>,
    /// All of these professions.
    pub decides_for: Vec<&'static str>,
}

pub async fn find(db: &impl ConnectionTrait, hospital: &str, id: &str) -> Result<Option<Swap>, Problem> {
    let row = Entity::find_by_id((hospital.to_owned(), id.to_owned())).one(db).await;
    row.map_err(durable::problem)?.map(from_row).transpose()
}

/// One page of the swaps that somebody sees, oldest first.
pub async fn list(
    db: &impl ConnectionTrait,
    hospital: &str,
    page: &Page,
    filter: &Filter,
    sight: &Sight,
) -> Result<Vec<Swap>, Problem> {
    let for_anybody = Condition::all()
        .add(Column::Counterpart.eq(""))
        .add(Column::State.eq(State::Pending.code()))
        .add(Column::Profession.is_in(sight.professions.iter().copied()));
    let seen = Condition::any()
        .add(Column::Proposer.eq(sight.staff_member.as_str()))
        .add(Column::Counterpart.eq(sight.staff_member.as_str()))
        .add(Column::Profession.is_in(sight.decides_for.iter().copied()))
        .add(for_anybody);
    let mut query =
        Entity::find().filter(Column::Hospital.eq(hospital)).filter(seen).filter(filter.condition(|field| {
            match field {
                "state" => Column::State,
                "proposer" => Column::Proposer,
                "counterpart" => Column::Counterpart,
                _ => Column::Date,
            }
        }));
    if let Some(after) = page.after() {
        query = query.filter(Column::Id.gt(after));
    }
    let rows = query.order_by_asc(Column::Id).limit(page.limit() + 1).all(db).await;
    rows.map_err(durable::problem)?.into_iter().map(from_row).collect()
}

/// Writes a new swap; `Ok(false)` when its duty is offered already.
pub async fn insert(db: &impl ConnectionTrait, swap: &Swap) -> Result<bool, Problem> {
    match Entity::insert(to_row(swap)?.into_active_model()).exec_without_returning(db).await {
        Err(error) if durable::is_unique(&error) => Ok(false),
        other => other.map(|_| true).map_err(durable::problem),
    }
}

/// Writes a swap that was loaded at `swap.version`; the new version is one more.
///
/// # Errors
/// `ABORTED / ETAG_MISMATCH` when somebody else was faster.
pub async fn save(db: &impl ConnectionTrait, swap: &mut Swap) -> Result<(), Problem> {
    let seen = swap.version;
    swap.version += 1;
    let mut active = to_row(swap)?.into_active_model().reset_all();
    active.hospital = ActiveValue::NotSet;
    active.id = ActiveValue::NotSet;
    let done = Entity::update_many()
        .set(active)
        .filter(Column::Hospital.eq(swap.hospital.as_str()))
        .filter(Column::Id.eq(swap.id.as_str()))
        .filter(Column::Version.eq(seen))
        .exec(db)
        .await
        .map_err(durable::problem)?;
    if done.rows_affected == 0 { Err(etag::mismatch(seen)) } else { Ok(()) }
}

/// Those that wait although their time is over, of all hospitals.
pub async fn overdue(db: &impl ConnectionTrait, now: i64, limit: u64) -> Result<Vec<Swap>, Problem> {
    let rows = Entity::find()
        .filter(Column::State.is_in([State::Pending.code(), State::Accepted.code()]))
        .filter(Column::ExpireTime.lte(now))
        .order_by_asc(Column::ExpireTime)
        .limit(limit)
        .all(db)
        .await;
    rows.map_err(durable::problem)?.into_iter().map(from_row).collect()
}

fn from_row(row: swap::Model) -> Result<Swap, Problem> {
    let unknown = || Problem::internal(format!("stored state `{}`", row.state));
    let state = State::from_code(&row.state).ok_or_else(unknown)?;
    Ok(Swap {
        state,
        offered_item: from_json(&row.offered_item)?,
        wanted_item: from_json(&row.wanted_item)?,
        findings: from_json(&row.findings)?,
        hospital: row.hospital,
        id: row.id,
        plan: row.plan,
        offered: row.offered,
        wanted: row.wanted,
        proposer: row.proposer,
        counterpart: row.counterpart,
        profession: row.profession,
        is_give_away: row.is_give_away,
        needs_approval: row.needs_approval,
        revision: row.revision,
        expire_time: row.expire_time,
        version: row.version,
        create_time: row.create_time,
        update_time: row.update_time,
    })
}

fn to_row(swap: &Swap) -> Result<swap::Model, Problem> {
    let open_key = if swap.state.is_open() { &swap.offered } else { &swap.id };
    Ok(swap::Model {
        hospital: swap.hospital.clone(),
        id: swap.id.clone(),
        plan: swap.plan.clone(),
        offered: swap.offered.clone(),
        wanted: swap.wanted.clone(),
        offered_item: to_json(&swap.offered_item)?,
        wanted_item: to_json(&swap.wanted_item)?,
        date: swap.offered_item.day.to_string(),
        proposer: swap.proposer.clone(),
        counterpart: swap.counterpart.clone(),
        profession: swap.profession.clone(),
        is_give_away: swap.is_give_away,
        state: swap.state.code().to_owned(),
        open_key: open_key.clone(),
        findings: to_json(&swap.findings)?,
        needs_approval: swap.needs_approval,
        revision: swap.revision,
        expire_time: swap.expire_time,
        version: swap.version,
        create_time: swap.create_time,
        update_time: swap.update_time,
    })
}
