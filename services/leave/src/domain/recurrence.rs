//! What comes again: the times of a first span, by a rule.

use std::collections::BTreeSet;

use calendar::{Day, HalfDay, Month, Span, Weekday};

use serde::{Deserialize, Serialize};

use crate::domain::holiday::PublicHolidays;

/// How often something comes again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrence {
    /// In which step.
    pub frequency: Frequency,
    /// Every so many steps; at least 1.
    pub interval: i32,
    /// The last day on which it may begin.
    pub until: Option<Day>,
    /// How often at most.
    pub count: Option<usize>,
    /// Leaves out what begins on a public holiday.
    pub skip_holidays: bool,
    /// Leaves out what begins on a Saturday or Sunday.
    pub skip_weekends: bool,
    /// First days that are left out.
    pub exceptions: BTreeSet<Day>,
}

/// In which step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Frequency {
    /// Days.
    Daily,
    /// Weeks, on these weekdays; on that of the first time without any.
    Weekly(Vec<Weekday>),
    /// Months, on the same day of the month.
    Monthly,
    /// Months, on the weekday of the first time in this week of the month; the last one without.
    MonthlyWeekday(Option<i32>),
    /// Years.
    Yearly,
}

/// Nothing comes again for longer than this.
const DAYS_MAX: i32 = 366 * 10;

// === impl Recurrence ===

impl Recurrence {
    /// The times from the first one on, at most so many and one more, so that one sees that there are too many. What is
    /// left out counts as a time, as people count.
    pub fn times(&self, first: Span, holidays: &PublicHolidays, most: usize) -> Vec<Span> {
        let horizon = first.first().day.plus(DAYS_MAX);
        let end = self.until.unwrap_or(horizon).min(horizon);
        self.spans(first, holidays, end).take(most.saturating_add(1)).collect()
    }

    /// The times that end on a day or later, at most so many; `until` says where to stop.
    pub fn times_from(
        &self,
        first: Span,
        holidays: &PublicHolidays,
        (from, most): (Day, usize),
    ) -> Vec<Span> {
        let end = self.until.unwrap_or(from);
        self.spans(first, holidays, end).filter(|span| span.last().day >= from).take(most).collect()
    }

