//! What can be wrong with a date that somebody typed.

use thiserror::Error;

use crate::{Day, HalfDay};

/// Why a value of this crate could not be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Error {
    /// The Gregorian calendar has no such day between the years 1 and 9999.
    #[error("no such day: {year:04}-{month:02}-{day:02}")]
    NoSuchDay {
        /// The year asked for.
        year: i32,
        /// The month asked for.
        month: i32,
        /// The day of the month asked for.
        day: i32,
    },
    /// There is no such month between the years 1 and 9999.
    #[error("no such month: {year:04}-{month:02}")]
    NoSuchMonth {
        /// The year asked for.
        year: i32,
        /// The month asked for.
        month: i32,
    },
    /// There is no such time of day.
    #[error("no such time of day: {hour:02}:{minute:02}")]
    NoSuchTime {
        /// The hour asked for.
        hour: i32,
        /// The minute asked for.
        minute: i32,
    },
    /// A range of days would end before it begins.
    #[error("the last day {last} is before the first day {first}")]
    BackwardsRange {
        /// The first day asked for.
        first: Day,
        /// The last day asked for.
        last: Day,
    },
    /// A span of half-days would end before it begins.
    #[error("the last half-day {last} is before the first half-day {first}")]
    BackwardsSpan {
        /// The first half-day asked for.
        first: HalfDay,
        /// The last half-day asked for.
        last: HalfDay,
    },
    /// A text does not have the form of the value.
    #[error("`{text}` is not {expected}")]
    Unreadable {
        /// The text as it was given.
        text: String,
        /// The form that was expected, for example `a day like 2026-12-25`.
        expected: &'static str,
    },
}

impl Error {
    pub(crate) fn unreadable(text: &str, expected: &'static str) -> Error {
        Error::Unreadable { text: text.to_owned(), expected }
    }
}

/// Reads groups of digits of exactly these widths, separated by `separator`; anything else is `None`.
pub(crate) fn digits<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[i32; N]> {
    let mut numbers = [0; N];
    let mut groups = text.split(separator);
    for (number, width) in numbers.iter_mut().zip(widths) {
        let group = groups.next()?;
        if group.len() != width || !group.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = group.parse().ok()?;
    }
    groups.next().is_none().then_some(numbers)
}
