//! What is left to be sent again at leisure: rows that were relayed within a span of time, less those that are done.

use std::{fmt, str::FromStr};

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::entity::outbox::{Column, Entity, Model};

/// How many rows go at once: with the pause between, few enough to leave consumers time for what is new.
const BATCH: u64 = 500;

/// Rows in the order in which they were relayed, from behind one of them up to a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Remainder {
    /// When the last that is done was relayed, in microseconds.
    since: i64,
    /// Its id; those before it that were relayed at that moment are done too.
    after: i64,
    /// What was relayed from here on does not belong to it, in microseconds.
    until: i64,
}

// === impl Remainder ===

impl Remainder {
    /// Everything that was relayed from one time until before another, in microseconds.
    pub(super) fn between(since: i64, until: i64) -> Self {
        Self { since, after: 0, until: until.max(since) }
    }

    /// When it ends, in microseconds.
    pub(super) fn until(&self) -> i64 {
        self.until
    }

    /// Both, and what lies between them.
    pub(super) fn and(self, other: Self) -> Self {
        let (since, after) = (self.since, self.after).min((other.since, other.after));
        Self { since, after, until: self.until.max(other.until) }
    }

    /// The first rows of it.
    pub(super) async fn first(&self, conn: &impl ConnectionTrait) -> Result<Vec<Model>, DbErr> {
        let is_left = Condition::any().add(Column::RelayedTime.gt(self.since)).add(Column::Id.gt(self.after));
        Entity::find()
            .filter(Column::RelayedTime.gte(self.since))
            .filter(Column::RelayedTime.lt(self.until))
            .filter(is_left)
            .order_by_asc(Column::RelayedTime)
            .order_by_asc(Column::Id)
            .limit(BATCH)
            .all(conn)
            .await
    }

    /// What is left once these rows, its first ones, are done.
    pub(super) fn behind(&self, rows: &[Model]) -> Option<Self> {
        let last = rows.last().filter(|_| rows.len() as u64 == BATCH)?;
        Some(Self { since: last.relayed_time?, after: last.id, ..*self })
    }
}

impl fmt::Display for Remainder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.since, self.after, self.until)
    }
}

impl FromStr for Remainder {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers: Result<Vec<i64>, _> = text.split(' ').map(str::parse).collect();
        match numbers.as_deref() {
            Ok(&[since, after, until]) => Ok(Self { since, after, until }),
            _ => Err("not a remainder"),
        }
    }
}
