//! Leaves: read, written with their version, asked by person, absence and page.

use calendar::{DayPart, DayRange, HalfDay, Span};
use chassis::{Problem, access::Among};
use durable::{Tx, etag, filter::Filter, page::Page, problem, time};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};

use super::{
    Store,
    entity::leave::{ActiveModel, Column, Entity, Model},
    of_professions,
};
use crate::domain::leave::{Leave, State};

/// Which leaves a list shows.
#[derive(Debug)]
pub struct LeaveFilter<'a> {
    /// Hospital id.
    pub hospital: &'a str,
    /// One person, or everybody.
    pub staff_member: Option<&'a str>,
    /// Those that are in both of these.
    pub professions: [&'a Among; 2],
    /// What the caller asked for.
    pub filter: &'a Filter,
}

// === impl Store ===

impl Store {
    /// One leave of a person.
    pub async fn leave(
        &self,
        conn: &impl ConnectionTrait,
        hospital: &str,
        staff_member: &str,
        id: &str,
    ) -> Result<Option<Leave>, Problem> {
        let row = Entity::find_by_id((hospital.to_owned(), id.to_owned()))
            .filter(Column::StaffMember.eq(staff_member))
            .one(conn)
            .await
            .map_err(problem)?;
        row.map(leave).transpose().map_err(problem)
    }

    /// Writes a new leave.
    pub async fn insert_leave(&self, tx: &Tx, leave: &Leave) -> Result<(), Problem> {
        Entity::insert(row(leave)?).exec_without_returning(tx.conn()).await.map(drop).map_err(problem)
    }

    /// Writes a changed leave over the version it was read in; the leave has its new version afterwards.
    ///
    /// # Errors
    /// `ABORTED / ETAG_MISMATCH` when somebody else was faster.
    pub async fn update_leave(&self, tx: &Tx, leave: &mut Leave) -> Result<(), Problem> {
        let seen = leave.version;
        leave.version += 1;
        let updated = Entity::update_many()
            .set(row(leave)?)
            .filter(Column::Hospital.eq(&leave.hospital))
            .filter(Column::Id.eq(&leave.id))
            .filter(Column::Version.eq(seen))
            .exec(tx.conn())
            .await
            .map_err(problem)?;
        if updated.rows_affected == 1 { Ok(()) } else { Err(etag::mismatch(leave.version)) }
    }

    /// The leaves of a person that touch a range of days.
    pub async fn leaves_of(
        &self,
        conn: &impl ConnectionTrait,
        hospital: &str,
        staff_member: &str,
        range: DayRange,
    ) -> Result<Vec<Leave>, Problem> {
        let rows = touching(hospital, range)
            .filter(Column::StaffMember.eq(staff_member))
            .order_by_asc(Column::Id)
            .all(conn)
            .await
            .map_err(problem)?;
        rows.into_iter().map(leave).collect::<Result<_, _>>().map_err(problem)
    }

    /// Leaves in some states that touch a range of days, whoever's.
    pub async fn leaves_touching(
        &self,
        conn: &impl ConnectionTrait,
        hospital: &str,
        states: &[State],
        range: DayRange,
    ) -> Result<Vec<Leave>, Problem> {
        let rows = touching(hospital, range)
            .filter(Column::State.is_in(states.iter().map(|state| state.word())))
            .order_by_asc(Column::FirstDate)
            .order_by_asc(Column::Id)
            .all(conn)
            .await
            .map_err(problem)?;
        rows.into_iter().map(leave).collect::<Result<_, _>>().map_err(problem)
    }

    /// What is around a leave, in one question: the person's own leaves that touch `near`, by id, and those of others in
    /// some states that touch its days, by first day.
    pub async fn leaves_around(
        &self,
        conn: &impl ConnectionTrait,
        (hospital, staff_member): (&str, &str),
        near: DayRange,
        (states, range): (&[State], DayRange),
    ) -> Result<(Vec<Leave>, Vec<Leave>), Problem> {
        let own = touch(near).add(Column::StaffMember.eq(staff_member));
        let others = touch(range)
            .add(Column::State.is_in(states.iter().map(|state| state.word())))
            .add(Column::StaffMember.ne(staff_member));
        let rows = Entity::find()
            .filter(Column::Hospital.eq(hospital))
            .filter(Condition::any().add(own).add(others))
            .order_by_asc(Column::FirstDate)
            .order_by_asc(Column::Id)
            .all(conn)
            .await
            .map_err(problem)?;
        let all = rows.into_iter().map(leave).collect::<Result<Vec<Leave>, _>>().map_err(problem)?;
        let (mut own, others): (Vec<Leave>, Vec<Leave>) =
            all.into_iter().partition(|leave| leave.staff_member == staff_member);
        own.sort_by(|one, other| one.id.cmp(&other.id));
        Ok((own, others))
    }

