//! The end of a year: what goes on to the next one, what lapses, and what is not used in time there.

use calendar::Day;
use serde::{Deserialize, Serialize};

use crate::domain::balance::{EntryKind, Figures, NewEntry};

/// What remains of a type when its year is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarryOverRule {
    /// Id of the type.
    pub leave_type: String,
    /// How much is carried.
    pub carried: Carried,
    /// Days after the end of the year in which it can be used; for ever without.
    pub expire_days: Option<i32>,
}

/// How much is carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Carried {
    /// All of it.
    Unlimited,
    /// A part of it.
    Percentage {
        /// The part.
        percentage: i32,
        /// And no more.
        half_days_max: i32,
    },
    /// So much of it.
    Fixed {
        /// And no more.
        half_days_max: i32,
    },
}

/// What closing a year does to a balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// What remained.
    pub remaining: i32,
    /// What of it goes on; negative for a debt.
    pub carried: i32,
    /// What of it is lost.
    pub lapsed: i32,
    /// The lines that are missing: none when it is closed so already.
    pub entries: Vec<NewEntry>,
}

/// Closes a balance of a year into that of the next. What was written by an earlier closing is taken into account, so
/// that a second one writes nothing, and one after a late change the difference.
pub fn close(year: i32, closed: Figures, next: Figures, rule: Option<&CarryOverRule>) -> Closing {
    let remaining = closed.projected() - closed.carried_out - closed.lapsed;
    let carried = if remaining <= 0 {
        remaining
    } else {
        rule.map_or(0, |rule| match rule.carried {
            Carried::Unlimited => remaining,
            Carried::Percentage { percentage, half_days_max } => {
                (remaining * percentage / 100).min(half_days_max)
            }
            Carried::Fixed { half_days_max } => remaining.min(half_days_max),
        })
    };
    let lapsed = remaining - carried;
    let expire = rule.and_then(|rule| rule.expire_days).filter(|_| carried > 0);
    let expire = expire.and_then(|days| Some(Day::new(year, 12, 31).ok()?.plus(days)));
    let lines = [
        (year, EntryKind::CarriedOut, -carried - closed.carried_out, None),
        (year, EntryKind::Lapse, -lapsed - closed.lapsed, None),
        (year + 1, EntryKind::CarryOver, carried - next.brought, expire),
    ];
    let entries = lines.into_iter().filter(|(_, _, half_days, _)| *half_days != 0);
    let entries = entries
        .map(|(year, kind, half_days, expire)| NewEntry { expire, ..NewEntry::new(year, kind, half_days) });
    Closing { remaining, carried, lapsed, entries: entries.collect() }
}

/// What of a carry-over was not used in time. It is used before anything else; `used` is what was taken, asked for or
/// given away until its last day, `projected` what the balance holds.
pub fn expired(carried: i32, used: i32, projected: i32) -> i32 {
    (carried - used).min(projected).max(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::policy::Policy;

    fn figures(lines: &[(EntryKind, i32)]) -> Figures {
        let mut figures = Figures::default();
        lines.iter().for_each(|(kind, half_days)| figures.add(*kind, *half_days));
        figures
    }

    #[test]
    fn scenario_17_of_thirty_days_left_ten_are_carried_and_expire_after_a_year() {
        let policy = Policy::defaults("chu");
        let closing = close(
            2026,
            figures(&[(EntryKind::Grant, 60)]),
            Figures::default(),
            policy.carry_over_rules.first(),
        );
        assert_eq!((closing.remaining, closing.carried, closing.lapsed), (60, 20, 40));
        let lines: Vec<_> = closing.entries.iter().map(|e| (e.year, e.kind, e.half_days, e.expire)).collect();
        let expire = "2027-12-31".parse().ok();
        assert_eq!(
            lines,
            [
                (2026, EntryKind::CarriedOut, -20, None),
                (2026, EntryKind::Lapse, -40, None),
                (2027, EntryKind::CarryOver, 20, expire),
            ]
        );
        // Four days taken in time; six are lost.
        assert_eq!(expired(20, 8, 112), 12);
        assert_eq!(expired(20, 24, 96), 0);
    }

    #[test]
    fn each_rule_carries_what_it_says_and_a_debt_goes_on_whole() {
        let rule = |carried| CarryOverRule { leave_type: "cp".to_owned(), carried, expire_days: None };
        let table = [
            (Some(rule(Carried::Unlimited)), 15, (15, 0)),
            (Some(rule(Carried::Fixed { half_days_max: 6 })), 15, (6, 9)),
            (Some(rule(Carried::Percentage { percentage: 50, half_days_max: 20 })), 15, (7, 8)),
            (None, 15, (0, 15)),
            (None, -3, (-3, 0)),
        ];
        for (rule, remaining, expected) in table {
            let closed = figures(&[(EntryKind::Adjustment, remaining)]);
            let closing = close(2026, closed, Figures::default(), rule.as_ref());
            assert_eq!((closing.carried, closing.lapsed), expected, "{rule:?}");
        }
    }

    proptest! {
        /// Whatever happened: the year that is closed holds nothing, a second closing writes nothing, and nothing appears
        /// or vanishes but what lapsed.
        #[test]
        fn closing_twice_is_closing_once(
            granted in 0i32..120, used in 0i32..120, pending in 0i32..20, late in 0i32..20,
            percentage in 1i32..100, half_days_max in 0i32..60,
        ) {
            let carried = Carried::Percentage { percentage, half_days_max };
            let rule = CarryOverRule { leave_type: "cp".to_owned(), carried, expire_days: Some(90) };
            let mut closed = figures(&[
                (EntryKind::Grant, granted), (EntryKind::Usage, -used), (EntryKind::Reservation, -pending),
            ]);
            let mut next = figures(&[(EntryKind::Grant, 100)]);
            for refund in [0, 0, late, 0] {
                closed.add(EntryKind::Refund, refund);
                let closing = close(2026, closed, next, Some(&rule));
                for entry in &closing.entries {
                    let figures = if entry.year == 2026 { &mut closed } else { &mut next };
                    figures.add(entry.kind, entry.half_days);
                }
                prop_assert_eq!(close(2026, closed, next, Some(&rule)).entries, vec![]);
                prop_assert_eq!(closed.projected(), 0);
                prop_assert_eq!(next.brought, -closed.carried_out);
                prop_assert_eq!(closing.carried + closing.lapsed, closing.remaining);
            }
        }
    }
}
