//! Tries dead letters again that somebody asked for.
//!
//! An order is one attempt. It is counted and taken off the queue before the consumer sees the event, so an event
//! that takes its process along does so once for each order and not for ever.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chassis::{BoxError, Next, Signal, Worker};
use prost::Message;
use proto::event::v1::Envelope;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::store::{self, Letter};
use crate::{
    Consumer, Db,
    inbox::{self, Later},
    metric, time,
};

/// How long an order given to another instance waits at most.
const EVERY: Duration = Duration::from_secs(2);

/// What a letter says whose consumer did not come back.
const UNENDED: &str = "the process ended while it was applied";

struct Redrive {
    db: Db,
    consumers: Vec<Arc<dyn Consumer>>,
}

/// The worker that tries the dead letters of these consumers again.
pub(crate) fn redrive(db: &Db, consumers: Vec<Arc<dyn Consumer>>) -> Box<dyn Worker> {
    Box::new(Redrive { db: db.clone(), consumers })
}

// === impl Redrive ===

#[async_trait]
impl Worker for Redrive {
    fn name(&self) -> &'static str {
        "durable.redrive"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    fn signal(&self) -> Option<Signal> {
        Some(self.db.redrive_signal())
    }

    async fn run(&self, stop: &CancellationToken) -> Result<Next, BoxError> {
        for consumer in &self.consumers {
            metric::dead_letters(consumer.name(), store::count(self.db.read(), consumer.name()).await?);
        }
        let names: Vec<&str> = self.consumers.iter().map(|consumer| consumer.name()).collect();
        while !stop.is_cancelled() {
            let Some(letter) = store::next_queued(self.db.read(), &names).await? else { break };
            let consumer = self.consumers.iter().find(|consumer| consumer.name() == letter.consumer);
            let Some(consumer) = consumer else { break };
            let span = tracing::info_span!("redrive", consumer = letter.consumer, event.id = letter.event_id);
            self.attempt(&**consumer, letter).instrument(span).await?;
        }
        Ok(Next::Idle)
    }
}

impl Redrive {
    async fn attempt(&self, consumer: &dyn Consumer, before: Letter) -> Result<(), BoxError> {
        let seen = before.version;
        let mut letter = before.clone();
        letter.version += 1;
        letter.attempts += 1;
        letter.redrive_time = None;
        UNENDED.clone_into(&mut letter.error);
        if !self.save(&letter, seen).await? {
            return Ok(());
        }
        let Err(error) = self.apply(consumer, &letter).await else {
            metric::redriven(consumer.name(), "applied");
            tracing::info!("a dead letter was applied");
            return Ok(());
        };
        let seen = letter.version;
        letter.version += 1;
        if error.is::<Later>() {
            // Not the event's fault, so the order stands.
            letter = Letter { version: letter.version, ..before };
            self.save(&letter, seen).await?;
            return Err(error);
        }
        metric::redriven(consumer.name(), "failed");
        tracing::error!(%error, attempts = letter.attempts, "a dead letter could not be applied again");
        letter.error = error.to_string();
        letter.time = time::micros(self.db.now());
        self.save(&letter, seen).await?;
        Ok(())
    }

    /// The event's effect and the end of the letter, in one transaction. The inbox row was written when it was buried.
    async fn apply(&self, consumer: &dyn Consumer, letter: &Letter) -> Result<(), BoxError> {
        let event = Envelope::decode(letter.envelope.as_slice())?;
        let tx = self.db.begin_now().await?;
        // First, so that nobody deletes the letter of an event that is about to have its effect.
        if !store::delete(tx.conn(), letter, letter.version).await? {
            return Err("the dead letter has changed".into());
        }
        inbox::handle(consumer, &tx, &event).await?;
        tx.commit_raw().await?;
        consumer.committed(&event);
        Ok(())
    }

    async fn save(&self, letter: &Letter, seen: i64) -> Result<bool, BoxError> {
        let tx = self.db.begin_now().await?;
        let is_saved = store::save(tx.conn(), letter, seen).await?;
        tx.commit_raw().await?;
        Ok(is_saved)
    }
}
