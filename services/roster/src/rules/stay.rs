//! Staying: days in a row with the same surgeon (B12), days in a row in a sector (B12d).
//!
//! In a sector, "in a row" goes from one day in theatre to the person's next one: days off, leave and consultations in
//! between neither break a stay nor lengthen it. With a surgeon it goes from one day the theatre is open to the next.

use std::ops::Range;

use super::{RuleId, Sink, sink::Facts, sink::UNIT};
use crate::{
    evaluator::state::State,
    problem::{DayIx, PersonIx, SurgeonIx},
};

/// B12d: all stays of a person. Those that touch an end of the horizon may have begun before it or go on after it.
pub(super) fn sectors(state: &State, person: PersonIx, sink: &mut impl Sink) {
    stays(state, person, 0..state.stands(person).len(), sink);
}

/// B12d: the stays that a change of one day can touch: from the beginning of the one before it to the end of the one
/// after it.
pub(super) fn sectors_around(state: &State, person: PersonIx, day: DayIx, sink: &mut impl Sink) {
    let row = state.stands(person);
    let back = reach(row[..day.at()].iter().rev());
    let on = reach(row[day.at() + 1..].iter());
    stays(state, person, day.at() - back..day.at() + 1 + on, sink);
}

/// Days to the end of the nearest stay, those in no sector around it included.
fn reach<'a>(days: impl Iterator<Item = &'a u16> + Clone) -> usize {
    let sector = days.clone().find(|sector| **sector != 0);
    days.take_while(|own| **own == 0 || Some(*own) == sector).count()
}

/// The stays within some days, which begin and end between stays.
fn stays(state: &State, person: PersonIx, range: Range<usize>, sink: &mut impl Sink) {
    let row = state.stands(person);
    let (mut sector, mut days, mut begin) = (0, 0, range.start);
    let mut is_cut = row[..range.start].iter().all(|sector| *sector == 0);
    for day in range.clone() {
        let stands = row[day];
        if stands == sector {
            days += 1;
        } else if stands != 0 {
            if sector != 0 {
                stay(state, person, begin..day, days, is_cut, sink);
                is_cut = false;
            }
            (sector, days, begin) = (stands, 1, day);
        }
    }
    if sector != 0 {
        is_cut |= row[range.end..].iter().all(|sector| *sector == 0);
        stay(state, person, begin..range.end, days, is_cut, sink);
    }
}

fn stay(state: &State, person: PersonIx, range: Range<usize>, days: i64, is_cut: bool, sink: &mut impl Sink) {
    let parameters = state.problem.parameters();
    let (min, max) = (i64::from(parameters.sector_stay_min), i64::from(parameters.sector_stay_max));
    let short = if is_cut { 0 } else { (min - days).max(0) };
    let off = short + (days - max).max(0);
    if off > 0 {
        let facts = || {
            let row = state.stands(person);
            let stayed = range.filter(|day| row[*day] != 0).map(|day| DayIx(day as u16)).collect();
            let expected = if days < min { min } else { max };
            Facts { people: vec![person], days: stayed, ..Facts::default() }.numbers(days, expected)
        };
        sink.found(RuleId::SectorStay, off * UNIT, facts);
    }
}

/// B12: all runs of a person with any surgeon.
pub(super) fn surgeons(state: &State, person: PersonIx, sink: &mut impl Sink) {
    let scene = Scene { state, person };
    for day in state.problem.day_indices() {
        let posts = state.posts(person, day);
        let met = |at: usize| state.problem.look(posts[at].slot).surgeon;
        for at in 0..posts.len() {
            let Some(surgeon) = met(at).filter(|own| (0..at).all(|other| met(other) != Some(*own))) else {
                continue;
            };
            if scene.before(day, surgeon) == 0 {
                scene.run(day, 1 + scene.after(day, surgeon), sink);
            }
        }
    }
}

/// B12: the runs with one surgeon that a change of one day can touch.
pub(super) fn surgeon_around(
    state: &State,
    person: PersonIx,
    day: DayIx,
    surgeon: SurgeonIx,
    sink: &mut impl Sink,
) {
    let scene = Scene { state, person };
    let (before, after) = (scene.before(day, surgeon), scene.after(day, surgeon));
    if scene.meets(day, surgeon) {
        scene.run(day, before + 1 + after, sink);
    } else if before.max(after) > 0 {
        scene.run(day, before, sink);
        scene.run(day, after, sink);
    }
}

struct Scene<'s, 'p> {
    state: &'s State<'p>,
    person: PersonIx,
}

// === impl Scene ===

impl Scene<'_, '_> {
    fn meets(&self, day: DayIx, surgeon: SurgeonIx) -> bool {
        let posts = self.state.posts(self.person, day);
        posts.iter().any(|seat| self.state.problem.look(seat.slot).surgeon == Some(surgeon))
    }

    /// Days in a row with the surgeon just before a day.
    fn before(&self, day: DayIx, surgeon: SurgeonIx) -> i64 {
        let open = &self.state.problem.derived().theatre_days;
        let days = (0..day.0).rev().map(DayIx).filter(|own| open[own.at()]);
        days.take_while(|own| self.meets(*own, surgeon)).count() as i64
    }

    /// Days in a row with the surgeon just after a day.
    fn after(&self, day: DayIx, surgeon: SurgeonIx) -> i64 {
        let open = &self.state.problem.derived().theatre_days;
        let days = (day.0 + 1..open.len() as u16).map(DayIx).filter(|own| open[own.at()]);
        days.take_while(|own| self.meets(*own, surgeon)).count() as i64
    }

    /// Each day beyond the most counts once.
    fn run(&self, day: DayIx, days: i64, sink: &mut impl Sink) {
        let max = i64::from(self.state.problem.parameters().surgeon_days_max);
        if days > max {
            let facts = || Facts::on(self.person, day).numbers(days, max);
            sink.found(RuleId::SurgeonDaysMax, (days - max) * UNIT, facts);
        }
    }
}
