//! How often an event was tried: counted in the database before each attempt.
//!
//! Before, because an event that kills its process leaves nobody to count afterwards; in the database, because the
//! bus cannot say: the local one forgets with its process, and Redis counts what was read, not what was tried. An
//! attempt counts unless it is taken back ([`restore`]), so a crash is a failure like any other.

use std::{collections::HashSet, time::Duration};

use proto::event::v1::Envelope;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};

use crate::{
    Db,
    entity::{delivery, inbox},
};

/// How often and how far apart an event is tried before it is put aside.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How many attempts are counted.
    pub attempts_max: i32,
    /// The pause after the first one; each later pause is four times as long.
    pub pause_min: Duration,
}

impl Default for Patience {
    /// Five attempts within 85 seconds at least and twice that at most: a deadlock, a full pool or a database that
    /// changes its primary has passed by then.
    fn default() -> Self {
        Self { attempts_max: 5, pause_min: Duration::from_secs(1) }
    }
}

/// What becomes of a delivery.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It had its effect before, or was put aside.
    Repeated,
    /// It failed a moment ago, or another instance has it in hand: look again after this time.
    Wait(Duration),
    /// All attempts were begun and none ended: each took its process along.
    Exhausted(i32),
    /// To be tried now.
    Try(Seen),
}

/// An attempt that is counted, and what was counted before it.
#[derive(Debug)]
pub(crate) struct Seen {
    consumer: &'static str,
    event_id: String,
    /// Attempts, and the time of the last one in microseconds.
    before: Option<(i32, i64)>,
}

/// Counts an attempt at an event, if it is due.
pub(crate) async fn begin(
    db: &Db,
    consumer: &'static str,
    event: &Envelope,
    patience: Patience,
) -> Result<Verdict, DbErr> {
    let tx = db.begin_now().await?;
    let key = (consumer.to_owned(), event.id.clone());
    if inbox::Entity::find_by_id(key.clone()).one(tx.conn()).await?.is_some() {
        return Ok(Verdict::Repeated);
    }
    let now = db.now_micros(tx.conn()).await?;
    let row = delivery::Entity::find_by_id(key).one(tx.conn()).await?;
    let before = row.map(|row| (row.attempts, row.time));
    match decide(before, now, patience) {
        Due::Now => {}
        Due::In(wait) => return Ok(Verdict::Wait(wait)),
        Due::Never(attempts) => return Ok(Verdict::Exhausted(attempts)),
    }
    let seen = Seen { consumer, event_id: event.id.clone(), before };
    if !seen.count(tx.conn(), now).await? {
        return Ok(Verdict::Wait(patience.pause_min));
    }
    tx.commit_raw().await?;
    Ok(Verdict::Try(seen))
}

/// What is known of events of which several are in hand.
#[derive(Debug, Default)]
pub(crate) struct Triage {
    /// Those that had their effect or were put aside.
    pub repeated: HashSet<String>,
    /// Those that were tried and have not had their effect yet.
    pub tried: HashSet<String>,
}

/// Looks several events up at once.
pub(crate) async fn triage(db: &Db, consumer: &'static str, events: &[Envelope]) -> Result<Triage, DbErr> {
    let ids = || events.iter().map(|event| event.id.as_str());
    let repeated = inbox::Entity::find()
        .filter(inbox::Column::Consumer.eq(consumer))
        .filter(inbox::Column::EventId.is_in(ids()))
        .all(db.read())
        .await?;
    let tried = delivery::Entity::find()
        .filter(delivery::Column::Consumer.eq(consumer))
        .filter(delivery::Column::EventId.is_in(ids()))
        .all(db.read())
        .await?;
    Ok(Triage {
        repeated: repeated.into_iter().map(|row| row.event_id).collect(),
        tried: tried.into_iter().map(|row| row.event_id).collect(),
    })
}

/// Counts the first attempt at each of several events; none, and none is counted, when another instance has counted one of
/// them meanwhile.
pub(crate) async fn begin_together(
    db: &Db,
    consumer: &'static str,
    events: &[Envelope],
) -> Result<Option<Vec<Seen>>, DbErr> {
    let tx = db.begin_now().await?;
    let now = db.now_micros(tx.conn()).await?;
    let first = |event: &Envelope| Seen { consumer, event_id: event.id.clone(), before: None };
    let seen: Vec<Seen> = events.iter().map(first).collect();
    if insert(tx.conn(), &seen, now).await? < seen.len() as u64 {
        return Ok(None);
    }
    tx.commit_raw().await?;
    Ok(Some(seen))
}

