//! Events enter the database: each applied exactly once, whatever the bus repeats.
//!
//! An event that cannot be applied is tried again in pauses that grow ([`Patience`]) while those behind it wait, and
//! is put aside after the last attempt as a dead letter, so that the queue goes on. A consumer that panics, or takes
//! its process along, is one that fails. An error that is not the event's fault ([`Later`]) never counts.
//!
//! Several in hand that nobody has tried yet are applied in one transaction, so that a backlog costs two commits for all
//! of them. If that fails, each is tried alone, and none has an attempt counted for what another one did; if the process ends
//! with it, each has one counted and is tried alone.
//!
//! What does not concern a consumer is acknowledged without a word to the database: of a topic that many publish to and few
//! listen for, each event would cost every listener two commits.

use std::{collections::HashSet, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use async_trait::async_trait;
use bus::{Bus, Delivery, Queue};
use chassis::{BoxError, Next, Worker, telemetry};
use futures::FutureExt;
use proto::event::v1::Envelope;
use sea_orm::{ActiveValue::Set, DbErr, EntityTrait, sea_query::OnConflict};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};

pub use crate::delivery::Patience;
use crate::{
    Db, Tx, dead_letter,
    delivery::{self, Seen, Verdict},
    entity::inbox,
    metric, time,
};

/// What a service does about the events of a topic.
#[async_trait]
pub trait Consumer: Send + Sync {
    /// Its name: unique in the mesh and for ever, `planning.on_leave_events`. Instances of one name share the work.
    fn name(&self) -> &'static str;

    /// The topic it listens to: the name of the publishing service.
    fn topic(&self) -> &'static str;

    /// Whether the event can mean anything here. What does not is never applied, and leaves no trace.
    fn concerns(&self, _event: &Envelope) -> bool {
        true
    }

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

struct Inbox {
    db: Db,
    consumer: Arc<dyn Consumer>,
    patience: Patience,
    state: Mutex<State>,
}

struct State {
    queue: Queue,
    /// Attempts that do not count, which the database could not be told yet.
    owed: Vec<Seen>,
    /// How many of the next events are tried one by one.
    singly: usize,
}

/// Events in hand that are done in one go.
struct Together {
    /// Those that had their effect before.
    repeated: HashSet<String>,
    /// Those that nobody has tried yet, in their order.
    fresh: Vec<Envelope>,
}

/// The workers of a service's consumers: one for each, and one that tries dead letters again when somebody asks for
/// it. The groups exist from now on: build all workers before any of them runs.
pub fn workers(db: &Db, bus: &Bus, consumers: Vec<Arc<dyn Consumer>>) -> Vec<Box<dyn Worker>> {
    let inboxes = consumers.iter().map(|consumer| worker(db, bus, consumer.clone(), Patience::default()));
    let mut workers: Vec<Box<dyn Worker>> = inboxes.collect();
    workers.push(dead_letter::redrive(db, consumers));
    workers
}

/// The worker of one consumer.
pub fn worker(db: &Db, bus: &Bus, consumer: Arc<dyn Consumer>, patience: Patience) -> Box<dyn Worker> {
    let queue = bus.queue(consumer.topic(), consumer.name());
    Box::new(Inbox {
        db: db.clone(),
        consumer,
        patience,
        state: Mutex::new(State { queue, owed: vec![], singly: 0 }),
    })
}

/// Lets a consumer do what it does about an event; its panic is an error like any other.
pub(crate) async fn handle(consumer: &dyn Consumer, tx: &Tx, event: &Envelope) -> Result<(), BoxError> {
    let handled = AssertUnwindSafe(consumer.handle(tx, event)).catch_unwind().await;
    handled.unwrap_or_else(|_| Err("the consumer panicked".into()))
}

// === impl Inbox ===

#[async_trait]
impl Worker for Inbox {
    fn name(&self) -> &'static str {
        self.consumer.name()
    }

    fn every(&self) -> Duration {
        Duration::from_secs(1)
    }

