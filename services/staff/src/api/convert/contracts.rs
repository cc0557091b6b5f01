//! Contracts and work patterns.

use calendar::{Day, Weekday};
use durable::mask::Mask;
use proto::{staff::v1 as pb, r#type::v1::Date, values};

use super::{Spoken, etag_of, merge_fields, moment};
use crate::{
    api::parse::Violations,
    domain::{
        Contract,
        contract::{Months, WorkPattern},
    },
    store::Stored,
};

const PATTERN: &str = "contract.work_pattern";

impl Spoken for Contract {
    type Message = pb::Contract;
    const FIELD: &'static str = "contract";
    const PATHS: &'static [&'static str] =
        &["first_date", "last_date", "percentage", "work_pattern", "legal_pack", "is_volunteer"];

    fn to_message(stored: &Stored<Self>) -> pb::Contract {
        let contract = &stored.value;
        pb::Contract {
            name: stored.name(),
            first_date: Some(contract.first_date.into()),
            last_date: contract.last_date.map(Date::from),
            percentage: contract.percentage,
            work_pattern: Some(pb::WorkPattern { pattern: Some(pattern_to_message(&contract.work_pattern)) }),
            legal_pack: contract.legal_pack.clone(),
            etag: etag_of(stored),
            create_time: moment(stored.create_time),
            update_time: moment(stored.update_time),
            is_volunteer: contract.is_volunteer,
        }
    }

    fn from_message(found: &mut Violations, _hospital: &str, message: pb::Contract) -> Option<Self> {
        let first_date = found.keep("contract.first_date", values::day(message.first_date));
        let last_date = found.keep("contract.last_date", values::day_or_none(message.last_date)).flatten();
        let pattern = message.work_pattern.and_then(|pattern| pattern.pattern);
        let work_pattern = match pattern {
            Some(pattern) => pattern_from_message(found, pattern),
            None => {
                found.add(PATTERN, "expected one kind of pattern");
                None
            }
        };
        // Said here too, so that a wrong percentage is told together with a wrong date.
        if first_date.is_none() && !(1..=100).contains(&message.percentage) {
            found.add("contract.percentage", "expected a number from 1 to 100");
        }
        first_date.zip(work_pattern).map(|(first_date, work_pattern)| Self {
            first_date,
            last_date,
            percentage: message.percentage,
            work_pattern,
            legal_pack: message.legal_pack,
            is_volunteer: message.is_volunteer,
        })
    }

    fn merge(base: &mut pb::Contract, sent: &pb::Contract, mask: &Mask) {
        merge_fields!(base, sent, mask; first_date, last_date, percentage, work_pattern, legal_pack, is_volunteer);
    }
}

fn numbers(weekdays: &[Weekday]) -> Vec<i32> {
    weekdays.iter().map(|day| day.number()).collect()
}

fn pattern_to_message(pattern: &WorkPattern) -> pb::work_pattern::Pattern {
    use pb::work_pattern::Pattern;
    match pattern {
        WorkPattern::FullTime => Pattern::FullTime(pb::FullTime {}),
        WorkPattern::FullTimeFixedOffDay { off_weekday } => {
            Pattern::FullTimeFixedOffDay(pb::FullTimeFixedOffDay { off_weekday: off_weekday.number() })
        }
        WorkPattern::AlternatingWeeks { even_weekdays, odd_weekdays, anchor_date } => {
            Pattern::AlternatingWeeks(pb::AlternatingWeeks {
                even_weekdays: numbers(even_weekdays),
                odd_weekdays: numbers(odd_weekdays),
                anchor_date: anchor_date.map(Date::from),
            })
        }
        WorkPattern::AlternatingMonths { months, weekdays } => {
            let months = match months {
                Months::Even => pb::alternating_months::Months::Even,
                Months::Odd => pb::alternating_months::Months::Odd,
                Months::All => pb::alternating_months::Months::All,
            };
            Pattern::AlternatingMonths(pb::AlternatingMonths {
                months: months as i32,
                weekdays: numbers(weekdays),
            })
        }
        WorkPattern::SpecificDays { weekdays, dates } => Pattern::SpecificDays(pb::SpecificDays {
            weekdays: numbers(weekdays),
            dates: dates.iter().map(|day| Date::from(*day)).collect(),
        }),
    }
}

fn weekdays(found: &mut Violations, numbers: &[i32]) -> Vec<Weekday> {
    let read = |number: &i32| found.keep(PATTERN, values::weekday(*number));
    let mut weekdays: Vec<Weekday> = numbers.iter().filter_map(read).collect();
    weekdays.sort_unstable();
    weekdays.dedup();
    weekdays
}

fn pattern_from_message(found: &mut Violations, pattern: pb::work_pattern::Pattern) -> Option<WorkPattern> {
    use pb::work_pattern::Pattern;
    Some(match pattern {
        Pattern::FullTime(_) => WorkPattern::FullTime,
        Pattern::FullTimeFixedOffDay(pattern) => {
            let off_weekday = found.keep(PATTERN, values::weekday(pattern.off_weekday))?;
            WorkPattern::FullTimeFixedOffDay { off_weekday }
        }
        Pattern::AlternatingWeeks(pattern) => WorkPattern::AlternatingWeeks {
            even_weekdays: weekdays(found, &pattern.even_weekdays),
            odd_weekdays: weekdays(found, &pattern.odd_weekdays),
            anchor_date: found.keep(PATTERN, values::day_or_none(pattern.anchor_date))?,
        },
        Pattern::AlternatingMonths(pattern) => {
            let months = match pb::alternating_months::Months::try_from(pattern.months) {
                Ok(pb::alternating_months::Months::Even) => Months::Even,
                Ok(pb::alternating_months::Months::Odd) => Months::Odd,
                Ok(pb::alternating_months::Months::All) => Months::All,
                _ => {
                    found.add(PATTERN, "expected EVEN, ODD or ALL months");
                    return None;
                }
            };
            WorkPattern::AlternatingMonths { months, weekdays: weekdays(found, &pattern.weekdays) }
        }
        Pattern::SpecificDays(pattern) => {
            let read = |date: proto::r#type::v1::Date| found.keep(PATTERN, Day::try_from(date));
            let dates = pattern.dates.into_iter().filter_map(read).collect();
            WorkPattern::SpecificDays { weekdays: weekdays(found, &pattern.weekdays), dates }
        }
    })
}
