//! A civil day: the date on the wall calendar, without hour or time zone.

use std::{fmt, ops::Sub, str::FromStr};

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    IsoWeek, Month,
    error::{Error, digits},
};

const EPOCH: Date = Date::constant(1970, 1, 1);

/// One civil day, between 0001-01-01 and 9999-12-31.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(Date);

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weekday {
    /// Monday, number 1.
    Monday,
    /// Tuesday, number 2.
    Tuesday,
    /// Wednesday, number 3.
    Wednesday,
    /// Thursday, number 4.
    Thursday,
    /// Friday, number 5.
    Friday,
    /// Saturday, number 6.
    Saturday,
    /// Sunday, number 7.
    Sunday,
}

// === impl Day ===

impl Day {
    /// The first day that can be written.
    pub const MIN: Day = Day(Date::constant(1, 1, 1));
    /// The last day that can be written.
    pub const MAX: Day = Day(Date::constant(9999, 12, 31));

    /// The day with this year, month (1 = January) and day of the month, if there is one.
    pub fn new(year: i32, month: i32, day: i32) -> Result<Day, Error> {
        let none = || Error::NoSuchDay { year, month, day };
        let narrow_year = i16::try_from(year).map_err(|_| none())?;
        let narrow_month = i8::try_from(month).map_err(|_| none())?;
        let narrow_day = i8::try_from(day).map_err(|_| none())?;
        let date = Date::new(narrow_year, narrow_month, narrow_day).map_err(|_| none())?;
        if year < 1 { Err(none()) } else { Ok(Day(date)) }
    }

    /// The day that many days after 1970-01-01; the nearest day that can be written when it lies outside.
    pub fn from_number(number: i32) -> Day {
        Day(EPOCH).plus(number)
    }

    /// How many days after 1970-01-01 it is; negative before.
    pub fn number(self) -> i32 {
        let hours = self.0.duration_since(EPOCH).as_hours();
        i32::try_from(hours / 24).expect("ten thousand years have fewer than 2^31 days")
    }

    /// The year, 1 to 9999.
    pub fn year(self) -> i32 {
        i32::from(self.0.year())
    }

    /// The month, 1 to 12.
    pub fn month(self) -> i32 {
        i32::from(self.0.month())
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> i32 {
        i32::from(self.0.day())
    }

    /// The day of the week.
    pub fn weekday(self) -> Weekday {
        Weekday::ALL[usize::from(self.0.weekday().to_monday_zero_offset().unsigned_abs())]
    }

    /// The ISO 8601 week it belongs to; around New Year this may be a week of the neighboring year.
    pub fn iso_week(self) -> IsoWeek {
        IsoWeek::of(self)
    }

    /// The calendar month it belongs to.
    pub fn calendar_month(self) -> Month {
        Month::of(self)
    }

    /// The day so many days later, earlier when negative; stops at [`Day::MIN`] and [`Day::MAX`].
    #[must_use]
    pub fn plus(self, days: i32) -> Day {
        let bound = if days < 0 { Day::MIN } else { Day::MAX };
        // More than ten thousand years lead outside from anywhere; jiff refuses to name spans of that length.
        match self.0.checked_add(days.clamp(-4_000_000, 4_000_000).days()) {
            Ok(date) => Day(date).clamp(Day::MIN, Day::MAX),
            Err(_) => bound,
        }
    }

    /// The day after.
    #[must_use]
    pub fn next(self) -> Day {
        self.plus(1)
    }

    /// The day before.
    #[must_use]
    pub fn previous(self) -> Day {
        self.plus(-1)
    }

    /// Whether it is a Saturday or a Sunday.
    pub fn is_weekend(self) -> bool {
        self.weekday().is_weekend()
    }

    pub(crate) fn date(self) -> Date {
        self.0
    }

    /// For dates that come from instants: years outside 1 to 9999 are brought back to the nearest day.
    pub(crate) fn clamped(date: Date) -> Day {
        Day(date).clamp(Day::MIN, Day::MAX)
    }
}

impl Sub for Day {
    type Output = i32;

    /// How many days after `earlier` it is; negative when it is before.
    fn sub(self, earlier: Day) -> i32 {
        self.number() - earlier.number()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year(), self.month(), self.day())
    }
}

