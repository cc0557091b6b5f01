//! Ranges of days, both ends included.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Day, Error};

/// The days from a first to a last one, both included; never backwards, never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Ends", into = "Ends")]
pub struct DayRange {
    first: Day,
    last: Day,
}

/// The days of a range, one after the other; see [`DayRange::days`].
#[derive(Clone, Debug)]
pub struct Days {
    next_number: i32,
    last_number: i32,
}

/// How a range is written: two days, which may be backwards until checked.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ends {
    first: Day,
    last: Day,
}

// === impl DayRange ===

#[expect(clippy::len_without_is_empty, reason = "a range is never empty")]
impl DayRange {
    /// The range from `first` to `last`, refused if it would run backwards.
    pub fn new(first: Day, last: Day) -> Result<DayRange, Error> {
        if first <= last { Ok(DayRange { first, last }) } else { Err(Error::BackwardsRange { first, last }) }
    }

    /// The range of one day.
    pub fn single(day: Day) -> DayRange {
        DayRange { first: day, last: day }
    }

    /// Its first day.
    pub fn first(self) -> Day {
        self.first
    }

    /// Its last day, which belongs to it.
    pub fn last(self) -> Day {
        self.last
    }

    /// Its days, one after the other.
    pub fn days(self) -> Days {
        Days { next_number: self.first.number(), last_number: self.last.number() }
    }

    /// How many days it has; at least one.
    pub fn len(self) -> usize {
        self.days().len()
    }

    /// Whether this day is one of its days.
    pub fn contains(self, day: Day) -> bool {
        self.first <= day && day <= self.last
    }

    /// Whether every day of the other is one of its days.
    pub fn covers(self, other: DayRange) -> bool {
        self.first <= other.first && other.last <= self.last
    }

    /// Whether they have a day in common.
    pub fn overlaps(self, other: DayRange) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// The days they have in common, if any.
    pub fn intersect(self, other: DayRange) -> Option<DayRange> {
        DayRange::new(self.first.max(other.first), self.last.min(other.last)).ok()
    }
}

impl fmt::Display for DayRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..={}", self.first, self.last)
    }
}

impl IntoIterator for DayRange {
    type Item = Day;
    type IntoIter = Days;

    fn into_iter(self) -> Days {
        self.days()
    }
}

impl TryFrom<Ends> for DayRange {
    type Error = Error;

    fn try_from(ends: Ends) -> Result<DayRange, Error> {
        DayRange::new(ends.first, ends.last)
    }
}

impl From<DayRange> for Ends {
    fn from(range: DayRange) -> Ends {
        Ends { first: range.first, last: range.last }
    }
}

// === impl Days ===

impl Iterator for Days {
    type Item = Day;

    fn next(&mut self) -> Option<Day> {
        if self.next_number > self.last_number {
            return None;
        }
        let day = Day::from_number(self.next_number);
        self.next_number += 1;
        Some(day)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.last_number - self.next_number + 1).unwrap_or(0);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Days {}

impl DoubleEndedIterator for Days {
    fn next_back(&mut self) -> Option<Day> {
        if self.next_number > self.last_number {
            return None;
        }
        let day = Day::from_number(self.last_number);
        self.last_number -= 1;
        Some(day)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn range() -> impl Strategy<Value = DayRange> {
        (20_000i32..20_060, 0i32..20).prop_map(|(first, more)| {
            DayRange::new(Day::from_number(first), Day::from_number(first + more)).unwrap()
        })
    }

    #[test]
    fn a_range_is_never_backwards() {
        let (first, last) = (Day::new(2026, 5, 2).unwrap(), Day::new(2026, 5, 1).unwrap());
        assert_eq!(DayRange::new(first, last), Err(Error::BackwardsRange { first, last }));
        assert_eq!(DayRange::new(first, first), Ok(DayRange::single(first)));
    }

    #[test]
    fn the_last_days_of_the_calendar_end_a_range() {
        let range = DayRange::new(Day::MAX.previous(), Day::MAX).unwrap();
        assert_eq!(range.days().count(), 2);
        assert_eq!(range.days().rev().collect::<Vec<_>>(), [Day::MAX, Day::MAX.previous()]);
    }

    proptest! {
        #[test]
        fn intersection_is_what_both_contain(one in range(), other in range()) {
            let common: Vec<Day> = one.days().filter(|day| other.contains(*day)).collect();
            prop_assert_eq!(one.overlaps(other), !common.is_empty());
            let intersection: Vec<Day> = one.intersect(other).map(|days| days.days().collect()).unwrap_or_default();
            prop_assert_eq!(intersection, common);
            prop_assert_eq!(one.covers(other), other.days().all(|day| one.contains(day)));
            prop_assert_eq!(one.len(), one.days().count());
        }
    }
}
