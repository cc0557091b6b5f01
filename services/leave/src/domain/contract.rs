//! When a person works, and what that entitles them to, in the words of this service.

use calendar::{Day, DayRange, Month, WeekParity, Weekday};

/// One contract of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// In force from here.
    pub first: Day,
    /// In force until here; open without.
    pub last: Option<Day>,
    /// Part of a full-time post.
    pub percentage: i32,
    /// Which days are worked.
    pub pattern: Pattern,
}

/// Which days are worked. Holidays and leave are no part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// The same weekdays each week, and single dates besides.
    Weekly {
        /// Worked each week.
        weekdays: Vec<Weekday>,
        /// Worked besides.
        dates: Vec<Day>,
    },
    /// Two sets of weekdays, week about.
    AlternatingWeeks {
        /// Worked in even weeks.
        even: Vec<Weekday>,
        /// Worked in odd weeks.
        odd: Vec<Weekday>,
        /// What makes a week even.
        parity: WeekParity,
    },
    /// Some weekdays of some months.
    AlternatingMonths {
        /// Works in even months.
        in_even: bool,
        /// Works in odd months.
        in_odd: bool,
        /// Worked in them.
        weekdays: Vec<Weekday>,
    },
}

/// A person's contracts, which do not overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contracts(pub Vec<Contract>);