impl fmt::Debug for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Day {
    type Err = Error;

    fn from_str(text: &str) -> Result<Day, Error> {
        let [year, month, day] =
            digits(text, '-', [4, 2, 2]).ok_or_else(|| Error::unreadable(text, "a day like 2026-12-25"))?;
        Day::new(year, month, day)
    }
}

impl TryFrom<String> for Day {
    type Error = Error;

    fn try_from(text: String) -> Result<Day, Error> {
        text.parse()
    }
}

impl From<Day> for String {
    fn from(day: Day) -> String {
        day.to_string()
    }
}

// === impl Weekday ===

impl Weekday {
    /// The seven days, Monday first.
    pub const ALL: [Weekday; 7] = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];

    /// The ISO number: 1 is Monday, 7 is Sunday.
    pub fn number(self) -> i32 {
        self as i32 + 1
    }

    /// The weekday with this ISO number, if it is 1 to 7.
    pub fn from_number(number: i32) -> Option<Weekday> {
        let index = usize::try_from(number.checked_sub(1)?).ok()?;
        Weekday::ALL.get(index).copied()
    }

    /// Whether it is Saturday or Sunday.
    pub fn is_weekend(self) -> bool {
        matches!(self, Weekday::Saturday | Weekday::Sunday)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_day() -> impl Strategy<Value = Day> {
        (Day::MIN.number()..=Day::MAX.number()).prop_map(Day::from_number)
    }

    #[test]
    fn only_days_of_the_gregorian_calendar_exist() {
        for (year, month, day, exists) in [
            (2024, 2, 29, true),
            (2026, 2, 29, false),
            (1900, 2, 29, false),
            (2000, 2, 29, true),
            (2026, 4, 31, false),
            (2026, 13, 1, false),
            (2026, 0, 1, false),
            (0, 1, 1, false),
            (10_000, 1, 1, false),
            (100_000, 1, 300, false),
        ] {
            assert_eq!(Day::new(year, month, day).is_ok(), exists, "{year}-{month}-{day}");
        }
    }

    #[test]
    fn a_day_is_read_only_in_the_iso_form() {
        assert_eq!("2026-12-25".parse(), Day::new(2026, 12, 25));
        for text in
            ["", "2026-1-1", "25/12/2026", "2026-12-25T08:00", "+026-12-25", " 2026-12-25", "2026-12-32"]
        {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }

    #[test]
    fn weekdays_are_numbered_from_monday() {
        assert_eq!(Day::new(2026, 11, 23).unwrap().weekday(), Weekday::Monday);
        assert_eq!(Day::new(2026, 11, 29).unwrap().weekday().number(), 7);
        assert_eq!(Weekday::from_number(7), Some(Weekday::Sunday));
        assert_eq!((Weekday::from_number(0), Weekday::from_number(8)), (None, None));
        assert_eq!(Weekday::from_number(i32::MIN), None);
    }

    #[test]
    fn counting_stops_at_the_ends_of_the_calendar() {
        assert_eq!(Day::MAX.plus(1), Day::MAX);
        assert_eq!(Day::MIN.plus(i32::MIN), Day::MIN);
        assert_eq!(Day::from_number(i32::MAX), Day::MAX);
    }

    proptest! {
        #[test]
        fn number_and_text_give_the_day_back(day in any_day()) {
            prop_assert_eq!(Day::from_number(day.number()), day);
            prop_assert_eq!(day.to_string().parse(), Ok(day));
            prop_assert_eq!(Day::new(day.year(), day.month(), day.day()), Ok(day));
        }

        #[test]
        fn adding_undoes_subtracting_and_weeks_repeat(day in any_day(), days in -3000i32..3000) {
            let other = day.plus(days);
            prop_assert_eq!(day.plus(other - day), other);
            prop_assert_eq!(other > day, other.number() > day.number());
            if day < Day::MAX.plus(-7) {
                prop_assert_eq!(day.plus(7).weekday(), day.weekday());
                prop_assert_eq!(day.next().weekday().number(), day.weekday().number() % 7 + 1);
            }
        }
    }
}
