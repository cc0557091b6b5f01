//! What a change would break and cost, without making it: the days it touches and the runs around them.

use super::{
    examine::hours,
    line::{Bounds, Runs, Window},
    rule::{Amounts, ShiftRule, Weights},
    sheet::{Sheet, at},
    table::{Code, OFF},
};
use crate::score::Score;

/// The longest change whose days fit the bits of a [`Window`]; longer ones are counted day by day.
const SHORT: usize = 64;

/// A change of one row's days, and what its cells say of it.
struct Days<'s> {
    person: usize,
    first: usize,
    before: &'s [Code],
    after: &'s [Code],
}

// === impl Sheet ===

impl Sheet<'_> {
    /// What giving a person these codes from a day on would cost, weighed. Changes nothing.
    ///
    /// # Panics
    /// When the days go beyond the horizon, or one is no code of the table.
    #[must_use]
    #[inline]
    pub fn delta(&self, person: usize, first_day: usize, codes: &[Code], weights: &Weights) -> i64 {
        self.change(person, first_day, codes).cost(weights)
    }

    /// What exchanging some days of two people would cost, weighed: demands are as well met as before.
    ///
    /// # Panics
    /// When the days go beyond the horizon.
    #[must_use]
    #[inline]
    pub fn swap_delta(
        &self,
        one: usize,
        other: usize,
        first_day: usize,
        length: usize,
        weights: &Weights,
    ) -> i64 {
        let days = self.table.days;
        let (left, right) = (&self.rows[one * days + first_day..], &self.rows[other * days + first_day..]);
        let (left, right) = (&left[..length], &right[..length]);
        let mut sum = Amounts::ZERO;
        self.row_change(&Days { person: one, first: first_day, before: left, after: right }, &mut sum);
        self.row_change(&Days { person: other, first: first_day, before: right, after: left }, &mut sum);
        sum.cost(weights)
    }

    /// What giving a person these codes from a day on would break and cost, rule by rule. Changes nothing.
    ///
    /// # Panics
    /// When the days go beyond the horizon, or one is no code of the table.
    #[must_use]
    #[inline]
    pub fn change(&self, person: usize, first_day: usize, codes: &[Code]) -> Amounts {
        let before = &self.row(person)[first_day..first_day + codes.len()];
        let days = Days { person, first: first_day, before, after: codes };
        let mut sum = Amounts::ZERO;
        self.row_change(&days, &mut sum);
        self.cover_change(&days, &mut sum);
        sum
    }

    /// How many more week-ends would be worked in.
    pub(super) fn weekends_gained(&self, person: usize, first: usize, codes: &[Code]) -> i32 {
        let before = &self.row(person)[first..first + codes.len()];
        let days = Days { person, first, before, after: codes };
        self.long_weekends(&days)
    }

    /// One person fewer at the old codes, one more at the new.
    #[inline]
    fn cover_change(&self, days: &Days, sum: &mut Amounts) {
        let table = self.table;
        let (mut under, mut over) = (0, 0);
        for (at, (old, new)) in days.before.iter().zip(days.after).enumerate() {
            if old == new {
                continue;
            }
            let first = (days.first + at) * table.codes;
            let covers = &table.cover[first..first + table.codes];
            let counts = &self.counts[first..first + table.codes];
            let (left, joined) = (&covers[usize::from(*old)], &covers[usize::from(*new)]);
            if counts[usize::from(*old)] <= left.required {
                under += left.under
            } else {
                over -= left.over
            }
            if counts[usize::from(*new)] < joined.required {
                under -= joined.under
            } else {
                over += joined.over
            }
        }
        sum[ShiftRule::Under] += under;
        sum[ShiftRule::Over] += over;
    }

    /// What the row itself breaks and costs more.
    #[inline]
    fn row_change(&self, days: &Days, sum: &mut Amounts) {
        let table = self.table;
        let bounds = &self.bounds[days.person];
        let row = self.row(days.person);
        let last = days.first + days.before.len();
        let before_first = if days.first == 0 { OFF } else { row[days.first - 1] };
        let (mut old_last, mut new_last) = (before_first, before_first);
        let forbidden = &self.forbidden_next;
        let follows = |one: Code, next: Code| (forbidden[at(one)] >> (next % 64) & 1) as i64;
        let (mut closed, mut successions, mut minutes) = (0, 0, 0);
        let (mut flips, mut touched) = (0_u64, 0_u64);
        let changes = days.before.iter().copied().zip(days.after.iter().copied());
        for (day, (old, new)) in changes.enumerate() {
            successions += follows(new_last, new) - follows(old_last, old);
            (old_last, new_last) = (old, new);
            if old != new {
                closed += gain(bounds.usual, old, new);
                minutes += self.minutes[at(new)] - self.minutes[at(old)];
                touched |= 1 << (old % 64) | 1 << (new % 64);
                flips |= u64::from((old == OFF) != (new == OFF)) << (day % SHORT);
            }
        }
        if last < table.days {
            successions += follows(new_last, row[last]) - follows(old_last, row[last]);
        }
        sum[ShiftRule::NotOpen] += closed * Score::UNIT;
        sum[ShiftRule::Succession] += successions * Score::UNIT;
        self.special_change(days, bounds, sum);
        if touched & bounds.limited != 0 {
            self.most_change(days, touched & bounds.limited, sum);
        }
        if minutes != 0 {
            let own = self.lines[days.person].minutes;
            let beyond = |minutes: i32| hours(minutes.saturating_sub(bounds.minutes_max));
            let short = |minutes: i32| hours(bounds.minutes_min - minutes);
            sum[ShiftRule::MinutesMax] += beyond(own + minutes) - beyond(own);
            sum[ShiftRule::MinutesMin] += short(own + minutes) - short(own);
        }
        if flips != 0 {
            self.work_change(days, flips, bounds, sum);
        }
    }

    /// Types used more often, or less, than a contract allows.
    fn most_change(&self, days: &Days, mut touched: u64, sum: &mut Amounts) {
        let Some(limits) = &self.table.limits[days.person] else { return };
        let used = &self.used[days.person * self.table.codes..][..self.table.codes];
        while touched != 0 {
            let code = touched.trailing_zeros() as usize;
            touched &= touched - 1;
            let gained: i64 = (days.before.iter().zip(days.after))
                .map(|(old, new)| i64::from(usize::from(*new) == code) - i64::from(usize::from(*old) == code))
                .sum();
            let beyond = |used: i64| (used - i64::from(limits.most[code])).max(0);
            let own = i64::from(used[code]);
            sum[ShiftRule::Most] += (beyond(own + gained) - beyond(own)) * Score::UNIT;
        }
    }

    /// Days that are not like the person's others: open otherwise, wished for, or published. Most changes touch few.
    #[inline]
    fn special_change(&self, days: &Days, bounds: &Bounds, sum: &mut Amounts) {
        let table = self.table;
        for first in (0..days.before.len()).step_by(64) {
            let length = (days.before.len() - first).min(64);
            let mut special = bounds.special.from(days.first + first) & u64::MAX >> (64 - length);
            while special != 0 {
                let day = first + special.trailing_zeros() as usize;
                special &= special - 1;
                let (old, new) = (days.before[day], days.after[day]);
                if old == new {
                    continue;
                }
                let cell = days.person * table.days + days.first + day;
                let closed = gain(table.allowed[cell], old, new) - gain(bounds.usual, old, new);
                let costs = &table.cost[cell * table.codes..][..table.codes];
                let change = table.changes.get(cell).map_or(0, |own| own.of(new) - own.of(old));
                sum[ShiftRule::NotOpen] += closed * Score::UNIT;
                sum[ShiftRule::Wish] += costs[usize::from(new)] - costs[usize::from(old)] - change;
                sum[ShiftRule::Change] += change;
            }
        }
    }

    /// Runs and week-ends, when days begin or cease to be worked.
    #[inline]
    fn work_change(&self, days: &Days, flips: u64, bounds: &Bounds, sum: &mut Amounts) {
        let line = &self.lines[days.person];
        let window = if days.before.len() > SHORT {
            None
        } else {
            let horizon = self.table.days;
            Window::around(&line.worked, &self.saturdays, horizon, days.first, flips, bounds.rest_min)
        };
        let (runs, weekends) = match window {
            Some(window) => {
                let sunday = i32::from(self.begins_on_sunday && days.first == 0 && flips & 1 == 1);
                let gained = if days.after[0] == OFF { -sunday } else { sunday };
                (window.runs(bounds), window.weekends() + gained)
            }
            None => (self.long_runs(days, bounds), self.long_weekends(days)),
        };
        sum[ShiftRule::StretchMax] += i64::from(runs.stretch_over) * Score::UNIT;
        sum[ShiftRule::StretchMin] += i64::from(runs.stretch_short) * Score::UNIT;
        sum[ShiftRule::RestMin] += i64::from(runs.rest_short) * Score::UNIT;
        if weekends != 0 {
            let beyond = |weekends: i32| (weekends - bounds.weekends_max).max(0);
            let more = beyond(line.weekends + weekends) - beyond(line.weekends);
            sum[ShiftRule::WeekendsMax] += i64::from(more) * Score::UNIT;
        }
    }

    /// Runs of a change too long for bits, day by day, from the first run it touches to the last.
    fn long_runs(&self, days: &Days, bounds: &Bounds) -> Runs {
        let row = self.row(days.person);
        let is_like = |one: Code, other: Code| (one == OFF) == (other == OFF);
        let (mut from, mut to) = (days.first, days.first + days.before.len());
        while from > 0 && (from == days.first || is_like(row[from - 1], row[from])) {
            from -= 1;
        }
        let last = to;
        while to < row.len() && (to == last || is_like(row[to - 1], row[to])) {
            to += 1;
        }
        let after = |day: usize| {
            let changed = day.checked_sub(days.first).and_then(|at| days.after.get(at));
            changed.copied().unwrap_or(row[day])
        };
        let edges = (from == 0, to == row.len());
        let old = count_runs((from..to).map(|day| row[day] != OFF), edges, bounds);
        let new = count_runs((from..to).map(|day| after(day) != OFF), edges, bounds);
        Runs {
            stretch_over: new.stretch_over - old.stretch_over,
            stretch_short: new.stretch_short - old.stretch_short,
            rest_short: new.rest_short - old.rest_short,
        }
    }

    /// Week-ends of a change, one by one.
    fn long_weekends(&self, days: &Days) -> i32 {
        let row = self.row(days.person);
        let (first, end) = (days.first, days.first + days.before.len());
        let mut gained = 0;
        let mut day = first;
        while day < end {
            let Some(weekend) = self.table.weekend[day] else {
                day += 1;
                continue;
            };
            let is_same = |other: &usize| self.table.weekend[*other] == Some(weekend);
            let start = if day > 0 && is_same(&(day - 1)) { day - 1 } else { day };
            let both = start..=(start + 1).min(row.len() - 1);
            let own = || both.clone().filter(is_same);
            let after =
                |day: usize| if (first..end).contains(&day) { days.after[day - first] } else { row[day] };
            gained +=
                i32::from(own().any(|day| after(day) != OFF)) - i32::from(own().any(|day| row[day] != OFF));
            day = start + 2;
        }
        gained
    }
}