/// Monday to Friday.
pub const WEEK: [Weekday; 5] =
    [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

// === impl Contracts ===

impl Contracts {
    /// Whether the person would work on that day.
    pub fn works_on(&self, day: Day) -> bool {
        self.0.iter().any(|contract| contract.is_in_force(day) && contract.pattern.works_on(day))
    }

    /// First day of the first contract.
    pub fn since(&self) -> Option<Day> {
        self.0.iter().map(|contract| contract.first).min()
    }

    /// Whether every day lies between the first day of the first contract and the last day of the last one.
    pub fn surround(&self, range: DayRange) -> bool {
        let is_begun = self.since().is_some_and(|since| since <= range.first());
        is_begun && self.0.iter().any(|contract| contract.last.is_none_or(|last| range.last() <= last))
    }

    /// The year's entitlement (rule L1): that of a full-time post, by the part of the year and of the post that
    /// the contracts cover, rounded to the nearest half-day.
    pub fn entitlement(&self, year: i32, full_time_half_days: i32) -> i32 {
        Day::new(year, 12, 31).map_or(0, |last| self.entitlement_until(last, full_time_half_days))
    }

    /// What is earned month by month until today: the part of the year's entitlement that the months that are over
    /// bring.
    pub fn accrual(&self, year: i32, full_time_half_days: i32, today: Day) -> i32 {
        let until = if year < today.year() {
            Day::new(year, 12, 31).ok()
        } else {
            Some(today.calendar_month().first().previous())
        };
        let until = until.filter(|until| until.year() == year);
        until.map_or(0, |until| self.entitlement_until(until, full_time_half_days))
    }

    /// The part of a year's entitlement that the days until then bring.
    fn entitlement_until(&self, until: Day, full_time_half_days: i32) -> i32 {
        let year = until.year();
        let (Ok(first), Ok(last)) = (Day::new(year, 1, 1), Day::new(year, 12, 31)) else { return 0 };
        let days = i64::from(last - first) + 1;
        let percent_days: i64 = self
            .0
            .iter()
            .map(|contract| {
                let (from, to) = (contract.first.max(first), contract.last.unwrap_or(until).min(until));
                (i64::from(to - from) + 1).max(0) * i64::from(contract.percentage)
            })
            .sum();
        let whole = 100 * days;
        let half_days = (i64::from(full_time_half_days) * percent_days * 2 + whole) / (2 * whole);
        i32::try_from(half_days).unwrap_or(i32::MAX)
    }
}

// === impl Contract ===

impl Contract {
    fn is_in_force(&self, day: Day) -> bool {
        self.first <= day && self.last.is_none_or(|last| day <= last)
    }
}

// === impl Pattern ===

impl Pattern {
    /// Whether a day is worked.
    pub fn works_on(&self, day: Day) -> bool {
        let weekday = day.weekday();
        match self {
            Self::Weekly { weekdays, dates } => weekdays.contains(&weekday) || dates.contains(&day),
            Self::AlternatingWeeks { even, odd, parity } => {
                (if parity.is_even(day) { even } else { odd }).contains(&weekday)
            }
            Self::AlternatingMonths { in_even, in_odd, weekdays } => {
                let is_worked = if Month::of(day).is_even() { *in_even } else { *in_odd };
                is_worked && weekdays.contains(&weekday)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn contract(first: &str, last: Option<&str>, percentage: i32) -> Contract {
        let pattern = Pattern::Weekly { weekdays: WEEK.to_vec(), dates: vec![] };
        Contract { first: day(first), last: last.map(day), percentage, pattern }
    }

    #[test]
    fn l01_the_entitlement_follows_time_and_percentage() {
        let table = [
            (vec![contract("2020-01-01", None, 100)], 100),
            (vec![contract("2020-01-01", None, 50)], 50),
            (vec![contract("2026-07-01", None, 100)], 50),
            (vec![contract("2026-01-01", Some("2026-06-30"), 100), contract("2026-07-01", None, 50)], 75),
            (vec![contract("2027-01-01", None, 100)], 0),
            (vec![contract("2020-01-01", Some("2025-12-31"), 100)], 0),
            (vec![], 0),
        ];
        for (contracts, expected) in table {
            assert_eq!(Contracts(contracts.clone()).entitlement(2026, 100), expected, "{contracts:?}");
        }
    }

    #[test]
    fn fifty_working_days_a_year_are_the_default() {
        let whole = Contracts(vec![contract("2020-01-01", None, 100)]);
        let annual = crate::domain::leave_type::find("cp").unwrap();
        assert_eq!(whole.entitlement(2026, annual.granted_half_days), 100);
    }

    #[test]
    fn what_is_earned_month_by_month_is_that_of_the_months_that_are_over() {
        let half = Contracts(vec![contract("2020-01-01", None, 50)]);
        let table = [
            (2026, "2026-01-31", 0),
            (2026, "2026-02-01", 1),
            (2026, "2026-07-15", 6),
            (2026, "2026-12-31", 11),
            (2026, "2027-01-01", 12),
            (2027, "2026-12-31", 0),
        ];
        for (year, today, expected) in table {
            assert_eq!(half.accrual(year, 24, day(today)), expected, "{year} on {today}");
        }
    }

    #[test]
    fn days_after_the_departure_are_outside_the_contracts() {
        let two = Contracts(vec![
            contract("2026-01-01", Some("2026-06-30"), 100),
            contract("2026-07-01", Some("2026-12-31"), 50),
        ]);
        let range = |first: &str, last: &str| DayRange::new(day(first), day(last)).unwrap();
        assert!(two.surround(range("2026-06-15", "2026-12-31")));
        assert!(!two.surround(range("2026-12-31", "2027-01-01")));
        assert!(!two.surround(range("2025-12-31", "2026-01-02")));
        assert!(!Contracts(vec![]).surround(range("2026-01-01", "2026-01-01")));
    }

    #[test]
    fn a_half_timer_of_odd_months_does_not_work_in_february() {
        let pattern = Pattern::AlternatingMonths { in_even: false, in_odd: true, weekdays: WEEK.to_vec() };
        assert!(pattern.works_on(day("2026-01-05")));
        assert!(!pattern.works_on(day("2026-02-02")));
    }

    #[test]
    fn alternating_weeks_follow_the_parity_of_the_iso_week() {
        let pattern = Pattern::AlternatingWeeks {
            even: vec![Weekday::Monday],
            odd: vec![Weekday::Friday],
            parity: WeekParity::Iso,
        };
        // 2026-11-23 is the Monday of week 48.
        assert!(pattern.works_on(day("2026-11-23")) && !pattern.works_on(day("2026-11-27")));
        assert!(!pattern.works_on(day("2026-11-30")) && pattern.works_on(day("2026-12-04")));
    }
}
