//! What everybody of a hospital is told ahead: maintenance with its window, and general news.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::message::Priority;

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Hospital id.
    pub hospital: String,
    /// Its own id.
    pub id: String,
    /// What it is about.
    pub category: Category,
    /// How much it matters.
    pub severity: Severity,
    /// What is said in French.
    pub french: String,
    /// What is said in English; empty means the French text.
    pub english: String,
    /// When the window begins.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
    /// What only answers questions during the window.
    pub read_only: BTreeSet<Part>,
    /// Whether it was called off.
    pub is_cancelled: bool,
    /// Grows with each change.
    pub version: i64,
    /// When it was written.
    pub create_time: Timestamp,
    /// When it was last changed.
    pub update_time: Timestamp,
}

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Category {
    /// Work on the system.
    Maintenance,
    /// Anything else.
    General,
}

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Severity {
    /// Good to know.
    Information,
    /// Plan for it.
    Warning,
    /// Passes quiet hours.
    Critical,
}

/// A part of the system that can be closed to changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Part {
    /// People and places.
    Staff,
    /// Leave and balances.
    Leave,
    /// Plans.
    Planning,
    /// Notifications.
    Notification,
}

/// Where a notice is in its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its window has not begun.
    Scheduled,
    /// Now.
    Active,
    /// Over.
    Ended,
    /// Called off.
    Cancelled,
}

/// When people are told of it; each later one says what the ones before said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lead {
    /// At once.
    Announced,
    /// A day before the window.
    Day,
    /// An hour before the window.
    Hour,
    /// That it was called off.
    Cancelled,
}

/// The longest text, in characters, and the longest window.
const TEXT_MAX: usize = 500;
const WINDOW_MAX: SignedDuration = SignedDuration::from_hours(31 * 24);

/// How long before their windows clients show notices.
pub const SHOWN_BEFORE: SignedDuration = SignedDuration::from_hours(72);

const DAY_BEFORE: SignedDuration = SignedDuration::from_hours(24);
const HOUR_BEFORE: SignedDuration = SignedDuration::from_hours(1);

// === impl Notice ===

impl Notice {
    /// Where it is in its time.
    pub fn state(&self, now: Timestamp) -> State {
        match self.is_cancelled {
            true => State::Cancelled,
            false if now < self.start => State::Scheduled,
            false if now < self.end => State::Active,
            false => State::Ended,
        }
    }

    /// What speaks against it when it is written at `now`: the field, and what was expected.
    pub fn flaws(&self, now: Timestamp) -> Vec<(&'static str, String)> {
        let mut flaws = Vec::new();
        for (field, text, is_required) in
            [("french_text", &self.french, true), ("english_text", &self.english, false)]
        {
            let length = text.chars().count();
            if length > TEXT_MAX || (is_required && text.trim().is_empty()) {
                flaws.push((field, format!("expected from 1 to {TEXT_MAX} characters, got {length}")));
            }
            if text.chars().any(char::is_control) {
                flaws.push((field, "expected one paragraph without control characters".to_owned()));
            }
        }
        if self.end <= self.start {
            flaws.push(("end_time", "expected a moment after the beginning".to_owned()));
        } else if self.end.duration_since(self.start) > WINDOW_MAX {
            flaws.push(("end_time", "expected at most 31 days after the beginning".to_owned()));
        }
        if self.end <= now {
            flaws.push(("end_time", "expected a moment that is still to come".to_owned()));
        }
        if self.category == Category::General && !self.read_only.is_empty() {
            flaws.push(("read_only_services", "expected none: only maintenance closes anything".to_owned()));
        }
        flaws
    }

    /// What people are to be told now, if they were told `told` of this version last.
    pub fn due(&self, told: Option<Lead>, now: Timestamp) -> Option<Lead> {
        let due = if self.is_cancelled {
            // What nobody was told need not be called off before them.
            told.map(|_| Lead::Cancelled)
        } else if now >= self.end {
            None
        } else if now >= self.before_start(HOUR_BEFORE) {
            Some(Lead::Hour)
        } else if now >= self.before_start(DAY_BEFORE) {
            Some(Lead::Day)
        } else {
            Some(Lead::Announced)
        };
        due.filter(|due| Some(*due) > told)
    }

    /// From when on to when clients show it; never if it was called off.
    pub fn shown(&self) -> Option<(Timestamp, Timestamp)> {
        (!self.is_cancelled).then(|| (self.before_start(SHOWN_BEFORE), self.end))
    }

    fn before_start(&self, lead: SignedDuration) -> Timestamp {
        self.start.saturating_sub(lead).unwrap_or(Timestamp::MIN)
    }
}

/// What of these notices is shown now, and when that changes by itself next.
pub fn banner(mut notices: Vec<Notice>, now: Timestamp) -> (Vec<Notice>, Option<Timestamp>) {
    let bounds = notices.iter().filter_map(Notice::shown).flat_map(|(from, to)| [from, to]);
    let starts = notices.iter().filter(|notice| !notice.is_cancelled).map(|notice| notice.start);
    let next = bounds.chain(starts).filter(|moment| *moment > now).min();
    notices.retain(|notice| notice.shown().is_some_and(|(from, to)| (from..to).contains(&now)));
    notices.sort_by(|one, other| (one.start, &one.id).cmp(&(other.start, &other.id)));
    (notices, next)
}

