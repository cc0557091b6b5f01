//! Endpoints of other systems between the contract and the domain.

use chassis::{Problem, Violation};
use durable::{etag, time};
use jiff::{SignedDuration, Timestamp};
use proto::{
    names::{WebhookName, is_id},
    notification::v1::{self as pb, webhook as enums},
};
use uuid::Uuid;

use crate::{
    app::SentWebhook,
    domain::webhook::{OVERLAP_MAX, State, Webhook, kinds, place},
};

/// Whether the secret is shown: to whom it was just made for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// It is.
    Secret,
    /// It is not.
    NoSecret,
}

/// The id that was asked for, or a new one.
pub fn id(asked: &str) -> Result<String, Problem> {
    match asked {
        "" => Ok(Uuid::now_v7().to_string()),
        asked if is_id(asked) => Ok(asked.to_owned()),
        _ => Err(Problem::invalid(vec![Violation::new(
            "webhook_id",
            "expected 1 to 63 characters out of a-z, 0-9 and -",
        )])),
    }
}

/// Reads what was sent, with every violation.
pub fn read(sent: pb::Webhook) -> Result<SentWebhook, Problem> {
    let mut violations = Vec::new();
    let url = match sent.url.as_str() {
        "" => None,
        text => place(text).map_err(|expected| violations.push(Violation::new("webhook.url", expected))).ok(),
    };
    let kinds = kinds(&sent.kinds).unwrap_or_else(|flaws| {
        let violation = |(index, text)| Violation::new(format!("webhook.kinds[{index}]"), text);
        violations.extend(flaws.into_iter().map(violation));
        Default::default()
    });
    if !violations.is_empty() {
        return Err(Problem::invalid(violations));
    }
    Ok(SentWebhook { etag: sent.etag, url, kinds, is_disabled: sent.is_disabled })
}

/// For how long the secret before signs too, if it was said.
pub fn overlap(hours: Option<i32>) -> Result<Option<SignedDuration>, Problem> {
    let Some(hours) = hours else { return Ok(None) };
    let overlap = SignedDuration::from_hours(hours.into());
    if (SignedDuration::ZERO..=OVERLAP_MAX).contains(&overlap) {
        return Ok(Some(overlap));
    }
    let text = format!("expected 0 to {}, got {hours}", OVERLAP_MAX.as_hours());
    Err(Problem::invalid(vec![Violation::new("overlap_hours", text)]))
}

/// An endpoint as it is at `now`.
pub fn render(webhook: Webhook, show: Show, now: Timestamp) -> pb::Webhook {
    let state = match webhook.state() {
        State::Enabled => enums::State::Enabled,
        State::Disabled => enums::State::Disabled,
        State::Failed => enums::State::Failed,
    };
    let former = webhook.former_secret_expire_time(now);
    let newest = webhook.secrets.into_iter().next().filter(|_| show == Show::Secret);
    pb::Webhook {
        name: WebhookName::new(webhook.hospital, webhook.id).to_string(),
        url: webhook.url,
        kinds: webhook.kinds.into_iter().collect(),
        is_disabled: webhook.is_disabled,
        state: state.into(),
        secret: newest.map(|secret| secret.text).unwrap_or_default(),
        former_secret_expire_time: former.map(time::to_proto),
        etag: etag::of(webhook.version),
        create_time: Some(time::to_proto(webhook.create_time)),
        update_time: Some(time::to_proto(webhook.update_time)),
    }
}
