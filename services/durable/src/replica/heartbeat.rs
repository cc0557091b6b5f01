//! The heart of the primary: a row that says when by the primary's clock it was written, and of which timeline.

use std::{
    fmt,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use async_trait::async_trait;
use chassis::{BoxError, Next, Worker};
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait, sea_query::OnConflict};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::{PRIMARY_PATIENCE, Replica, lock, row};
use crate::{Db, entity::setting};

/// How often the heart beats: the age that a replica without any lag is taken for at most, and the time until a primary
/// that is back is asked again for what only is to be read.
const BEAT: Duration = Duration::from_secs(1);

/// The setting that holds the heartbeat: microseconds by the primary's clock, and its timeline.
const HEARTBEAT: &str = "heartbeat";

/// The primary's time, timeline and heartbeat. The name of a WAL file begins with the timeline.
const MEASURE: &str = "\
SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) AS now, \
lower(left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)) AS timeline, \
(SELECT value FROM setting WHERE name = 'heartbeat') AS heartbeat";

/// What the heartbeat says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heartbeat {
    pub micros: i64,
    pub timeline: String,
}

struct Beat(Db, Arc<Replica>);

/// The worker that writes the heartbeat and carries the primary's clock; none where there is no replica.
pub fn heartbeat(db: &Db) -> Option<Box<dyn Worker>> {
    Some(Box::new(Beat(db.clone(), db.replica()?)))
}

// === impl Heartbeat ===

impl Heartbeat {
    pub fn parse(text: &str) -> Option<Self> {
        let (micros, timeline) = text.split_once(' ')?;
        Some(Self { micros: micros.parse().ok()?, timeline: timeline.to_owned() })
    }
}

impl fmt::Display for Heartbeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.micros, self.timeline)
    }
}

// === impl Beat ===

#[async_trait]
impl Worker for Beat {
    fn name(&self) -> &'static str {
        "replica.heartbeat"
    }

    fn every(&self) -> Duration {
        BEAT
    }

    async fn run(&self, stop: &CancellationToken) -> Result<Next, BoxError> {
        let beaten = tokio::select! {
            () = stop.cancelled() => return Ok(Next::Idle),
            beaten = timeout(PRIMARY_PATIENCE, self.beat()) => beaten,
        };
        let is_away = !matches!(beaten, Ok(Ok(())));
        self.1.is_primary_away.store(is_away, Ordering::Relaxed);
        beaten??;
        Ok(Next::Idle)
    }
}

impl Beat {
    async fn beat(&self) -> Result<(), DbErr> {
        let Self(db, replica) = self;
        let asked = Instant::now();
        let measured = row(db.read(), MEASURE).await?;
        let now =
            Heartbeat { micros: measured.try_get("", "now")?, timeline: measured.try_get("", "timeline")? };
        *lock(&replica.clock) = Some((now.micros, asked));
        let last: Option<String> = measured.try_get("", "heartbeat")?;
        // Another instance may have written it: one write a second and service is enough. Half a beat, so that
        // instances whose timers differ a little do not leave every other one out.
        let half = i64::try_from(BEAT.as_micros() / 2).unwrap_or(i64::MAX);
        let is_recent = last.as_deref().and_then(Heartbeat::parse).is_some_and(|last| {
            last.timeline == now.timeline && (0..half).contains(&(now.micros - last.micros))
        });
        if is_recent {
            return Ok(());
        }
        let tx = db.begin_now().await?;
        let beat = setting::ActiveModel { name: Set(HEARTBEAT.to_owned()), value: Set(now.to_string()) };
        let replace =
            OnConflict::column(setting::Column::Name).update_column(setting::Column::Value).to_owned();
        setting::Entity::insert(beat).on_conflict(replace).exec_without_returning(tx.conn()).await?;
        tx.commit_raw().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heartbeat_is_read_as_it_is_written() {
        let beat = Heartbeat { micros: 1_700_000_000_000_000, timeline: "0000000a".to_owned() };
        assert_eq!(Heartbeat::parse(&beat.to_string()), Some(beat));
        for text in ["", "1", "x 00000001"] {
            assert_eq!(Heartbeat::parse(text), None, "{text}");
        }
    }
}
