//! Endpoints of other systems: written, changed, given another secret, tried, deleted, read.

use std::collections::BTreeSet;

use chassis::{Ctx, Problem, Target, Violation};
use durable::{Once, Tx, audit::Change, etag, mask::Mask, page::Page};
use jiff::SignedDuration;
use proto::{error::v1::Reason, names::WebhookName};
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

use super::{App, POLICY};
use crate::domain::{
    delivery::Delivery,
    webhook::{OVERLAP, PER_HOSPITAL_MAX, Secret, State, TEST, Webhook},
};

/// The fields that an update may change.
pub const FIELDS: &[&str] = &["url", "kinds", "is_disabled"];

/// What was sent, field by field.
#[derive(Debug)]
pub struct Sent {
    /// As sent.
    pub etag: String,
    /// Where to send to; `None` where nothing was said.
    pub url: Option<Url>,
    /// The kinds.
    pub kinds: BTreeSet<String>,
    /// Whether it is turned off.
    pub is_disabled: bool,
}

/// An endpoint in the contract's spelling, for the audit log. The URL may hold what only its owner should know.
#[derive(Serialize)]
struct Noted<'a> {
    url: &'a str,
    kinds: &'a BTreeSet<String>,
    state: &'static str,
}

/// Fields whose values the log may tell.
const OPEN: &[&str] = &["kinds", "state"];

/// What a deletion leaves to be repeated.
#[derive(Serialize, Deserialize)]
struct Deleted {}

// === impl App ===

impl App {
    /// One endpoint.
    pub async fn get_webhook(&self, ctx: &Ctx, name: &WebhookName) -> Result<Webhook, Problem> {
        POLICY.authorize(ctx, "webhooks.read", Target::hospital(&name.hospital))?;
        let reader = self.store.db().fresh(ctx);
        let found = self.store.webhook(&reader, &name.hospital, &name.webhook).await?;
        reader.vouch(found.ok_or_else(|| absent(name)))
    }

    /// A page, by id, and the token of the next.
    pub async fn list_webhooks(
        &self,
        ctx: &Ctx,
        hospital: &str,
        (page_size, page_token): (i32, &str),
    ) -> Result<(Vec<Webhook>, String), Problem> {
        POLICY.authorize(ctx, "webhooks.read", Target::hospital(hospital))?;
        let page = Page::of(page_size, page_token, &["webhook", hospital])?;
        let reader = self.store.db().fresh(ctx);
        let mut rows = self.store.webhooks_page(&reader, hospital, &page).await?;
        let token = page.next(&mut rows, |webhook| webhook.id.clone());
        Ok((rows, token))
    }

    /// Writes one. `sent` is judged once the caller is known to be allowed.
    pub async fn create_webhook(
        &self,
        ctx: &Ctx,
        hospital: &str,
        (id, sent): (Result<String, Problem>, Result<Sent, Problem>),
        once: Once,
    ) -> Result<Webhook, Problem> {
        POLICY.authorize(ctx, "webhooks.write", Target::hospital(hospital))?;
        let (id, sent) = (id?, sent?);
        let url =
            sent.url.ok_or_else(|| Problem::invalid(vec![Violation::new("webhook.url", "required")]))?;
        // Looked up before the transaction, which nobody shall wait for; judged after what was answered before.
        let judged = self.judge(&url).await;
        let tx = self.store.db().begin(ctx).await?;
        if let Some(webhook) = once.replay(&tx).await? {
            return Ok(webhook);
        }
        judged?;
        if self.store.webhook_count(&tx, hospital).await? >= PER_HOSPITAL_MAX {
            let text = format!("a hospital has at most {PER_HOSPITAL_MAX} webhooks");
            return Err(Problem::precondition(Reason::WebhookLimitReached, text));
        }
        let webhook = Webhook {
            hospital: hospital.to_owned(),
            id,
            url: url.into(),
            kinds: sent.kinds,
            is_disabled: sent.is_disabled,
            is_failed: false,
            secrets: vec![Secret::new(rand::random())],
            version: 1,
            create_time: ctx.now,
            update_time: ctx.now,
        };
        self.store.insert_webhook(&tx, &webhook).await?;
        note(&tx, "create", None, Some(&webhook));
        once.record(&tx, &webhook).await?;
        tx.commit().await?;
        Ok(webhook)
    }

    /// Changes the fields of the mask.
    pub async fn update_webhook(
        &self,
        ctx: &Ctx,
        name: &WebhookName,
        (sent, mask): (Result<Sent, Problem>, Result<Mask, Problem>),
        once: Once,
    ) -> Result<Webhook, Problem> {
        POLICY.authorize(ctx, "webhooks.write", Target::hospital(&name.hospital))?;
        let (sent, mask) = (sent?, mask?);
        let url = match (mask.applies("url", sent.url.is_some()), sent.url) {
            (false, _) => None,
            (true, Some(url)) => Some(url),
            (true, None) => {
                return Err(Problem::invalid(vec![Violation::new("webhook.url", "required")]));
            }
        };
        let judged = match &url {
            Some(url) => self.judge(url).await,
            None => Ok(()),
        };
        let tx = self.store.db().begin(ctx).await?;
        if let Some(webhook) = once.replay(&tx).await? {
            return Ok(webhook);
        }
        judged?;
        let old = self.seen_webhook(&tx, name, &sent.etag).await?;
        let mut webhook = old.clone();
        if let Some(url) = url {
            webhook.url = url.into();
        }
        if mask.applies("kinds", !sent.kinds.is_empty()) {
            webhook.kinds = sent.kinds;
        }
        if mask.applies("is_disabled", sent.is_disabled) {
            webhook.is_disabled = sent.is_disabled;
            webhook.is_failed = false;
        }
        let is_new_chance = old.state() != State::Enabled && webhook.state() == State::Enabled;
        webhook.update_time = ctx.now;
        self.store.save_webhook(&tx, &mut webhook, is_new_chance).await?;
        note(&tx, "update", Some(&old), Some(&webhook));
        once.record(&tx, &webhook).await?;
        tx.commit().await?;
        Ok(webhook)
    }

