//! Hours of work, counted on instants.
//!
//! A post is planned by day and hour of the wall clock; the law counts hours that pass. The two differ twice a year:
//! the garde of the night on which clocks change lasts 23 or 25 hours. Planning therefore keeps days and times of
//! day, and asks this module whenever hours are added up.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, civil::Time, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    Day,
    error::{Error, digits},
};

/// Central European time with the Union's summer time (directive 2000/84/EC), as a POSIX rule.
///
/// The rule is written here instead of read from the machine's time zone files, so that hours are the same
/// everywhere. It holds since October 1996.
const PARIS: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

/// The time zone of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// A time of day on the wall clock, to the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeOfDay {
    minutes: u16,
}

/// Time that passes from one instant to another; never backwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stretch {
    start: Timestamp,
    end: Timestamp,
}

/// When a garde, an astreinte and the rest after a garde change hands by default.
pub const DUTY_START: TimeOfDay = TimeOfDay { minutes: 8 * 60 };

/// The legal floor of rest in each 24 hours, and right after a garde (R6152-27 Code de la santé publique; order of
/// 30 April 2003): 11 hours.
pub const REST_MINUTES_MIN: i64 = 11 * 60;

/// The garde that begins on this day: 08:00 to 08:00. It lasts 24 hours, or 23 or 25 when clocks change.
pub fn garde(day: Day, zone: &Zone) -> Stretch {
    zone.stretch(day, DUTY_START, DUTY_START)
}

/// The rest after the garde that began on this day: from its end to 08:00 two days after its start.
///
/// The team's rule is civil (nothing before 08:00 on the second day), so this rest may itself last 23 or 25 hours;
/// it is always far above [`REST_MINUTES_MIN`].
pub fn rest_after_garde(day: Day, zone: &Zone) -> Stretch {
    zone.stretch(day.next(), DUTY_START, DUTY_START)
}

// === impl Zone ===

impl Zone {
    /// The time of mainland France.
    pub fn paris() -> Zone {
        Zone(TimeZone::posix(PARIS).expect("the rule is well formed, a test reads it"))
    }

    /// A zone by POSIX rule, for example `<-04>4` for Martinique.
    pub fn posix(rule: &str) -> Result<Zone, Error> {
        TimeZone::posix(rule).map(Zone).map_err(|_| Error::unreadable(rule, "a POSIX time zone rule"))
    }

    /// The instant at which clocks show this time on this day.
    ///
    /// A time that clocks skip is moved on by the length of the gap; of a time they show twice the first is taken.
    pub fn instant(&self, day: Day, time: TimeOfDay) -> Timestamp {
        let shown = day.date().to_datetime(time.civil());
        let bound = if day.year() > 1 { Timestamp::MAX } else { Timestamp::MIN };
        self.0.to_ambiguous_timestamp(shown).compatible().unwrap_or(bound)
    }

    /// The day clocks show at this instant.
    pub fn day_at(&self, instant: Timestamp) -> Day {
        Day::clamped(self.0.to_datetime(instant).date())
    }

    /// The time clocks show at this instant, to the minute.
    pub fn time_at(&self, instant: Timestamp) -> TimeOfDay {
        let time = self.0.to_datetime(instant).time();
        let minutes = u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs());
        TimeOfDay { minutes }
    }

    /// From one time of this day to the next moment clocks show the other: on the same day when it is later, on the
    /// following one otherwise.
    pub fn stretch(&self, day: Day, from: TimeOfDay, to: TimeOfDay) -> Stretch {
        let last = if from < to { day } else { day.next() };
        let start = self.instant(day, from);
        Stretch { start, end: self.instant(last, to).max(start) }
    }
}

// === impl TimeOfDay ===

impl TimeOfDay {
    /// This hour (0 to 23) and minute.
    pub fn new(hour: i32, minute: i32) -> Result<TimeOfDay, Error> {
        if !(0..24).contains(&hour) || !(0..60).contains(&minute) {
            return Err(Error::NoSuchTime { hour, minute });
        }
        let minutes = u16::try_from(hour * 60 + minute).expect("a day has 1440 minutes");
        Ok(TimeOfDay { minutes })
    }

    /// Minutes after midnight, as the wall clock counts.
    pub fn minutes(self) -> i32 {
        i32::from(self.minutes)
    }

