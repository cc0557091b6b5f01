//! Public and school holidays.

use calendar::DayRange;
use chassis::Problem;
use durable::{Tx, page::Page, problem};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, sea_query::OnConflict,
};

use super::{
    Store,
    entity::holiday::{ActiveModel, Column, Entity, Model},
};
use crate::domain::holiday::{Holiday, HolidayKind};

// === impl Store ===

impl Store {
    /// Writes the holidays that are missing; answers how many were.
    pub async fn add_holidays(&self, tx: &Tx, hospital: &str, holidays: &[Holiday]) -> Result<u32, Problem> {
        let mut created = 0;
        for holiday in holidays {
            let row = ActiveModel {
                hospital: Set(hospital.to_owned()),
                id: Set(holiday.id.clone()),
                kind: Set(word(holiday.kind).to_owned()),
                display_name: Set(holiday.display_name.clone()),
                first_date: Set(holiday.days.first().to_string()),
                last_date: Set(holiday.days.last().to_string()),
                zone: Set(holiday.zone.clone()),
            };
            let once = OnConflict::columns([Column::Hospital, Column::Id]).do_nothing().to_owned();
            let written = Entity::insert(row)
                .on_conflict(once)
                .exec_without_returning(tx.conn())
                .await
                .map_err(problem)?;
            created += u32::from(written > 0);
        }
        Ok(created)
    }

    /// The holidays of one kind that touch a range of days.
    pub async fn holidays(
        &self,
        conn: &impl ConnectionTrait,
        hospital: &str,
        kind: HolidayKind,
        range: DayRange,
    ) -> Result<Vec<Holiday>, Problem> {
        let rows = touching(hospital, range)
            .filter(Column::Kind.eq(word(kind)))
            .order_by_asc(Column::FirstDate)
            .all(conn)
            .await
            .map_err(problem)?;
        Ok(rows.into_iter().filter_map(holiday).collect())
    }

    /// A page of holidays by first day; one more than the page holds.
    pub async fn holidays_page(
        &self,
        conn: &impl ConnectionTrait,
        hospital: &str,
        range: DayRange,
        page: &Page,
    ) -> Result<Vec<Holiday>, Problem> {
        let mut query = touching(hospital, range);
        if let Some((first_date, id)) = page.after().and_then(|after| after.split_once('/')) {
            query = query.filter(
                Condition::any()
                    .add(Column::FirstDate.gt(first_date))
                    .add(Condition::all().add(Column::FirstDate.eq(first_date)).add(Column::Id.gt(id))),
            );
        }
        let rows = query
            .order_by_asc(Column::FirstDate)
            .order_by_asc(Column::Id)
            .limit(page.limit() + 1)
            .all(conn)
            .await
            .map_err(problem)?;
        Ok(rows.into_iter().filter_map(holiday).collect())
    }
}

fn touching(hospital: &str, range: DayRange) -> Select<Entity> {
    Entity::find()
        .filter(Column::Hospital.eq(hospital))
        .filter(Column::FirstDate.lte(range.last().to_string()))
        .filter(Column::LastDate.gte(range.first().to_string()))
}

fn word(kind: HolidayKind) -> &'static str {
    match kind {
        HolidayKind::Public => "PUBLIC",
        HolidayKind::School => "SCHOOL",
    }
}

fn holiday(row: Model) -> Option<Holiday> {
    let days = DayRange::new(row.first_date.parse().ok()?, row.last_date.parse().ok()?).ok()?;
    let kind = if row.kind == word(HolidayKind::Public) { HolidayKind::Public } else { HolidayKind::School };
    Some(Holiday { id: row.id, kind, display_name: row.display_name, days, zone: row.zone })
}
