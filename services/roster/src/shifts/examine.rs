//! The plain count: what one row breaks and costs, finding by finding. Explanation reads it, and the sheet's running
//! amounts are checked against it.

use super::{
    rule::{Amounts, ShiftRule},
    table::{Code, Limits, OFF, Table},
};
use crate::score::Score;

/// Something a row breaks or costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub rule: ShiftRule,
    /// How much, as in [`Amounts`].
    pub amount: i64,
    /// The first day it is about; 0 for what is about the whole row.
    pub first: usize,
    /// The last day it is about; the horizon's for what is about the whole row.
    pub last: usize,
    /// The code it is about, if one.
    pub code: Option<Code>,
    /// What was found, in the rule's own unit: shifts, minutes, days, week-ends.
    pub observed: i64,
    /// What the rule asks, in the same unit.
    pub expected: i64,
}

/// Minutes in thousandths of an hour.
#[inline]
pub(super) fn hours(minutes: i32) -> i64 {
    i64::from(minutes.max(0)) * Score::UNIT / 60
}

// === impl Table ===

impl Table {
    /// What one row breaks and costs, demands aside.
    #[must_use]
    pub fn row_amounts(&self, person: usize, row: &[Code]) -> Amounts {
        let mut amounts = Amounts::ZERO;
        self.examine(person, row, &mut |finding: Finding| amounts[finding.rule] += finding.amount);
        amounts
    }

    /// Reports all that one row breaks and costs, demands aside.
    pub fn examine(&self, person: usize, row: &[Code], report: &mut impl FnMut(Finding)) {
        self.examine_days(person, row, report);
        if let Some(limits) = &self.limits[person] {
            self.examine_totals(limits, row, report);
            self.examine_runs(limits, row, report);
        }
    }

    /// What demands cost with so many people at each, at `day * codes + code`.
    #[must_use]
    pub fn cover_amounts(&self, counts: &[u16]) -> Amounts {
        let mut amounts = Amounts::ZERO;
        for (cover, count) in self.cover.iter().zip(counts) {
            let rule = if *count < cover.required { ShiftRule::Under } else { ShiftRule::Over };
            amounts[rule] += cover.cost(*count);
        }
        amounts
    }

    fn examine_days(&self, person: usize, row: &[Code], report: &mut impl FnMut(Finding)) {
        for (day, code) in row.iter().copied().enumerate() {
            let on = |rule, amount| Finding {
                rule,
                amount,
                first: day,
                last: day,
                code: Some(code),
                observed: 1,
                expected: 0,
            };
            if self.allowed(person, day) >> code & 1 == 0 {
                report(on(ShiftRule::NotOpen, Score::UNIT));
            }
            if day > 0 && self.forbidden_next[usize::from(row[day - 1])] >> code & 1 == 1 {
                report(Finding { first: day - 1, ..on(ShiftRule::Succession, Score::UNIT) });
            }
            let change = self.changes.get(person * self.days + day).map_or(0, |own| own.of(code));
            if change != 0 {
                report(on(ShiftRule::Change, change));
            }
            let wish = self.costs(person, day)[usize::from(code)] - change;
            if wish != 0 {
                report(on(ShiftRule::Wish, wish));
            }
        }
    }

    fn examine_totals(&self, limits: &Limits, row: &[Code], report: &mut impl FnMut(Finding)) {
        let mut whole = |rule, amount, code, observed: i64, expected: i64| {
            if amount > 0 {
                report(Finding { rule, amount, first: 0, last: row.len() - 1, code, observed, expected });
            }
        };
        for (code, most) in limits.most.iter().enumerate().skip(1) {
            let used = row.iter().filter(|own| usize::from(**own) == code).count() as i64;
            let most = i64::from(*most);
            whole(ShiftRule::Most, (used - most) * Score::UNIT, Some(code as Code), used, most);
        }
        let minutes: i32 = row.iter().map(|code| self.minutes[usize::from(*code)]).sum();
        let (least, most) = (limits.minutes_min, limits.minutes_max);
        whole(ShiftRule::MinutesMax, hours(minutes - most), None, minutes.into(), most.into());
        whole(ShiftRule::MinutesMin, hours(least - minutes), None, minutes.into(), least.into());
        let mut worked: Vec<_> = (row.iter().zip(&self.weekend))
            .filter(|(code, _)| **code != OFF)
            .filter_map(|own| *own.1)
            .collect();
        worked.dedup();
        let (worked, most) = (worked.len() as i64, i64::from(limits.weekends_max));
        whole(ShiftRule::WeekendsMax, (worked - most) * Score::UNIT, None, worked, most);
    }

    fn examine_runs(&self, limits: &Limits, row: &[Code], report: &mut impl FnMut(Finding)) {
        let mut first = 0;
        for run in row.chunk_by(|one, next| (*one == OFF) == (*next == OFF)) {
            let (is_work, last) = (run[0] != OFF, first + run.len() - 1);
            let at_edge = first == 0 || last + 1 == row.len();
            let before = if first == 0 { i64::from(limits.stretch_before) } else { 0 };
            let length = run.len() as i64;
            let mut found = |rule, days: i64, observed, expected: u16| {
                if days > 0 {
                    let amount = days * Score::UNIT;
                    let expected = i64::from(expected);
                    report(Finding { rule, amount, first, last, code: None, observed, expected });
                }
            };
            if is_work {
                let stretch = before + length;
                let beyond = stretch - i64::from(limits.stretch_max);
                found(ShiftRule::StretchMax, beyond, stretch, limits.stretch_max);
            }
            if !at_edge {
                let (rule, least) = if is_work {
                    (ShiftRule::StretchMin, limits.stretch_min)
                } else {
                    (ShiftRule::RestMin, limits.rest_min)
                };
                found(rule, i64::from(least) - length, length, least);
            }
            first = last + 1;
        }
    }
}
