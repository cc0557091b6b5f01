//! Half-days, the unit of theatre, consultations and leave.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Day, DayRange, Error};

/// The part of a day a post or a leave takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DayPart {
    /// Before the break, by default 08:00 to 13:00.
    Morning,
    /// After the break, by default 13:30 to 18:30.
    Afternoon,
}

/// One half of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HalfDay {
    /// The day.
    pub day: Day,
    /// Which half of it.
    pub part: DayPart,
}

/// The half-days from a first to a last one, both included; never backwards, never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Ends", into = "Ends")]
pub struct Span {
    first: HalfDay,
    last: HalfDay,
}

/// How a span is written: two half-days, which may be backwards until checked.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ends {
    first: HalfDay,
    last: HalfDay,
}

// === impl DayPart ===

impl DayPart {
    /// Both parts, in the order of the day.
    pub const ALL: [DayPart; 2] = [DayPart::Morning, DayPart::Afternoon];

    /// 0 for the morning, 1 for the afternoon.
    pub fn index(self) -> usize {
        self as usize
    }

    /// The other half of the same day.
    #[must_use]
    pub fn other(self) -> DayPart {
        match self {
            DayPart::Morning => DayPart::Afternoon,
            DayPart::Afternoon => DayPart::Morning,
        }
    }
}

impl fmt::Display for DayPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DayPart::Morning => "morning",
            DayPart::Afternoon => "afternoon",
        })
    }
}

// === impl HalfDay ===

impl HalfDay {
    /// This half of this day.
    pub fn new(day: Day, part: DayPart) -> HalfDay {
        HalfDay { day, part }
    }

    /// How many half-days after the morning of 1970-01-01 it is.
    pub fn number(self) -> i64 {
        i64::from(self.day.number()) * 2 + self.part as i64
    }

    /// The half-day after it.
    #[must_use]
    pub fn next(self) -> HalfDay {
        match self.part {
            DayPart::Morning => HalfDay { day: self.day, part: DayPart::Afternoon },
            DayPart::Afternoon => HalfDay { day: self.day.next(), part: DayPart::Morning },
        }
    }
}

impl fmt::Display for HalfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.day, self.part)
    }
}

// === impl Span ===

#[expect(clippy::len_without_is_empty, reason = "a span is never empty")]
impl Span {
    /// The span from `first` to `last`, refused if it would run backwards.
    pub fn new(first: HalfDay, last: HalfDay) -> Result<Span, Error> {
        if first <= last { Ok(Span { first, last }) } else { Err(Error::BackwardsSpan { first, last }) }
    }

    /// Whole days: from the morning of the first to the afternoon of the last.
    pub fn whole(days: DayRange) -> Span {
        Span {
            first: HalfDay::new(days.first(), DayPart::Morning),
            last: HalfDay::new(days.last(), DayPart::Afternoon),
        }
    }

    /// Its first half-day.
    pub fn first(self) -> HalfDay {
        self.first
    }

    /// Its last half-day, which belongs to it.
    pub fn last(self) -> HalfDay {
        self.last
    }

    /// The days it touches, if only by half.
    pub fn range(self) -> DayRange {
        DayRange::new(self.first.day, self.last.day).expect("half-days are ordered by day first")
    }

    /// How many half-days it has; at least one.
    pub fn len(self) -> usize {
        usize::try_from(self.last.number() - self.first.number() + 1).expect("a span is never backwards")
    }

    /// Its half-days, one after the other.
    pub fn half_days(self) -> impl Iterator<Item = HalfDay> {
        self.range()
            .days()
            .flat_map(|day| DayPart::ALL.map(|part| HalfDay::new(day, part)))
            .filter(move |half| self.contains(*half))
    }

    /// Whether this half-day is one of its half-days.
    pub fn contains(self, half: HalfDay) -> bool {
        self.first <= half && half <= self.last
    }

    /// Whether they have a half-day in common.
    pub fn overlaps(self, other: Span) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    /// The half-days they have in common, if any.
    pub fn intersect(self, other: Span) -> Option<Span> {
        Span::new(self.first.max(other.first), self.last.min(other.last)).ok()
    }
}

impl From<DayRange> for Span {
    fn from(days: DayRange) -> Span {
        Span::whole(days)
    }
}

impl TryFrom<Ends> for Span {
    type Error = Error;

    fn try_from(ends: Ends) -> Result<Span, Error> {
        Span::new(ends.first, ends.last)
    }
}

impl From<Span> for Ends {
    fn from(span: Span) -> Ends {
        Ends { first: span.first, last: span.last }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn half(number: i32) -> HalfDay {
        let part = if number % 2 == 0 { DayPart::Morning } else { DayPart::Afternoon };
        HalfDay::new(Day::from_number(20_000 + number / 2), part)
    }

    fn span() -> impl Strategy<Value = Span> {
        (0i32..40, 0i32..15).prop_map(|(first, more)| Span::new(half(first), half(first + more)).unwrap())
    }

    #[test]
    fn a_span_within_one_day_is_never_backwards() {
        assert!(Span::new(half(1), half(0)).is_err());
        assert_eq!(Span::new(half(1), half(1)).unwrap().len(), 1);
    }

    #[test]
    fn whole_days_have_two_halves_each() {
        let days = DayRange::new(Day::from_number(0), Day::from_number(4)).unwrap();
        assert_eq!(Span::whole(days).len(), 10);
        assert_eq!(Span::whole(days).range(), days);
    }

    proptest! {
        #[test]
        fn the_half_days_are_those_it_contains_in_order(one in span(), other in span()) {
            let halves: Vec<HalfDay> = one.half_days().collect();
            prop_assert_eq!(halves.len(), one.len());
            prop_assert!(halves.windows(2).all(|pair| pair[0].next() == pair[1]));
            let common = halves.iter().filter(|half| other.contains(**half)).count();
            prop_assert_eq!(one.overlaps(other), common > 0);
            prop_assert_eq!(one.intersect(other).map_or(0, Span::len), common);
        }
    }
}
