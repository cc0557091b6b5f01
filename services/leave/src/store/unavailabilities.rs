//! Unavailabilities: documents with the columns that are asked by.

use calendar::DayRange;
use chassis::Problem;
use durable::{Tx, etag, filter::Filter, page::Page, problem, time};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::{
    Store,
    entity::unavailability::{ActiveModel, Column, Entity, Model},
};
use crate::domain::unavailability::{State, Unavailability};

// === impl Store ===

impl Store {
    /// One unavailability of a person.
    pub async fn unavailability(
        &self,
        conn: &impl ConnectionTrait,
        (hospital, staff_member, id): (&str, &str, &str),
    ) -> Result<Option<Unavailability>, Problem> {
        let row = Entity::find_by_id((hospital.to_owned(), id.to_owned()))
            .filter(Column::StaffMember.eq(staff_member))
            .one(conn)
            .await
            .map_err(problem)?;
        row.map(read).transpose()
    }

    /// Writes a new one.
    pub async fn insert_unavailability(&self, tx: &Tx, own: &Unavailability) -> Result<(), Problem> {
        Entity::insert(row(own)?).exec_without_returning(tx.conn()).await.map(drop).map_err(problem)
    }

    /// Writes a changed one over the version it was read in; it has its new version afterwards.
    ///
    /// # Errors
    /// `ABORTED / ETAG_MISMATCH` when somebody else was faster.
    pub async fn update_unavailability(&self, tx: &Tx, own: &mut Unavailability) -> Result<(), Problem> {
        let seen = own.version;
        own.version += 1;
        let updated = Entity::update_many()
            .set(row(own)?)
            .filter(Column::Hospital.eq(&own.hospital))
            .filter(Column::Id.eq(&own.id))
            .filter(Column::Version.eq(seen))
            .exec(tx.conn())
            .await
            .map_err(problem)?;
        if updated.rows_affected == 1 { Ok(()) } else { Err(etag::mismatch(own.version)) }
    }

    /// Those that may have times in a range: of one person or of all, in some states.
    pub async fn unavailabilities_touching(
        &self,
        conn: &impl ConnectionTrait,
        (hospital, staff_member): (&str, Option<&str>),
        states: &[State],
        range: DayRange,
    ) -> Result<Vec<Unavailability>, Problem> {
        let last = range.first().to_string();
        let mut query = Entity::find()
            .filter(Column::Hospital.eq(hospital))
            .filter(Column::State.is_in(states.iter().map(|state| state.word())))
            .filter(Column::FirstDate.lte(range.last().to_string()))
            .filter(Condition::any().add(Column::UntilDate.is_null()).add(Column::UntilDate.gte(last)));
        if let Some(staff_member) = staff_member {
            query = query.filter(Column::StaffMember.eq(staff_member));
        }
        let rows = query.order_by_asc(Column::Id).all(conn).await.map_err(problem)?;
        rows.into_iter().map(read).collect()
    }

    /// A page, newest first; one more than the page holds.
    pub async fn unavailabilities_page(
        &self,
        conn: &impl ConnectionTrait,
        (hospital, staff_member): (&str, Option<&str>),
        filter: &Filter,
        page: &Page,
    ) -> Result<Vec<Unavailability>, Problem> {
        let mut query = Entity::find().filter(Column::Hospital.eq(hospital)).filter(filter.condition(
            |field| match field {
                "state" => Column::State,
                "first_date" => Column::FirstDate,
                _ => Column::StaffMember,
            },
        ));
        if let Some(staff_member) = staff_member {
            query = query.filter(Column::StaffMember.eq(staff_member));
        }
        if let Some(after) = page.after() {
            query = query.filter(Column::Id.lt(after));
        }
        let rows =
            query.order_by_desc(Column::Id).limit(page.limit() + 1).all(conn).await.map_err(problem)?;
        rows.into_iter().map(read).collect()
    }
}

fn row(own: &Unavailability) -> Result<ActiveModel, Problem> {
    Ok(ActiveModel {
        hospital: Set(own.hospital.clone()),
        id: Set(own.id.clone()),
        staff_member: Set(own.staff_member.clone()),
        state: Set(own.state.word().to_owned()),
        first_date: Set(own.wish.days.first().to_string()),
        until_date: Set(own.wish.until().map(|day| day.to_string())),
        document: Set(serde_json::to_string(own).map_err(Problem::internal)?),
        version: Set(own.version),
        update_time: Set(time::micros(own.update_time)),
    })
}

fn read(row: Model) -> Result<Unavailability, Problem> {
    serde_json::from_str(&row.document).map_err(Problem::internal)
}
