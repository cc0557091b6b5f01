//! What people are reminded of: leave that begins soon, and decisions that wait (domain §8).

use calendar::{
    Day, DayRange,
    working_time::{TimeOfDay, Zone},
};
use jiff::{SignedDuration, Timestamp};

use crate::domain::message::Message;

/// A leave as far as people are reminded of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// Hospital id.
    pub hospital: String,
    /// Its name.
    pub leave: String,
    /// Id of the person who is away, or wants to be.
    pub staff_member: String,
    /// Profession code of the person.
    pub profession: String,
    /// Its days.
    pub days: DayRange,
    /// How far it is.
    pub stage: Stage,
    /// When the event happened that said so.
    pub event_time: Timestamp,
    /// When somebody is to be reminded next; never again if none.
    pub next_time: Option<Timestamp>,
}

/// How far a leave is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A decision waits.
    Pending,
    /// The person will be away.
    Approved,
    /// Nobody waits for anything.
    Over,
}

/// How long those who decide are left alone.
const DECISION_EVERY: SignedDuration = SignedDuration::from_hours(48);

/// How many days before their leave people are reminded of it, and at what hour.
const DAYS_AHEAD: [i32; 3] = [5, 3, 1];
const HOUR: i32 = 8;

// === impl Watched ===

impl Watched {
    /// When somebody is to be reminded next after a moment.
    pub fn next_after(&self, after: Timestamp, zone: &Zone) -> Option<Timestamp> {
        let first = self.days.first();
        match self.stage {
            Stage::Pending => {
                let passed = after.duration_since(self.event_time).as_secs().max(0);
                let rounds = passed / DECISION_EVERY.as_secs() + 1;
                let pause = SignedDuration::from_secs(rounds * DECISION_EVERY.as_secs());
                let next = self.event_time.saturating_add(pause).ok()?;
                // Once it has begun there is nothing to decide any more.
                Some(next).filter(|next| *next < zone.instant(first, at(0)))
            }
            Stage::Approved => {
                let times = DAYS_AHEAD.into_iter().map(|days| zone.instant(first.plus(-days), at(HOUR)));
                times.into_iter().find(|time| *time > after)
            }
            Stage::Over => None,
        }
    }

    /// What is said at a moment; nothing if there is nothing to be reminded of.
    pub fn message(&self, now: Timestamp, zone: &Zone) -> Option<Message> {
        let days_ahead = self.days.first().number() - zone.day_at(now).number();
        match self.stage {
            Stage::Pending if days_ahead >= 0 => {
                Some(Message::ApprovalNeeded { profession: self.profession.clone(), days: self.days })
            }
            Stage::Approved if days_ahead > 0 => Some(Message::LeaveReminder { days: self.days, days_ahead }),
            _ => None,
        }
    }
}

fn at(hour: i32) -> TimeOfDay {
    TimeOfDay::new(hour, 0).expect("a full hour is a time of day")
}

/// For tests and rows: the days between two.
pub fn days(first: Day, last: Day) -> Option<DayRange> {
    DayRange::new(first, last).ok()
}

// === impl Stage ===

impl Stage {
    /// The word in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Approved => "APPROVED",
            Self::Over => "OVER",
        }
    }

    /// The stage of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Pending, Self::Approved, Self::Over].into_iter().find(|stage| stage.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn leave(stage: Stage) -> Watched {
        Watched {
            hospital: "chu".to_owned(),
            leave: "hospitals/chu/staffMembers/ann/leaves/l1".to_owned(),
            staff_member: "ann".to_owned(),
            profession: "MAR".to_owned(),
            days: days("2026-12-07".parse().unwrap(), "2026-12-11".parse().unwrap()).unwrap(),
            stage,
            event_time: at("2026-11-30T09:00:00Z"),
            next_time: None,
        }
    }

    #[test]
    fn a_person_is_reminded_five_three_and_one_days_before() {
        let table = [
            ("2026-11-23T08:00:00Z", Some("2026-12-02T07:00:00Z")),
            ("2026-12-02T07:00:00Z", Some("2026-12-04T07:00:00Z")),
            ("2026-12-03T12:00:00Z", Some("2026-12-04T07:00:00Z")),
            ("2026-12-05T12:00:00Z", Some("2026-12-06T07:00:00Z")),
            ("2026-12-06T07:00:00Z", None),
        ];
        for (after, next) in table {
            let expected = next.map(at);
            assert_eq!(leave(Stage::Approved).next_after(at(after), &Zone::paris()), expected, "{after}");
        }
        let said = leave(Stage::Approved).message(at("2026-12-04T07:00:00Z"), &Zone::paris());
        assert!(matches!(said, Some(Message::LeaveReminder { days_ahead: 3, .. })), "{said:?}");
        assert_eq!(leave(Stage::Approved).message(at("2026-12-07T07:00:00Z"), &Zone::paris()), None);
    }

    #[test]
    fn who_decides_is_reminded_every_two_days_until_it_begins() {
        let table = [
            ("2026-11-30T09:00:00Z", Some("2026-12-02T09:00:00Z")),
            ("2026-12-02T09:00:00Z", Some("2026-12-04T09:00:00Z")),
            // The service was away for a while.
            ("2026-12-05T20:00:00Z", Some("2026-12-06T09:00:00Z")),
            ("2026-12-06T09:00:00Z", None),
        ];
        for (after, next) in table {
            let expected = next.map(at);
            assert_eq!(leave(Stage::Pending).next_after(at(after), &Zone::paris()), expected, "{after}");
        }
        assert_eq!(leave(Stage::Over).next_after(at("2026-11-30T09:00:00Z"), &Zone::paris()), None);
    }
}
