//! Notices: scheduled, changed, called off, read; and the banner.

use std::collections::BTreeSet;

use chassis::{Ctx, Problem, Target, Violation};
use durable::{Once, Tx, etag, filter, mask::Mask, page::Page, time};
use jiff::Timestamp;
use proto::{
    error::v1::Reason,
    names::NoticeName,
    notification::v1::{self as pb, NoticeChanged},
};

use super::{App, POLICY, audit};
use crate::domain::notice::{self, Category, Notice, Part, Severity, State};

/// The fields that an update may change.
pub const FIELDS: &[&str] =
    &["severity", "french_text", "english_text", "start_time", "end_time", "read_only_services"];

/// The fields of a filter.
const FILTER_FIELDS: &[&str] = &["category", "severity", "is_cancelled"];

/// What was sent, field by field; `None` where nothing was said.
#[derive(Debug, Default)]
pub struct Sent {
    /// As sent.
    pub etag: String,
    /// What it is about.
    pub category: Option<Category>,
    /// How much it matters.
    pub severity: Option<Severity>,
    /// In French.
    pub french: String,
    /// In English.
    pub english: String,
    /// When the window begins.
    pub start: Option<Timestamp>,
    /// When it ends.
    pub end: Option<Timestamp>,
    /// What only answers questions.
    pub read_only: BTreeSet<Part>,
}

// === impl App ===

impl App {
    /// One notice.
    pub async fn get_notice(&self, ctx: &Ctx, name: &NoticeName) -> Result<Notice, Problem> {
        POLICY.authorize(ctx, "notices.read", Target::hospital(&name.hospital))?;
        let reader = self.store.db().fresh(ctx);
        let found = self.store.notice(&reader, &name.hospital, &name.notice).await?;
        reader.vouch(found.ok_or_else(|| absent(name)))
    }

    /// A page, the latest beginning first, and the token of the next.
    pub async fn list_notices(
        &self,
        ctx: &Ctx,
        hospital: &str,
        (page_size, page_token): (i32, &str),
        text: &str,
    ) -> Result<(Vec<Notice>, String), Problem> {
        POLICY.authorize(ctx, "notices.read", Target::hospital(hospital))?;
        let page = Page::of(page_size, page_token, &[hospital, text])?;
        let filter = filter::parse(text, FILTER_FIELDS)?;
        let reader = self.store.db().fresh(ctx);
        let mut rows = self.store.notices_page(&reader, hospital, &filter, &page).await?;
        let token = page.next(&mut rows, |notice| format!("{} {}", time::micros(notice.start), notice.id));
        Ok((rows, token))
    }

    /// What clients show above everything else, and when that changes by itself.
    pub async fn get_banner(
        &self,
        ctx: &Ctx,
        hospital: &str,
    ) -> Result<(Vec<Notice>, Option<Timestamp>), Problem> {
        POLICY.authorize(ctx, "notices.read", Target::hospital(hospital))?;
        let reader = self.store.db().fresh(ctx);
        let current = self.store.current_notices(&reader, hospital, ctx.now).await?;
        Ok(notice::banner(current, ctx.now))
    }

    /// Schedules one. `sent` is judged once the caller is known to be allowed.
    pub async fn create_notice(
        &self,
        ctx: &Ctx,
        hospital: &str,
        (id, sent): (Result<String, Problem>, Result<Sent, Problem>),
        once: Once,
    ) -> Result<Notice, Problem> {
        POLICY.authorize(ctx, "notices.write", Target::hospital(hospital))?;
        let (id, sent) = (id?, sent?);
        let tx = self.store.db().begin(ctx).await?;
        if let Some(notice) = once.replay(&tx).await? {
            return Ok(notice);
        }
        let notice = new(ctx, hospital, id, sent)?;
        self.store.insert_notice(&tx, &notice).await?;
        audit::note(&tx, "create", None, &notice);
        self.conclude(tx, &notice, once).await?;
        Ok(notice)
    }

    /// Changes the fields of the mask.
    pub async fn update_notice(
        &self,
        ctx: &Ctx,
        name: &NoticeName,
        (sent, mask): (Result<Sent, Problem>, Result<Mask, Problem>),
        once: Once,
    ) -> Result<Notice, Problem> {
        POLICY.authorize(ctx, "notices.write", Target::hospital(&name.hospital))?;
        let (sent, mask) = (sent?, mask?);
        let tx = self.store.db().begin(ctx).await?;
        if let Some(notice) = once.replay(&tx).await? {
            return Ok(notice);
        }
        let old = self.open_notice(ctx, &tx, name, &sent.etag).await?;
        let mut notice = old.clone();
        merge(&mut notice, sent, &mask);
        judge(&notice, ctx.now, vec![])?;
        notice.update_time = ctx.now;
        self.store.save_notice(&tx, &mut notice, true).await?;
        audit::note(&tx, "update", Some(&old), &notice);
        self.conclude(tx, &notice, once).await?;
        Ok(notice)
    }

