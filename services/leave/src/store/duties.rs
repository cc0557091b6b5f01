//! The projection of planning's published duties.

use calendar::DayRange;
use chassis::Problem;
use durable::{Tx, problem};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use super::{
    Store,
    entity::{
        duty::{ActiveModel, Column, Entity, Model},
        duty_revision,
    },
    leaves::day_part,
};
use crate::domain::conflict::Duty;

// === impl Store ===

impl Store {
    /// Notes that a revision of the shift's plan tells about a person and a shift. False if a later one has told
    /// already: what this one says is over.
    pub async fn is_news(
        &self,
        tx: &Tx,
        hospital: &str,
        staff_member: &str,
        shift: &str,
        revision: i64,
    ) -> Result<bool, DbErr> {
        use duty_revision::{ActiveModel, Column, Entity};
        let row = ActiveModel {
            hospital: Set(hospital.to_owned()),
            staff_member: Set(staff_member.to_owned()),
            shift: Set(shift.to_owned()),
            revision: Set(revision),
        };
        let newest = OnConflict::columns([Column::Hospital, Column::StaffMember, Column::Shift])
            .update_column(Column::Revision)
            .action_and_where(Expr::col((Entity, Column::Revision)).lte(revision))
            .to_owned();
        let written = Entity::insert(row).on_conflict(newest).exec_without_returning(tx.conn()).await?;
        Ok(written > 0)
    }

    /// A person has this duty, as it is now.
    pub async fn put_duty(
        &self,
        tx: &Tx,
        hospital: &str,
        staff_member: &str,
        duty: &Duty,
    ) -> Result<(), DbErr> {
        let row = ActiveModel {
            hospital: Set(hospital.to_owned()),
            staff_member: Set(staff_member.to_owned()),
            shift: Set(duty.shift.clone()),
            date: Set(duty.day.to_string()),
            part: Set(duty.part.map(|part| part.to_string())),
            is_on_call: Set(duty.is_on_call),
        };
        let replace = OnConflict::columns([Column::Hospital, Column::StaffMember, Column::Shift])
            .update_columns([Column::Date, Column::Part, Column::IsOnCall])
            .to_owned();
        Entity::insert(row).on_conflict(replace).exec_without_returning(tx.conn()).await.map(drop)
    }

    /// A person no longer has this duty.
    pub async fn remove_duty(
        &self,
        tx: &Tx,
        hospital: &str,
        staff_member: &str,
        shift: &str,
    ) -> Result<(), DbErr> {
        let key = (hospital.to_owned(), staff_member.to_owned(), shift.to_owned());
        Entity::delete_by_id(key).exec(tx.conn()).await.map(drop)
    }

    /// The published duties of a person in a range of days.
    pub async fn duties(
        &self,
        conn: &impl ConnectionTrait,
        hospital: &str,
        staff_member: &str,
        range: DayRange,
    ) -> Result<Vec<Duty>, Problem> {
        let rows = Entity::find()
            .filter(Column::Hospital.eq(hospital))
            .filter(Column::StaffMember.eq(staff_member))
            .filter(Column::Date.gte(range.first().to_string()))
            .filter(Column::Date.lte(range.last().to_string()))
            .order_by_asc(Column::Date)
            .order_by_asc(Column::Shift)
            .all(conn)
            .await
            .map_err(problem)?;
        Ok(rows.into_iter().filter_map(duty).collect())
    }
}

fn duty(row: Model) -> Option<Duty> {
    let part = row.part.as_deref().and_then(day_part);
    Some(Duty { shift: row.shift, day: row.date.parse().ok()?, part, is_on_call: row.is_on_call })
}