    fn civil(self) -> Time {
        let small = |number: u16| i8::try_from(number).expect("hours and minutes are below 60");
        Time::constant(small(self.minutes / 60), small(self.minutes % 60), 0, 0)
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

impl FromStr for TimeOfDay {
    type Err = Error;

    fn from_str(text: &str) -> Result<TimeOfDay, Error> {
        let [hour, minute] =
            digits(text, ':', [2, 2]).ok_or_else(|| Error::unreadable(text, "a time of day like 08:30"))?;
        TimeOfDay::new(hour, minute)
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = Error;

    fn try_from(text: String) -> Result<TimeOfDay, Error> {
        text.parse()
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> String {
        time.to_string()
    }
}

// === impl Stretch ===

impl Stretch {
    /// Its beginning.
    pub fn start(self) -> Timestamp {
        self.start
    }

    /// Its end.
    pub fn end(self) -> Timestamp {
        self.end
    }

    /// How many minutes pass.
    pub fn minutes(self) -> i64 {
        self.end.duration_since(self.start).as_mins()
    }

    /// How many minutes pass between its end and the start of the next; negative when they overlap.
    pub fn minutes_before(self, next: Stretch) -> i64 {
        next.start.duration_since(self.end).as_mins()
    }

    /// Whether some time belongs to both.
    pub fn overlaps(self, other: Stretch) -> bool {
        self.start < other.end && other.start < self.end
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn scenario_22_a_garde_over_the_clock_change_lasts_23_or_25_hours_and_rest_is_complete() {
        let paris = Zone::paris();
        // Clocks go forward on Sunday 2026-03-29 and back on Sunday 2026-10-25: the garde of the Saturday is concerned.
        for (text, hours) in [
            ("2026-03-27", 24),
            ("2026-03-28", 23),
            ("2026-03-29", 24),
            ("2026-10-24", 25),
            ("2026-10-25", 24),
        ] {
            let garde = garde(day(text), &paris);
            let rest = rest_after_garde(day(text), &paris);
            assert_eq!(garde.minutes(), hours * 60, "{text}");
            assert_eq!(garde.minutes_before(rest), 0, "rest begins at once after {text}");
            let next_post = paris.stretch(day(text).plus(2), DUTY_START, "13:00".parse().unwrap());
            assert!(garde.minutes_before(next_post) >= REST_MINUTES_MIN);
            assert_eq!(garde.minutes_before(next_post), rest.minutes(), "{text}");
            assert_eq!(paris.time_at(rest.end()), DUTY_START);
        }
        assert_eq!(rest_after_garde(day("2026-03-28"), &paris).minutes(), 24 * 60);
        assert_eq!(rest_after_garde(day("2026-03-27"), &paris).minutes(), 23 * 60);
    }

    #[test]
    fn the_written_rule_agrees_with_known_instants() {
        let paris = Zone::paris();
        for (text, time, instant) in [
            ("2026-01-15", "08:00", "2026-01-15T07:00:00Z"),
            ("2026-07-15", "08:00", "2026-07-15T06:00:00Z"),
            ("2026-03-29", "02:30", "2026-03-29T01:30:00Z"),
            ("2026-10-25", "02:30", "2026-10-25T00:30:00Z"),
        ] {
            let expected: Timestamp = instant.parse().unwrap();
            assert_eq!(paris.instant(day(text), time.parse().unwrap()), expected, "{text} {time}");
        }
        assert_eq!(paris.day_at("2026-12-31T23:30:00Z".parse().unwrap()), day("2027-01-01"));
    }

    #[test]
    fn an_end_that_is_not_later_is_on_the_following_day() {
        let zone = Zone::posix("UTC0").unwrap();
        let hours = |from: &str, to: &str| {
            zone.stretch(day("2026-06-01"), from.parse().unwrap(), to.parse().unwrap()).minutes() / 60
        };
        assert_eq!((hours("08:00", "13:00"), hours("20:00", "08:00"), hours("08:00", "08:00")), (5, 12, 24));
        assert!(Zone::posix("Europe/Nowhere").is_err());
    }

    #[test]
    fn only_times_of_a_day_are_read() {
        assert_eq!("23:59".parse::<TimeOfDay>().unwrap().minutes(), 1439);
        for text in ["24:00", "8:00", "08:60", "0800", "-1:00", ""] {
            assert!(text.parse::<TimeOfDay>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn gardes_of_following_days_touch_and_last_23_24_or_25_hours(number in 10_000i32..40_000) {
            let paris = Zone::paris();
            let today = Day::from_number(number);
            let (this, next) = (garde(today, &paris), garde(today.next(), &paris));
            prop_assert_eq!(this.minutes_before(next), 0);
            prop_assert!(!this.overlaps(next));
            prop_assert!([23, 24, 25].contains(&(this.minutes() / 60)) && this.minutes() % 60 == 0);
            prop_assert_eq!(paris.day_at(this.start()), today);
        }

        #[test]
        fn a_year_of_gardes_has_as_many_hours_as_days(year in 1997i32..2100) {
            let paris = Zone::paris();
            let first = Day::new(year, 1, 1).unwrap();
            let last = Day::new(year + 1, 1, 1).unwrap();
            let minutes: i64 = (0..last - first).map(|after| garde(first.plus(after), &paris).minutes()).sum();
            prop_assert_eq!(minutes, i64::from(last - first) * 24 * 60);
        }
    }
}