    async fn run(&self, stop: &CancellationToken) -> Result<Next, BoxError> {
        let mut state = self.state.lock().await;
        self.settle(&mut state.owed).await?;
        let delivery = tokio::select! {
            biased;
            () = stop.cancelled() => return Ok(Next::Idle),
            delivery = state.queue.next() => delivery?,
        };
        let upcoming = self.pass_over(&mut state.queue).await?;
        if !self.consumer.concerns(&delivery.envelope) {
            delivery.ack().await?;
            metric::consumed(self.consumer.name(), "passed", 1);
            return Ok(Next::Again);
        }
        if state.singly == 0
            && let Some(together) = self.together(&delivery.envelope, upcoming).await?
        {
            return self.take_together(delivery, together, &mut state).await;
        }
        state.singly = state.singly.saturating_sub(1);
        let span = self.span(&delivery.envelope);
        self.take(delivery, &mut state.owed, stop).instrument(span).await?;
        Ok(Next::Again)
    }
}

impl Inbox {
    /// Goes on with the trace of whoever published the event.
    fn span(&self, event: &Envelope) -> Span {
        let span = tracing::info_span!(
            "event",
            consumer = self.consumer.name(),
            event.id = event.id,
            event.kind = event.r#type,
            event.subject = event.subject,
            trace_id = tracing::field::Empty,
        );
        telemetry::adopt(&span, &event.traceparent);
        span
    }

    /// Acknowledges those in hand that come next and concern nobody here; answers the others.
    async fn pass_over(&self, queue: &mut Queue) -> Result<Vec<Envelope>, BoxError> {
        let upcoming = queue.upcoming().into_iter();
        let (own, foreign): (Vec<Envelope>, Vec<Envelope>) =
            upcoming.partition(|event| self.consumer.concerns(event));
        if !foreign.is_empty() {
            let foreign = foreign.into_iter().map(|event| event.id).collect();
            metric::consumed(self.consumer.name(), "passed", queue.skip(&foreign).await?);
        }
        Ok(own)
    }

    /// Applies one event, when it is due, and acknowledges it. Once begun it is not interrupted by a drain: it is
    /// short and whole.
    async fn take(
        &self,
        delivery: Delivery,
        owed: &mut Vec<Seen>,
        stop: &CancellationToken,
    ) -> Result<(), BoxError> {
        let (event, consumer) = (&delivery.envelope, self.consumer.name());
        loop {
            match delivery::begin(&self.db, consumer, event, self.patience).await? {
                Verdict::Repeated => metric::consumed(consumer, "repeated", 1),
                Verdict::Exhausted(attempts) => {
                    self.bury(event, attempts, "the process ended while it was applied").await?;
                }
                Verdict::Try(seen) => self.attempt(event, seen, owed).await?,
                Verdict::Wait(rest) => {
                    // Longer by chance: of two events that a process had in hand when one of them killed it, the
                    // other is applied before they meet again.
                    let rest = rest.mul_f64(0.5 + chassis::worker::jitter());
                    tokio::select! {
                        () = stop.cancelled() => return Ok(()),
                        () = tokio::time::sleep(rest) => continue,
                    }
                }
            }
            delivery.ack().await?;
            return Ok(());
        }
    }

    /// What can be done in one go when several events are in hand, as after an outage or when relays send again what the
    /// bus may have lost: those at the front that nobody has tried yet, and those that had their effect before.
    async fn together(&self, first: &Envelope, upcoming: Vec<Envelope>) -> Result<Option<Together>, DbErr> {
        if upcoming.is_empty() {
            return Ok(None);
        }
        let mut events = vec![first.clone()];
        events.extend(upcoming);
        let known = delivery::triage(&self.db, self.consumer.name(), &events).await?;
        let is_done = |event: &Envelope| known.repeated.contains(&event.id);
        // Behind one that was tried and failed all others wait.
        if known.tried.contains(&first.id) && !is_done(first) {
            return Ok(None);
        }
        // Sent again, an event may be in hand twice.
        let mut seen = HashSet::new();
        let fresh: Vec<Envelope> = events
            .into_iter()
            .filter(|event| !is_done(event) && seen.insert(event.id.clone()))
            .take_while(|event| !known.tried.contains(&event.id))
            .collect();
        let is_worth_it = known.repeated.len() + fresh.len() > 1;
        Ok(is_worth_it.then_some(Together { repeated: known.repeated, fresh }))
    }

