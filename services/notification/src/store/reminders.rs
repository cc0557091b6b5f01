//! Leave of which people are reminded: what leave's events told last of each.

use chassis::Problem;
use durable::{Tx, problem, time};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::{
    Store,
    entity::watched_leave::{ActiveModel, Column, Entity, Model},
};
use crate::domain::reminder::{self, Stage, Watched};

/// In place of the moment of those of which nobody is reminded again.
const NEVER: i64 = i64::MAX;

// === impl Store ===

impl Store {
    /// Keeps what an event told of a leave, unless a later one has told more; of two at the same moment the last one counts.
    pub async fn watch(&self, tx: &Tx, watched: &Watched) -> Result<(), DbErr> {
        let event_time = time::micros(watched.event_time);
        let row = ActiveModel {
            hospital: Set(watched.hospital.clone()),
            leave: Set(watched.leave.clone()),
            staff_member: Set(watched.staff_member.clone()),
            profession: Set(watched.profession.clone()),
            first_day: Set(watched.days.first().number()),
            last_day: Set(watched.days.last().number()),
            stage: Set(watched.stage.word().to_owned()),
            event_time: Set(event_time),
            next_time: Set(watched.next_time.map_or(NEVER, time::micros)),
        };
        let newer = OnConflict::columns([Column::Hospital, Column::Leave])
            .update_columns([
                Column::FirstDay,
                Column::LastDay,
                Column::Stage,
                Column::EventTime,
                Column::NextTime,
            ])
            .action_and_where(Expr::col((Entity, Column::EventTime)).lte(event_time))
            .to_owned();
        Entity::insert(row).on_conflict(newer).exec_without_returning(tx.conn()).await.map(drop)
    }

    /// Leave of which somebody is to be reminded now, the longest due first, at most so many.
    pub async fn due_reminders(&self, now: Timestamp, limit: u64) -> Result<Vec<Watched>, Problem> {
        let rows = Entity::find()
            .filter(Column::NextTime.lte(time::micros(now)))
            .order_by_asc(Column::NextTime)
            .limit(limit)
            .all(self.db.read())
            .await
            .map_err(problem)?;
        rows.into_iter().map(watched).collect()
    }

    /// Writes down when somebody is to be reminded next; false when the leave has changed, or another instance did.
    pub async fn mark_reminded(
        &self,
        tx: &Tx,
        seen: &Watched,
        next: Option<Timestamp>,
    ) -> Result<bool, Problem> {
        let moment = |moment: Option<Timestamp>| moment.map_or(NEVER, time::micros);
        let marked = Entity::update_many()
            .col_expr(Column::NextTime, Expr::value(moment(next)))
            .filter(Column::Hospital.eq(&seen.hospital))
            .filter(Column::Leave.eq(&seen.leave))
            .filter(Column::EventTime.eq(time::micros(seen.event_time)))
            .filter(Column::NextTime.eq(moment(seen.next_time)))
            .exec(tx.conn())
            .await
            .map_err(problem)?;
        Ok(marked.rows_affected > 0)
    }
}

fn watched(row: Model) -> Result<Watched, Problem> {
    use calendar::Day;

    let days = reminder::days(Day::from_number(row.first_day), Day::from_number(row.last_day));
    Ok(Watched {
        days: days.ok_or_else(|| Problem::internal("a leave ends before it begins"))?,
        stage: Stage::of(&row.stage)
            .ok_or_else(|| Problem::internal("a leave's stage is none that is known"))?,
        event_time: time::timestamp(row.event_time),
        next_time: Some(row.next_time).filter(|next| *next != NEVER).map(time::timestamp),
        hospital: row.hospital,
        leave: row.leave,
        staff_member: row.staff_member,
        profession: row.profession,
    })
}
