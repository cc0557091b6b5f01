//! Legal packs over several days: working time of 7 sliding days (H4 H4+), weekly rest (H5), rest days of two weeks
//! (H6). Decree 2002-9 for public nurses, labor code for employees; every figure comes with the person.
//!
//! Days outside the horizon are what was published there, and free otherwise. A breach is never more than what the
//! horizon adds to it: what others published cannot forbid an empty roster.

use std::ops::Range;

use super::{RuleId, Sink, sink::Facts, sink::UNIT};
use crate::{
    evaluator::state::State,
    problem::{DayIx, PersonIx, inside},
};

/// Length of the sliding window.
const WINDOW: i32 = 7;
/// Minutes of a usual day.
const DAY: i64 = 24 * 60;

/// What a day, inside the horizon or not, holds.
struct Around<'s, 'p> {
    state: &'s State<'p>,
    person: PersonIx,
    days: usize,
}

// === impl Around ===

impl<'s, 'p> Around<'s, 'p> {
    fn new(state: &'s State<'p>, person: PersonIx) -> Self {
        Self { state, person, days: state.problem.days().len() }
    }

    fn minutes(&self, day: i32) -> i64 {
        match inside(day, self.days) {
            Some(day) => self.state.loads(self.person)[day.at()].minutes,
            None => self.state.problem.derived().outside[self.person.at()].minutes(day),
        }
    }

    /// When work begins and ends, in minutes after the day's midnight.
    fn hours(&self, day: i32) -> Option<(i64, i64)> {
        match inside(day, self.days) {
            Some(day) => {
                let load = &self.state.loads(self.person)[day.at()];
                (load.ends > 0).then_some((i64::from(load.starts), i64::from(load.ends)))
            }
            None => {
                let own = self.state.problem.derived().outside[self.person.at()].on(day)?;
                Some((i64::from(own.starts), i64::from(own.ends)))
            }
        }
    }

    fn facts(&self, days: Range<i32>) -> Facts {
        let days = days.filter_map(|day| inside(day, self.days)).collect();
        Facts { people: vec![self.person], days, ..Facts::default() }
    }
}

/// H4: the windows of 7 days that hold one of these days.
pub(super) fn seven_days(state: &State, person: PersonIx, touched: Range<usize>, sink: &mut impl Sink) {
    let own = &state.problem.person(person).working_time;
    let (max, usual) = match (own.seven_days_max, own.seven_days_usual) {
        (None, None) => return,
        (max, usual) => {
            let max = max.map_or(i64::MAX, i64::from);
            (max, usual.map_or(max, i64::from).min(max))
        }
    };
    let around = Around::new(state, person);
    // Windows that end after the horizon say something new only when something is published there.
    let beyond = if state.problem.person(person).following.worked.is_empty() { 0 } else { WINDOW - 1 };
    let last = (touched.end as i32 - 1 + WINDOW).min(around.days as i32 + beyond);
    let mut sum = Sum::default();
    (touched.start as i32 + 1 - WINDOW..touched.start as i32).for_each(|day| sum.add(&around, day, 1));
    for end in touched.start as i32..last {
        sum.add(&around, end, 1);
        let window = end + 1 - WINDOW..end + 1;
        // What was worked outside is nobody's decision: a breach is at most what the horizon adds.
        let over = (sum.all - max).min(sum.inside);
        if over > 0 {
            let facts = || around.facts(window.clone()).numbers(sum.all, max);
            sink.found(RuleId::SevenDaysMax, over * UNIT / 60, facts);
        }
        let overtime = (sum.all.min(max) - usual).min(sum.inside);
        if overtime > 0 {
            let facts = || around.facts(window.clone()).numbers(sum.all, usual);
            sink.found(RuleId::SevenDaysUsual, overtime * UNIT / 60, facts);
        }
        sum.add(&around, window.start, -1);
    }
}

/// Working time of a window, and the part of it that the horizon holds.
#[derive(Default)]
struct Sum {
    all: i64,
    inside: i64,
}

// === impl Sum ===

impl Sum {
    fn add(&mut self, around: &Around, day: i32, sign: i64) {
        let minutes = sign * around.minutes(day);
        self.all += minutes;
        if inside(day, around.days).is_some() {
            self.inside += minutes;
        }
    }
}

/// H5: the longest rest of an ISO week, until the next Monday's morning.
pub(super) fn weekly_rest(state: &State, person: PersonIx, week: usize, sink: &mut impl Sink) {
    let Some(required) = state.problem.person(person).working_time.weekly_rest_min else { return };
    let around = Around::new(state, person);
    let days = state.problem.days_of_week(week);
    let monday = days.start as i32 - state.problem.days()[days.start].weekday as i32;
    let mut longest = 0;
    let mut free_since = 0;
    let mut is_ours = false;
    for at in 0..7 {
        if let Some((starts, ends)) = around.hours(monday + at) {
            is_ours |= inside(monday + at, around.days).is_some();
            longest = longest.max(i64::from(at) * DAY + starts - free_since);
            free_since = i64::from(at) * DAY + ends;
        }
    }
    let next_monday = 7 * DAY + i64::from(state.problem.parameters().morning_start);
    longest = longest.max(next_monday - free_since);
    let required = i64::from(required);
    if is_ours && longest < required {
        let facts = || around.facts(monday..monday + 7).numbers(longest, required);
        sink.found(RuleId::WeeklyRest, (required - longest) * UNIT / 60, facts);
    }
}

/// H6: days without work in two weeks, two of them in a row with a Sunday.
pub(super) fn fortnight(state: &State, person: PersonIx, fortnight: usize, sink: &mut impl Sink) {
    let own = &state.problem.person(person).working_time;
    if own.fortnight_rest_days == 0 && !own.fortnight_sunday {
        return;
    }
    let around = Around::new(state, person);
    let days = state.problem.derived().fortnights[fortnight].clone();
    let is_free = |day: i32| around.hours(day).is_none();
    let free = days.clone().filter(|day| is_free(*day)).count() as i64;
    let missing = (i64::from(own.fortnight_rest_days) - free).max(0);
    // Saturday and Sunday, or Sunday and Monday, of either week.
    let pairs = [(5, 6), (6, 7), (12, 13)];
    let has_pair = pairs.iter().any(|(one, other)| is_free(days.start + one) && is_free(days.start + other));
    let ours = days.clone().filter(|day| inside(*day, around.days).is_some() && !is_free(*day)).count();
    let breach = (missing + i64::from(own.fortnight_sunday && !has_pair)).min(ours as i64);
    if breach > 0 {
        let expected = i64::from(own.fortnight_rest_days);
        sink.found(RuleId::FortnightRest, breach * UNIT, || around.facts(days).numbers(free, expected));
    }
}

/// The two-week period of a day.
pub(super) fn fortnight_of(state: &State, day: DayIx) -> usize {
    usize::from(state.problem.derived().fortnight_of_day[day.at()])
}