    /// Calls one off.
    pub async fn cancel_notice(
        &self,
        ctx: &Ctx,
        name: &NoticeName,
        sent_etag: &str,
        once: Once,
    ) -> Result<Notice, Problem> {
        POLICY.authorize(ctx, "notices.write", Target::hospital(&name.hospital))?;
        let tx = self.store.db().begin(ctx).await?;
        if let Some(notice) = once.replay(&tx).await? {
            return Ok(notice);
        }
        let mut notice = self.open_notice(ctx, &tx, name, sent_etag).await?;
        notice.is_cancelled = true;
        notice.update_time = ctx.now;
        self.store.save_notice(&tx, &mut notice, false).await?;
        audit::note(&tx, "cancel", Some(&notice), &notice);
        self.conclude(tx, &notice, once).await?;
        Ok(notice)
    }

    /// A notice that can still be changed.
    async fn open_notice(
        &self,
        ctx: &Ctx,
        tx: &Tx,
        name: &NoticeName,
        sent_etag: &str,
    ) -> Result<Notice, Problem> {
        let found = self.store.notice(tx.conn(), &name.hospital, &name.notice).await?;
        let notice = found.ok_or_else(|| absent(name))?;
        etag::check(sent_etag, notice.version, false)?;
        match notice.state(ctx.now) {
            State::Scheduled | State::Active => Ok(notice),
            State::Ended | State::Cancelled => {
                let text = "the notice is over; schedule another one";
                Err(Problem::precondition(Reason::NoticeOver, text).and("STATE", name.to_string(), text))
            }
        }
    }

    /// Tells the services, and those who tell people.
    async fn conclude(&self, tx: Tx, notice: &Notice, once: Once) -> Result<(), Problem> {
        let parts = notice.read_only.iter().filter(|_| !notice.is_cancelled);
        let changed = NoticeChanged {
            notice: NoticeName::new(&notice.hospital, &notice.id).to_string(),
            version: notice.version,
            start_time: Some(time::to_proto(notice.start)),
            end_time: Some(time::to_proto(notice.end)),
            read_only_services: parts.map(|part| part_of(*part).into()).collect(),
        };
        tx.publish("notification", &changed, &notice.hospital, &changed.notice).await?;
        once.record(&tx, notice).await?;
        tx.commit().await?;
        self.herald.notify();
        Ok(())
    }
}

/// A part of the system as the contract says it.
pub fn part_of(part: Part) -> pb::notice::Service {
    match part {
        Part::Staff => pb::notice::Service::Staff,
        Part::Leave => pb::notice::Service::Leave,
        Part::Planning => pb::notice::Service::Planning,
        Part::Notification => pb::notice::Service::Notification,
    }
}

fn absent(name: &NoticeName) -> Problem {
    Problem::not_found("notice", name.to_string())
}

fn new(ctx: &Ctx, hospital: &str, id: String, sent: Sent) -> Result<Notice, Problem> {
    let mut missing = Vec::new();
    let mut need = |field: &'static str, is_there: bool| {
        if !is_there {
            missing.push((field, "required".to_owned()));
        }
    };
    need("category", sent.category.is_some());
    need("severity", sent.severity.is_some());
    need("start_time", sent.start.is_some());
    need("end_time", sent.end.is_some());
    let start = sent.start.unwrap_or(ctx.now);
    let notice = Notice {
        hospital: hospital.to_owned(),
        id,
        category: sent.category.unwrap_or(Category::Maintenance),
        severity: sent.severity.unwrap_or(Severity::Information),
        french: sent.french,
        english: sent.english,
        start,
        end: sent.end.unwrap_or(Timestamp::MAX),
        read_only: sent.read_only,
        is_cancelled: false,
        version: 1,
        create_time: ctx.now,
        update_time: ctx.now,
    };
    judge(&notice, ctx.now, missing)?;
    Ok(notice)
}

fn judge(notice: &Notice, now: Timestamp, mut flaws: Vec<(&'static str, String)>) -> Result<(), Problem> {
    for (field, text) in notice.flaws(now) {
        // What is missing has been said.
        if !flaws.iter().any(|(known, _)| *known == field) {
            flaws.push((field, text));
        }
    }
    if flaws.is_empty() {
        return Ok(());
    }
    let violations = flaws.into_iter().map(|(field, text)| Violation::new(format!("notice.{field}"), text));
    Err(Problem::invalid(violations.collect()))
}

fn merge(notice: &mut Notice, sent: Sent, mask: &Mask) {
    if let Some(severity) = sent.severity.filter(|_| mask.has("severity")) {
        notice.severity = severity;
    }
    if mask.applies("french_text", !sent.french.is_empty()) {
        notice.french = sent.french;
    }
    if mask.applies("english_text", !sent.english.is_empty()) {
        notice.english = sent.english;
    }
    if let Some(start) = sent.start.filter(|_| mask.has("start_time")) {
        notice.start = start;
    }
    if let Some(end) = sent.end.filter(|_| mask.has("end_time")) {
        notice.end = end;
    }
    if mask.applies("read_only_services", !sent.read_only.is_empty()) {
        notice.read_only = sent.read_only;
    }
}
