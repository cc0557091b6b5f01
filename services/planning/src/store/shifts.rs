//! Shifts and assignments of a plan's head.

use chassis::Problem;
use durable::{filter::Filter, page::Page};
use proto::error::v1::Reason;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use super::{
    entity::{assignment, shift},
    new_id, to_day,
};
use crate::domain::shift::{Duty, Holder, Kind, Post, Shift, part_code, part_from_code};

/// An assignment as stored, with its shift's facts.
#[derive(Clone, Debug)]
pub struct Assignment {
    pub id: String,
    pub plan: String,
    pub duty: Duty,
    pub is_pinned: bool,
    pub origin: Origin,
    pub version: i64,
    pub create_time: i64,
    pub sort_key: String,
}

/// Who put a person somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Manual,
    Solver,
}

/// All shifts of a plan, in order.
pub async fn of_plan(db: &impl ConnectionTrait, hospital: &str, plan: &str) -> Result<Vec<Shift>, Problem> {
    let rows = shift::Entity::find()
        .filter(shift::Column::Hospital.eq(hospital))
        .filter(shift::Column::Plan.eq(plan))
        .order_by_asc(shift::Column::SortKey)
        .all(db)
        .await
        .map_err(durable::problem)?;
    rows.into_iter().map(shift_of).collect()
}

pub async fn find(
    db: &impl ConnectionTrait,
    hospital: &str,
    plan: &str,
    id: &str,
) -> Result<Option<Shift>, Problem> {
    let row = shift::Entity::find_by_id((hospital.to_owned(), id.to_owned())).one(db).await;
    let row = row.map_err(durable::problem)?.filter(|row| row.plan == plan);
    row.map(shift_of).transpose()
}

/// One page of a plan's shifts, in order.
pub async fn list(
    db: &impl ConnectionTrait,
    hospital: &str,
    plan: &str,
    page: &Page,
    filter: &Filter,
) -> Result<Vec<Shift>, Problem> {
    let mut query = shift::Entity::find()
        .filter(shift::Column::Hospital.eq(hospital))
        .filter(shift::Column::Plan.eq(plan))
        .filter(filter.condition(|field| match field {
            "kind" => shift::Column::Kind,
            "site" => shift::Column::Site,
            "surgeon" => shift::Column::Surgeon,
            _ => shift::Column::Date,
        }));
    if let Some(after) = page.after() {
        query = query.filter(shift::Column::SortKey.gt(after));
    }
    let rows = query.order_by_asc(shift::Column::SortKey).limit(page.limit() + 1).all(db).await;
    rows.map_err(durable::problem)?.into_iter().map(shift_of).collect()
}

/// Writes new shifts.
///
/// # Errors
/// `ALREADY_EXISTS / NAME_TAKEN` when a room is open on that half-day already.
pub async fn insert(
    db: &impl ConnectionTrait,
    hospital: &str,
    plan: &str,
    shifts: &[Shift],
) -> Result<(), Problem> {
    let rows = shifts.iter().map(|shift| row_of(hospital, plan, shift).into_active_model());
    durable::insert_all(db, rows.collect()).await.map_err(|error| {
        if durable::is_unique(&error) {
            let name = format!("hospitals/{hospital}/plans/{plan}/shifts/-");
            return Problem::already_exists(Reason::NameTaken, "Shift", name);
        }
        durable::problem(error)
    })
}

/// Deletes a shift with its assignments.
pub async fn delete(db: &impl ConnectionTrait, hospital: &str, id: &str) -> Result<(), Problem> {
    let key = (hospital.to_owned(), id.to_owned());
    shift::Entity::delete_by_id(key).exec(db).await.map_err(durable::problem)?;
    assignment::Entity::delete_many()
        .filter(assignment::Column::Hospital.eq(hospital))
        .filter(assignment::Column::Shift.eq(id))
        .exec(db)
        .await
        .map_err(durable::problem)?;
    Ok(())
}

/// Where a shift stands among those of all plans.
pub fn sort_key(shift: &Shift) -> String {
    let (day, kind, part, site, sector, room, ordinal, id) = shift.order();
    format!("{day}/{}{part}/{site}/{sector}/{room}/{ordinal:05}/{id}", kind as u8)
}

fn shift_of(row: shift::Model) -> Result<Shift, Problem> {
    Ok(Shift {
        kind: Kind::from_code(&row.kind)
            .ok_or_else(|| Problem::internal(format!("stored kind `{}`", row.kind)))?,
        day: to_day(&row.date)?,
        part: part_from_code(&row.part),
        id: row.id,
        site: row.site,
        sector: row.sector,
        room: row.room,
        surgeon: row.surgeon,
        specialty: row.specialty,
        is_pediatric: row.is_pediatric,
        ordinal: u16::try_from(row.ordinal).unwrap_or_default(),
        template: row.template,
    })
}

