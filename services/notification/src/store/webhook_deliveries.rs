//! Deliveries to endpoints: written with the news, taken in hand by one instance at a time, settled.
//!
//! As letters are: a claim that is not settled runs out, and another instance takes over. What a process had sent when it
//! was killed goes out again under the same id, by which its endpoint knows it.

use std::{collections::BTreeSet, time::Duration};

use chassis::{Ctx, Problem};
use durable::{Tx, filter::Filter, page::Page, problem, time};
use jiff::Timestamp;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockBehavior, LockType, OnConflict},
};
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    Store,
    deliveries::words,
    entity::webhook_delivery::{ActiveModel, Column, Entity, Model},
};
use crate::domain::{
    delivery::{Answer, Delivery, Recipient, State},
    webhook::Webhook,
};

/// What this process has in hand.
#[derive(Debug)]
pub struct InHand {
    /// Names the claim.
    pub id: String,
    /// Until when, by this process's monotonic clock.
    pub until: Instant,
    /// What is to be sent.
    pub parcels: Vec<Parcel>,
}

/// Something that an endpoint is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Hospital id.
    pub hospital: String,
    /// Its own id, the same at every attempt.
    pub id: String,
    /// Id of the endpoint.
    pub webhook: String,
    /// What happened.
    pub kind: String,
    /// Name of the resource that it is about.
    pub subject: String,
    /// When it was told.
    pub create_time: Timestamp,
    /// How often it was tried.
    pub attempts: i32,
}

/// What became of something in hand.
#[derive(Debug)]
pub struct Tried {
    /// As it was claimed.
    pub parcel: Parcel,
    /// What the endpoint answered; `None` when it was not asked.
    pub answer: Option<Answer>,
    /// When it is tried again, if it is.
    pub next_attempt_time: Timestamp,
}

// === impl Store ===

impl Store {
    /// Writes what endpoints are told of an event, each once of each kind.
    pub async fn post(
        &self,
        tx: &Tx,
        (hospital, event_id, subject): (&str, &str, &str),
        kinds: &BTreeSet<&str>,
    ) -> Result<(), DbErr> {
        if kinds.is_empty() {
            return Ok(());
        }
        let webhooks = self.enabled_webhooks(tx, hospital).await?;
        let wanted = |webhook: &Webhook| {
            let kinds = kinds.iter().filter(|kind| webhook.wants(kind));
            let new = kinds.map(|kind| new(tx, (hospital, event_id, subject), &webhook.id, kind));
            new.map(ActiveModel::from).collect::<Vec<_>>()
        };
        let rows: Vec<ActiveModel> = webhooks.iter().flat_map(wanted).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let columns = [Column::Hospital, Column::Webhook, Column::EventId, Column::Kind];
        let once = OnConflict::columns(columns).do_nothing().to_owned();
        Entity::insert_many(rows).on_conflict(once).exec_without_returning(tx.conn()).await.map(drop)
    }

    /// Writes something for one endpoint, whatever it wants.
    pub async fn post_to(
        &self,
        tx: &Tx,
        event: (&str, &str, &str),
        webhook: &str,
        kind: &str,
    ) -> Result<Delivery, Problem> {
        let new = new(tx, event, webhook, kind);
        let row = ActiveModel::from(new.clone());
        Entity::insert(row).exec_without_returning(tx.conn()).await.map_err(problem)?;
        delivery(new)
    }

