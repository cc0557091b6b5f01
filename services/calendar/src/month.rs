//! A calendar month: what a plan is usually made for.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    Day, DayRange, Days,
    error::{Error, digits},
};

/// One month of one year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month {
    year: i32,
    month: i32,
}

impl Month {
    /// The month (1 = January) of this year, if there is one between the years 1 and 9999.
    pub fn new(year: i32, month: i32) -> Result<Month, Error> {
        if (1..=9999).contains(&year) && (1..=12).contains(&month) {
            Ok(Month { year, month })
        } else {
            Err(Error::NoSuchMonth { year, month })
        }
    }

    /// The month this day belongs to.
    pub fn of(day: Day) -> Month {
        Month { year: day.year(), month: day.month() }
    }

    /// The year, 1 to 9999.
    pub fn year(self) -> i32 {
        self.year
    }

    /// The month of the year, 1 to 12.
    pub fn month(self) -> i32 {
        self.month
    }

    /// Whether its number in the year is even: half-timers of alternating months go by this.
    pub fn is_even(self) -> bool {
        self.month % 2 == 0
    }

    /// Its first day.
    pub fn first(self) -> Day {
        Day::new(self.year, self.month, 1).expect("every month has a first day")
    }

    /// Its last day.
    pub fn last(self) -> Day {
        Day::clamped(self.first().date().last_of_month())
    }

    /// All its days as a range.
    pub fn range(self) -> DayRange {
        DayRange::new(self.first(), self.last()).expect("the first day is not after the last")
    }

    /// Its days, one after the other.
    pub fn days(self) -> Days {
        self.range().days()
    }

    /// The month after; December 9999 is its own successor.
    #[must_use]
    pub fn next(self) -> Month {
        Month::of(self.last().next())
    }

    /// The month before; January of the year 1 is its own predecessor.
    #[must_use]
    pub fn previous(self) -> Month {
        Month::of(self.first().previous())
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = Error;

    fn from_str(text: &str) -> Result<Month, Error> {
        let [year, month] =
            digits(text, '-', [4, 2]).ok_or_else(|| Error::unreadable(text, "a month like 2026-12"))?;
        Month::new(year, month)
    }
}

impl TryFrom<String> for Month {
    type Error = Error;

    fn try_from(text: String) -> Result<Month, Error> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> String {
        month.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn months_have_their_days() {
        for (text, days) in [("2026-02", 28), ("2028-02", 29), ("2026-04", 30), ("2026-12", 31)] {
            let month: Month = text.parse().unwrap();
            assert_eq!(month.days().count(), days, "{text}");
            assert_eq!(month.to_string(), text);
        }
        for text in ["2026-13", "2026-00", "2026", "2026-1", "2026-12-01", "0000-01"] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn months_follow_each_other_without_gap(year in 2i32..9999, month in 1i32..=12) {
            let month = Month::new(year, month).unwrap();
            prop_assert_eq!(month.next().first() - month.last(), 1);
            prop_assert_eq!(month.next().previous(), month);
            prop_assert!(month.days().all(|day| Month::of(day) == month));
        }
    }
}
