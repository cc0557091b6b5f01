//! Contracts and the days people work by them.

use std::collections::BTreeSet;

use calendar::{Day, Month, WeekParity, Weekday};

/// A contract, as far as planning asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    pub first: Day,
    pub last: Option<Day>,
    pub percentage: u8,
    pub pattern: Pattern,
    /// What the contract calls the working-time law that applies; empty when only the team's own rules do.
    pub legal_pack: String,
    /// Volunteers for more than the law's average week, where the law lets anybody.
    pub is_volunteer: bool,
}

/// On which days somebody works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// The same weekdays each week, and single dates besides.
    Weekly { weekdays: BTreeSet<Weekday>, dates: BTreeSet<Day> },
    /// One set of weekdays in even weeks, another in odd ones.
    Alternating { even: BTreeSet<Weekday>, odd: BTreeSet<Weekday>, parity: WeekParity },
    /// These weekdays of some months.
    Monthly { even: bool, odd: bool, weekdays: BTreeSet<Weekday> },
}

/// Monday to Friday.
pub const WORKWEEK: [Weekday; 5] =
    [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

// === impl Contract ===

impl Contract {
    pub fn covers(&self, day: Day) -> bool {
        self.first <= day && self.last.is_none_or(|last| day <= last)
    }
}

// === impl Pattern ===

impl Pattern {
    /// Whether it is a usual day of work; public holidays and leave are not looked at.
    pub fn works_on(&self, day: Day) -> bool {
        match self {
            Pattern::Weekly { weekdays, dates } => weekdays.contains(&day.weekday()) || dates.contains(&day),
            Pattern::Alternating { even, odd, parity } => {
                let weekdays = if parity.is_even(day) { even } else { odd };
                weekdays.contains(&day.weekday())
            }
            Pattern::Monthly { even, odd, weekdays } => {
                let is_month = if Month::of(day).is_even() { *even } else { *odd };
                is_month && weekdays.contains(&day.weekday())
            }
        }
    }

    /// Whether a garde or an astreinte may be given on a day that is no usual day of work: at week-ends of weeks
    /// in which the person works.
    pub fn may_be_on_duty(&self, day: Day) -> bool {
        if self.works_on(day) {
            return true;
        }
        if !day.is_weekend() {
            return false;
        }
        if let Pattern::Monthly { even, odd, .. } = self {
            return if Month::of(day).is_even() { *even } else { *odd };
        }
        day.iso_week().range().days().any(|other| self.works_on(other))
    }
}

#[cfg(test)]
mod tests {
    use calendar::DayRange;

    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn each_pattern_works_on_its_days() {
        let workweek: BTreeSet<Weekday> = WORKWEEK.into();
        let half: BTreeSet<Weekday> = [Weekday::Thursday, Weekday::Friday].into();
        let weekly = Pattern::Weekly { weekdays: half.clone(), dates: [day("2026-12-07")].into() };
        let weeks = Pattern::Alternating { even: workweek.clone(), odd: half, parity: WeekParity::Iso };
        let months = Pattern::Monthly { even: false, odd: true, weekdays: workweek };
        // 2026-12-07 is the Monday of week 50; December is an even month.
        for (pattern, date, works, duty) in [
            (&weekly, "2026-12-07", true, true),
            (&weekly, "2026-12-08", false, false),
            (&weekly, "2026-12-12", false, true),
            (&weeks, "2026-12-07", true, true),
            (&weeks, "2026-12-14", false, false),
            (&weeks, "2026-12-17", true, true),
            (&months, "2026-12-07", false, false),
            (&months, "2026-12-12", false, false),
            (&months, "2027-01-04", true, true),
            (&months, "2027-01-09", false, true),
        ] {
            assert_eq!(
                (pattern.works_on(day(date)), pattern.may_be_on_duty(day(date))),
                (works, duty),
                "{date}"
            );
        }
    }

    #[test]
    fn week_about_goes_by_the_number_or_strictly_over_a_year_of_53_weeks() {
        let alternating =
            |parity| Pattern::Alternating { even: BTreeSet::new(), odd: WORKWEEK.into(), parity };
        let by_number = alternating(WeekParity::Iso);
        let strict = alternating(WeekParity::Alternating { even: day("2026-12-21") });
        // Weeks 52 and 53 of 2026, then 1 and 2 of 2027.
        for (monday, of_number, of_anchor) in
            [("2026-12-21", 0, 0), ("2026-12-28", 5, 5), ("2027-01-04", 5, 0), ("2027-01-11", 0, 5)]
        {
            let week = DayRange::new(day(monday), day(monday).plus(6)).unwrap();
            let days = |pattern: &Pattern| week.days().filter(|day| pattern.works_on(*day)).count();
            assert_eq!((days(&by_number), days(&strict)), (of_number, of_anchor), "{monday}");
        }
    }

    #[test]
    fn scenario_03_an_odd_month_half_timer_has_neither_post_nor_duty_in_february() {
        let months = Pattern::Monthly { even: false, odd: true, weekdays: WORKWEEK.into() };
        for date in DayRange::new(day("2027-02-01"), day("2027-02-28")).unwrap().days() {
            assert!(!months.works_on(date) && !months.may_be_on_duty(date));
        }
    }
}
