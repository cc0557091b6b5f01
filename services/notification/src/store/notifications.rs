//! Notifications: written once an event and person, numbered, read by page and from a number on.

use chassis::Problem;
use durable::{Tx, filter::Filter, page::Page, problem, time};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;

use super::{
    Store,
    entity::{
        mailbox,
        notification::{ActiveModel, Column, Entity, Model},
    },
};
use crate::domain::{message::Message, notification::Notification};

/// What is told to whom because of which event.
#[derive(Debug)]
pub struct Delivery<'a> {
    /// Hospital id.
    pub hospital: &'a str,
    /// Id of the person.
    pub staff_member: &'a str,
    /// The event.
    pub event_id: &'a str,
    /// What.
    pub message: &'a Message,
    /// Name of the resource it is about.
    pub subject: &'a str,
}

/// Whose notifications.
#[derive(Clone, Copy, Debug)]
pub struct Which<'a> {
    /// Hospital id.
    pub hospital: &'a str,
    /// Id of the person.
    pub staff_member: &'a str,
}

// === impl Store ===

impl Store {
    /// Writes a notification; its id, or `None` when the person was told before.
    pub async fn deliver(&self, tx: &Tx, delivery: &Delivery<'_>) -> Result<Option<String>, DbErr> {
        let which = Which { hospital: delivery.hospital, staff_member: delivery.staff_member };
        let before = of(which)
            .add(Column::EventId.eq(delivery.event_id))
            .add(Column::Kind.eq(delivery.message.kind()));
        if Entity::find().filter(before).one(tx.conn()).await?.is_some() {
            return Ok(None);
        }
        let id = Uuid::now_v7().to_string();
        let message =
            serde_json::to_string(delivery.message).map_err(|error| DbErr::Json(error.to_string()))?;
        let row = ActiveModel {
            hospital: Set(delivery.hospital.to_owned()),
            id: Set(id.clone()),
            staff_member: Set(delivery.staff_member.to_owned()),
            sequence: Set(self.next_sequence(tx, which).await?),
            event_id: Set(delivery.event_id.to_owned()),
            kind: Set(delivery.message.kind().to_owned()),
            priority: Set(delivery.message.priority().word().to_owned()),
            message: Set(message),
            subject: Set(delivery.subject.to_owned()),
            create_time: Set(time::micros(tx.now())),
            is_read: Set(false),
            read_time: Set(None),
        };
        Entity::insert(row).exec_without_returning(tx.conn()).await?;
        Ok(Some(id))
    }

    /// Numbers follow commits: who takes the next one waits for the transaction that took the one before, so a
    /// reader that has seen a number has seen all before it.
    async fn next_sequence(&self, tx: &Tx, which: Which<'_>) -> Result<i64, DbErr> {
        let row = mailbox::ActiveModel {
            hospital: Set(which.hospital.to_owned()),
            staff_member: Set(which.staff_member.to_owned()),
            sequence: Set(1),
        };
        let next = OnConflict::columns([mailbox::Column::Hospital, mailbox::Column::StaffMember])
            .value(mailbox::Column::Sequence, Expr::col((mailbox::Entity, mailbox::Column::Sequence)).add(1))
            .to_owned();
        mailbox::Entity::insert(row).on_conflict(next).exec_without_returning(tx.conn()).await?;
        let key = (which.hospital.to_owned(), which.staff_member.to_owned());
        let taken = mailbox::Entity::find_by_id(key).one(tx.conn()).await?;
        taken.map(|row| row.sequence).ok_or_else(|| DbErr::RecordNotFound("mailbox".to_owned()))
    }

    /// The number of a person's last notification; 0 before the first.
    pub async fn last_sequence(&self, which: Which<'_>) -> Result<i64, Problem> {
        let key = (which.hospital.to_owned(), which.staff_member.to_owned());
        let row = mailbox::Entity::find_by_id(key).one(self.db.read()).await.map_err(problem)?;
        Ok(row.map_or(0, |row| row.sequence))
    }

    /// One notification of a person.
    pub async fn notification(
        &self,
        conn: &impl ConnectionTrait,
        which: Which<'_>,
        id: &str,
    ) -> Result<Option<Notification>, Problem> {
        let row = Entity::find().filter(of(which).add(Column::Id.eq(id))).one(conn).await.map_err(problem)?;
        row.map(notification).transpose()
    }

    /// A page of a person's notifications, newest first; one more than the page holds.
    pub async fn notifications_page(
        &self,
        conn: &impl ConnectionTrait,
        which: Which<'_>,
        filter: &Filter,
        page: &Page,
    ) -> Result<Vec<Notification>, Problem> {
        let mut query = Entity::find().filter(of(which)).filter(filter.condition(|field| match field {
            "kind" => Column::Kind,
            "priority" => Column::Priority,
            _ => Column::IsRead,
        }));
        if let Some(after) = page.after().and_then(|after| after.parse::<i64>().ok()) {
            query = query.filter(Column::Sequence.lt(after));
        }
        let rows =
            query.order_by_desc(Column::Sequence).limit(page.limit() + 1).all(conn).await.map_err(problem)?;
        rows.into_iter().map(notification).collect()
    }

    /// A person's notifications after a number, oldest first, at most so many.
    pub async fn notifications_after(
        &self,
        which: Which<'_>,
        sequence: i64,
        limit: u64,
    ) -> Result<Vec<Notification>, Problem> {
        let rows = Entity::find()
            .filter(of(which).add(Column::Sequence.gt(sequence)))
            .order_by_asc(Column::Sequence)
            .limit(limit)
            .all(self.db.read())
            .await
            .map_err(problem)?;
        rows.into_iter().map(notification).collect()
    }

    /// How many a person has not read.
    pub async fn unread_count(&self, conn: &impl ConnectionTrait, which: Which<'_>) -> Result<i32, Problem> {
        let unread = Entity::find().filter(of(which).add(Column::IsRead.eq(false)));
        let count = unread.count(conn).await.map_err(problem)?;
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }

    /// Which of these ids are notifications of the person.
    pub async fn known_ids(&self, tx: &Tx, which: Which<'_>, ids: &[String]) -> Result<Vec<String>, Problem> {
        Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(of(which).add(Column::Id.is_in(ids)))
            .into_tuple()
            .all(tx.conn())
            .await
            .map_err(problem)
    }

    /// Marks as read what is not: these, or all of the person.
    pub async fn mark_read(&self, tx: &Tx, which: Which<'_>, ids: Option<&[String]>) -> Result<(), Problem> {
        let mut unread = of(which).add(Column::IsRead.eq(false));
        if let Some(ids) = ids {
            unread = unread.add(Column::Id.is_in(ids));
        }
        let marked = Entity::update_many()
            .col_expr(Column::IsRead, Expr::value(true))
            .col_expr(Column::ReadTime, Expr::value(time::micros(tx.now())))
            .filter(unread)
            .exec(tx.conn())
            .await;
        marked.map(drop).map_err(problem)
    }
}

fn of(which: Which<'_>) -> Condition {
    Condition::all().add(Column::Hospital.eq(which.hospital)).add(Column::StaffMember.eq(which.staff_member))
}

fn notification(row: Model) -> Result<Notification, Problem> {
    Ok(Notification {
        message: serde_json::from_str(&row.message).map_err(Problem::internal)?,
        create_time: time::timestamp(row.create_time),
        read_time: row.read_time.map(time::timestamp),
        sequence: row.sequence,
        hospital: row.hospital,
        staff_member: row.staff_member,
        id: row.id,
        subject: row.subject,
    })
}
