//! The heart of the primary: a row that says when by the primary's clock it was written, and of which timeline.

use std::{
    fmt,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use async_trait::async_trait;
use chassis::{BoxError, Next, Worker};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::{PRIMARY_PATIENCE, Replica, author::POSITION, lock, row};
use crate::{Db, entity::setting};

/// How often the heart beats: the age that a replica without any lag is taken for at most, and the time until a primary
/// that is back is asked again for what only is to be read.
const BEAT: Duration = Duration::from_secs(1);

/// The setting that holds the heartbeat: microseconds by the primary's clock, and its timeline.
const HEARTBEAT: &str = "heartbeat";

/// How long the primary may take over the write: above what a commit takes while a standby is replaced.
const WRITE_PATIENCE: Duration = Duration::from_secs(2);

/// The primary's time, heartbeat and position.
const MEASURE: &str = "\
SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT) AS now, \
(SELECT value FROM setting WHERE name = 'heartbeat') AS heartbeat, ";

/// How long the name of a timeline is, with which a position begins.
const TIMELINE: usize = 8;

/// What the heartbeat says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heartbeat {
    pub micros: i64,
    pub timeline: String,
}

struct Beat(Arc<Replica>);

/// The worker that writes the heartbeat and carries the primary's clock; none where there is no replica.
pub fn heartbeat(db: &Db) -> Option<Box<dyn Worker>> {
    Some(Box::new(Beat(db.replica()?)))
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
        // Those who write from here on wait for the next beat: its position may be before theirs.
        let owed = self.0.owed();
        let beaten = tokio::select! {
            () = stop.cancelled() => return Ok(Next::Idle),
            beaten = self.beat() => beaten,
        };
        self.0.is_primary_away.store(beaten.is_err(), Ordering::Relaxed);
        // After the beat, which must not wait for the bus.
        self.0.settle(owed, &beaten?).await;
        Ok(Next::Idle)
    }
}

impl Beat {
    /// Answers the primary's position.
    async fn beat(&self) -> Result<String, BoxError> {
        let replica = &self.0;
        let asked = Instant::now();
        let measure = format!("{MEASURE}{POSITION}");
        let measured = timeout(PRIMARY_PATIENCE, row(&replica.pulse, &measure)).await??;
        let position: String = measured.try_get("", "position")?;
        let timeline = position.get(..TIMELINE).ok_or("a position begins with its timeline")?;
        let now = Heartbeat { micros: measured.try_get("", "now")?, timeline: timeline.to_owned() };
        *lock(&replica.clock) = Some((now.micros, asked));
        let last: Option<String> = measured.try_get("", "heartbeat")?;
        // Another instance may have written it: one write a second and service is enough. Half a beat, so that
        // instances whose timers differ a little do not leave every other one out.
        let half = i64::try_from(BEAT.as_micros() / 2).unwrap_or(i64::MAX);
        let is_recent = last.as_deref().and_then(Heartbeat::parse).is_some_and(|last| {
            last.timeline == now.timeline && (0..half).contains(&(now.micros - last.micros))
        });
        if is_recent {
            return Ok(position);
        }
        let beat = setting::ActiveModel { name: Set(HEARTBEAT.to_owned()), value: Set(now.to_string()) };
        let replace =
            OnConflict::column(setting::Column::Name).update_column(setting::Column::Value).to_owned();
        let beat = setting::Entity::insert(beat).on_conflict(replace);
        timeout(WRITE_PATIENCE, beat.exec_without_returning(&replica.pulse)).await??;
        Ok(position)
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
