//! Unavailabilities between their messages and their values.

use calendar::DayRange;
use chassis::{Problem, Violation};
use durable::{etag, time};
use proto::{
    leave::v1::{self as pb, recurrence, unavailability, unavailability_conflict},
    names::{StaffMemberName, UnavailabilityName},
    r#type::v1 as value,
    values,
};

use super::{convert, parse};
use crate::{
    app::{UnavailabilityView, UnavailableDay, unavailability_state},
    domain::{
        recurrence::{Frequency, Recurrence},
        unavailability::{Conflict, ConflictKind, Priority, Scope, Wish},
    },
};

/// The longest time.
const DAYS_MAX: usize = 62;

/// The longest comment.
const TEXT_CHARACTERS_MAX: usize = 500;

/// The most of a batch.
const BATCH_MAX: usize = 100;

/// What is entered: everything that is wrong with it.
pub fn wish(sent: Option<pb::Unavailability>) -> Result<Wish, Problem> {
    let Some(sent) = sent else {
        return Err(Problem::invalid(vec![Violation::new("unavailability", "required")]));
    };
    let mut violations = Vec::new();
    let mut refuse = |field: &str, text: &str| {
        violations.push(Violation::new(format!("unavailability.{field}"), text));
    };
    let scope = match sent.scope() {
        unavailability::Scope::Unspecified => None,
        unavailability::Scope::Garde => Some(Scope::Garde),
        unavailability::Scope::Astreinte => Some(Scope::Astreinte),
        unavailability::Scope::Both => Some(Scope::Both),
    };
    if scope.is_none() {
        refuse("scope", "required");
    }
    let days = days(sent.first_date, sent.last_date);
    match &days {
        Ok(days) if days.len() > DAYS_MAX => refuse("last_date", "at most 62 days"),
        Ok(_) => {}
        Err((field, text)) => refuse(field, text),
    }
    if sent.comment.chars().count() > TEXT_CHARACTERS_MAX {
        refuse("comment", "expected at most 500 characters");
    }
    let priority = match sent.priority() {
        unavailability::Priority::Low => Priority::Low,
        unavailability::Priority::High => Priority::High,
        unavailability::Priority::Medium | unavailability::Priority::Unspecified => Priority::Medium,
    };
    let recurrence = sent.recurrence.map(|sent| parse::recurrence(Some(sent), false)).transpose()?;
    match (scope, days) {
        (Some(scope), Ok(days)) if violations.is_empty() => Ok(Wish {
            scope,
            days,
            recurrence,
            priority,
            is_flexible: sent.is_flexible,
            comment: sent.comment,
        }),
        _ => Err(Problem::invalid(violations)),
    }
}

/// Other days that are proposed.
pub fn counter(sent: Option<pb::CounterProposal>) -> Result<DayRange, Problem> {
    let sent = sent.unwrap_or_default();
    days(sent.first_date, sent.last_date).map_err(|(field, text)| {
        Problem::invalid(vec![Violation::new(format!("counter_proposal.{field}"), text)])
    })
}

/// Names and versions of a batch.
pub fn names(
    hospital: &str,
    sent: Vec<pb::UnavailabilityVersion>,
) -> Result<Vec<(UnavailabilityName, String)>, Problem> {
    let refuse = |field: String, text: &str| Problem::invalid(vec![Violation::new(field, text)]);
    if !(1..=BATCH_MAX).contains(&sent.len()) {
        return Err(refuse("unavailabilities".to_owned(), "expected 1 to 100"));
    }
    let mut names: Vec<(UnavailabilityName, String)> = Vec::with_capacity(sent.len());
    for (index, one) in sent.into_iter().enumerate() {
        let field = format!("unavailabilities[{index}].name");
        match UnavailabilityName::parse(&one.name) {
            Ok(name) if name.hospital == hospital && names.iter().all(|(other, _)| *other != name) => {
                names.push((name, one.etag));
            }
            Ok(_) => {
                return Err(refuse(field, "expected an unavailability of the parent, each at most once"));
            }
            Err(error) => return Err(refuse(field, &error.to_string())),
        }
    }
    Ok(names)
}

