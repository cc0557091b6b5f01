//! The audit log: what is written into it here, and how it is read.

use chassis::{Ctx, Problem, Target};
use durable::{
    Tx,
    audit::{self, Change, Known, Line, Verdict},
    filter,
    page::Page,
    problem,
};
use proto::names::NoticeName;
use serde::Serialize;

use super::{App, POLICY, part_of};
use crate::domain::notice::{Notice, Part};

/// A notice in the contract's spelling. What people wrote is not told: it might name somebody.
#[derive(Serialize)]
struct Noted<'a> {
    category: &'a str,
    severity: &'a str,
    french_text: &'a str,
    english_text: &'a str,
    start_time: String,
    end_time: String,
    read_only_services: Vec<&'static str>,
}

/// Fields of a notice whose values the log may tell.
const OPEN: &[&str] = &["category", "severity", "start_time", "end_time", "read_only_services"];

// === impl App ===

impl App {
    /// A page of the log, newest first, and the token of the next.
    pub async fn list_audit_entries(
        &self,
        ctx: &Ctx,
        hospital: &str,
        (page_size, page_token): (i32, &str),
        text: &str,
    ) -> Result<(Vec<Line>, String), Problem> {
        POLICY.authorize(ctx, "audit.read", Target::hospital(hospital))?;
        let page = Page::of(page_size, page_token, &["audit_entry", hospital, text])?;
        let filter = filter::parse(text, audit::FILTER)?;
        audit::list(&self.store.db().stale(ctx).await, hospital, &filter, &page).await
    }

    /// Walks the log from its first line. `known` is judged once the caller is known to be allowed.
    pub async fn verify_audit_log(
        &self,
        ctx: &Ctx,
        hospital: &str,
        known: Result<Option<Known>, Problem>,
    ) -> Result<Verdict, Problem> {
        POLICY.authorize(ctx, "audit.read", Target::hospital(hospital))?;
        audit::verify(self.store.db().read(), hospital, known?.as_ref()).await.map_err(problem)
    }
}

/// Writes down what was done to a notice.
pub(super) fn note(tx: &Tx, verb: &str, old: Option<&Notice>, new: &Notice) {
    let name = NoticeName::new(&new.hospital, &new.id).to_string();
    let change = Change::of(&new.hospital, format!("notice.{verb}"), name);
    tx.audit(change.between(old.map(noted).as_ref(), Some(&noted(new)), OPEN));
}

fn noted(notice: &Notice) -> Noted<'_> {
    Noted {
        category: notice.category.word(),
        severity: notice.severity.word(),
        french_text: &notice.french,
        english_text: &notice.english,
        start_time: notice.start.to_string(),
        end_time: notice.end.to_string(),
        read_only_services: notice.read_only.iter().map(|part| word(*part)).collect(),
    }
}

fn word(part: Part) -> &'static str {
    part_of(part).as_str_name().trim_start_matches("SERVICE_")
}