    /// Deletes one.
    pub async fn delete_webhook(
        &self,
        ctx: &Ctx,
        name: &WebhookName,
        sent_etag: &str,
        once: Once,
    ) -> Result<(), Problem> {
        POLICY.authorize(ctx, "webhooks.write", Target::hospital(&name.hospital))?;
        let tx = self.store.db().begin(ctx).await?;
        if once.replay::<Deleted>(&tx).await?.is_some() {
            return Ok(());
        }
        let webhook = self.seen_webhook(&tx, name, sent_etag).await?;
        self.store.delete_webhook(&tx, &webhook).await?;
        note(&tx, "delete", Some(&webhook), None);
        once.record(&tx, &Deleted {}).await?;
        tx.commit().await
    }

    /// Gives one another secret.
    pub async fn rotate_webhook_secret(
        &self,
        ctx: &Ctx,
        (name, sent_etag): (&WebhookName, &str),
        overlap: Result<Option<SignedDuration>, Problem>,
        once: Once,
    ) -> Result<Webhook, Problem> {
        POLICY.authorize(ctx, "webhooks.write", Target::hospital(&name.hospital))?;
        let overlap = overlap?.unwrap_or(OVERLAP);
        let tx = self.store.db().begin(ctx).await?;
        if let Some(webhook) = once.replay(&tx).await? {
            return Ok(webhook);
        }
        let mut webhook = self.seen_webhook(&tx, name, sent_etag).await?;
        webhook.rotate(rand::random(), overlap, ctx.now);
        webhook.update_time = ctx.now;
        self.store.save_webhook(&tx, &mut webhook, false).await?;
        tx.audit(Change::of(&name.hospital, "webhook.rotate_secret", name.to_string()).field("secret"));
        once.record(&tx, &webhook).await?;
        tx.commit().await?;
        Ok(webhook)
    }

    /// Sends one something about itself.
    pub async fn test_webhook(&self, ctx: &Ctx, name: &WebhookName, once: Once) -> Result<Delivery, Problem> {
        POLICY.authorize(ctx, "webhooks.write", Target::hospital(&name.hospital))?;
        let tx = self.store.db().begin(ctx).await?;
        if let Some(delivery) = once.replay(&tx).await? {
            return Ok(delivery);
        }
        let webhook = self.seen_webhook(&tx, name, "").await?;
        if webhook.state() != State::Enabled {
            let text = "the webhook is turned off, or was given up";
            let problem = Problem::precondition(Reason::WebhookDisabled, text);
            return Err(problem.and("STATE", name.to_string(), text));
        }
        let (event_id, subject) = (format!("test-{}", Uuid::now_v7()), name.to_string());
        let event = (webhook.hospital.as_str(), event_id.as_str(), subject.as_str());
        let delivery = self.store.post_to(&tx, event, &webhook.id, TEST).await?;
        tx.audit(Change::of(&name.hospital, "webhook.test", &subject));
        once.record(&tx, &delivery).await?;
        tx.commit().await?;
        Ok(delivery)
    }

    /// Refuses where nothing may be sent to, as far as is known now.
    async fn judge(&self, url: &Url) -> Result<(), Problem> {
        if !self.https.is_refused(url).await {
            return Ok(());
        }
        let text = "expected a host of which every address is public";
        Err(Problem::invalid_as(Reason::WebhookAddressRefused, vec![Violation::new("webhook.url", text)]))
    }

    /// An endpoint in the version that was looked at.
    async fn seen_webhook(&self, tx: &Tx, name: &WebhookName, sent_etag: &str) -> Result<Webhook, Problem> {
        let found = self.store.webhook(tx.conn(), &name.hospital, &name.webhook).await?;
        let webhook = found.ok_or_else(|| absent(name))?;
        etag::check(sent_etag, webhook.version, false)?;
        Ok(webhook)
    }
}

fn absent(name: &WebhookName) -> Problem {
    Problem::not_found("webhook", name.to_string())
}

/// Writes down what was done.
fn note(tx: &Tx, verb: &str, old: Option<&Webhook>, new: Option<&Webhook>) {
    let Some(webhook) = new.or(old) else { return };
    let name = WebhookName::new(&webhook.hospital, &webhook.id).to_string();
    let change = Change::of(&webhook.hospital, format!("webhook.{verb}"), name);
    tx.audit(change.between(old.map(noted).as_ref(), new.map(noted).as_ref(), OPEN));
}

fn noted(webhook: &Webhook) -> Noted<'_> {
    let state = match webhook.state() {
        State::Enabled => "ENABLED",
        State::Disabled => "DISABLED",
        State::Failed => "FAILED",
    };
    Noted { url: &webhook.url, kinds: &webhook.kinds, state }
}