/// Takes attempts back: what stopped them was not the events' fault.
pub(crate) async fn restore(db: &Db, all: &[Seen]) -> Result<(), DbErr> {
    let tx = db.begin_now().await?;
    for seen in all {
        match seen.before {
            None => forget(tx.conn(), seen.consumer, [&seen.event_id]).await?,
            Some(before) => drop(seen.write(tx.conn(), seen.attempt(), before).await?),
        }
    }
    tx.commit_raw().await
}

/// Forgets events that were applied or put aside.
pub(crate) async fn forget(
    connection: &impl ConnectionTrait,
    consumer: &str,
    event_ids: impl IntoIterator<Item = &String>,
) -> Result<(), DbErr> {
    delivery::Entity::delete_many()
        .filter(delivery::Column::Consumer.eq(consumer))
        .filter(delivery::Column::EventId.is_in(event_ids))
        .exec(connection)
        .await
        .map(drop)
}

/// Writes first attempts; answers of how many nobody had written one.
async fn insert(connection: &impl ConnectionTrait, all: &[Seen], now: i64) -> Result<u64, DbErr> {
    let rows = all.iter().map(|seen| delivery::ActiveModel {
        consumer: Set(seen.consumer.to_owned()),
        event_id: Set(seen.event_id.clone()),
        attempts: Set(1),
        time: Set(now),
    });
    let once =
        OnConflict::columns([delivery::Column::Consumer, delivery::Column::EventId]).do_nothing().to_owned();
    delivery::Entity::insert_many(rows).on_conflict(once).exec_without_returning(connection).await
}

#[derive(Debug, PartialEq, Eq)]
enum Due {
    Now,
    In(Duration),
    Never(i32),
}

/// Whether an event is due that was tried so often, the last time then.
fn decide(before: Option<(i32, i64)>, now_micros: i64, patience: Patience) -> Due {
    let Some((attempts, time)) = before else { return Due::Now };
    if attempts >= patience.attempts_max {
        return Due::Never(attempts);
    }
    let pause = patience.pause_min * 4_u32.saturating_pow(u32::try_from(attempts - 1).unwrap_or(0));
    // A clock that went back does not make anybody wait longer.
    let passed = u64::try_from(now_micros.saturating_sub(time)).unwrap_or(0);
    match pause.saturating_sub(Duration::from_micros(passed)) {
        Duration::ZERO => Due::Now,
        rest => Due::In(rest),
    }
}

// === impl Seen ===

impl Seen {
    /// Which attempt this is, from 1.
    pub(crate) fn attempt(&self) -> i32 {
        self.before.map_or(0, |(attempts, _)| attempts) + 1
    }

    /// Writes the attempt; false when another instance counted one meanwhile.
    async fn count(&self, connection: &impl ConnectionTrait, now: i64) -> Result<bool, DbErr> {
        let Some((attempts, _)) = self.before else {
            return Ok(insert(connection, std::slice::from_ref(self), now).await? > 0);
        };
        self.write(connection, attempts, (attempts + 1, now)).await
    }

    async fn write(
        &self,
        connection: &impl ConnectionTrait,
        seen: i32,
        (attempts, time): (i32, i64),
    ) -> Result<bool, DbErr> {
        let done = delivery::Entity::update_many()
            .col_expr(delivery::Column::Attempts, Expr::value(attempts))
            .col_expr(delivery::Column::Time, Expr::value(time))
            .filter(delivery::Column::Consumer.eq(self.consumer))
            .filter(delivery::Column::EventId.eq(self.event_id.as_str()))
            .filter(delivery::Column::Attempts.eq(seen))
            .exec(connection)
            .await?;
        Ok(done.rows_affected > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_after_the_last_attempt_comes_none() {
        let patience = Patience::default();
        let second = 1_000_000;
        assert_eq!(decide(None, 0, patience), Due::Now);
        for (attempts, seconds) in [(1, 1), (2, 4), (3, 16), (4, 64)] {
            let at = |after| decide(Some((attempts, 7)), 7 + after * second, patience);
            assert_eq!(at(0), Due::In(Duration::from_secs(seconds)));
            assert_eq!(at(i64::try_from(seconds).unwrap()), Due::Now);
        }
        assert_eq!(decide(Some((5, 7)), i64::MAX, patience), Due::Never(5));
        assert_eq!(
            decide(Some((1, 3_600 * second)), 0, patience),
            Due::In(patience.pause_min),
            "a clock that went back"
        );
    }
}
