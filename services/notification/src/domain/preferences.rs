//! How a person wants to be told outside the application, and when that is.

use std::collections::{BTreeMap, BTreeSet};

use calendar::{
    Day, Weekday,
    working_time::{TimeOfDay, Zone},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::{message::Priority, template::Language};

/// When the digest of a day is closed.
const DIGEST_HOUR: i32 = 8;

/// How long after its closing a digest leaves: transactions that began before must have ended, because a digest that
/// was handed over is never handed over again.
const DIGEST_GRACE: SignedDuration = SignedDuration::from_secs(60);

/// How a person wants to be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// Hospital id.
    pub hospital: String,
    /// Id of the person.
    pub staff_member: String,
    /// By kind whether it comes by e-mail, where somebody chose; the default is yes.
    pub email: BTreeMap<String, bool>,
    /// When not to be disturbed.
    pub quiet_hours: QuietHours,
    /// Whether e-mails are gathered into one a day.
    pub is_digest: bool,
    /// In which language e-mails are written.
    pub language: Language,
    /// 0 for the defaults.
    pub version: i64,
    /// When they were last changed.
    pub update_time: Option<Timestamp>,
}

/// Hours in which e-mails wait for their end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// Whether they are kept.
    pub enabled: bool,
    /// When they begin.
    pub start: TimeOfDay,
    /// When they end, on the same day or on the next; never when they begin.
    pub end: TimeOfDay,
    /// The days on which they begin; none means all.
    pub weekdays: BTreeSet<Weekday>,
}

/// When an e-mail leaves, and with which others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Departure {
    /// Not before.
    pub time: Timestamp,
    /// The day whose digest it is part of; alone if none.
    pub digest: Option<Day>,
}

// === impl Preferences ===

impl Preferences {
    /// What holds until the person chooses (domain §8).
    pub fn defaults(hospital: &str, staff_member: &str) -> Self {
        Self {
            hospital: hospital.to_owned(),
            staff_member: staff_member.to_owned(),
            email: BTreeMap::new(),
            quiet_hours: QuietHours::default(),
            is_digest: false,
            language: Language::French,
            version: 0,
            update_time: None,
        }
    }

    /// Whether a kind comes by e-mail.
    pub fn wants_email(&self, kind: &str) -> bool {
        self.email.get(kind).copied().unwrap_or(true)
    }

    /// When an e-mail of a kind that is written now leaves; `None` if the person wants none.
    pub fn departure(
        &self,
        kind: &str,
        priority: Priority,
        now: Timestamp,
        zone: &Zone,
    ) -> Option<Departure> {
        if !self.wants_email(kind) {
            return None;
        }
        if priority.is_urgent() {
            return Some(Departure { time: now, digest: None });
        }
        let (time, digest) = match self.is_digest {
            false => (now, None),
            true => {
                let day = digest_day(now, zone);
                let closed = zone.instant(day, digest_time());
                (closed.saturating_add(DIGEST_GRACE).unwrap_or(closed), Some(day))
            }
        };
        Some(Departure { time: self.quiet_hours.end_of(time, zone), digest })
    }
}

fn digest_time() -> TimeOfDay {
    TimeOfDay::new(DIGEST_HOUR, 0).expect("08:00 is a time of day")
}

/// The day whose digest is closed next.
fn digest_day(now: Timestamp, zone: &Zone) -> Day {
    let today = zone.day_at(now);
    if now < zone.instant(today, digest_time()) { today } else { today.next() }
}

// === impl QuietHours ===

impl Default for QuietHours {
    fn default() -> Self {
        let hour = |hour| TimeOfDay::new(hour, 0).expect("a full hour is a time of day");
        Self { enabled: false, start: hour(22), end: hour(8), weekdays: BTreeSet::new() }
    }
}