fn row_of(hospital: &str, plan: &str, shift: &Shift) -> shift::Model {
    shift::Model {
        hospital: hospital.to_owned(),
        id: shift.id.clone(),
        plan: plan.to_owned(),
        slot_key: shift.key(),
        kind: shift.kind.code().to_owned(),
        date: shift.day.to_string(),
        part: part_code(shift.part).to_owned(),
        site: shift.site.clone(),
        sector: shift.sector.clone(),
        room: shift.room.clone(),
        surgeon: shift.surgeon.clone(),
        specialty: shift.specialty.clone(),
        is_pediatric: shift.is_pediatric,
        ordinal: i32::from(shift.ordinal),
        template: shift.template.clone(),
        sort_key: sort_key(shift),
    }
}

/// All assignments of a plan's head, in order.
pub async fn assignments_of_plan(
    db: &impl ConnectionTrait,
    hospital: &str,
    plan: &str,
) -> Result<Vec<Assignment>, Problem> {
    let rows = assignment::Entity::find()
        .filter(assignment::Column::Hospital.eq(hospital))
        .filter(assignment::Column::Plan.eq(plan))
        .order_by_asc(assignment::Column::SortKey)
        .all(db)
        .await
        .map_err(durable::problem)?;
    rows.into_iter().map(assignment_of).collect()
}

pub async fn find_assignment(
    db: &impl ConnectionTrait,
    hospital: &str,
    plan: &str,
    id: &str,
) -> Result<Option<Assignment>, Problem> {
    let row = assignment::Entity::find_by_id((hospital.to_owned(), id.to_owned())).one(db).await;
    let row = row.map_err(durable::problem)?.filter(|row| row.plan == plan);
    row.map(assignment_of).transpose()
}

/// Who holds a post in the head.
pub async fn holding(
    db: &impl ConnectionTrait,
    hospital: &str,
    shift: &str,
    post: Post,
) -> Result<Option<Assignment>, Problem> {
    let row = assignment::Entity::find()
        .filter(assignment::Column::Hospital.eq(hospital))
        .filter(assignment::Column::Shift.eq(shift))
        .filter(assignment::Column::Post.eq(post.code()))
        .one(db)
        .await;
    row.map_err(durable::problem)?.map(assignment_of).transpose()
}

/// One page of the head's assignments, in order.
pub async fn list_assignments(
    db: &impl ConnectionTrait,
    hospital: &str,
    plan: &str,
    page: &Page,
    filter: &Filter,
) -> Result<Vec<Assignment>, Problem> {
    let mut query = assignment::Entity::find()
        .filter(assignment::Column::Hospital.eq(hospital))
        .filter(assignment::Column::Plan.eq(plan))
        .filter(filter.condition(|field| match field {
            "staff_member" => assignment::Column::StaffMember,
            "kind" => assignment::Column::Kind,
            "site" => assignment::Column::Site,
            "shift" => assignment::Column::Shift,
            "post" => assignment::Column::Post,
            _ => assignment::Column::Date,
        }));
    if let Some(after) = page.after() {
        query = query.filter(assignment::Column::SortKey.gt(after));
    }
    let rows = query.order_by_asc(assignment::Column::SortKey).limit(page.limit() + 1).all(db).await;
    rows.map_err(durable::problem)?.into_iter().map(assignment_of).collect()
}

/// Writes new assignments.
///
/// # Errors
/// `ALREADY_EXISTS / NAME_TAKEN` when somebody holds the post.
pub async fn insert_assignments(
    db: &impl ConnectionTrait,
    hospital: &str,
    assignments: &[Assignment],
) -> Result<(), Problem> {
    let rows = assignments.iter().map(|own| assignment_row(hospital, own).into_active_model());
    durable::insert_all(db, rows.collect()).await.map_err(|error| {
        if durable::is_unique(&error) {
            let plan = assignments.first().map_or("-", |own| own.plan.as_str());
            let name = format!("hospitals/{hospital}/plans/{plan}/assignments/-");
            return Problem::already_exists(Reason::NameTaken, "Assignment", name);
        }
        durable::problem(error)
    })
}

