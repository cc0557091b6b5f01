//! Whether what must be staffed is, by one person each, or is said to be open.
//!
//! A hole is no breach: a rule is never broken to fill a post, the post stays empty and is listed (domain §4.1). A post
//! that is neither held nor listed is one, and so is one that two people hold: nobody knows then who is there. A day
//! whose garde or astreinte the plan does not even list has nobody either (G1, G2).

use calendar::{Day, working_time::DUTY_START};

use super::Rule;
use crate::{
    certify::{Breach, Findings, Unit, View},
    facts::{Kind, Line, Open, Post, Profession, Role, Shift},
};

pub(super) fn check(view: &View<'_>, findings: &mut Findings) {
    for shift in &view.facts.shifts {
        performers(view, shift, findings);
        if shift.kind == Kind::Theatre {
            supervisors(view, shift, findings);
        }
    }
    for line in &view.facts.lines {
        listed(view, line, findings);
    }
}

/// The rule behind somebody's being there; none asks for a floating nurse or a closing one.
fn rule_of(kind: Kind) -> Option<Rule> {
    match kind {
        Kind::Garde | Kind::GardeDay | Kind::GardeNight => Some(Rule::GardeCoverage),
        Kind::Astreinte => Some(Rule::AstreinteCoverage),
        Kind::Theatre => Some(Rule::RoomCoverage),
        Kind::Consultation => Some(Rule::ConsultationCoverage),
        Kind::Closing | Kind::Volant => None,
    }
}

fn performers(view: &View<'_>, shift: &Shift, findings: &mut Findings) {
    let Some(rule) = rule_of(shift.kind) else { return };
    one(view, shift, Role::Performer, rule, findings);
    // A room of which nobody told the limits is no room that anybody checked.
    if shift.kind == Kind::Theatre && !view.rooms.contains_key(shift.room.as_str()) {
        findings.breach(rule, breach(view, rule, shift, &[], 0));
    }
}

/// One anesthetist for a room that a nurse runs; none is asked for where an anesthetist does.
fn supervisors(view: &View<'_>, shift: &Shift, findings: &mut Findings) {
    let performers = view.held.get(&(shift.id.as_str(), Role::Performer));
    let is_nurses = performers.into_iter().flatten().any(|post| {
        view.people.get(post.person.as_str()).is_some_and(|own| own.profession == Profession::Iade)
    });
    let supervisors = view.held.get(&(shift.id.as_str(), Role::Supervisor)).map_or(0, Vec::len);
    if is_nurses || supervisors > 1 {
        one(view, shift, Role::Supervisor, Rule::RoomSupervised, findings);
    }
}

/// Exactly one person on a post, or nobody and the plan says so.
fn one(view: &View<'_>, shift: &Shift, role: Role, rule: Rule, findings: &mut Findings) {
    let none: Vec<&Post> = Vec::new();
    let held = view.held.get(&(shift.id.as_str(), role)).unwrap_or(&none);
    let is_open = || {
        let open = Open { shift: shift.id.clone(), role };
        view.open.contains(&open)
    };
    findings.looked(rule, 1);
    if held.len() > 1 || held.is_empty() && !is_open() {
        findings.breach(rule, breach(view, rule, shift, held, held.len()));
    }
}

/// A day's duty is among the plan's shifts: whole, or in its two parts.
fn listed(view: &View<'_>, line: &Line, findings: &mut Findings) {
    let Some(rule) = rule_of(line.kind) else { return };
    findings.looked(rule, 1);
    let has = |kind: Kind| view.kinds.contains(&(line.day, kind, line.site.as_str()));
    let is_shared = line.kind == Kind::Garde && has(Kind::GardeDay) && has(Kind::GardeNight);
    if !has(line.kind) && !is_shared {
        let (start, end) = span(view, line.day);
        let breach = Breach {
            start,
            end,
            law: rule.law().to_owned(),
            people: vec![],
            shifts: vec![],
            measured: 0,
            limit: 1,
            unit: Unit::Things,
        };
        findings.breach(rule, breach);
    }
}

/// From eight to eight.
fn span(view: &View<'_>, day: Day) -> (jiff::Timestamp, jiff::Timestamp) {
    let stretch = view.timeline.zone.stretch(day, DUTY_START, DUTY_START);
    (stretch.start(), stretch.end())
}

fn breach(view: &View<'_>, rule: Rule, shift: &Shift, held: &[&Post], measured: usize) -> Breach {
    let (start, end) = span(view, shift.day);
    Breach {
        start,
        end,
        law: rule.law().to_owned(),
        people: held.iter().map(|post| post.person.clone()).collect(),
        shifts: vec![shift.id.clone()],
        measured: measured as i64,
        limit: 1,
        unit: Unit::Things,
    }
}

#[cfg(test)]
mod tests;