// === impl Severity ===

impl Severity {
    /// How soon people should know.
    pub fn priority(self) -> Priority {
        match self {
            Self::Information => Priority::Low,
            Self::Warning => Priority::High,
            Self::Critical => Priority::Urgent,
        }
    }

    /// The word in filters and in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Information => "INFORMATION",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
        }
    }
}

// === impl Category ===

impl Category {
    /// The word in filters and in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Maintenance => "MAINTENANCE",
            Self::General => "GENERAL",
        }
    }
}

// === impl Lead ===

impl Lead {
    /// The word in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Announced => "ANNOUNCED",
            Self::Day => "DAY",
            Self::Hour => "HOUR",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// The lead of a word.
    pub fn of(word: &str) -> Option<Self> {
        let all = [Self::Announced, Self::Day, Self::Hour, Self::Cancelled];
        all.into_iter().find(|lead| lead.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn night() -> Notice {
        let written = at("2026-11-23T08:00:00Z");
        Notice {
            hospital: "chu".to_owned(),
            id: "n1".to_owned(),
            category: Category::Maintenance,
            severity: Severity::Warning,
            french: "Mise à jour.".to_owned(),
            english: String::new(),
            start: at("2026-11-28T22:00:00Z"),
            end: at("2026-11-29T02:00:00Z"),
            read_only: BTreeSet::from([Part::Leave]),
            is_cancelled: false,
            version: 1,
            create_time: written,
            update_time: written,
        }
    }

    #[test]
    fn people_are_told_at_once_a_day_and_an_hour_before_and_never_twice() {
        let called_off = Notice { is_cancelled: true, ..night() };
        let table = [
            (night(), None, "2026-11-23T08:00:00Z", Some(Lead::Announced)),
            (night(), Some(Lead::Announced), "2026-11-27T21:59:59Z", None),
            (night(), Some(Lead::Announced), "2026-11-27T22:00:00Z", Some(Lead::Day)),
            (night(), Some(Lead::Day), "2026-11-28T21:00:00Z", Some(Lead::Hour)),
            (night(), Some(Lead::Hour), "2026-11-28T23:00:00Z", None),
            (night(), None, "2026-11-28T21:30:00Z", Some(Lead::Hour)),
            (night(), Some(Lead::Day), "2026-11-29T02:00:00Z", None),
            (called_off.clone(), None, "2026-11-27T22:00:00Z", None),
            (called_off.clone(), Some(Lead::Day), "2026-11-27T22:00:00Z", Some(Lead::Cancelled)),
            (called_off, Some(Lead::Cancelled), "2026-11-27T22:00:00Z", None),
        ];
        for (notice, told, now, expected) in table {
            assert_eq!(notice.due(told, at(now)), expected, "{told:?} {now}");
        }
    }

    #[test]
    fn a_banner_shows_what_is_near_and_says_when_it_changes() {
        let called_off = Notice { id: "n2".to_owned(), is_cancelled: true, ..night() };
        let table = [
            ("2026-11-25T21:59:59Z", 0, Some("2026-11-25T22:00:00Z")),
            ("2026-11-25T22:00:00Z", 1, Some("2026-11-28T22:00:00Z")),
            ("2026-11-28T22:00:00Z", 1, Some("2026-11-29T02:00:00Z")),
            ("2026-11-29T02:00:00Z", 0, None),
        ];
        for (now, count, next) in table {
            let (shown, changes) = banner(vec![night(), called_off.clone()], at(now));
            assert_eq!((shown.len(), changes), (count, next.map(at)), "{now}");
        }
    }

    #[test]
    fn a_notice_that_cannot_be_is_refused_field_by_field() {
        let now = at("2026-11-23T08:00:00Z");
        let fields = |notice: Notice| -> Vec<&'static str> {
            notice.flaws(now).into_iter().map(|(field, _)| field).collect()
        };
        assert_eq!(fields(night()), Vec::<&str>::new());
        assert_eq!(fields(Notice { french: " ".to_owned(), ..night() }), ["french_text"]);
        assert_eq!(fields(Notice { french: "a\r\nBcc: b".to_owned(), ..night() }), ["french_text"]);
        assert_eq!(fields(Notice { english: "x".repeat(501), ..night() }), ["english_text"]);
        assert_eq!(fields(Notice { end: night().start, ..night() }), ["end_time"]);
        assert_eq!(fields(Notice { end: at("2027-01-28T22:00:00Z"), ..night() }), ["end_time"]);
        let past = Notice { start: at("2026-11-22T08:00:00Z"), end: now, ..night() };
        assert_eq!(fields(past), ["end_time"]);
        assert_eq!(fields(Notice { category: Category::General, ..night() }), ["read_only_services"]);
    }

    #[test]
    fn a_notice_goes_through_its_states() {
        let table = [
            ("2026-11-28T21:59:59Z", State::Scheduled),
            ("2026-11-28T22:00:00Z", State::Active),
            ("2026-11-29T02:00:00Z", State::Ended),
        ];
        for (now, state) in table {
            assert_eq!(night().state(at(now)), state);
            assert_eq!(Notice { is_cancelled: true, ..night() }.state(at(now)), State::Cancelled);
        }
    }
}
