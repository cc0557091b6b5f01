//! One person's line of a sheet as bits: which days are worked, so that runs and week-ends are counted in a few steps.

use super::table::{Limits, Table};

/// Words of 64 days that hold the longest horizon, with one to spare for reading across.
const WORDS: usize = 8;
/// Days looked at on each side of a change; rests at least this long are long enough for everybody ([`Bounds::of`]).
const REACH: usize = 16;

/// Days as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits([u64; WORDS]);

/// A person's limits, in the form the sheet reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub minutes_min: i32,
    pub minutes_max: i32,
    pub stretch_min: i32,
    pub stretch_max: i32,
    pub stretch_before: i32,
    pub rest_min: i32,
    pub weekends_max: i32,
    /// The codes with a limit that the days of the horizon do not give anyway.
    pub limited: u64,
    /// The codes allowed on the days that are not special.
    pub usual: u64,
    /// The days on which other codes are allowed, or some code costs something.
    pub special: Bits,
}

/// What runs break, in days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Runs {
    pub stretch_over: i32,
    pub stretch_short: i32,
    pub rest_short: i32,
}

/// Days worked around a change, before and after it. A stretch that reaches beyond is not cut: see [`Window::around`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    before: u64,
    after: u64,
    /// The week-ends' first days, aligned like the others.
    weekends: u64,
    /// The first and one past the last day of the runs that the change touches, within the bits.
    from: u32,
    to: u32,
    /// Those runs touch the first or the last day of the horizon.
    at_start: bool,
    at_end: bool,
}

// === impl Bits ===

impl Bits {
    /// Sets one day.
    pub fn set(&mut self, day: usize, value: bool) {
        let (word, bit) = (day / 64, 1_u64 << (day % 64));
        if value { self.0[word] |= bit } else { self.0[word] &= !bit }
    }

    /// Up to 64 days from one on.
    #[inline]
    pub fn from(&self, day: usize) -> u64 {
        let (word, shift) = (day / 64, day % 64);
        // Shifted twice, so that a shift of 0 takes nothing of the next word.
        self.0[word] >> shift | self.0[word + 1] << 1 << (63 - shift)
    }
}

// === impl Bounds ===

impl Bounds {
    pub fn of(table: &Table, person: usize) -> Self {
        let (usual, special) = special_days(table, person);
        let Some(limits): Option<&Limits> = table.limits[person].as_ref() else {
            return Self {
                minutes_min: 0,
                minutes_max: i32::MAX,
                stretch_min: 0,
                stretch_max: i32::MAX,
                stretch_before: 0,
                rest_min: 0,
                weekends_max: i32::MAX,
                limited: 0,
                usual,
                special,
            };
        };
        let has_limit = |code: &usize| usize::from(limits.most[*code]) < table.days;
        Self {
            minutes_min: limits.minutes_min,
            minutes_max: limits.minutes_max,
            stretch_min: limits.stretch_min.into(),
            stretch_max: limits.stretch_max.into(),
            stretch_before: limits.stretch_before.into(),
            rest_min: limits.rest_min.into(),
            weekends_max: limits.weekends_max.into(),
            limited: (1..table.codes).filter(has_limit).fold(0, |bits, code| bits | 1 << code),
            usual,
            special,
        }
    }
}

/// The codes allowed on any of a person's days, and the days that differ from that or have a cost.
fn special_days(table: &Table, person: usize) -> (u64, Bits) {
    let usual = (0..table.days).fold(0, |bits, day| bits | table.allowed(person, day));
    let mut special = Bits::default();
    for day in 0..table.days {
        let has_cost = table.costs(person, day).iter().any(|cost| *cost != 0);
        special.set(day, has_cost || table.allowed(person, day) != usual);
    }
    (usual, special)
}

// === impl Window ===

impl Window {
    /// The days around those that begin or cease to be worked, `flips` from day `first` on; `None` when they span too
    /// many days, or touch a stretch or a short rest too long to be seen whole: then days are counted one by one.
    #[inline]
    pub fn around(
        worked: &Bits,
        weekends: &Bits,
        days: usize,
        first: usize,
        flips: u64,
        rest_min: i32,
    ) -> Option<Self> {
        let skip = flips.trailing_zeros() as usize;
        let (start, flips) = (first + skip, flips >> skip);
        let end = start + 64 - flips.leading_zeros() as usize;
        if end - start > 64 - 2 * REACH || rest_min > REACH as i32 {
            return None;
        }
        let (low, high) = (start.saturating_sub(REACH), (end + REACH).min(days));
        let whole = u64::MAX >> (64 - (high - low));
        let before = worked.from(low) & whole;
        let at = (start - low) as u32;
        let (mut from, mut to) = (at, (end - low) as u32);
        if at > 0 {
            let left = before << (64 - at);
            let is_work = left >> 63 == 1;
            let run = if is_work { left.leading_ones() } else { left.leading_zeros().min(at) };
            if is_work && run == at && low > 0 {
                return None;
            }
            from -= run;
        }
        let seen = (high - low) as u32;
        if to < seen {
            let right = before >> to;
            let is_work = right & 1 == 1;
            let run = if is_work { right.trailing_ones() } else { right.trailing_zeros().min(seen - to) };
            if is_work && to + run == seen && high < days {
                return None;
            }
            to += run;
        }
        Some(Self {
            before,
            after: before ^ flips << at,
            weekends: weekends.from(low) & whole,
            from,
            to,
            at_start: low == 0 && from == 0,
            at_end: high == days && to == seen,
        })
    }

    /// What the change adds to each.
    #[inline]
    pub fn runs(&self, bounds: &Bounds) -> Runs {
        let (before, after) = (self.count(self.before, bounds), self.count(self.after, bounds));
        Runs {
            stretch_over: after.stretch_over - before.stretch_over,
            stretch_short: after.stretch_short - before.stretch_short,
            rest_short: after.rest_short - before.rest_short,
        }
    }

    /// Week-ends worked after, less those before. A horizon that begins on a Sunday is the caller's to complete.
    #[inline]
    pub fn weekends(&self) -> i32 {
        let before = (self.before | self.before >> 1) & self.weekends;
        let after = (self.after | self.after >> 1) & self.weekends;
        if before == after { 0 } else { after.count_ones() as i32 - before.count_ones() as i32 }
    }

    #[inline]
    fn count(&self, bits: u64, bounds: &Bounds) -> Runs {
        let length = self.to - self.from;
        let mut bits = bits >> self.from;
        let (mut runs, mut at) = (Runs::default(), 0);
        loop {
            let rest = bits.trailing_zeros().min(length - at);
            if rest > 0 {
                let is_edge = (at == 0 && self.at_start) || (at + rest == length && self.at_end);
                runs.rest_short += if is_edge { 0 } else { (bounds.rest_min - rest as i32).max(0) };
                at += rest;
                if at == length {
                    return runs;
                }
                bits >>= rest;
            }
            let work = bits.trailing_ones().min(length - at);
            let begins = at == 0 && self.at_start;
            let is_edge = begins || (at + work == length && self.at_end);
            let stretch = work as i32 + if begins { bounds.stretch_before } else { 0 };
            runs.stretch_over += (stretch - bounds.stretch_max).max(0);
            runs.stretch_short += if is_edge { 0 } else { (bounds.stretch_min - work as i32).max(0) };
            at += work;
            if at == length {
                return runs;
            }
            bits >>= work;
        }
    }
}