    /// Takes in hand what is due, for `ttl`, the oldest first.
    pub async fn claim_parcels(&self, ctx: &Ctx, ttl: Duration, limit: u64) -> Result<InHand, Problem> {
        // Counted from before the question, so that we never believe longer than the database does.
        let mut claim =
            InHand { id: Uuid::now_v7().to_string(), until: Instant::now() + ttl, parcels: vec![] };
        let due = || {
            Entity::find()
                .filter(Column::State.eq(State::Pending.word()))
                .filter(Column::NextAttemptTime.lte(time::micros(ctx.now)))
        };
        // Reading first: a transaction that finds nothing would still be one, every second for ever.
        if due().one(self.db.read()).await.map_err(problem)?.is_none() {
            return Ok(claim);
        }
        let tx = self.db.begin(ctx).await?;
        let now = self.db.now_micros(tx.conn()).await.map_err(problem)?;
        let mut query = due()
            .filter(Column::ClaimExpireTime.lte(now))
            .order_by_asc(Column::NextAttemptTime)
            .order_by_asc(Column::Id)
            .limit(limit);
        if self.db.backend() == DbBackend::Postgres {
            query = query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
        let found = query.all(tx.conn()).await.map_err(problem)?;
        claim.parcels = found.into_iter().map(parcel).collect();
        let until = now.saturating_add(i64::try_from(ttl.as_micros()).unwrap_or(i64::MAX));
        Entity::update_many()
            .col_expr(Column::Claim, Expr::value(claim.id.clone()))
            .col_expr(Column::ClaimExpireTime, Expr::value(until))
            .filter(Column::Id.is_in(claim.parcels.iter().map(|parcel| parcel.id.as_str())))
            .exec(tx.conn())
            .await
            .map_err(problem)?;
        tx.commit().await?;
        Ok(claim)
    }

    /// Writes what became of what was in hand; answers what this process still had, and where each is now.
    pub async fn settle_parcels<'a>(
        &self,
        tx: &Tx,
        claim: &str,
        tried: &'a [Tried],
        attempts_max: i32,
    ) -> Result<Vec<(&'a Tried, State)>, Problem> {
        let now = time::micros(tx.now());
        let mut settled = Vec::with_capacity(tried.len());
        for one in tried {
            let mut update = Entity::update_many()
                .col_expr(Column::Claim, Expr::value(""))
                .col_expr(Column::ClaimExpireTime, Expr::value(0_i64))
                .filter(Column::Hospital.eq(&one.parcel.hospital))
                .filter(Column::Id.eq(&one.parcel.id))
                .filter(Column::Claim.eq(claim));
            let mut state = State::Pending;
            if let Some(answer) = one.answer {
                let attempts = one.parcel.attempts + 1;
                state = answer.state(attempts, attempts_max);
                update = update
                    .col_expr(Column::State, Expr::value(state.word()))
                    .col_expr(Column::Answer, Expr::value(answer.word()))
                    .col_expr(Column::Attempts, Expr::value(attempts))
                    .col_expr(Column::LastAttemptTime, Expr::value(now))
                    .col_expr(Column::NextAttemptTime, Expr::value(time::micros(one.next_attempt_time)));
            }
            if update.exec(tx.conn()).await.map_err(problem)?.rows_affected > 0 {
                settled.push((one, state));
            }
        }
        Ok(settled)
    }

    /// A page of deliveries to an endpoint, or to all of a hospital, newest first; one more than the page holds.
    pub async fn webhook_deliveries_page(
        &self,
        conn: &impl ConnectionTrait,
        hospital: &str,
        webhook: Option<&str>,
        filter: &Filter,
        page: &Page,
    ) -> Result<Vec<Delivery>, Problem> {
        let mut query = Entity::find().filter(Column::Hospital.eq(hospital)).filter(filter.condition(
            |field| match field {
                "kind" => Column::Kind,
                "state" => Column::State,
                _ => Column::Answer,
            },
        ));
        if let Some(webhook) = webhook {
            query = query.filter(Column::Webhook.eq(webhook));
        }
        if let Some(after) = page.after() {
            query = query.filter(Column::Id.lt(after));
        }
        let query = query.order_by_desc(Column::Id).limit(page.limit() + 1);
        query.all(conn).await.map_err(problem)?.into_iter().map(delivery).collect()
    }
}

fn new(tx: &Tx, (hospital, event_id, subject): (&str, &str, &str), webhook: &str, kind: &str) -> Model {
    let now = time::micros(tx.now());
    Model {
        hospital: hospital.to_owned(),
        id: Uuid::now_v7().to_string(),
        webhook: webhook.to_owned(),
        event_id: event_id.to_owned(),
        kind: kind.to_owned(),
        subject: subject.to_owned(),
        state: State::Pending.word().to_owned(),
        attempts: 0,
        answer: String::new(),
        create_time: now,
        last_attempt_time: None,
        next_attempt_time: now,
        claim: String::new(),
        claim_expire_time: 0,
    }
}

fn parcel(row: Model) -> Parcel {
    Parcel {
        hospital: row.hospital,
        id: row.id,
        webhook: row.webhook,
        kind: row.kind,
        subject: row.subject,
        create_time: time::timestamp(row.create_time),
        attempts: row.attempts,
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
        to: Recipient::Webhook { webhook: row.webhook, subject: row.subject },
        kind: row.kind,
    })
}
