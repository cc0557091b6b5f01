//! The days: French public holidays, school holidays of no zone in particular, clock changes.

use calendar::{Day as CivilDay, holiday, working_time};
use roster::problem::{Day, Weekday};

/// The days from a first day on.
pub fn days(first: CivilDay, count: u16) -> Vec<Day> {
    (0..i32::from(count)).map(|offset| day(first.plus(offset))).collect()
}

fn day(civil: CivilDay) -> Day {
    let week = civil.iso_week();
    let minutes = working_time::garde(civil, &working_time::Zone::paris()).minutes();
    Day {
        number: civil.number(),
        weekday: Weekday::of_number(civil.number()),
        iso_week: (week.year() * 100 + week.number()) as u32,
        month: (civil.year() * 12 + civil.month() - 1) as u32,
        day_of_month: civil.day() as u8,
        is_public_holiday: holiday::holiday_on(civil, holiday::Region::France).is_some(),
        is_school_holiday: is_school_holiday(civil),
        is_special: matches!((civil.month(), civil.day()), (12, 24 | 25 | 31) | (1, 1)),
        garde_minutes: u16::try_from(minutes).unwrap_or(1_440),
    }
}

/// Two weeks in autumn, at Christmas, in winter and in spring, and the summer. Every year the same dates, where the
/// real ones move by zone and year.
fn is_school_holiday(civil: CivilDay) -> bool {
    match (civil.month(), civil.day()) {
        (7 | 8, _) | (1, ..=3) => true,
        (2, day) => (10..=25).contains(&day),
        (4, day) => (8..=23).contains(&day),
        (10, day) => day >= 20,
        (11, day) => day <= 3,
        (12, day) => day >= 20,
        _ => false,
    }
}

/// Whether an ISO week's number is even, told from a day of it.
pub fn is_even_week(day: &Day) -> bool {
    day.iso_week.is_multiple_of(2)
}

/// The civil month of a day, 1 to 12.
pub fn month(day: &Day) -> usize {
    (day.month % 12) as usize + 1
}
