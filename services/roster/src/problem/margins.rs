//! What lies around the horizon and how days group: months, weeks of work, two-week periods.
//!
//! Two-week periods are counted from a fixed Monday, not by the parity of ISO weeks: after a year of 53 weeks two odd
//! weeks follow one another.

use std::ops::Range;

use super::{
    draft::Draft,
    horizon::{Day, HalfDay},
    index::DayIx,
    person::{Person, WorkedDay},
};

/// The Monday from which two-week periods are counted: 1970-01-05.
const FIRST_MONDAY: i32 = 4;

/// Days one person works outside the horizon.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outside {
    /// Ascending.
    worked: Vec<WorkedDay>,
}

// === impl Outside ===

impl Outside {
    pub fn of(person: &Person) -> Self {
        let mut worked = [&person.history.worked[..], &person.following.worked].concat();
        worked.sort_unstable_by_key(|own| own.day);
        Self { worked }
    }

    /// What is worked on a day outside the horizon.
    pub fn on(&self, day: i32) -> Option<&WorkedDay> {
        self.worked.binary_search_by_key(&day, |own| own.day).ok().map(|at| &self.worked[at])
    }

    /// Working time of a day outside the horizon.
    pub fn minutes(&self, day: i32) -> i64 {
        self.on(day).map_or(0, |own| i64::from(own.minutes))
    }
}

/// Per person and week: the working time of the week's days outside the horizon.
pub(super) fn minutes(draft: &Draft, days_of_week: &[Range<usize>]) -> Vec<Vec<i64>> {
    let of_week = |person: &Person, days: &Range<usize>| {
        let first = days.start as i32 - draft.days[days.start].weekday as i32;
        let outside = Outside::of(person);
        let beyond = (first..first + 7).filter(|day| *day < days.start as i32 || *day >= days.end as i32);
        beyond.map(|day| outside.minutes(day)).sum()
    };
    let of_person = |person| days_of_week.iter().map(|days| of_week(person, days)).collect();
    draft.people.iter().map(of_person).collect()
}

/// Per person and week: working time aimed at; leave and weeks that the horizon cuts shrink it.
pub(super) fn week_targets(draft: &Draft, working_halves: &[Vec<u8>]) -> Vec<Vec<Option<i64>>> {
    let of_person = |(person, halves): (&Person, &Vec<u8>)| {
        let usual = i64::from(halves.iter().copied().max().unwrap_or(0)).max(1);
        let target = person.working_time.week_target.map(i64::from);
        halves.iter().map(|own| target.map(|target| target * i64::from(*own) / usual)).collect()
    };
    draft.people.iter().zip(working_halves).map(of_person).collect()
}

/// The dense month of each day.
pub(super) fn month_of_day(days: &[Day]) -> Vec<u16> {
    let mut month = 0;
    let mut table = Vec::with_capacity(days.len());
    for (position, day) in days.iter().enumerate() {
        month += u16::from(position > 0 && days[position - 1].month != day.month);
        table.push(month);
    }
    table
}

/// Per person and month: usual working half-days.
pub(super) fn month_halves(draft: &Draft, month_of_day: &[u16]) -> Vec<Vec<u8>> {
    let months = month_of_day.last().map_or(0, |last| usize::from(*last) + 1);
    let of_person = |person: &Person| {
        let mut halves = vec![0_u8; months];
        for (at, own) in person.availability.iter().enumerate() {
            halves[usize::from(month_of_day[HalfDay(at as u32).day().at()])] += u8::from(own.allows_post());
        }
        halves
    };
    draft.people.iter().map(of_person).collect()
}

fn fortnight(day: &Day) -> i32 {
    (day.number - FIRST_MONDAY).div_euclid(14)
}

/// The two-week periods the horizon touches, whole, as offsets.
pub(super) fn fortnights(days: &[Day]) -> Vec<Range<i32>> {
    let Some(first) = days.first() else { return Vec::new() };
    let begin = |fortnight: i32| fortnight * 14 + FIRST_MONDAY - first.number;
    let last = days.last().map_or(fortnight(first), fortnight);
    (fortnight(first)..=last).map(|own| begin(own)..begin(own) + 14).collect()
}

/// The dense two-week period of each day.
pub(super) fn fortnight_of_day(days: &[Day]) -> Vec<u16> {
    let first = days.first().map_or(0, fortnight);
    days.iter().map(|day| (fortnight(day) - first) as u16).collect()
}

/// The day of an offset, when the horizon has it.
pub(crate) fn inside(day: i32, days: usize) -> Option<DayIx> {
    usize::try_from(day).ok().filter(|day| *day < days).and_then(DayIx::of)
}
