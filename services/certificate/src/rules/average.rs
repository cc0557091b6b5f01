//! The average week: at most 48 hours over four months for hospital doctors (Code de la santé publique R6152-27), 44 over
//! twelve weeks in clinics (Code du travail L3121-22).
//!
//! Each law closes its window on the last day of the plan on which it binds: with every publication another one is
//! closed. All work within counts, of this plan and of every other, and only the part of a garde that lies within: what
//! is left of one at midnight belongs to the window after. Extra time is voluntary: whom the law lets volunteer, and who
//! does, is not held to it.

use calendar::{Day, DayRange};

use super::{Rule, rest::text_of};
use crate::{
    certify::{Breach, Findings, Unit, View},
    facts::{Average, Law, Person},
    timeline::Work,
};

const WEEK_DAYS: i64 = 7;

pub(super) fn check(view: &View<'_>, findings: &mut Findings) {
    let days = view.facts.days;
    for person in &view.facts.people {
        let Some(works) = view.timeline.by_person.get(person.id.as_str()) else { continue };
        let binding = person.laws.iter().filter(|law| !law.is_volunteer);
        for law in binding {
            let last = law.last.map_or(days.last(), |last| last.min(days.last()));
            if last < days.first() || law.first > days.last() {
                continue;
            }
            for average in &law.averages {
                hold(view, person, works, law, average, last, findings);
            }
        }
    }
}

/// Holds somebody to one average over the window that closes on a day.
fn hold(
    view: &View<'_>,
    person: &Person,
    works: &[Work<'_>],
    law: &Law,
    average: &Average,
    last: Day,
    findings: &mut Findings,
) {
    // A window is never shorter than what the plan decides of it.
    let planned = DayRange::new(view.facts.days.first(), last).map_or(1, |days| days.len() as i32);
    let length = average.days.max(planned);
    let (from, until) = (view.timeline.midnight(last.plus(1 - length)), view.timeline.midnight(last.next()));
    let counted = distinct(works).filter(|work| work.start < until && work.end >= from);
    let (mut minutes, mut count, mut shifts) = (0, 0, Vec::new());
    for work in counted {
        minutes += work.minutes_within(from, until);
        count += 1;
        if work.post.is_of_plan {
            shifts.push(work.post.shift.clone());
        }
    }
    findings.looked(Rule::AverageWeek, count);
    // Exact: as many minutes as the limit lets are allowed.
    if !shifts.is_empty() && minutes * WEEK_DAYS > average.week_minutes * i64::from(length) {
        let breach = Breach {
            start: from,
            end: until,
            law: text_of(&law.source, Rule::AverageWeek).to_owned(),
            people: vec![person.id.clone()],
            shifts,
            // Rounded up: what is measured is above the limit.
            measured: (minutes * WEEK_DAYS + i64::from(length) - 1) / i64::from(length),
            limit: average.week_minutes,
            unit: Unit::Minutes,
        };
        findings.breach(Rule::AverageWeek, breach);
    }
}

/// Work, once where somebody has several rooms at the same hours.
fn distinct<'w, 'f>(works: &'w [Work<'f>]) -> impl Iterator<Item = &'w Work<'f>> {
    let mut before = None;
    works.iter().filter(|work| work.is_work()).filter(move |work| {
        let hours = Some((work.start, work.end));
        hours != std::mem::replace(&mut before, hours)
    })
}

#[cfg(test)]
mod tests;
