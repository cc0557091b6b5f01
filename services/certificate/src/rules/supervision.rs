//! How many rooms a person has at once.
//!
//! A nurse anesthetist acts only while an anesthetist can step in at any moment (Code de la santé publique R4311-12). One
//! anesthetist for two rooms with a nurse in each is the accepted ratio; a site that wants more declares it, an
//! administrator authorizes it, and each case is listed (domain §4.6, B13). Of the rooms somebody supervises the strictest
//! limit holds; where a room counts the supervisor's own rooms, those do. Who runs a children's room supervises nothing,
//! and who supervises one has two in all (B10).

use std::collections::BTreeMap;

use calendar::{Day, DayPart};
use jiff::Timestamp;

use super::Rule;
use crate::{
    certify::{Breach, Findings, Unit, View},
    facts::{Kind, Profession, Role, Room, Shift},
    timeline::Work,
};

/// What somebody has in the theatre on a half-day.
#[derive(Default)]
struct Rooms<'f> {
    own: Vec<&'f Shift>,
    supervised: Vec<&'f Shift>,
    hours: Option<(Timestamp, Timestamp)>,
}

pub(super) fn check(view: &View<'_>, findings: &mut Findings) {
    for (person, works) in &view.timeline.by_person {
        for rooms in by_half_day(view, works).values() {
            runs(view, person, rooms, findings);
            supervises(view, person, rooms, findings);
        }
    }
}

fn by_half_day<'f>(view: &View<'f>, works: &[Work<'f>]) -> BTreeMap<(Day, Option<DayPart>), Rooms<'f>> {
    let mut halves: BTreeMap<(Day, Option<DayPart>), Rooms<'_>> = BTreeMap::new();
    for work in works.iter().filter(|work| work.post.is_of_plan && work.post.kind == Kind::Theatre) {
        let Some(shift) = view.shifts.get(work.post.shift.as_str()) else { continue };
        let rooms = halves.entry((work.post.day, work.post.part)).or_default();
        rooms.hours = Some((work.start, work.end));
        match work.post.role {
            Role::Performer => rooms.own.push(shift),
            Role::Supervisor => rooms.supervised.push(shift),
        }
    }
    halves
}

/// Most rooms one person runs: the least of what these rooms allow.
fn runs(view: &View<'_>, person: &str, rooms: &Rooms<'_>, findings: &mut Findings) {
    let limit = rooms.own.iter().filter_map(|shift| room(view, shift)).map(|room| room.run_max).min();
    let Some(limit) = limit else { return };
    findings.looked(Rule::RoomsRun, rooms.own.len());
    if rooms.own.len() > usize::from(limit) {
        findings.breach(Rule::RoomsRun, rooms.breach(Rule::RoomsRun, person, rooms.own.len(), limit));
    }
}

fn supervises(view: &View<'_>, person: &str, rooms: &Rooms<'_>, findings: &mut Findings) {
    if rooms.supervised.is_empty() {
        return;
    }
    let limits: Vec<&Room> = rooms.supervised.iter().filter_map(|shift| room(view, shift)).collect();
    let is_own_counted = limits.iter().any(|room| room.is_own_counted);
    let count = rooms.supervised.len() + if is_own_counted { rooms.own.len() } else { 0 };
    findings.looked(Rule::SupervisionRatio, rooms.supervised.len());
    let least = |of: fn(&Room) -> u8| limits.iter().map(|room| of(room)).min().unwrap_or(0);
    let (usual, derogation) = (least(|room| room.supervision_max), least(|room| room.derogation_max));
    if count > usize::from(usual) {
        let breach = rooms.breach(Rule::SupervisionRatio, person, count, usual);
        if view.facts.figures.is_derogation_authorized && count <= usize::from(derogation) {
            findings.derogation(Rule::SupervisionRatio, breach);
        } else {
            findings.breach(Rule::SupervisionRatio, breach);
        }
    }
    let runs_children = rooms.own.iter().any(|shift| shift.is_pediatric);
    let supervises_children = rooms.supervised.iter().any(|shift| shift.is_pediatric);
    // A nurse who supervises is found by what professions do.
    let is_anesthetist = view.people.get(person).is_some_and(|own| own.profession == Profession::Mar);
    if !is_anesthetist || !runs_children && !supervises_children {
        return;
    }
    findings.looked(Rule::Pediatrics, 1);
    let most = view.facts.figures.pediatric_supervision_max;
    let supervised = rooms.supervised.len();
    let limit = if runs_children { 0 } else { most };
    if supervised > usize::from(limit) {
        findings.breach(Rule::Pediatrics, rooms.breach(Rule::Pediatrics, person, supervised, limit));
    }
}

/// The room of a shift. One of which nobody told the limits is found by coverage.
fn room<'f>(view: &View<'f>, shift: &Shift) -> Option<&'f Room> {
    view.rooms.get(shift.room.as_str()).copied()
}

// === impl Rooms ===

impl Rooms<'_> {
    fn breach(&self, rule: Rule, person: &str, measured: usize, limit: u8) -> Breach {
        let (start, end) = self.hours.unwrap_or_default();
        let shifts = self.own.iter().chain(&self.supervised);
        Breach {
            start,
            end,
            law: rule.law().to_owned(),
            people: vec![person.to_owned()],
            shifts: shifts.map(|shift| shift.id.clone()).collect(),
            measured: measured as i64,
            limit: i64::from(limit),
            unit: Unit::Things,
        }
    }
}

#[cfg(test)]
mod tests;