    /// Applies several events, all or none, and acknowledges them. When one of them fails they are tried one by one.
    async fn take_together(
        &self,
        delivery: Delivery,
        Together { repeated, fresh }: Together,
        state: &mut State,
    ) -> Result<Next, BoxError> {
        let consumer = self.consumer.name();
        if !fresh.is_empty() {
            // The next ones alone, unless all goes well: whatever fails shall hit one event only.
            state.singly = fresh.len();
            let Some(seen) = delivery::begin_together(&self.db, consumer, &fresh).await? else {
                return Ok(Next::Again);
            };
            if let Err(error) = self.apply_together(&fresh).await {
                let count = fresh.len();
                tracing::warn!(consumer, %error, count, "events failed together and are tried one by one");
                state.owed = seen;
                self.settle(&mut state.owed).await?;
                return Ok(Next::Again);
            }
            state.singly = 0;
            metric::consumed(consumer, "applied", fresh.len());
            tracing::debug!(consumer, count = fresh.len(), "events applied");
            fresh.iter().for_each(|event| self.consumer.committed(event));
        }
        metric::consumed(consumer, "repeated", repeated.len());
        delivery.ack().await?;
        let done = repeated.into_iter().chain(fresh.into_iter().map(|event| event.id)).collect();
        state.queue.skip(&done).await?;
        Ok(Next::Again)
    }

    async fn apply_together(&self, events: &[Envelope]) -> Result<(), BoxError> {
        let tx = self.db.begin_now().await?;
        for event in events {
            // Another instance may have applied it since.
            if remember(&tx, self.consumer.name(), event).await? {
                handle(&*self.consumer, &tx, event).instrument(self.span(event)).await?;
            }
        }
        delivery::forget(tx.conn(), self.consumer.name(), events.iter().map(|event| &event.id)).await?;
        tx.commit_raw().await?;
        Ok(())
    }

    /// One attempt. An error means that the event has to come again.
    async fn attempt(&self, event: &Envelope, seen: Seen, owed: &mut Vec<Seen>) -> Result<(), BoxError> {
        let consumer = self.consumer.name();
        match self.apply(event).await {
            Ok(true) => {
                metric::consumed(consumer, "applied", 1);
                tracing::debug!("event applied");
                self.consumer.committed(event);
            }
            Ok(false) => metric::consumed(consumer, "repeated", 1),
            Err(error) => {
                metric::consumed(consumer, "failed", 1);
                if error.is::<Later>() {
                    owed.push(seen);
                    self.settle(owed).await?;
                    return Err(error);
                }
                if seen.attempt() < self.patience.attempts_max {
                    return Err(error);
                }
                self.bury(event, seen.attempt(), &error.to_string()).await?;
            }
        }
        Ok(())
    }

    /// Takes back attempts that do not count.
    async fn settle(&self, owed: &mut Vec<Seen>) -> Result<(), DbErr> {
        if !owed.is_empty() {
            delivery::restore(&self.db, owed).await?;
            owed.clear();
        }
        Ok(())
    }

    /// True when the event had its effect now, false when it had it before.
    async fn apply(&self, event: &Envelope) -> Result<bool, BoxError> {
        let tx = self.db.begin_now().await?;
        if !remember(&tx, self.consumer.name(), event).await? {
            return Ok(false);
        }
        handle(&*self.consumer, &tx, event).await?;
        delivery::forget(tx.conn(), self.consumer.name(), [&event.id]).await?;
        tx.commit_raw().await?;
        Ok(true)
    }

    /// Puts an event aside that could not be applied, for a person to look at.
    async fn bury(&self, event: &Envelope, attempts: i32, error: &str) -> Result<(), BoxError> {
        let consumer = self.consumer.name();
        let tx = self.db.begin_now().await?;
        if remember(&tx, consumer, event).await? {
            dead_letter::insert(&tx, consumer, event, attempts, error).await?;
            delivery::forget(tx.conn(), consumer, [&event.id]).await?;
            tx.commit_raw().await?;
        }
        metric::consumed(consumer, "buried", 1);
        tracing::error!(
            error,
            attempts,
            event.id = event.id,
            "an event could not be applied and was put aside"
        );
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
