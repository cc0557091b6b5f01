//! Deliveries on their way: written with their notification, taken in hand by one instance at a time, settled.
//!
//! What leaves in one e-mail is a letter; it is taken in hand and settled as a whole. A claim that is not settled runs
//! out, and another instance takes the letters over: that of a process that was killed may have been handed over
//! already, which its key tells whoever gets it twice.

use std::{collections::BTreeMap, collections::BTreeSet, time::Duration};

use chassis::{Ctx, Problem};
use durable::{Tx, problem, time};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, DbBackend, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, LockBehavior, LockType},
};
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    Store, Told,
    entity::delivery::{ActiveModel, Column, Entity, Model},
};
use crate::domain::{
    delivery::{Answer, State},
    preferences::Departure,
};

/// The word of e-mail in the database and in filters.
pub const EMAIL: &str = "EMAIL";

/// A notification that leaves the application.
#[derive(Debug)]
pub struct Outgoing<'a> {
    /// What was told to whom.
    pub told: &'a Told,
    /// When it leaves.
    pub departure: Departure,
    /// The key of the letter that it is part of.
    pub letter: String,
}

/// Letters that this process has in hand.
#[derive(Debug)]
pub struct Claim {
    /// Names the claim.
    pub id: String,
    /// Until when, by this process's monotonic clock.
    pub until: Instant,
    /// The letters.
    pub letters: Vec<Letter>,
}

/// What leaves in one e-mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// By what it is known again.
    pub key: String,
    /// Hospital id.
    pub hospital: String,
    /// Id of the person.
    pub staff_member: String,
    /// When its first delivery was written.
    pub create_time: Timestamp,
    /// How often it was tried.
    pub attempts: i32,
    /// Ids of its deliveries, in the order in which they were written.
    pub deliveries: Vec<String>,
    /// Ids of its notifications, in the same order.
    pub notifications: Vec<String>,
    /// Their kinds, in the same order.
    pub kinds: Vec<String>,
}

/// What became of a letter in hand.
#[derive(Debug)]
pub struct Outcome {
    /// The letter, as it was claimed.
    pub letter: Letter,
    /// What the provider answered; `None` when it was not asked.
    pub answer: Option<Answer>,
    /// When it is tried again, if it is.
    pub next_attempt_time: Timestamp,
}

// === impl Store ===

