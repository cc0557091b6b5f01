//! When and how much a person works. The contracts of a person form a timeline without overlaps.

use calendar::{Day, Weekday};
use serde::{Deserialize, Serialize};

use super::resource::{Flaw, Kind, Resource, check_range, check_text};
use super::staff_member::is_backwards;

/// The most single dates of a pattern.
const DATES_MAX: usize = 400;

/// A stretch of a person's timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// First day.
    pub first_date: Day,
    /// Last day; none is open.
    pub last_date: Option<Day>,
    /// Part of a full-time post, 1 to 100.
    pub percentage: i32,
    /// The days worked.
    pub work_pattern: WorkPattern,
    /// Code of the working-time law; empty is none.
    pub legal_pack: String,
    /// Volunteers for more than the law's average week.
    #[serde(default)]
    pub is_volunteer: bool,
}

/// The days on which a person works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WorkPattern {
    /// Monday to Friday.
    FullTime,
    /// Monday to Friday but for one weekday.
    FullTimeFixedOffDay {
        /// The weekday off.
        off_weekday: Weekday,
    },
    /// Two sets of weekdays, week about.
    AlternatingWeeks {
        /// In even weeks.
        even_weekdays: Vec<Weekday>,
        /// In odd weeks.
        odd_weekdays: Vec<Weekday>,
        /// None: ISO parity. Some: strict alternation in which this day's week is even.
        anchor_date: Option<Day>,
    },
    /// Some months only.
    AlternatingMonths {
        /// Which months.
        months: Months,
        /// Which weekdays of them; empty is Monday to Friday.
        weekdays: Vec<Weekday>,
    },
    /// Days told one by one.
    SpecificDays {
        /// Each week.
        weekdays: Vec<Weekday>,
        /// Besides.
        dates: Vec<Day>,
    },
}

/// A set of months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Months {
    /// February, April, …
    Even,
    /// January, March, …
    Odd,
    /// Every month.
    All,
}

// === impl Contract ===

impl Contract {
    /// Whether the day is one of its days.
    pub fn covers(&self, day: Day) -> bool {
        self.first_date <= day && self.last_date.is_none_or(|last| day <= last)
    }

    /// Whether both have a day in common.
    pub fn overlaps(&self, other: &Self) -> bool {
        let starts_in_time = |one: &Self, two: &Self| two.last_date.is_none_or(|last| one.first_date <= last);
        starts_in_time(self, other) && starts_in_time(other, self)
    }
}

impl Resource for Contract {
    const KIND: Kind = Kind::Contract;

    fn natural_key(&self, id: &str) -> String {
        id.to_owned()
    }

    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = vec![];
        if is_backwards(Some(self.first_date), self.last_date) {
            flaws.push(Flaw::new("last_date", "a date that is not before first_date"));
        }
        check_range(&mut flaws, "percentage", self.percentage, 1..=100);
        check_text(&mut flaws, "legal_pack", &self.legal_pack, false, 40);
        flaws.extend(self.work_pattern.flaw());
        flaws
    }

    fn legal_pack(&self) -> Option<&str> {
        Some(&self.legal_pack)
    }

    fn collides(&self, other: &Self) -> bool {
        self.overlaps(other)
    }
}

// === impl WorkPattern ===

impl WorkPattern {
    fn flaw(&self) -> Option<Flaw> {
        let expected = match self {
            Self::FullTimeFixedOffDay { off_weekday } if off_weekday.is_weekend() => {
                "an off_weekday from Monday to Friday"
            }
            Self::AlternatingWeeks { even_weekdays, odd_weekdays, .. }
                if even_weekdays.is_empty() && odd_weekdays.is_empty() =>
            {
                "even_weekdays or odd_weekdays that are not empty"
            }
            Self::SpecificDays { weekdays, dates } if weekdays.is_empty() && dates.is_empty() => {
                "weekdays or dates that are not empty"
            }
            Self::SpecificDays { dates, .. } if dates.len() > DATES_MAX => "at most 400 dates",
            _ => return None,
        };
        Some(Flaw::new("work_pattern", expected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract(first: &str, last: Option<&str>, percentage: i32) -> Contract {
        Contract {
            first_date: first.parse().unwrap(),
            last_date: last.map(|day| day.parse().unwrap()),
            percentage,
            work_pattern: WorkPattern::FullTime,
            legal_pack: String::new(),
            is_volunteer: false,
        }
    }

    #[test]
    fn contracts_that_share_a_day_overlap() {
        for (one, other, overlap) in [
            (("2026-01-01", Some("2026-06-30")), ("2026-07-01", None), false),
            (("2026-01-01", Some("2026-06-30")), ("2026-06-30", None), true),
            (("2026-01-01", None), ("2030-01-01", None), true),
            (("2026-01-01", None), ("2025-01-01", Some("2025-12-31")), false),
            (("2026-03-01", Some("2026-03-02")), ("2026-01-01", Some("2026-12-31")), true),
        ] {
            let (one, other) = (contract(one.0, one.1, 100), contract(other.0, other.1, 50));
            assert_eq!(one.overlaps(&other), overlap, "{one:?} {other:?}");
            assert_eq!(other.overlaps(&one), overlap, "overlapping is symmetric");
        }
    }

    #[test]
    fn a_percentage_of_130_and_a_backwards_contract_are_flaws() {
        let fields =
            |contract: Contract| contract.flaws().into_iter().map(|flaw| flaw.field).collect::<Vec<_>>();
        assert_eq!(fields(contract("2026-01-01", None, 130)), ["percentage"]);
        assert_eq!(fields(contract("2026-01-01", Some("2025-01-01"), 0)), ["last_date", "percentage"]);
        assert!(fields(contract("2026-01-01", Some("2026-01-01"), 1)).is_empty());
    }

    #[test]
    fn a_pattern_without_any_day_is_a_flaw() {
        let mut empty = contract("2026-01-01", None, 50);
        empty.work_pattern = WorkPattern::SpecificDays { weekdays: vec![], dates: vec![] };
        assert_eq!(empty.flaws().len(), 1);
        empty.work_pattern = WorkPattern::FullTimeFixedOffDay { off_weekday: Weekday::Sunday };
        assert_eq!(empty.flaws().len(), 1);
    }
}