/// One when the old code is allowed and the new one is not, minus one the other way round.
#[inline]
fn gain(allowed: u64, old: Code, new: Code) -> i64 {
    (allowed >> (old % 64) & 1) as i64 - (allowed >> (new % 64) & 1) as i64
}

/// What the runs of some days break; those that touch an edge of the horizon are exempt of the least lengths.
fn count_runs(days: impl Iterator<Item = bool>, edges: (bool, bool), bounds: &Bounds) -> Runs {
    let mut runs = Runs::default();
    let mut close = |is_work: bool, length: i32, is_first: bool, is_last: bool| {
        let begins = is_first && edges.0;
        let is_edge = begins || (is_last && edges.1);
        if is_work {
            let stretch = length + if begins { bounds.stretch_before } else { 0 };
            runs.stretch_over += (stretch - bounds.stretch_max).max(0);
            runs.stretch_short += if is_edge { 0 } else { (bounds.stretch_min - length).max(0) };
        } else {
            runs.rest_short += if is_edge { 0 } else { (bounds.rest_min - length).max(0) };
        }
    };
    let (mut run, mut is_first): (Option<(bool, i32)>, bool) = (None, true);
    for day in days {
        run = match run {
            Some((is_work, length)) if is_work == day => Some((is_work, length + 1)),
            Some((is_work, length)) => {
                close(is_work, length, is_first, false);
                is_first = false;
                Some((day, 1))
            }
            None => Some((day, 1)),
        };
    }
    if let Some((is_work, length)) = run {
        close(is_work, length, is_first, true);
    }
    runs
}
