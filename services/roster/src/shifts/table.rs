//! The dense tables behind shifts: what a sheet reads millions of times a second, and what exact methods price.

use super::rule::{ShiftRule, Weights};

/// What somebody does on a day: [`OFF`], or `k + 1` for the `k`-th type of shift.
pub type Code = u8;

/// A day off.
pub const OFF: Code = 0;

/// Everything that shifts cost and forbid, compiled once from the problem. Costs are in the score's thousandths, the
/// rules' weights included; what a rule that is turned off would forbid or cost is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Number of days.
    pub days: usize,
    /// Number of codes: the types of shift and [`OFF`].
    pub codes: usize,
    /// Minutes of each code; 0 for [`OFF`].
    pub minutes: Vec<i32>,
    /// Per code: the codes that may not follow it the next day, as bits; 0 for [`OFF`].
    pub forbidden_next: Vec<u64>,
    /// Demand per day and code, at `day * codes + code`; that of [`OFF`] costs nothing.
    pub cover: Vec<Cover>,
    /// Per day: the week-end it belongs to, numbered from 0, or `None` on weekdays.
    pub weekend: Vec<Option<u16>>,
    /// Number of week-ends the horizon touches.
    pub weekends: usize,
    /// Limits per person; `None` for people who work no shifts.
    pub limits: Vec<Option<Limits>>,
    /// Codes allowed per person and day, at `person * days + day`, as bits (bit 0: off). Absences, unavailable days,
    /// types a contract allows none of, and pins (one bit) are in here. Never 0.
    pub allowed: Vec<u64>,
    /// What a code costs a person on a day, whatever the rest (wishes, changes), at
    /// `(person * days + day) * codes + code`.
    pub cost: Vec<i64>,
    /// The part of `cost` that is about the published plan, at `person * days + day`; empty when none is published.
    pub changes: Vec<Change>,
}

/// What was published for a person's day, and what differing costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The code published.
    pub code: Code,
    /// What any other costs; 0 when nothing was published.
    pub cost: i64,
}

/// Demand of one code on one day: a convex cost of the number of people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cover {
    /// People wanted.
    pub required: u16,
    /// Cost of each missing person.
    pub under: i64,
    /// Cost of each person too many.
    pub over: i64,
}

/// What a contract allows: see [`crate::problem::ShiftLimits`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Least working time, in minutes.
    pub minutes_min: i32,
    /// Most working time, in minutes.
    pub minutes_max: i32,
    /// Fewest days worked in a row, ends of the horizon exempt.
    pub stretch_min: u16,
    /// Most days worked in a row.
    pub stretch_max: u16,
    /// Days already worked in a row before the horizon: they count towards `stretch_max`.
    pub stretch_before: u16,
    /// Fewest days off in a row, ends of the horizon exempt.
    pub rest_min: u16,
    /// Most week-ends worked.
    pub weekends_max: u16,
    /// Most uses of each code; that of [`OFF`] is the number of days.
    pub most: Vec<u16>,
}

// === impl Table ===

impl Table {
    /// Whether nobody works shifts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.codes <= 1
    }

    /// The same with demands, wishes and changes multiplied: for methods that read one cost and know no levels.
    #[must_use]
    pub fn weighted(&self, weights: &Weights) -> Self {
        let mut table = self.clone();
        for cover in &mut table.cover {
            cover.under *= weights[ShiftRule::Under];
            cover.over *= weights[ShiftRule::Over];
        }
        for (at, cost) in table.cost.iter_mut().enumerate() {
            let (cell, code) = (at / self.codes, (at % self.codes) as Code);
            let change = self.changes.get(cell).map_or(0, |own| own.of(code));
            *cost = (*cost - change) * weights[ShiftRule::Wish] + change * weights[ShiftRule::Change];
        }
        for change in &mut table.changes {
            change.cost *= weights[ShiftRule::Change];
        }
        table
    }

    /// Codes allowed to a person on a day, as bits.
    #[must_use]
    pub fn allowed(&self, person: usize, day: usize) -> u64 {
        self.allowed[person * self.days + day]
    }

    /// Number of people, those who work no shifts included.
    #[must_use]
    pub fn people(&self) -> usize {
        self.limits.len()
    }

    /// What each code costs a person on a day.
    #[must_use]
    pub fn costs(&self, person: usize, day: usize) -> &[i64] {
        &self.cost[(person * self.days + day) * self.codes..][..self.codes]
    }

    /// The demand of a code on a day.
    #[must_use]
    pub fn cover(&self, day: usize, code: Code) -> &Cover {
        &self.cover[day * self.codes + usize::from(code)]
    }
}

// === impl Change ===

impl Change {
    /// What a code costs against the published one.
    #[must_use]
    pub fn of(&self, code: Code) -> i64 {
        if code == self.code { 0 } else { self.cost }
    }
}

// === impl Cover ===

impl Cover {
    /// What it costs that so many people come.
    #[must_use]
    pub fn cost(&self, count: u16) -> i64 {
        if count < self.required {
            self.under * i64::from(self.required - count)
        } else {
            self.over * i64::from(count - self.required)
        }
    }

    /// What one more person costs when so many are there already; never falls as `count` rises.
    #[must_use]
    pub fn marginal(&self, count: u16) -> i64 {
        if count < self.required { -self.under } else { self.over }
    }
}