    fn spans<'a>(
        &'a self,
        first: Span,
        holidays: &'a PublicHolidays,
        end: Day,
    ) -> impl Iterator<Item = Span> + use<'a> {
        let start = first.first().day;
        let length = first.last().day - start;
        let days = self.days(start, end).take(self.count.unwrap_or(usize::MAX));
        days.filter(|day| !self.leaves_out(*day, holidays)).filter_map(move |day| {
            let from = HalfDay::new(day, first.first().part);
            Span::new(from, HalfDay::new(day.plus(length), first.last().part)).ok()
        })
    }

    fn leaves_out(&self, day: Day, holidays: &PublicHolidays) -> bool {
        self.exceptions.contains(&day)
            || (self.skip_weekends && day.is_weekend())
            || (self.skip_holidays && holidays.contains(day))
    }

    /// The days on which it begins, ascending.
    fn days(&self, start: Day, end: Day) -> Box<dyn Iterator<Item = Day> + '_> {
        let (interval, step) = (self.interval.max(1), usize::try_from(self.interval.max(1)).unwrap_or(1));
        let until = move |day: &Day| *day <= end;
        let months =
            || std::iter::successors(Some(start.calendar_month()), |month: &Month| Some(month.next()));
        match &self.frequency {
            Frequency::Daily => {
                Box::new((0..).map(move |turn| start.plus(turn * interval)).take_while(until))
            }
            Frequency::Weekly(weekdays) => {
                let monday = start.iso_week().monday();
                let is_on = move |day: Day| {
                    if weekdays.is_empty() {
                        day.weekday() == start.weekday()
                    } else {
                        weekdays.contains(&day.weekday())
                    }
                };
                let all = (0..).map(move |turn| start.plus(turn)).take_while(until);
                Box::new(all.filter(move |day| is_on(*day) && ((*day - monday) / 7) % interval == 0))
            }
            Frequency::Monthly => Box::new(
                months()
                    .step_by(step)
                    .take_while(move |month| month.first() <= end)
                    .filter_map(move |month| Day::new(month.year(), month.month(), start.day()).ok())
                    .take_while(until),
            ),
            Frequency::MonthlyWeekday(week) => Box::new(
                months()
                    .step_by(step)
                    .take_while(move |month| month.first() <= end)
                    .filter_map(move |month| {
                        let mut on = month.days().filter(|day| day.weekday() == start.weekday());
                        match week {
                            Some(week) => on.nth(usize::try_from(week - 1).ok()?),
                            None => on.next_back(),
                        }
                    })
                    .filter(move |day| *day >= start)
                    .take_while(until),
            ),
            Frequency::Yearly => Box::new(
                (start.year()..=end.year())
                    .step_by(step)
                    .filter_map(move |year| Day::new(year, start.month(), start.day()).ok())
                    .take_while(until),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use calendar::{DayPart, DayRange, holiday::Region};

    use super::*;
    use crate::domain::holiday::public;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn every(frequency: Frequency, interval: i32) -> Recurrence {
        Recurrence {
            frequency,
            interval,
            until: None,
            count: Some(4),
            skip_holidays: false,
            skip_weekends: false,
            exceptions: BTreeSet::new(),
        }
    }

    fn times(recurrence: &Recurrence, first: &str) -> Vec<String> {
        let years = DayRange::new(day("2026-01-01"), day("2028-12-31")).unwrap();
        let loaded: Vec<_> = (2026..=2028).flat_map(|year| public(year, Region::France)).collect();
        let holidays = PublicHolidays::of(&loaded, years);
        let span = Span::from(DayRange::single(day(first)));
        recurrence.times(span, &holidays, 100).iter().map(|span| span.first().day.to_string()).collect()
    }

    #[test]
    fn each_step_comes_when_it_says() {
        use Frequency::{Daily, Monthly, MonthlyWeekday, Weekly, Yearly};
        let both = Weekly(vec![Weekday::Tuesday, Weekday::Friday]);
        let table = [
            (every(Daily, 10), "2026-06-01", vec!["2026-06-01", "2026-06-11", "2026-06-21", "2026-07-01"]),
            (
                every(Weekly(vec![]), 2),
                "2026-12-24",
                vec!["2026-12-24", "2027-01-07", "2027-01-21", "2027-02-04"],
            ),
            (every(both, 2), "2026-06-05", vec!["2026-06-05", "2026-06-16", "2026-06-19", "2026-06-30"]),
            // No 31 in February, April and June.
            (every(Monthly, 1), "2026-01-31", vec!["2026-01-31", "2026-03-31", "2026-05-31", "2026-07-31"]),
            // The second Wednesday.
            (
                every(MonthlyWeekday(Some(2)), 1),
                "2026-01-14",
                vec!["2026-01-14", "2026-02-11", "2026-03-11", "2026-04-08"],
            ),
            (
                every(MonthlyWeekday(None), 3),
                "2026-01-30",
                vec!["2026-01-30", "2026-04-24", "2026-07-31", "2026-10-30"],
            ),
            (every(Yearly, 1), "2028-02-29", vec!["2028-02-29", "2032-02-29", "2036-02-29"]),
        ];
        for (recurrence, first, expected) in table {
            assert_eq!(times(&recurrence, first), expected, "{recurrence:?}");
        }
    }

    #[test]
    fn exceptions_holidays_and_weekends_are_left_out_and_counted() {
        let weekly = Recurrence {
            skip_holidays: true,
            exceptions: BTreeSet::from([day("2026-05-29")]),
            ..every(Frequency::Weekly(vec![]), 1)
        };
        // 8 May is a holiday.
        assert_eq!(times(&weekly, "2026-05-08"), ["2026-05-15", "2026-05-22"]);
        let daily = Recurrence { skip_weekends: true, ..every(Frequency::Daily, 1) };
        assert_eq!(times(&daily, "2026-06-05"), ["2026-06-05", "2026-06-08"]);
    }

    #[test]
    fn it_ends_with_its_last_day_and_keeps_its_half_days() {
        let until =
            Recurrence { count: None, until: Some(day("2026-06-19")), ..every(Frequency::Weekly(vec![]), 1) };
        assert_eq!(times(&until, "2026-06-05"), ["2026-06-05", "2026-06-12", "2026-06-19"]);
        let afternoon = HalfDay::new(day("2026-06-04"), DayPart::Afternoon);
        let span = Span::new(afternoon, HalfDay::new(day("2026-06-05"), DayPart::Morning)).unwrap();
        let times = until.times(span, &PublicHolidays::default(), 100);
        assert!(times.iter().all(|time| time.len() == 2 && time.first().part == DayPart::Afternoon));
        let endless = Recurrence { count: None, ..every(Frequency::Daily, 1) };
        assert_eq!(endless.times(span, &PublicHolidays::default(), 100).len(), 101);
    }
}