impl Store {
    /// Writes what leaves because of an event.
    pub async fn send_out(
        &self,
        tx: &Tx,
        (hospital, event_id): (&str, &str),
        outgoing: Vec<Outgoing<'_>>,
    ) -> Result<(), DbErr> {
        let row = |going: &Outgoing<'_>| ActiveModel {
            hospital: Set(hospital.to_owned()),
            id: Set(Uuid::now_v7().to_string()),
            staff_member: Set(going.told.staff_member.clone()),
            notification: Set(going.told.id.clone()),
            event_id: Set(event_id.to_owned()),
            kind: Set(going.told.message.kind().to_owned()),
            channel: Set(EMAIL.to_owned()),
            letter: Set(going.letter.clone()),
            state: Set(State::Pending.word().to_owned()),
            attempts: Set(0),
            answer: Set(String::new()),
            create_time: Set(time::micros(tx.now())),
            last_attempt_time: Set(None),
            next_attempt_time: Set(time::micros(going.departure.time)),
            claim: Set(String::new()),
            claim_expire_time: Set(0),
        };
        durable::insert_all(tx.conn(), outgoing.iter().map(row).collect()).await
    }

    /// Takes letters in hand of which something is due, for `ttl`, the oldest first.
    pub async fn claim_letters(&self, ctx: &Ctx, ttl: Duration, limit: u64) -> Result<Claim, Problem> {
        // Counted from before the question, so that we never believe longer than the database does.
        let mut claim =
            Claim { id: Uuid::now_v7().to_string(), until: Instant::now() + ttl, letters: vec![] };
        let due =
            || Entity::find().filter(pending()).filter(Column::NextAttemptTime.lte(time::micros(ctx.now)));
        // Reading first: a transaction that finds nothing would still be one, every second for ever.
        if due().one(self.db.read()).await.map_err(problem)?.is_none() {
            return Ok(claim);
        }
        let tx = self.db.begin(ctx).await?;
        let now = self.db.now_micros(tx.conn()).await.map_err(problem)?;
        let is_postgres = self.db.backend() == DbBackend::Postgres;
        let mut query = due()
            .filter(Column::ClaimExpireTime.lte(now))
            .order_by_asc(Column::NextAttemptTime)
            .order_by_asc(Column::Id)
            .limit(limit);
        if is_postgres {
            query = query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
        let found = query.all(tx.conn()).await.map_err(problem)?;
        let keys: BTreeSet<String> = found.into_iter().map(|row| row.letter).collect();
        // What belongs to a letter leaves with it, due or not.
        let mut whole =
            Entity::find().filter(pending()).filter(Column::Letter.is_in(keys)).order_by_asc(Column::Id);
        if is_postgres {
            whole = whole.lock(LockType::Update);
        }
        let rows = whole.all(tx.conn()).await.map_err(problem)?;
        claim.letters = letters(rows, now);
        let ids = claim.letters.iter().flat_map(|letter| &letter.deliveries);
        Entity::update_many()
            .col_expr(Column::Claim, Expr::value(claim.id.clone()))
            .col_expr(
                Column::ClaimExpireTime,
                Expr::value(now.saturating_add(i64::try_from(ttl.as_micros()).unwrap_or(i64::MAX))),
            )
            .filter(Column::Id.is_in(ids))
            .exec(tx.conn())
            .await
            .map_err(problem)?;
        tx.commit().await?;
        Ok(claim)
    }

    /// Writes what became of letters in hand; answers those that were given up. What another process has taken over
    /// meanwhile is its business.
    pub async fn settle<'a>(
        &self,
        tx: &Tx,
        claim: &str,
        outcomes: &'a [Outcome],
        attempts_max: i32,
    ) -> Result<Vec<&'a Outcome>, DbErr> {
        let ids = |answer: Option<Answer>| -> Vec<&str> {
            let those = outcomes.iter().filter(|outcome| outcome.answer == answer);
            those.flat_map(|outcome| outcome.letter.deliveries.iter().map(String::as_str)).collect()
        };
        let mine = |ids: Vec<&str>| {
            let given_back = Entity::update_many()
                .col_expr(Column::Claim, Expr::value(""))
                .col_expr(Column::ClaimExpireTime, Expr::value(0_i64));
            given_back.filter(Column::Claim.eq(claim)).filter(Column::Id.is_in(ids))
        };
        let now = time::micros(tx.now());
        mine(ids(None)).exec(tx.conn()).await?;
        mine(ids(Some(Answer::Accepted)))
            .col_expr(Column::State, Expr::value(State::Sent.word()))
            .col_expr(Column::Answer, Expr::value(Answer::Accepted.word()))
            .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
            .col_expr(Column::LastAttemptTime, Expr::value(now))
            .exec(tx.conn())
            .await?;
        let mut failed = Vec::new();
        for outcome in outcomes {
            let Some(answer) = outcome.answer.filter(|answer| *answer != Answer::Accepted) else { continue };
            let attempts = outcome.letter.attempts + 1;
            let state = answer.state(attempts, attempts_max);
            let ids = outcome.letter.deliveries.iter().map(String::as_str).collect();
            let written = mine(ids)
                .col_expr(Column::State, Expr::value(state.word()))
                .col_expr(Column::Answer, Expr::value(answer.word()))
                .col_expr(Column::Attempts, Expr::value(attempts))
                .col_expr(Column::LastAttemptTime, Expr::value(now))
                .col_expr(Column::NextAttemptTime, Expr::value(time::micros(outcome.next_attempt_time)))
                .exec(tx.conn())
                .await?;
            if state == State::Failed && written.rows_affected > 0 {
                failed.push(outcome);
            }
        }
        Ok(failed)
    }
}

fn pending() -> Condition {
    Condition::all().add(Column::State.eq(State::Pending.word()))
}

/// Gathers deliveries into letters, but for letters of which somebody has a part in hand.
fn letters(rows: Vec<Model>, now: i64) -> Vec<Letter> {
    let mut letters = BTreeMap::<String, Letter>::new();
    let mut taken = BTreeSet::new();
    for row in rows {
        if row.claim_expire_time > now {
            taken.insert(row.letter.clone());
        }
        let letter = letters.entry(row.letter.clone()).or_insert_with(|| Letter {
            key: row.letter,
            hospital: row.hospital,
            staff_member: row.staff_member,
            create_time: time::timestamp(row.create_time),
            attempts: 0,
            deliveries: vec![],
            notifications: vec![],
            kinds: vec![],
        });
        letter.attempts = Ord::max(letter.attempts, row.attempts);
        letter.deliveries.push(row.id);
        letter.notifications.push(row.notification);
        letter.kinds.push(row.kind);
    }
    letters.into_values().filter(|letter| !taken.contains(&letter.key)).collect()
}