/// Writes who holds a post, if it is still at `seen`.
pub async fn save_assignment(
    db: &impl ConnectionTrait,
    hospital: &str,
    own: &Assignment,
    seen: i64,
) -> Result<(), Problem> {
    let done = assignment::Entity::update_many()
        .col_expr(assignment::Column::StaffMember, Expr::value(own.duty.staff_member.clone()))
        .col_expr(assignment::Column::IsPinned, Expr::value(own.is_pinned))
        .col_expr(assignment::Column::Origin, Expr::value(own.origin.code()))
        .col_expr(assignment::Column::Version, Expr::value(own.version))
        .filter(assignment::Column::Hospital.eq(hospital))
        .filter(assignment::Column::Id.eq(own.id.as_str()))
        .filter(assignment::Column::Version.eq(seen))
        .exec(db)
        .await
        .map_err(durable::problem)?;
    if done.rows_affected == 0 { Err(durable::etag::mismatch(seen)) } else { Ok(()) }
}

pub async fn delete_assignment(db: &impl ConnectionTrait, hospital: &str, id: &str) -> Result<(), Problem> {
    let key = (hospital.to_owned(), id.to_owned());
    assignment::Entity::delete_by_id(key).exec(db).await.map(|_| ()).map_err(durable::problem)
}

/// Deletes what a new roster replaces: everything that is not pinned.
pub async fn delete_unpinned(db: &impl ConnectionTrait, hospital: &str, plan: &str) -> Result<(), Problem> {
    assignment::Entity::delete_many()
        .filter(assignment::Column::Hospital.eq(hospital))
        .filter(assignment::Column::Plan.eq(plan))
        .filter(assignment::Column::IsPinned.eq(false))
        .exec(db)
        .await
        .map(|_| ())
        .map_err(durable::problem)
}

// === impl Origin ===

impl Origin {
    pub fn code(self) -> &'static str {
        match self {
            Origin::Manual => "MANUAL",
            Origin::Solver => "SOLVER",
        }
    }

    pub fn from_code(code: &str) -> Origin {
        if code == "SOLVER" { Origin::Solver } else { Origin::Manual }
    }
}

// === impl Assignment ===

impl Assignment {
    /// A new one.
    pub fn new(plan: &str, shift: &Shift, post: Post, staff_member: &str, origin: Origin, now: i64) -> Self {
        let id = new_id();
        Self {
            sort_key: format!("{}/{}", sort_key(shift), post.code()),
            duty: shift.duty(post, staff_member),
            id,
            plan: plan.to_owned(),
            is_pinned: false,
            origin,
            version: 1,
            create_time: now,
        }
    }

    pub fn holder(&self) -> Holder {
        Holder {
            shift: self.duty.shift.clone(),
            post: self.duty.post,
            staff_member: self.duty.staff_member.clone(),
            is_pinned: self.is_pinned,
        }
    }
}

fn assignment_of(row: assignment::Model) -> Result<Assignment, Problem> {
    Ok(Assignment {
        duty: duty_of(&row.staff_member, &row.date, &row.part, &row.kind, &row.post, &row.shift)?
            .at(row.site, row.sector, row.room),
        id: row.id,
        plan: row.plan,
        is_pinned: row.is_pinned,
        origin: Origin::from_code(&row.origin),
        version: row.version,
        create_time: row.create_time,
        sort_key: row.sort_key,
    })
}

/// A duty of stored texts, without its place.
pub fn duty_of(
    staff_member: &str,
    date: &str,
    part: &str,
    kind: &str,
    post: &str,
    shift: &str,
) -> Result<Duty, Problem> {
    let wrong = || Problem::internal(format!("stored kind `{kind}` or post `{post}`"));
    Ok(Duty {
        staff_member: staff_member.to_owned(),
        day: to_day(date)?,
        part: part_from_code(part),
        kind: Kind::from_code(kind).ok_or_else(wrong)?,
        post: Post::from_code(post).ok_or_else(wrong)?,
        shift: shift.to_owned(),
        site: String::new(),
        sector: String::new(),
        room: String::new(),
    })
}

fn assignment_row(hospital: &str, own: &Assignment) -> assignment::Model {
    let duty = &own.duty;
    assignment::Model {
        hospital: hospital.to_owned(),
        id: own.id.clone(),
        plan: own.plan.clone(),
        shift: duty.shift.clone(),
        post: duty.post.code().to_owned(),
        staff_member: duty.staff_member.clone(),
        is_pinned: own.is_pinned,
        origin: own.origin.code().to_owned(),
        kind: duty.kind.code().to_owned(),
        date: duty.day.to_string(),
        part: part_code(duty.part).to_owned(),
        site: duty.site.clone(),
        sector: duty.sector.clone(),
        room: duty.room.clone(),
        version: own.version,
        create_time: own.create_time,
        sort_key: own.sort_key.clone(),
    }
}
