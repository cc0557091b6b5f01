//! ISO weeks, and the two ways in which people work "every other week".

use std::fmt;

use jiff::civil::{ISOWeekDate, Weekday as JiffWeekday};
use serde::{Deserialize, Serialize};

use crate::{Day, DayRange};

/// An ISO 8601 week: Monday to Sunday, week 1 holds the first Thursday of the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IsoWeek {
    year: i32,
    week: i32,
}

/// Even or odd.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Parity {
    /// Even weeks.
    Even,
    /// Odd weeks.
    Odd,
}

/// Which weeks are even for somebody who works alternating weeks.
///
/// The two ways agree within a year and part after a year of 53 weeks: by number, week 53 and week 1 are both odd
/// and the person works (or rests) twice in a row; by strict alternation that never happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WeekParity {
    /// The parity of the ISO week's number, as printed in diaries.
    Iso,
    /// Strictly every other week; the week of `even` is an even one.
    Alternating {
        /// Any day of a week that counts as even.
        even: Day,
    },
}

// === impl IsoWeek ===

impl IsoWeek {
    /// The week this day belongs to.
    pub fn of(day: Day) -> IsoWeek {
        let week = day.date().iso_week_date();
        IsoWeek { year: i32::from(week.year()), week: i32::from(week.week()) }
    }

    /// The ISO year, which near New Year may differ from the calendar year of its days.
    pub fn year(self) -> i32 {
        self.year
    }

    /// The number of the week in its year, 1 to 53.
    pub fn number(self) -> i32 {
        self.week
    }

    /// The parity of its number.
    pub fn parity(self) -> Parity {
        Parity::of(self.week)
    }

    /// Its Monday.
    pub fn monday(self) -> Day {
        let narrow = |number: i32| i16::try_from(number).expect("years and weeks of a Day are small");
        let week = i8::try_from(narrow(self.week)).expect("weeks are at most 53");
        let monday = ISOWeekDate::new(narrow(self.year), week, JiffWeekday::Monday);
        Day::clamped(monday.expect("the week was taken from a day").date())
    }

    /// Monday to Sunday.
    pub fn range(self) -> DayRange {
        let monday = self.monday();
        DayRange::new(monday, monday.plus(6)).expect("six days later is not earlier")
    }
}

impl fmt::Display for IsoWeek {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-W{:02}", self.year, self.week)
    }
}

// === impl Parity ===

impl Parity {
    fn of(number: i32) -> Parity {
        if number.rem_euclid(2) == 0 { Parity::Even } else { Parity::Odd }
    }
}

// === impl WeekParity ===

impl WeekParity {
    /// The parity of the week this day belongs to.
    pub fn of(self, day: Day) -> Parity {
        match self {
            WeekParity::Iso => day.iso_week().parity(),
            WeekParity::Alternating { even } => Parity::of(week_count(day) - week_count(even)),
        }
    }

    /// Whether the week this day belongs to is an even one.
    pub fn is_even(self, day: Day) -> bool {
        self.of(day) == Parity::Even
    }
}

/// Counts weeks that begin on Monday, from an arbitrary one; 1970-01-01 was a Thursday.
fn week_count(day: Day) -> i32 {
    (day.number() + 3).div_euclid(7)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn weeks_around_new_year_belong_to_the_year_of_their_thursday() {
        for (text, week) in [
            ("2026-12-28", "2026-W53"),
            ("2027-01-03", "2026-W53"),
            ("2027-01-04", "2027-W01"),
            ("2024-12-30", "2025-W01"),
            ("2021-01-03", "2020-W53"),
        ] {
            assert_eq!(day(text).iso_week().to_string(), week, "{text}");
        }
    }

    #[test]
    fn iso_parity_repeats_after_a_year_of_53_weeks_and_strict_alternation_does_not() {
        let (last, first) = (day("2026-12-30"), day("2027-01-06"));
        assert_eq!((WeekParity::Iso.of(last), WeekParity::Iso.of(first)), (Parity::Odd, Parity::Odd));
        let strict = WeekParity::Alternating { even: day("2026-11-18") };
        assert_eq!((strict.of(last), strict.of(first)), (Parity::Even, Parity::Odd));
    }

    proptest! {
        #[test]
        fn strict_alternation_changes_every_monday_and_never_between(
            even in -200_000i32..200_000,
            number in -200_000i32..200_000,
        ) {
            let parity = WeekParity::Alternating { even: Day::from_number(even) };
            let day = Day::from_number(number);
            prop_assert!(parity.is_even(Day::from_number(even)));
            prop_assert_ne!(parity.of(day), parity.of(day.plus(7)));
            prop_assert_eq!(parity.of(day), parity.of(day.iso_week().monday()));
        }

        #[test]
        fn iso_parity_alternates_except_after_week_53(number in -200_000i32..200_000) {
            let day = Day::from_number(number);
            let repeats = WeekParity::Iso.of(day) == WeekParity::Iso.of(day.plus(7));
            prop_assert_eq!(repeats, day.iso_week().number() == 53);
        }

        #[test]
        fn both_ways_agree_within_an_iso_year(number in -200_000i32..200_000) {
            let day = Day::from_number(number);
            let year = day.iso_week().year();
            let week_two = Day::new(year, 1, 4).unwrap().plus(7);
            let strict = WeekParity::Alternating { even: week_two };
            prop_assert_eq!(strict.of(day), WeekParity::Iso.of(day));
        }

        #[test]
        fn a_week_holds_its_days(number in -200_000i32..200_000) {
            let day = Day::from_number(number);
            prop_assert!(day.iso_week().range().contains(day));
            prop_assert!(day.iso_week().range().days().all(|other| other.iso_week() == day.iso_week()));
        }
    }
}