impl QuietHours {
    /// The moment itself, or the end of the quiet hours that it falls into.
    pub fn end_of(&self, moment: Timestamp, zone: &Zone) -> Timestamp {
        if !self.enabled {
            return moment;
        }
        let today = zone.day_at(moment);
        let begin_on = |day: &Day| self.weekdays.is_empty() || self.weekdays.contains(&day.weekday());
        [today.previous(), today]
            .into_iter()
            .filter(begin_on)
            .map(|day| zone.stretch(day, self.start, self.end))
            .find(|quiet| (quiet.start()..quiet.end()).contains(&moment))
            .map_or(moment, |quiet| quiet.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn ann() -> Preferences {
        Preferences::defaults("chu", "ann")
    }

    fn quiet(start: &str, end: &str, weekdays: &[Weekday]) -> QuietHours {
        QuietHours {
            enabled: true,
            start: start.parse().unwrap(),
            end: end.parse().unwrap(),
            weekdays: weekdays.iter().copied().collect(),
        }
    }

    #[test]
    fn by_default_everything_comes_at_once() {
        let now = at("2026-11-23T23:30:00Z");
        let departure = ann().departure("LEAVE_APPROVED", Priority::High, now, &Zone::paris());
        assert_eq!(departure, Some(Departure { time: now, digest: None }));
        assert!(!ann().quiet_hours.enabled);
    }

    #[test]
    fn a_kind_that_was_turned_off_does_not_come() {
        let email = BTreeMap::from([("LEAVE_APPROVED".to_owned(), false)]);
        let preferences = Preferences { email, ..ann() };
        let now = at("2026-11-23T08:00:00Z");
        assert_eq!(preferences.departure("LEAVE_APPROVED", Priority::High, now, &Zone::paris()), None);
        assert!(preferences.departure("LEAVE_REJECTED", Priority::High, now, &Zone::paris()).is_some());
    }

    #[test]
    fn what_is_urgent_disturbs_and_is_not_gathered() {
        let hours = QuietHours { enabled: true, ..QuietHours::default() };
        let preferences = Preferences { quiet_hours: hours, is_digest: true, ..ann() };
        let now = at("2026-11-23T23:30:00Z");
        let departure = preferences.departure("MAINTENANCE", Priority::Urgent, now, &Zone::paris());
        assert_eq!(departure, Some(Departure { time: now, digest: None }));
    }

    #[test]
    fn what_falls_into_quiet_hours_waits_for_their_end() {
        // 2026-11-23 is a Monday; Paris is an hour ahead of UTC, two in summer.
        let night = quiet("22:00", "08:00", &[]);
        let mondays = quiet("22:00", "08:00", &[Weekday::Monday]);
        let noon = quiet("12:00", "14:00", &[]);
        let table = [
            (&night, "2026-11-23T20:59:00Z", "2026-11-23T20:59:00Z"),
            (&night, "2026-11-23T21:00:00Z", "2026-11-24T07:00:00Z"),
            (&night, "2026-11-24T06:59:00Z", "2026-11-24T07:00:00Z"),
            (&night, "2026-11-24T07:00:00Z", "2026-11-24T07:00:00Z"),
            // The night on which clocks go back.
            (&night, "2026-10-24T21:00:00Z", "2026-10-25T07:00:00Z"),
            (&mondays, "2026-11-24T03:00:00Z", "2026-11-24T07:00:00Z"),
            (&mondays, "2026-11-24T22:00:00Z", "2026-11-24T22:00:00Z"),
            (&noon, "2026-11-23T12:30:00Z", "2026-11-23T13:00:00Z"),
        ];
        for (hours, moment, end) in table {
            assert_eq!(hours.end_of(at(moment), &Zone::paris()), at(end), "{moment}");
        }
    }

    #[test]
    fn a_digest_is_closed_at_eight_and_waits_for_quiet_hours_too() {
        let zone = Zone::paris();
        let digest = Preferences { is_digest: true, ..ann() };
        let table = [
            ("2026-11-23T06:59:59Z", "2026-11-23", "2026-11-23T07:01:00Z"),
            ("2026-11-23T07:00:00Z", "2026-11-24", "2026-11-24T07:01:00Z"),
        ];
        for (now, day, time) in table {
            let expected = Departure { time: at(time), digest: Some(day.parse().unwrap()) };
            let departure = digest.departure("LEAVE_APPROVED", Priority::High, at(now), &zone);
            assert_eq!(departure, Some(expected), "{now}");
        }
        let late = Preferences { quiet_hours: quiet("22:00", "10:00", &[]), ..digest };
        let departure = late.departure("K", Priority::Medium, at("2026-11-23T12:00:00Z"), &zone).unwrap();
        assert_eq!(departure.time, at("2026-11-24T09:00:00Z"));
    }
}
