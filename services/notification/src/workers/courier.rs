//! Tells endpoints of other systems: several at once, each thing by one instance, until it is taken over or given up.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use chassis::{BoxError, Clock, Ctx, Next, Problem, Worker, worker::jitter};
use durable::{Tx, audit::Change};
use futures::{StreamExt, stream};
use jiff::Timestamp;
use proto::names::{HospitalName, WebhookName};
use serde::Serialize;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Teller;
use crate::{
    config::Webhooks,
    domain::{
        delivery::{self, Answer, State},
        message::Message,
        recipient::Remit,
        webhook::{self, Webhook},
    },
    https::{Https, Post},
    metrics,
    store::{Health, InHand, News, Parcel, Store, Tried},
};

/// How long the courier rests when nothing is due.
const EVERY: Duration = Duration::from_secs(1);

/// How much is in hand at once: what is sent twice when the process is killed.
const IN_HAND: u64 = 50;

/// Tells endpoints.
pub struct Courier {
    store: Store,
    teller: Teller,
    https: Https,
    clock: Clock,
    config: Webhooks,
}

/// The body of what is sent.
#[derive(Serialize)]
struct Body<'a> {
    r#type: &'a str,
    timestamp: Timestamp,
    data: Data<'a>,
}

/// What is said: names of resources.
#[derive(Serialize)]
struct Data<'a> {
    hospital: String,
    subject: &'a str,
}

/// What an endpoint was like just now.
#[derive(Default)]
struct Impression {
    /// It took something over.
    has_accepted: bool,
    /// It said that it is gone.
    is_gone: bool,
    /// Something was given up.
    is_hopeless: bool,
}

// === impl Courier ===

impl Courier {
    pub fn new(teller: Teller, https: Https, clock: Clock, config: Webhooks) -> Self {
        Self { store: teller.store().clone(), teller, https, clock, config }
    }

    fn ctx(&self) -> Ctx {
        Ctx::system("notification", &self.clock)
    }

    /// Sends what is in hand.
    async fn work_off(&self, claim: InHand, stop: &CancellationToken) -> Result<(), Problem> {
        let endpoints: BTreeSet<(&str, &str)> =
            claim.parcels.iter().map(|parcel| (parcel.hospital.as_str(), parcel.webhook.as_str())).collect();
        let mut webhooks = HashMap::new();
        for (hospital, id) in endpoints {
            let found = self.store.webhook(self.store.db().read(), hospital, id).await?;
            let Some(found) = found.filter(|found| found.state() == webhook::State::Enabled) else {
                continue;
            };
            webhooks.insert((hospital.to_owned(), id.to_owned()), found);
        }
        let connections = usize::try_from(self.config.connections).unwrap_or(1).max(1);
        let sent = stream::iter(claim.parcels).map(|parcel| {
            let webhook = webhooks.get(&(parcel.hospital.clone(), parcel.webhook.clone()));
            async move {
                let answer = self.send(&parcel, webhook, claim.until, stop).await;
                self.tried(parcel, answer)
            }
        });
        let tried: Vec<Tried> = sent.buffer_unordered(connections).collect().await;
        self.settle(&claim.id, tried).await
    }

    /// Sends one thing, unless it is too late for it; `None` if the endpoint was not asked.
    async fn send(
        &self,
        parcel: &Parcel,
        webhook: Option<&Webhook>,
        until: Instant,
        stop: &CancellationToken,
    ) -> Option<Answer> {
        // An attempt may take as long as the time that is left then; who is killed has lost it anyway.
        if stop.is_cancelled() || until.saturating_duration_since(Instant::now()) < self.config.timeout() {
            return None;
        }
        let Some(webhook) = webhook else { return Some(Answer::NoAddress) };
        let Ok(url) = webhook::place(&webhook.url) else { return Some(Answer::NoAddress) };
        let body = Body {
            r#type: &parcel.kind,
            timestamp: parcel.create_time,
            data: Data {
                hospital: HospitalName::new(&parcel.hospital).to_string(),
                subject: &parcel.subject,
            },
        };
        let body = Bytes::from(serde_json::to_vec(&body).ok()?);
        let (id, now) = (format!("msg_{}", parcel.id), self.clock.now());
        let signature = webhook.signature(&id, now, &body);
        Some(self.https.post(&url, Post { id, second: now.as_second(), signature, body }).await)
    }

