//! Events enter the database: each applied exactly once, whatever the bus repeats.

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use bus::{Bus, Delivery, Queue};
use chassis::{BoxError, Next, Worker, telemetry};
use prost::Message;
use proto::event::v1::Envelope;
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait, sea_query::OnConflict};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::{
    Db, Tx,
    entity::{dead_letter, inbox},
    metric, time,
};

/// How often an event is tried before it is put aside (about four minutes with the worker's pauses), so that
/// one event nobody can apply does not stop those behind it.
const ATTEMPTS_MAX: u32 = 20;

/// How many failing events a worker counts.
const COUNTED_MAX: usize = 1_000;

/// What a service does about the events of a topic.
#[async_trait]
pub trait Consumer: Send + Sync {
    /// Its name: unique in the mesh and for ever, `planning.on_leave_events`. Instances of one name share the work.
    fn name(&self) -> &'static str;

    /// The topic it listens to: the name of the publishing service.
    fn topic(&self) -> &'static str;

    /// Applies an event within `tx`. An event that means nothing here is `Ok(())`. An error rolls back, and the
    /// event comes again.
    async fn handle(&self, tx: &Tx, event: &Envelope) -> Result<(), BoxError>;

    /// Called after the commit, for what is only worth doing then: waking streams.
    fn committed(&self, _event: &Envelope) {}
}

/// An error that is not the event's fault: a neighbour is away. The event is tried again for as long as it takes,
/// and never put aside because of it.
#[derive(Debug, thiserror::Error)]
#[error("later: {0}")]
pub struct Later(pub BoxError);

struct Inbox<C> {
    db: Db,
    consumer: C,
    state: Mutex<State>,
}

struct State {
    queue: Queue,
    attempts: HashMap<String, u32>,
}

/// The worker of a consumer. Its group exists from now on: build all workers before any of them runs.
pub fn worker<C: Consumer + 'static>(db: &Db, bus: &Bus, consumer: C) -> Box<dyn Worker> {
    let queue = bus.queue(consumer.topic(), consumer.name());
    Box::new(Inbox { db: db.clone(), consumer, state: Mutex::new(State { queue, attempts: HashMap::new() }) })
}

// === impl Inbox ===

#[async_trait]
impl<C: Consumer> Worker for Inbox<C> {
    fn name(&self) -> &'static str {
        self.consumer.name()
    }

    fn every(&self) -> Duration {
        Duration::from_secs(1)
    }

    async fn run(&self, stop: &CancellationToken) -> Result<Next, BoxError> {
        let mut state = self.state.lock().await;
        let delivery = tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(Next::Idle),
            delivery = state.queue.next() => delivery?,
        };
        let event = &delivery.envelope;
        let span = tracing::info_span!(
            "event",
            consumer = self.consumer.name(),
            event.id = event.id,
            event.kind = event.r#type,
            event.subject = event.subject,
            trace_id = tracing::field::Empty,
        );
        telemetry::adopt(&span, &event.traceparent);
        self.take(delivery, &mut state.attempts).instrument(span).await?;
        Ok(Next::Again)
    }
}

impl<C: Consumer> Inbox<C> {
    /// Applies one event and acknowledges it. Not interrupted by a drain: it is short and whole.
    async fn take(&self, delivery: Delivery, attempts: &mut HashMap<String, u32>) -> Result<(), BoxError> {
        let event = &delivery.envelope;
        match self.apply(event).await {
            Ok(true) => {
                attempts.remove(&event.id);
                metric::consumed(self.consumer.name(), "applied");
                tracing::debug!("event applied");
                self.consumer.committed(event);
            }
            Ok(false) => metric::consumed(self.consumer.name(), "repeated"),
            Err(error) => {
                metric::consumed(self.consumer.name(), "failed");
                if error.is::<Later>() {
                    return Err(error);
                }
                if attempts.len() >= COUNTED_MAX {
                    attempts.clear();
                }
                let count = attempts.entry(event.id.clone()).or_default();
                *count += 1;
                if *count < ATTEMPTS_MAX {
                    return Err(error);
                }
                self.bury(event, &error).await?;
                attempts.remove(&event.id);
            }
        }
        delivery.ack().await?;
        Ok(())
    }

    /// True when the event had its effect now, false when it had it before.
    async fn apply(&self, event: &Envelope) -> Result<bool, BoxError> {
        let tx = self.db.begin_now().await?;
        if !remember(&tx, self.consumer.name(), event).await? {
            return Ok(false);
        }
        self.consumer.handle(&tx, event).await?;
        tx.commit_raw().await?;
        Ok(true)
    }

    /// Puts an event aside that could not be applied, for a person to look at.
    async fn bury(&self, event: &Envelope, error: &BoxError) -> Result<(), BoxError> {
        let tx = self.db.begin_now().await?;
        if remember(&tx, self.consumer.name(), event).await? {
            let row = dead_letter::ActiveModel {
                consumer: Set(self.consumer.name().to_owned()),
                event_id: Set(event.id.clone()),
                kind: Set(event.r#type.clone()),
                hospital: Set(event.hospital.clone()),
                envelope: Set(event.encode_to_vec()),
                error: Set(error.to_string()),
                time: Set(time::micros(tx.now())),
            };
            dead_letter::Entity::insert(row).exec_without_returning(&*tx).await?;
            tx.commit_raw().await?;
        }
        metric::consumed(self.consumer.name(), "buried");
        tracing::error!(%error, event.id = event.id, "an event could not be applied and was put aside");
        Ok(())
    }
}

/// Writes the inbox row; false when it was there.
async fn remember(tx: &Tx, consumer: &str, event: &Envelope) -> Result<bool, DbErr> {
    let row = inbox::ActiveModel {
        consumer: Set(consumer.to_owned()),
        event_id: Set(event.id.clone()),
        time: Set(time::micros(tx.now())),
    };
    let once = OnConflict::columns([inbox::Column::Consumer, inbox::Column::EventId]).do_nothing().to_owned();
    let inserted = inbox::Entity::insert(row).on_conflict(once).exec_without_returning(tx.conn()).await?;
    Ok(inserted > 0)
}
