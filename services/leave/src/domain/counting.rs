//! What a leave costs (rule L2), in half-days, year by year.

use calendar::{Day, HalfDay, Span};
use serde::{Deserialize, Serialize};

use crate::domain::{
    balance::Charge,
    leave_type::{ANNUAL, LeaveType, TRAINING},
    policy::Policy,
};

/// Which half-days count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Counting {
    /// Monday to Friday, without public holidays, if the person would have worked.
    WorkingDays,
    /// Every half-day: sickness, maternity, training.
    CalendarDays,
}

/// Counts a span. `works` says whether the person's contract has them work on a day, `is_holiday` whether it is
/// a public holiday there.
pub fn count(
    span: Span,
    counting: Counting,
    works: impl Fn(Day) -> bool,
    is_holiday: impl Fn(Day) -> bool,
) -> Vec<Charge> {
    let mut charges: Vec<Charge> = Vec::new();
    for half_day in counted(span, counting, works, is_holiday) {
        let year = half_day.day.year();
        match charges.last_mut() {
            Some(charge) if charge.year == year => charge.half_days += 1,
            _ => charges.push(Charge { year, half_days: 1 }),
        }
    }
    charges
}

/// The half-days of a span that count.
pub fn counted(
    span: Span,
    counting: Counting,
    works: impl Fn(Day) -> bool,
    is_holiday: impl Fn(Day) -> bool,
) -> impl Iterator<Item = HalfDay> {
    let counts = move |day: Day| match counting {
        Counting::CalendarDays => true,
        Counting::WorkingDays => !day.is_weekend() && works(day) && !is_holiday(day),
    };
    span.half_days().filter(move |half_day| counts(half_day.day))
}

/// Which half-days of a leave count and whose balance pays (rules L2, L13): training costs paid annual leave, counted as
/// such, where the policy charges it to the profession, and nothing elsewhere.
pub fn method(leave_type: &LeaveType, profession: &str, policy: &Policy) -> (Counting, Option<&'static str>) {
    let is_charged_training = leave_type.id == TRAINING
        && policy.training_charged_professions.iter().any(|code| code == profession);
    if is_charged_training {
        (Counting::WorkingDays, Some(ANNUAL))
    } else {
        (leave_type.counting, leave_type.has_balance.then_some(leave_type.id))
    }
}

#[cfg(test)]
mod tests {
    use calendar::{
        DayPart::{self, Afternoon, Morning},
        HalfDay,
        holiday::{Region, holiday_on},
    };

    use super::*;
    use crate::domain::leave_type;

    #[test]
    fn l13_training_costs_an_anesthetist_annual_leave_and_a_nurse_nothing() {
        let (mut policy, training) = (Policy::defaults("chu"), leave_type::find("form").unwrap());
        assert_eq!(method(training, "MAR", &policy), (Counting::WorkingDays, Some("cp")));
        assert_eq!(method(training, "IADE", &policy), (Counting::CalendarDays, None));
        assert_eq!(method(leave_type::find("rtt").unwrap(), "MAR", &policy).1, Some("rtt"));
        policy.training_charged_professions.clear();
        assert_eq!(method(training, "MAR", &policy), (Counting::CalendarDays, None));
    }

    fn half(text: &str, part: DayPart) -> HalfDay {
        HalfDay::new(text.parse().unwrap(), part)
    }

    fn charges(
        first: (&str, DayPart),
        last: (&str, DayPart),
        counting: Counting,
        region: Region,
    ) -> Vec<(i32, i32)> {
        let span = Span::new(half(first.0, first.1), half(last.0, last.1)).unwrap();
        count(span, counting, |_| true, |day| holiday_on(day, region).is_some())
            .iter()
            .map(|charge| (charge.year, charge.half_days))
            .collect()
    }

    #[test]
    fn l02_working_days_leave_out_weekends_and_holidays() {
        let table = [
            // Monday to Friday.
            (("2026-11-23", Morning), ("2026-11-27", Afternoon), vec![(2026, 10)]),
            // Half-days at both ends, over a week-end.
            (("2026-11-27", Afternoon), ("2026-11-30", Morning), vec![(2026, 2)]),
            // Christmas is a Friday; New Year's Day too, and the year turns.
            (("2026-12-24", Morning), ("2027-01-04", Afternoon), vec![(2026, 10), (2027, 2)]),
            // Nothing but a week-end.
            (("2026-11-28", Morning), ("2026-11-29", Afternoon), vec![]),
        ];
        for (first, last, expected) in table {
            assert_eq!(charges(first, last, Counting::WorkingDays, Region::France), expected, "{first:?}");
        }
    }

    #[test]
    fn l02_sickness_counts_every_day() {
        let days = (("2026-11-27", Afternoon), ("2026-11-30", Morning));
        assert_eq!(charges(days.0, days.1, Counting::CalendarDays, Region::France), [(2026, 6)]);
    }

    #[test]
    fn scenario_18_good_friday_is_a_holiday_in_alsace_only() {
        let good_friday = (("2027-03-26", Morning), ("2027-03-26", Afternoon));
        let count = |region| charges(good_friday.0, good_friday.1, Counting::WorkingDays, region);
        assert_eq!(count(Region::France), [(2027, 2)]);
        assert_eq!(count(Region::AlsaceMoselle), []);
    }

    #[test]
    fn l02_a_day_the_person_would_not_have_worked_costs_nothing() {
        let days = Span::new(half("2026-11-23", Morning), half("2026-11-27", Afternoon)).unwrap();
        let thursday_and_friday = |day: Day| day.weekday().number() >= 4;
        let charges = count(days, Counting::WorkingDays, thursday_and_friday, |_| false);
        assert_eq!(charges, [Charge { year: 2026, half_days: 4 }]);
    }
}