    fn tried(&self, parcel: Parcel, answer: Option<Answer>) -> Tried {
        let pause = delivery::pause(parcel.attempts + 1).mul_f64(jitter());
        let now = self.clock.now();
        Tried { parcel, answer, next_attempt_time: now.saturating_add(pause).unwrap_or(Timestamp::MAX) }
    }

    async fn settle(&self, claim: &str, tried: Vec<Tried>) -> Result<(), Problem> {
        let tx = self.store.db().begin(&self.ctx()).await?;
        let settled = self.store.settle_parcels(&tx, claim, &tried, self.config.attempts_max).await?;
        let given_up = settled.iter().filter(|(_, state)| *state == State::Failed).count();
        // By endpoint, in one order for all.
        let mut asked = BTreeMap::<(&str, &str), Impression>::new();
        for (one, state) in &settled {
            let Some(answer) = one.answer.filter(|answer| *answer != Answer::NoAddress) else { continue };
            let impression =
                asked.entry((one.parcel.hospital.as_str(), one.parcel.webhook.as_str())).or_default();
            impression.has_accepted |= answer == Answer::Accepted;
            impression.is_gone |= answer == Answer::Refused;
            impression.is_hopeless |= *state == State::Failed;
        }
        for (endpoint, impression) in asked {
            let health = self.store.note_health(&tx, endpoint, impression.has_accepted).await?;
            let Some(health) = health else { continue };
            let since = health.failing_since.unwrap_or(tx.now());
            let is_long = tx.now().duration_since(since) >= self.config.failing_max();
            if impression.is_gone || impression.is_hopeless && is_long {
                self.give_up(&tx, health).await?;
            }
        }
        tx.commit().await?;
        for answer in tried.iter().filter_map(|one| one.answer) {
            metrics::asked(answer.word());
        }
        metrics::not_told(given_up);
        Ok(())
    }

    /// Tells an endpoint nothing any more, and administrators that it is so.
    async fn give_up(&self, tx: &Tx, health: Health) -> Result<(), Problem> {
        let mut webhook = health.webhook;
        if webhook.state() != webhook::State::Enabled {
            return Ok(());
        }
        webhook.is_failed = true;
        webhook.update_time = tx.now();
        self.store.save_webhook(tx, &mut webhook, false).await?;
        let (hospital, name) =
            (&webhook.hospital, WebhookName::new(&webhook.hospital, &webhook.id).to_string());
        let change = Change::of(hospital, "webhook.fail", &name).value("state", "ENABLED", "FAILED");
        tx.audit(change.by("services/notification"));
        let administrators =
            self.store.deciders(tx, hospital, Remit::OVER_ALL).await.map_err(durable::problem)?;
        let people = administrators.into_iter().map(|person| (person, Message::WebhookFailed)).collect();
        let event_id = format!("webhook-{}-{}", webhook.id, webhook.version);
        let news = News { hospital, event_id: &event_id, subject: &name, people };
        self.teller.tell_all(tx, news).await.map_err(Problem::internal)?;
        tracing::warn!(webhook.id = webhook.id, "an endpoint was given up; GetWebhook says which");
        Ok(())
    }
}

#[async_trait]
impl Worker for Courier {
    fn name(&self) -> &'static str {
        "notification.courier"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    async fn run(&self, stop: &CancellationToken) -> Result<Next, BoxError> {
        if stop.is_cancelled() {
            return Ok(Next::Idle);
        }
        let claim = self.store.claim_parcels(&self.ctx(), self.config.claim(), IN_HAND).await?;
        if claim.parcels.is_empty() {
            return Ok(Next::Idle);
        }
        self.work_off(claim, stop).await?;
        Ok(Next::Again)
    }
}