    /// The leaves of a person's series, by first day.
    pub async fn leaves_of_series(
        &self,
        conn: &impl ConnectionTrait,
        hospital: &str,
        staff_member: &str,
        series: &str,
    ) -> Result<Vec<Leave>, Problem> {
        let rows = Entity::find()
            .filter(Column::Hospital.eq(hospital))
            .filter(Column::StaffMember.eq(staff_member))
            .filter(Column::Series.eq(series))
            .order_by_asc(Column::FirstDate)
            .order_by_asc(Column::Id)
            .all(conn)
            .await
            .map_err(problem)?;
        rows.into_iter().map(leave).collect::<Result<_, _>>().map_err(problem)
    }

    /// Hospitals in which a leave waits that nobody was told about again.
    pub async fn hospitals_waiting(&self, conn: &impl ConnectionTrait) -> Result<Vec<String>, Problem> {
        let waiting = Entity::find()
            .select_only()
            .column(Column::Hospital)
            .distinct()
            .filter(Column::State.eq(State::Pending.word()))
            .filter(Column::EscalateTime.is_null());
        waiting.into_tuple().all(conn).await.map_err(problem)
    }

    /// Leaves of a hospital that have waited since before a moment and were not escalated, the oldest first.
    pub async fn waiting_since(
        &self,
        conn: &impl ConnectionTrait,
        hospital: &str,
        before: Timestamp,
        limit: u64,
    ) -> Result<Vec<Leave>, Problem> {
        let rows = Entity::find()
            .filter(Column::Hospital.eq(hospital))
            .filter(Column::State.eq(State::Pending.word()))
            .filter(Column::EscalateTime.is_null())
            .filter(Column::UpdateTime.lt(time::micros(before)))
            .order_by_asc(Column::UpdateTime)
            .limit(limit)
            .all(conn)
            .await
            .map_err(problem)?;
        rows.into_iter().map(leave).collect::<Result<_, _>>().map_err(problem)
    }

    /// Notes that a leave was escalated; false if it no longer waits, or was already. Its version stays: whoever looks at
    /// it may decide.
    pub async fn escalate(&self, tx: &Tx, leave: &Leave) -> Result<bool, Problem> {
        let escalated = Entity::update_many()
            .col_expr(Column::EscalateTime, Expr::value(time::micros(tx.now())))
            .filter(Column::Hospital.eq(&leave.hospital))
            .filter(Column::Id.eq(&leave.id))
            .filter(Column::Version.eq(leave.version))
            .filter(Column::EscalateTime.is_null())
            .exec(tx.conn())
            .await
            .map_err(problem)?;
        Ok(escalated.rows_affected == 1)
    }

    /// Who is away in a range of days, by first day; of one profession or all.
    pub async fn absences(
        &self,
        conn: &impl ConnectionTrait,
        hospital: &str,
        profession: Option<&str>,
        range: DayRange,
    ) -> Result<Vec<Leave>, Problem> {
        let mut query = touching(hospital, range).filter(Column::State.eq(State::Approved.word()));
        if let Some(profession) = profession {
            query = query.filter(Column::Profession.eq(profession));
        }
        let rows = query
            .order_by_asc(Column::FirstDate)
            .order_by_asc(Column::Id)
            .all(conn)
            .await
            .map_err(problem)?;
        rows.into_iter().map(leave).collect::<Result<_, _>>().map_err(problem)
    }

    /// Who of a profession was away in one of some ranges of days, by first day.
    pub async fn absences_in(
        &self,
        conn: &impl ConnectionTrait,
        (hospital, profession): (&str, &str),
        ranges: &[DayRange],
    ) -> Result<Vec<Leave>, Problem> {
        if ranges.is_empty() {
            return Ok(Vec::new());
        }
        let any = ranges.iter().fold(Condition::any(), |any, range| any.add(touch(*range)));
        let rows = Entity::find()
            .filter(Column::Hospital.eq(hospital))
            .filter(Column::State.eq(State::Approved.word()))
            .filter(Column::Profession.eq(profession))
            .filter(any)
            .order_by_asc(Column::FirstDate)
            .order_by_asc(Column::Id)
            .all(conn)
            .await
            .map_err(problem)?;
        rows.into_iter().map(leave).collect::<Result<_, _>>().map_err(problem)
    }

