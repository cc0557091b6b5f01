//! What concerns one person's posts: one place at a time, here and not away, only what the profession does.

use calendar::{Day, DayPart, HalfDay};

use super::Rule;
use crate::{
    certify::{Breach, Findings, Unit, View},
    facts::{Kind, Post, Profession, Role},
    timeline::{Work, between},
};

pub(super) fn check(view: &View<'_>, findings: &mut Findings) {
    for (person, works) in &view.timeline.by_person {
        one_at_a_time(person, works, findings);
        for work in works.iter().filter(|work| work.post.is_of_plan) {
            present(view, person, work, findings);
            profession(view, person, work, findings);
        }
    }
}

/// The matrix of domain §4.7: several rooms of one site at once are one post, an astreinte goes with everything but a
/// garde, and a garde with nothing of its day.
fn one_at_a_time(person: &str, works: &[Work<'_>], findings: &mut Findings) {
    for (at, one) in works.iter().enumerate() {
        findings.looked(Rule::OneAtATime, usize::from(one.post.is_of_plan));
        // Whoever begins on the day of a garde, or before the post ends, may be in its way.
        let next = works[at + 1..]
            .iter()
            .take_while(|other| other.start < one.end || other.post.day == one.post.day);
        for other in next.filter(|other| one.post.is_of_plan || other.post.is_of_plan) {
            if excludes(one, other) {
                let (start, end) = (one.start.max(other.start), one.end.min(other.end));
                let breach = Breach {
                    start,
                    end: end.max(start),
                    law: Rule::OneAtATime.law().to_owned(),
                    people: vec![person.to_owned()],
                    shifts: vec![one.post.shift.clone(), other.post.shift.clone()],
                    measured: between(start, end.max(start)),
                    limit: 0,
                    unit: Unit::Minutes,
                };
                findings.breach(Rule::OneAtATime, breach);
            }
        }
    }
}

fn excludes(one: &Work<'_>, other: &Work<'_>) -> bool {
    let (first, second) = (one.post, other.post);
    let is_theatre = |post: &Post| post.kind == Kind::Theatre;
    let is_on_call = |post: &Post| post.kind == Kind::Astreinte;
    if first.kind.is_garde() != second.kind.is_garde() {
        return first.day == second.day || one.overlaps(other) && !is_on_call(first) && !is_on_call(second);
    }
    if is_on_call(first) || is_on_call(second) {
        return false;
    }
    let is_one_theatre = is_theatre(first) && is_theatre(second) && first.site == second.site;
    one.overlaps(other) && !is_one_theatre
}

/// With a contract on the day, and not away on a half-day the post takes.
fn present(view: &View<'_>, person: &str, work: &Work<'_>, findings: &mut Findings) {
    findings.looked(Rule::Presence, 1);
    let absences = view.people.get(person).map(|own| own.absences.as_slice()).unwrap_or_default();
    let is_away = halves(work.post).iter().any(|part| {
        let half = HalfDay::new(work.post.day, *part);
        absences.iter().any(|span| span.contains(half))
    });
    let is_employed = |day: Day| view.law_on(person, day).is_some();
    if is_away || !is_employed(work.post.day) {
        findings.breach(Rule::Presence, of_one(Rule::Presence, person, work));
    }
}

/// The half-days of its own day that a post takes.
fn halves(post: &Post) -> &[DayPart] {
    match (&post.part, post.kind) {
        (Some(part), _) => std::slice::from_ref(part),
        (None, Kind::GardeNight | Kind::Closing) => &[DayPart::Afternoon],
        (None, _) => &DayPart::ALL,
    }
}

/// Gardes, astreintes, consultations and answering for a nurse's room are an anesthetist's.
fn profession(view: &View<'_>, person: &str, work: &Work<'_>, findings: &mut Findings) {
    let kind = work.post.kind;
    let is_anesthetists = kind.is_garde()
        || matches!(kind, Kind::Astreinte | Kind::Consultation)
        || work.post.role == Role::Supervisor;
    if !is_anesthetists {
        return;
    }
    findings.looked(Rule::Profession, 1);
    if view.people.get(person).is_none_or(|own| own.profession != Profession::Mar) {
        findings.breach(Rule::Profession, of_one(Rule::Profession, person, work));
    }
}

/// A post that is not this person's to hold.
fn of_one(rule: Rule, person: &str, work: &Work<'_>) -> Breach {
    Breach {
        start: work.start,
        end: work.end,
        law: rule.law().to_owned(),
        people: vec![person.to_owned()],
        shifts: vec![work.post.shift.clone()],
        measured: 1,
        limit: 0,
        unit: Unit::Things,
    }
}

#[cfg(test)]
mod tests;
