//! Deliveries as people and administrators see them.

use chassis::Problem;
use durable::{filter::Filter, page::Page, problem, time};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{
    Store,
    entity::delivery::{Column, Entity, Model},
};
use crate::domain::delivery::{Answer, Delivery, Recipient, State};

// === impl Store ===

impl Store {
    /// A page of deliveries of a person, or of everybody, newest first; one more than the page holds.
    pub async fn deliveries_page(
        &self,
        conn: &impl ConnectionTrait,
        hospital: &str,
        staff_member: Option<&str>,
        filter: &Filter,
        page: &Page,
    ) -> Result<Vec<Delivery>, Problem> {
        let mut query = Entity::find().filter(Column::Hospital.eq(hospital)).filter(filter.condition(
            |field| match field {
                "kind" => Column::Kind,
                "channel" => Column::Channel,
                "state" => Column::State,
                _ => Column::Answer,
            },
        ));
        if let Some(person) = staff_member {
            query = query.filter(Column::StaffMember.eq(person));
        }
        if let Some(after) = page.after() {
            query = query.filter(Column::Id.lt(after));
        }
        let query = query.order_by_desc(Column::Id).limit(page.limit() + 1);
        let rows = query.all(conn).await.map_err(problem)?;
        rows.into_iter().map(delivery).collect()
    }
}

fn delivery(row: Model) -> Result<Delivery, Problem> {
    let (state, answer) = words(&row.state, &row.answer)?;
    Ok(Delivery {
        state,
        answer,
        attempts: row.attempts,
        create_time: time::timestamp(row.create_time),
        last_attempt_time: row.last_attempt_time.map(time::timestamp),
        next_attempt_time: time::timestamp(row.next_attempt_time),
        hospital: row.hospital,
        id: row.id,
        to: Recipient::Person { staff_member: row.staff_member, notification: row.notification },
        kind: row.kind,
    })
}

/// How far a delivery is, and what it was answered last.
pub(super) fn words(state: &str, answer: &str) -> Result<(State, Option<Answer>), Problem> {
    let unknown = |what: &str| Problem::internal(format!("a delivery's {what} is none that is known"));
    let state = State::of(state).ok_or_else(|| unknown("state"))?;
    let answer = match answer {
        "" => None,
        word => Some(Answer::of(word).ok_or_else(|| unknown("answer"))?),
    };
    Ok((state, answer))
}