    /// A page of leaves, newest first; one more than the page holds.
    pub async fn leaves_page(
        &self,
        conn: &impl ConnectionTrait,
        which: &LeaveFilter<'_>,
        page: &Page,
    ) -> Result<Vec<Leave>, Problem> {
        let mut query = Entity::find().filter(Column::Hospital.eq(which.hospital)).filter(
            which.filter.condition(|field| match field {
                "state" => Column::State,
                "leave_type" => Column::LeaveType,
                "first_date" => Column::FirstDate,
                "last_date" => Column::LastDate,
                _ => Column::StaffMember,
            }),
        );
        if let Some(staff_member) = which.staff_member {
            query = query.filter(Column::StaffMember.eq(staff_member));
        }
        for professions in which.professions {
            query = query.filter(of_professions(Column::Profession, professions));
        }
        if let Some(after) = page.after() {
            query = query.filter(Column::Id.lt(after));
        }
        let rows =
            query.order_by_desc(Column::Id).limit(page.limit() + 1).all(conn).await.map_err(problem)?;
        rows.into_iter().map(leave).collect::<Result<_, _>>().map_err(problem)
    }
}

fn touching(hospital: &str, range: DayRange) -> sea_orm::Select<Entity> {
    Entity::find().filter(Column::Hospital.eq(hospital)).filter(touch(range))
}

fn touch(range: DayRange) -> Condition {
    Condition::all()
        .add(Column::FirstDate.lte(range.last().to_string()))
        .add(Column::LastDate.gte(range.first().to_string()))
}

fn row(leave: &Leave) -> Result<ActiveModel, Problem> {
    let json = |value: serde_json::Result<String>| value.map_err(Problem::internal);
    Ok(ActiveModel {
        hospital: Set(leave.hospital.clone()),
        id: Set(leave.id.clone()),
        staff_member: Set(leave.staff_member.clone()),
        profession: Set(leave.profession.clone()),
        leave_type: Set(leave.leave_type.clone()),
        first_date: Set(leave.span.first().day.to_string()),
        first_part: Set(leave.span.first().part.to_string()),
        last_date: Set(leave.span.last().day.to_string()),
        last_part: Set(leave.span.last().part.to_string()),
        charges: Set(json(serde_json::to_string(&leave.charges))?),
        has_balance: Set(leave.has_balance),
        charged_type: Set(leave.charged_type.clone()),
        employed_since: Set(leave.employed_since.map(|day| day.to_string())),
        state: Set(leave.state.word().to_owned()),
        comment: Set(leave.comment.clone()),
        decision: Set(leave
            .decision
            .as_ref()
            .map(|decision| json(serde_json::to_string(decision)))
            .transpose()?),
        series: Set(leave.series.clone()),
        escalate_time: Set(leave.escalate_time.map(time::micros)),
        version: Set(leave.version),
        create_time: Set(time::micros(leave.create_time)),
        update_time: Set(time::micros(leave.update_time)),
    })
}

pub(super) fn leave(row: Model) -> Result<Leave, DbErr> {
    let broken = |what: &str| DbErr::Type(format!("leave {}: {what}", row.id));
    let half = |date: &str, part: &str| -> Option<HalfDay> {
        Some(HalfDay::new(date.parse().ok()?, day_part(part)?))
    };
    let first = half(&row.first_date, &row.first_part).ok_or_else(|| broken("first day"))?;
    let last = half(&row.last_date, &row.last_part).ok_or_else(|| broken("last day"))?;
    let state = State::ALL.into_iter().find(|state| state.word() == row.state);
    let since = row.employed_since.as_deref().map(str::parse).transpose();
    let decision = row.decision.as_deref().map(serde_json::from_str).transpose();
    Ok(Leave {
        span: Span::new(first, last).map_err(|_| broken("days"))?,
        charges: serde_json::from_str(&row.charges).map_err(|_| broken("charges"))?,
        state: state.ok_or_else(|| broken("state"))?,
        decision: decision.map_err(|_| broken("decision"))?,
        create_time: time::timestamp(row.create_time),
        update_time: time::timestamp(row.update_time),
        series: row.series,
        escalate_time: row.escalate_time.map(time::timestamp),
        has_balance: row.has_balance,
        employed_since: since.map_err(|_| broken("first contract"))?,
        charged_type: row.charged_type,
        version: row.version,
        hospital: row.hospital,
        id: row.id,
        staff_member: row.staff_member,
        profession: row.profession,
        leave_type: row.leave_type,
        comment: row.comment,
    })
}

/// A half-day as it is stored.
pub(super) fn day_part(text: &str) -> Option<DayPart> {
    DayPart::ALL.into_iter().find(|part| part.to_string() == text)
}
