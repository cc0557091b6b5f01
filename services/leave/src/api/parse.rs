//! Requests into domain values: all violations at once.

use std::collections::BTreeSet;

use calendar::{Day, DayRange, Weekday, holiday::Region};
use chassis::{Problem, Violation};
use proto::{
    leave::v1::{self as pb, leave_verdict, recurrence},
    names::{LeaveName, LeaveTypeName, NameError},
    r#type::v1 as value,
    values,
};

use crate::{
    app::{Fields, Verdict},
    domain::{
        leave_type,
        recurrence::{Frequency, Recurrence},
    },
};

/// The longest text a person writes here.
const TEXT_CHARACTERS_MAX: usize = 500;

/// The longest leave.
const LEAVE_DAYS_MAX: usize = 366;

/// The most decisions of a batch.
const VERDICTS_MAX: usize = 100;

/// The longest range of a list.
const RANGE_DAYS_MAX: usize = 800;

/// A resource name.
pub fn name<T>(field: &str, parsed: Result<T, NameError>) -> Result<T, Problem> {
    parsed.map_err(|error| Problem::invalid(vec![Violation::new(field, error.to_string())]))
}

/// A text that may be empty.
pub fn text(field: &str, text: String) -> Result<String, Problem> {
    let length = text.chars().count();
    if length <= TEXT_CHARACTERS_MAX {
        return Ok(text);
    }
    let expected = format!("expected at most {TEXT_CHARACTERS_MAX} characters, got {length}");
    Err(Problem::invalid(vec![Violation::new(field, expected)]))
}

/// A text that may not.
pub fn required_text(field: &str, sent: String) -> Result<String, Problem> {
    if sent.trim().is_empty() {
        return Err(Problem::invalid(vec![Violation::new(field, "required")]));
    }
    text(field, sent)
}

/// A day.
pub fn day(field: &str, date: Option<value::Date>) -> Result<Day, Problem> {
    values::day(date).map_err(|error| Problem::invalid(vec![Violation::new(field, error.to_string())]))
}

/// When something comes again: everything that is wrong with it.
pub fn recurrence(sent: Option<pb::Recurrence>, must_end: bool) -> Result<Recurrence, Problem> {
    let Some(sent) = sent else {
        return Err(Problem::invalid(vec![Violation::new("recurrence", "required")]));
    };
    let mut violations = Vec::new();
    let mut check = |field: &str, is_right: bool, expected: &str| {
        if !is_right {
            violations.push(Violation::new(format!("recurrence.{field}"), format!("expected {expected}")));
        }
    };
    let weekdays: Result<Vec<Weekday>, _> = sent.weekdays.iter().map(|day| values::weekday(*day)).collect();
    check("weekdays", weekdays.is_ok() && sent.weekdays.len() <= 7, "weekdays");
    let week = sent.week_of_month;
    check("week_of_month", (-1..=4).contains(&week), "1 to 4, -1 or nothing");
    check("interval", (0..=366).contains(&sent.interval), "1 to 366");
    let until = values::day_or_none(sent.until_date);
    check("until_date", until.is_ok(), "a date");
    check("count", (0..=1_000).contains(&sent.count), "at most 1000");
    let is_endless = sent.until_date.is_none() && sent.count == 0;
    check("until_date", !(must_end && is_endless), "this, or count");
    let exceptions: Result<BTreeSet<Day>, _> =
        sent.exception_dates.iter().map(|date| Day::try_from(*date)).collect();
    check("exception_dates", exceptions.is_ok() && sent.exception_dates.len() <= 366, "at most 366 dates");
    let frequency = match sent.frequency() {
        recurrence::Frequency::Unspecified => None,
        recurrence::Frequency::Daily => Some(Frequency::Daily),
        recurrence::Frequency::Weekly => Some(Frequency::Weekly(weekdays.unwrap_or_default())),
        recurrence::Frequency::Monthly if week == 0 => Some(Frequency::Monthly),
        recurrence::Frequency::Monthly => Some(Frequency::MonthlyWeekday((week > 0).then_some(week))),
        recurrence::Frequency::Yearly => Some(Frequency::Yearly),
    };
    check("frequency", frequency.is_some(), "a frequency");
    match frequency {
        Some(frequency) if violations.is_empty() => Ok(Recurrence {
            frequency,
            interval: sent.interval.max(1),
            until: until.unwrap_or_default(),
            count: usize::try_from(sent.count).ok().filter(|count| *count > 0),
            skip_holidays: sent.skip_holidays,
            skip_weekends: sent.skip_weekends,
            exceptions: exceptions.unwrap_or_default(),
        }),
        _ => Err(Problem::invalid(violations)),
    }
}

