//! The one conversion between the contract's values and the hospital's time.

use calendar::{Day, DayPart, HalfDay, Span, Weekday};
use prost_types::Timestamp;

use crate::r#type::v1 as pb;

/// A value of the contract that means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// The date is absent where one is needed.
    #[error("expected a date")]
    DateMissing,
    /// The date is not in the calendar, or out of its range.
    #[error("expected a date that exists, with a year from 1900 to 2200")]
    DateInvalid,
    /// The half-day is not one of both.
    #[error("expected MORNING or AFTERNOON")]
    DayPartInvalid,
    /// The weekday is not one of the seven.
    #[error("expected a weekday from MONDAY to SUNDAY")]
    WeekdayInvalid,
    /// The last half-day is before the first.
    #[error("expected an end that is not before the beginning")]
    Backwards,
}

impl From<Day> for pb::Date {
    fn from(day: Day) -> Self {
        Self { year: day.year(), month: day.month(), day: day.day() }
    }
}

impl TryFrom<pb::Date> for Day {
    type Error = ValueError;

    fn try_from(date: pb::Date) -> Result<Day, ValueError> {
        if !(1900..=2200).contains(&date.year) {
            return Err(ValueError::DateInvalid);
        }
        Day::new(date.year, date.month, date.day).map_err(|_| ValueError::DateInvalid)
    }
}

/// Reads a date that must be there.
pub fn day(date: Option<pb::Date>) -> Result<Day, ValueError> {
    date.ok_or(ValueError::DateMissing)?.try_into()
}

/// Reads a date that may be absent.
pub fn day_or_none(date: Option<pb::Date>) -> Result<Option<Day>, ValueError> {
    date.map(Day::try_from).transpose()
}

impl From<DayPart> for pb::DayPart {
    fn from(part: DayPart) -> Self {
        match part {
            DayPart::Morning => Self::Morning,
            DayPart::Afternoon => Self::Afternoon,
        }
    }
}

/// Reads a half-day as messages hold it; what is not said is `default`.
pub fn day_part(part: i32, default: DayPart) -> Result<DayPart, ValueError> {
    match pb::DayPart::try_from(part) {
        Ok(pb::DayPart::Unspecified) => Ok(default),
        Ok(pb::DayPart::Morning) => Ok(DayPart::Morning),
        Ok(pb::DayPart::Afternoon) => Ok(DayPart::Afternoon),
        Err(_) => Err(ValueError::DayPartInvalid),
    }
}

/// Reads a span of half-days: whole days unless a part says otherwise.
pub fn span(
    first_date: Option<pb::Date>,
    first_part: i32,
    last_date: Option<pb::Date>,
    last_part: i32,
) -> Result<Span, ValueError> {
    let first = HalfDay::new(day(first_date)?, day_part(first_part, DayPart::Morning)?);
    let last = HalfDay::new(day(last_date)?, day_part(last_part, DayPart::Afternoon)?);
    Span::new(first, last).map_err(|_| ValueError::Backwards)
}

impl From<Weekday> for pb::Weekday {
    fn from(weekday: Weekday) -> Self {
        match weekday {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}

/// Reads a weekday as messages hold it.
pub fn weekday(number: i32) -> Result<Weekday, ValueError> {
    Weekday::from_number(number).ok_or(ValueError::WeekdayInvalid)
}

/// Writes a moment, given in microseconds since 1970 as databases hold it.
pub fn timestamp(micros: i64) -> Timestamp {
    let nanos = micros.rem_euclid(1_000_000) * 1_000;
    Timestamp {
        seconds: micros.div_euclid(1_000_000),
        nanos: i32::try_from(nanos).expect("less than a second of nanoseconds fits"),
    }
}

/// Reads a moment as microseconds since 1970; what is finer is cut.
pub fn micros(timestamp: &Timestamp) -> i64 {
    timestamp.seconds.saturating_mul(1_000_000).saturating_add(i64::from(timestamp.nanos) / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_survive_the_journey() {
        for (year, month, day) in [(1900, 1, 1), (2024, 2, 29), (2026, 12, 31), (2200, 12, 31)] {
            let date = pb::Date { year, month, day };
            assert_eq!(pb::Date::from(Day::try_from(date).unwrap()), date);
        }
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for (year, month, day) in
            [(2025, 2, 29), (2026, 13, 1), (2026, 4, 31), (0, 0, 0), (1899, 12, 31), (2201, 1, 1)]
        {
            assert_eq!(Day::try_from(pb::Date { year, month, day }), Err(ValueError::DateInvalid));
        }
        assert_eq!(day(None), Err(ValueError::DateMissing));
        assert_eq!(day_or_none(None), Ok(None));
    }

    #[test]
    fn a_span_without_parts_is_whole_days_and_never_backwards() {
        let date = |day| Some(pb::Date { year: 2026, month: 5, day });
        let (morning, afternoon) = (pb::DayPart::Morning as i32, pb::DayPart::Afternoon as i32);
        assert_eq!(span(date(4), 0, date(5), 0).unwrap().len(), 4);
        assert_eq!(span(date(4), afternoon, date(5), morning).unwrap().len(), 2);
        assert_eq!(span(date(4), afternoon, date(4), morning), Err(ValueError::Backwards));
        assert_eq!(span(date(5), 0, date(4), 0), Err(ValueError::Backwards));
        assert_eq!(span(date(5), 7, date(5), 0), Err(ValueError::DayPartInvalid));
    }

    #[test]
    fn weekdays_are_numbered_alike_on_both_sides() {
        for day in Weekday::ALL {
            assert_eq!(weekday(pb::Weekday::from(day) as i32), Ok(day));
        }
        assert_eq!(weekday(0), Err(ValueError::WeekdayInvalid));
        assert_eq!(weekday(8), Err(ValueError::WeekdayInvalid));
    }

    #[test]
    fn moments_survive_the_journey_even_before_1970() {
        for moment in [0, 1, -1, -1_000_001, 1_798_000_000_123_456] {
            assert_eq!(micros(&timestamp(moment)), moment);
        }
    }
}
