//! Notifications: written once an event and person, numbered, read by page and from a number on.

use std::collections::{HashMap, HashSet};

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

/// What an event tells to people of one hospital.
#[derive(Debug)]
pub struct News<'a> {
    /// Hospital id.
    pub hospital: &'a str,
    /// The event.
    pub event_id: &'a str,
    /// Name of the resource it is about.
    pub subject: &'a str,
    /// To whom, by id, and what.
    pub people: Vec<(String, Message)>,
}

/// What somebody was told just now.
#[derive(Debug)]
pub struct Told {
    /// Id of the person.
    pub staff_member: String,
    /// Id of the notification.
    pub id: String,
    /// What.
    pub message: Message,
}

/// How many people are told in one statement: far below the number of values that a statement may hold.
const AT_ONCE: usize = 500;

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
    /// Writes what each is told, but for those who were told before or of whom nothing is kept any more; answers those
    /// who were not.
    pub async fn tell(&self, tx: &Tx, mut news: News<'_>) -> Result<Vec<Told>, DbErr> {
        // Everybody takes numbers in the same order, so that none waits for one who waits for them.
        news.people.sort_by(|(one, _), (other, _)| one.cmp(other));
        news.people.dedup_by(|(one, _), (other, _)| one == other);
        let mut told = Vec::with_capacity(news.people.len());
        while !news.people.is_empty() {
            let rest = news.people.split_off(news.people.len().min(AT_ONCE));
            let people = std::mem::replace(&mut news.people, rest);
            told.extend(self.tell_some(tx, &news, people).await?);
        }
        Ok(told)
    }

    async fn tell_some(
        &self,
        tx: &Tx,
        news: &News<'_>,
        mut people: Vec<(String, Message)>,
    ) -> Result<Vec<Told>, DbErr> {
        let before: HashSet<(String, String)> = Entity::find()
            .select_only()
            .columns([Column::StaffMember, Column::Kind])
            .filter(Column::Hospital.eq(news.hospital))
            .filter(Column::EventId.eq(news.event_id))
            .filter(Column::StaffMember.is_in(people.iter().map(|(person, _)| person.as_str())))
            .into_tuple::<(String, String)>()
            .all(tx.conn())
            .await?
            .into_iter()
            .collect();
        people.retain(|(person, message)| !before.contains(&(person.clone(), message.kind().to_owned())));
        if people.is_empty() {
            return Ok(vec![]);
        }
        let names: Vec<&str> = people.iter().map(|(person, _)| person.as_str()).collect();
        let sequences = self.next_sequences(tx, news.hospital, &names).await?;
        // Asked with the numbers in hand: who erases a person takes theirs too.
        let erased = self.erased(tx, news.hospital, &names).await?;
        if !erased.is_empty() {
            self.close_mailboxes(tx, news.hospital, &erased).await?;
            people.retain(|(person, _)| !erased.contains(person));
        }
        let mut rows = Vec::with_capacity(people.len());
        let mut told = Vec::with_capacity(people.len());
        for (staff_member, message) in people {
            let sequence = sequences.get(&staff_member).copied();
            let sequence = sequence.ok_or_else(|| DbErr::RecordNotFound("mailbox".to_owned()))?;
            let text = serde_json::to_string(&message).map_err(|error| DbErr::Json(error.to_string()))?;
            let id = Uuid::now_v7().to_string();
            rows.push(ActiveModel {
                hospital: Set(news.hospital.to_owned()),
                id: Set(id.clone()),
                staff_member: Set(staff_member.clone()),
                sequence: Set(sequence),
                event_id: Set(news.event_id.to_owned()),
                kind: Set(message.kind().to_owned()),
                priority: Set(message.priority().word().to_owned()),
                message: Set(text),
                subject: Set(news.subject.to_owned()),
                create_time: Set(time::micros(tx.now())),
                is_read: Set(false),
                read_time: Set(None),
            });
            told.push(Told { staff_member, id, message });
        }
        durable::insert_all(tx.conn(), rows).await?;
        Ok(told)
    }

    /// Numbers follow commits: who takes the next one waits for the transaction that took the one before, so a
    /// reader that has seen a number has seen all before it.
    pub(super) async fn next_sequences(
        &self,
        tx: &Tx,
        hospital: &str,
        people: &[&str],
    ) -> Result<HashMap<String, i64>, DbErr> {
        let rows = people.iter().map(|person| mailbox::ActiveModel {
            hospital: Set(hospital.to_owned()),
            staff_member: Set((*person).to_owned()),
            sequence: Set(1),
        });
        let next = OnConflict::columns([mailbox::Column::Hospital, mailbox::Column::StaffMember])
            .value(mailbox::Column::Sequence, Expr::col((mailbox::Entity, mailbox::Column::Sequence)).add(1))
            .to_owned();
        mailbox::Entity::insert_many(rows).on_conflict(next).exec_without_returning(tx.conn()).await?;
        let taken = mailbox::Entity::find()
            .filter(mailbox::Column::Hospital.eq(hospital))
            .filter(mailbox::Column::StaffMember.is_in(people.iter().copied()))
            .all(tx.conn())
            .await?;
        Ok(taken.into_iter().map(|row| (row.staff_member, row.sequence)).collect())
    }

    /// Takes away the numbers of people who are told nothing any more.
    pub(super) async fn close_mailboxes(
        &self,
        tx: &Tx,
        hospital: &str,
        people: impl IntoIterator<Item = &String>,
    ) -> Result<(), DbErr> {
        let closed = mailbox::Entity::delete_many()
            .filter(mailbox::Column::Hospital.eq(hospital))
            .filter(mailbox::Column::StaffMember.is_in(people));
        closed.exec(tx.conn()).await.map(drop)
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

    /// What these notifications say, by id.
    pub async fn messages(&self, ids: &[String]) -> Result<HashMap<String, Message>, Problem> {
        let rows = Entity::find().filter(Column::Id.is_in(ids)).all(self.db.read()).await.map_err(problem)?;
        let message = |row: Model| Ok((row.id.clone(), notification(row)?.message));
        rows.into_iter().map(message).collect()
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