fn days(first: Option<value::Date>, last: Option<value::Date>) -> Result<DayRange, (&'static str, String)> {
    let first = values::day(first).map_err(|error| ("first_date", error.to_string()))?;
    let last = values::day(last).map_err(|error| ("last_date", error.to_string()))?;
    DayRange::new(first, last).map_err(|error| ("last_date", error.to_string()))
}

/// As it is read; without comment and conflicts for who may not know them.
pub fn write(view: UnavailabilityView) -> pb::Unavailability {
    let UnavailabilityView { own, is_open } = view;
    let name = own.name();
    let wish = own.wish;
    let scope = scope(wish.scope);
    let priority = match wish.priority {
        Priority::Low => unavailability::Priority::Low,
        Priority::Medium => unavailability::Priority::Medium,
        Priority::High => unavailability::Priority::High,
    };
    let conflicts = own.conflicts.into_iter().filter(|_| is_open).map(conflict).collect();
    let decision = own.decision.as_ref().map(|decision| {
        let written = convert::decision(decision);
        let comment = if is_open { written.comment } else { String::new() };
        pb::Decision { comment, ..written }
    });
    pb::Unavailability {
        name,
        scope: scope.into(),
        first_date: Some(wish.days.first().into()),
        last_date: Some(wish.days.last().into()),
        recurrence: wish.recurrence.map(written_recurrence),
        priority: priority.into(),
        is_flexible: wish.is_flexible,
        comment: if is_open { wish.comment } else { String::new() },
        state: unavailability_state(own.state).into(),
        conflicts,
        decision,
        counter_proposal: own.counter.map(|days| pb::CounterProposal {
            first_date: Some(days.first().into()),
            last_date: Some(days.last().into()),
        }),
        etag: etag::of(own.version),
        create_time: Some(time::to_proto(own.create_time)),
        update_time: Some(time::to_proto(own.update_time)),
    }
}

/// That somebody cannot take duties on a day, and nothing else about it.
pub fn unavailable_day(hospital: &str, own: UnavailableDay) -> pb::UnavailableDay {
    pb::UnavailableDay {
        staff_member: StaffMemberName::new(hospital, own.staff_member).to_string(),
        date: Some(own.day.into()),
        scope: scope(own.scope).into(),
        is_flexible: own.is_flexible,
    }
}

fn scope(scope: Scope) -> unavailability::Scope {
    match scope {
        Scope::Garde => unavailability::Scope::Garde,
        Scope::Astreinte => unavailability::Scope::Astreinte,
        Scope::Both => unavailability::Scope::Both,
    }
}

fn conflict(found: Conflict) -> pb::UnavailabilityConflict {
    let kind = match found.kind {
        ConflictKind::PublishedDuty => unavailability_conflict::Kind::PublishedDuty,
        ConflictKind::Leave => unavailability_conflict::Kind::Leave,
        ConflictKind::OtherUnavailability => unavailability_conflict::Kind::OtherUnavailability,
    };
    pb::UnavailabilityConflict { kind: kind.into(), date: Some(found.day.into()), resource: found.resource }
}

fn written_recurrence(own: Recurrence) -> pb::Recurrence {
    let (frequency, weekdays, week_of_month) = match own.frequency {
        Frequency::Daily => (recurrence::Frequency::Daily, vec![], 0),
        Frequency::Weekly(weekdays) => (recurrence::Frequency::Weekly, weekdays, 0),
        Frequency::Monthly => (recurrence::Frequency::Monthly, vec![], 0),
        Frequency::MonthlyWeekday(week) => (recurrence::Frequency::Monthly, vec![], week.unwrap_or(-1)),
        Frequency::Yearly => (recurrence::Frequency::Yearly, vec![], 0),
    };
    pb::Recurrence {
        frequency: frequency.into(),
        interval: own.interval,
        weekdays: weekdays.into_iter().map(|day| value::Weekday::from(day).into()).collect(),
        week_of_month,
        until_date: own.until.map(Into::into),
        count: own.count.and_then(|count| i32::try_from(count).ok()).unwrap_or(0),
        skip_holidays: own.skip_holidays,
        skip_weekends: own.skip_weekends,
        exception_dates: own.exceptions.into_iter().map(Into::into).collect(),
    }
}