/// A range of days of a list.
pub fn range(first: Option<value::Date>, last: Option<value::Date>) -> Result<DayRange, Problem> {
    let mut violations = Vec::new();
    let mut day = |field, date| {
        values::day(date).map_err(|error| violations.push(Violation::new(field, error.to_string()))).ok()
    };
    let (first, last) = (day("first_date", first), day("last_date", last));
    match first.zip(last).map(|(first, last)| DayRange::new(first, last)) {
        Some(Ok(range)) if range.len() <= RANGE_DAYS_MAX => return Ok(range),
        Some(Ok(_)) => {
            violations.push(Violation::new("last_date", format!("at most {RANGE_DAYS_MAX} days at once")));
        }
        Some(Err(_)) => violations.push(Violation::new("last_date", "expected a day not before first_date")),
        None => {}
    }
    Err(Problem::invalid(violations))
}

/// The fields of a new leave.
pub fn fields(hospital: &str, sent: Option<pb::Leave>) -> Result<Fields, Problem> {
    let Some(sent) = sent else {
        return Err(Problem::invalid(vec![Violation::new("leave", "required")]));
    };
    let mut violations = Vec::new();
    let mut refuse = |field: &str, text: String| violations.push(Violation::new(field, text));
    let leave_type = match LeaveTypeName::parse(&sent.leave_type) {
        Err(error) => {
            refuse("leave.leave_type", error.to_string());
            None
        }
        Ok(name) => {
            let found = leave_type::find(&name.leave_type).filter(|_| name.hospital == hospital);
            if found.is_none() {
                refuse("leave.leave_type", format!("`{name}` is no leave type of this hospital"));
            }
            found
        }
    };
    for (field, date) in [("leave.first_date", sent.first_date), ("leave.last_date", sent.last_date)] {
        if let Err(error) = values::day(date) {
            refuse(field, error.to_string());
        }
    }
    let span = values::span(sent.first_date, sent.first_part, sent.last_date, sent.last_part);
    let span = match span {
        Ok(span) if span.range().len() <= LEAVE_DAYS_MAX => Some(span),
        Ok(_) => {
            refuse("leave.last_date", format!("a leave has at most {LEAVE_DAYS_MAX} days"));
            None
        }
        Err(error @ values::ValueError::Backwards) => {
            refuse("leave.last_date", error.to_string());
            None
        }
        Err(error @ values::ValueError::DayPartInvalid) => {
            refuse("leave.first_part", error.to_string());
            None
        }
        // Told above, by its own field.
        Err(_) => None,
    };
    if sent.comment.chars().count() > TEXT_CHARACTERS_MAX {
        refuse("leave.comment", format!("expected at most {TEXT_CHARACTERS_MAX} characters"));
    }
    match (leave_type, span) {
        (Some(leave_type), Some(span)) if violations.is_empty() => {
            Ok(Fields { leave_type, span, comment: sent.comment })
        }
        _ => Err(Problem::invalid(violations)),
    }
}

/// The decisions of a batch: everything that is wrong with any of them.
pub fn verdicts(hospital: &str, sent: Vec<pb::LeaveVerdict>) -> Result<Vec<Verdict>, Problem> {
    if !(1..=VERDICTS_MAX).contains(&sent.len()) {
        let text = format!("expected 1 to {VERDICTS_MAX}, got {}", sent.len());
        return Err(Problem::invalid(vec![Violation::new("verdicts", text)]));
    }
    let (mut violations, mut seen, mut verdicts) = (Vec::new(), BTreeSet::new(), Vec::new());
    for (index, verdict) in sent.into_iter().enumerate() {
        let mut refuse = |field: &str, text: &str| {
            violations.push(Violation::new(format!("verdicts[{index}].{field}"), text));
        };
        let is_approval = verdict.kind() == leave_verdict::Kind::Approve;
        if verdict.kind() == leave_verdict::Kind::Unspecified {
            refuse("kind", "required");
        }
        if verdict.comment.chars().count() > TEXT_CHARACTERS_MAX {
            refuse("comment", "expected at most 500 characters");
        }
        if verdict.comment.trim().is_empty() && (!is_approval || verdict.force) {
            refuse("comment", "required to reject, and to force an approval");
        }
        match LeaveName::parse(&verdict.name) {
            Err(error) => refuse("name", &error.to_string()),
            Ok(name) if name.hospital != hospital => refuse("name", "expected a leave of the parent"),
            Ok(name) if !seen.insert(name.clone()) => refuse("name", "expected each leave at most once"),
            Ok(name) => verdicts.push(Verdict {
                name,
                etag: verdict.etag,
                is_approval,
                comment: verdict.comment,
                force: verdict.force && is_approval,
            }),
        }
    }
    if violations.is_empty() { Ok(verdicts) } else { Err(Problem::invalid(violations)) }
}

/// Which public holidays.
pub fn region(with_alsace_moselle: bool) -> Region {
    if with_alsace_moselle { Region::AlsaceMoselle } else { Region::France }
}
