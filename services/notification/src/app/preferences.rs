//! How a person wants to be told: read and changed.

use std::collections::BTreeMap;

use chassis::{Ctx, Problem};
use durable::{Once, etag, mask::Mask};
use proto::names::StaffMemberName;

use super::{App, authorize, which};
use crate::domain::{
    preferences::{Preferences, QuietHours},
    template::Language,
};

/// The fields that an update may change.
pub const FIELDS: &[&str] = &["channels", "quiet_hours", "digest", "language"];

/// What was sent, field by field; `None` where nothing was said.
#[derive(Debug)]
pub struct Sent {
    /// As sent.
    pub etag: String,
    /// The choices by kind.
    pub email: Option<BTreeMap<String, bool>>,
    /// The quiet hours.
    pub quiet_hours: Option<QuietHours>,
    /// Whether e-mails are gathered.
    pub is_digest: Option<bool>,
    /// The language of e-mails.
    pub language: Option<Language>,
}

// === impl App ===

impl App {
    /// A person's preferences; the defaults if they were never changed.
    pub async fn get_preferences(&self, ctx: &Ctx, person: &StaffMemberName) -> Result<Preferences, Problem> {
        authorize(ctx, "notification_preferences.read", person)?;
        self.store.preferences(&self.store.db().fresh(ctx), which(person)).await
    }

    /// Changes the fields of the mask. `sent` is judged once the caller is known to be allowed.
    pub async fn update_preferences(
        &self,
        ctx: &Ctx,
        person: &StaffMemberName,
        (sent, mask): (Result<Sent, Problem>, Result<Mask, Problem>),
        once: Once,
    ) -> Result<Preferences, Problem> {
        authorize(ctx, "notification_preferences.write", person)?;
        let (sent, mask) = (sent?, mask?);
        let tx = self.store.db().begin(ctx).await?;
        if let Some(preferences) = once.replay(&tx).await? {
            return Ok(preferences);
        }
        let mut preferences = self.store.preferences(tx.conn(), which(person)).await?;
        etag::check(&sent.etag, preferences.version, false)?;
        merge(&mut preferences, sent, &mask);
        preferences.update_time = Some(ctx.now);
        self.store.save_preferences(&tx, &mut preferences).await?;
        once.record(&tx, &preferences).await?;
        tx.commit().await?;
        Ok(preferences)
    }
}

/// What is named and not said goes back to its default.
fn merge(preferences: &mut Preferences, sent: Sent, mask: &Mask) {
    let defaults = Preferences::defaults(&preferences.hospital, &preferences.staff_member);
    if mask.applies("channels", sent.email.is_some()) {
        preferences.email = sent.email.unwrap_or(defaults.email);
    }
    if mask.applies("quiet_hours", sent.quiet_hours.is_some()) {
        preferences.quiet_hours = sent.quiet_hours.unwrap_or(defaults.quiet_hours);
    }
    if mask.applies("digest", sent.is_digest.is_some()) {
        preferences.is_digest = sent.is_digest.unwrap_or(defaults.is_digest);
    }
    if mask.applies("language", sent.language.is_some()) {
        preferences.language = sent.language.unwrap_or(defaults.language);
    }
}
