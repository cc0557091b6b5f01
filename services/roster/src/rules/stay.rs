//! Staying: days in a row with the same surgeon (B12), days in a row in a sector (B12d).
//!
//! "In a row" goes from one day in theatre to the person's next one: days off, leave and consultations in between
//! neither break a stay nor lengthen it. Both rules are sums over stays; a change of one day can touch the stay
//! before it and the one after it, nothing further.

use super::{RuleId, Sink, sink::Facts, sink::UNIT};
use crate::{
    evaluator::state::{DayLoad, State},
    problem::{DayIx, PersonIx, SurgeonIx},
};

/// Everything: stays that begin anywhere.
pub(super) fn everything(state: &State, person: PersonIx, sink: &mut impl Sink) {
    let scene = Scene::new(state, person);
    let mut day = scene.next(None);
    while let Some(first) = day {
        let last = scene.last_of_stay(first);
        scene.stay(first, last, sink);
        day = scene.next(Some(last));
    }
    let mut day = scene.next(None);
    while let Some(own) = day {
        for surgeon in scene.surgeons(own) {
            scene.surgeon(own, surgeon, scene.days_with(own, surgeon), sink);
        }
        day = scene.next(Some(own));
    }
}

/// What a change of one day can touch.
pub(super) fn around(state: &State, person: PersonIx, day: DayIx, sink: &mut impl Sink) {
    let scene = Scene::new(state, person);
    let day = day.at();
    let before = scene.previous(day);
    let after = scene.next(Some(day));
    // From the stay before the day to the end of the one after it.
    let mut from = before.map(|own| scene.first_of_stay(own)).or(scene.at(day)).or(after);
    let end = after.map(|own| scene.last_of_stay(own)).or(scene.at(day)).or(before);
    while let (Some(first), Some(end)) = (from, end)
        && first <= end
    {
        let last = scene.last_of_stay(first);
        scene.stay(first, last, sink);
        from = scene.next(Some(last));
    }
    if scene.at(day).is_some() {
        for surgeon in scene.surgeons(day) {
            scene.surgeon(day, surgeon, scene.days_with(day, surgeon), sink);
        }
    }
    // The days after it that see the same surgeons without a break: their count goes through this day.
    if let Some(after) = after {
        for surgeon in scene.surgeons(after) {
            let mut days = scene.days_with(after, surgeon);
            let mut own = Some(after);
            while let Some(at) = own.filter(|at| scene.meets(*at, surgeon)) {
                scene.surgeon(at, surgeon, days, sink);
                days += 1;
                own = scene.next(Some(at));
            }
        }
    }
}

struct Scene<'s, 'p> {
    state: &'s State<'p>,
    person: PersonIx,
    loads: &'s [DayLoad],
}

// === impl Scene ===

impl<'s, 'p> Scene<'s, 'p> {
    fn new(state: &'s State<'p>, person: PersonIx) -> Self {
        Self { state, person, loads: state.loads(person) }
    }

    /// The day, if the person is in theatre on it.
    fn at(&self, day: usize) -> Option<usize> {
        (self.loads[day].theatre > 0).then_some(day)
    }

    /// The person's next day in theatre.
    fn next(&self, after: Option<usize>) -> Option<usize> {
        let from = after.map_or(0, |day| day + 1);
        self.loads[from..].iter().position(|load| load.theatre > 0).map(|at| from + at)
    }

    fn previous(&self, before: usize) -> Option<usize> {
        self.loads[..before].iter().rposition(|load| load.theatre > 0)
    }

    /// The sector the day is spent in: the morning's, or the afternoon's alone.
    fn sector(&self, day: usize) -> u16 {
        let [morning, afternoon] = self.loads[day].sectors;
        if morning > 0 { morning } else { afternoon }
    }

    fn first_of_stay(&self, day: usize) -> usize {
        let mut first = day;
        while let Some(before) = self.previous(first).filter(|own| self.sector(*own) == self.sector(day)) {
            first = before;
        }
        first
    }

    fn last_of_stay(&self, day: usize) -> usize {
        let mut last = day;
        while let Some(after) = self.next(Some(last)).filter(|own| self.sector(*own) == self.sector(day)) {
            last = after;
        }
        last
    }

    /// B12d. Stays that touch an end of the horizon may have begun before it or go on after it.
    fn stay(&self, first: usize, last: usize, sink: &mut impl Sink) {
        let parameters = self.state.problem.parameters();
        let days = self.loads[first..=last].iter().filter(|load| load.theatre > 0).count() as i64;
        let is_cut = self.previous(first).is_none() || self.next(Some(last)).is_none();
        let (min, max) = (i64::from(parameters.sector_stay_min), i64::from(parameters.sector_stay_max));
        let short = if is_cut { 0 } else { (min - days).max(0) };
        let off = short + (days - max).max(0);
        if off > 0 {
            let expected = if days < min { min } else { max };
            let facts = || self.facts(first..=last).numbers(days, expected);
            sink.found(RuleId::SectorStay, off * UNIT, facts);
        }
    }

    /// The surgeons met on a day, each once, in no particular order.
    fn surgeons(&self, day: usize) -> impl Iterator<Item = SurgeonIx> + use<'s, 'p> {
        let (state, posts) = (self.state, self.state.posts(self.person, DayIx(day as u16)));
        let met = move |at: usize| state.problem.look(posts[at].slot).surgeon;
        (0..posts.len())
            .filter_map(move |at| met(at).filter(|surgeon| (0..at).all(|other| met(other) != Some(*surgeon))))
    }

    fn meets(&self, day: usize, surgeon: SurgeonIx) -> bool {
        let posts = self.state.posts(self.person, DayIx(day as u16));
        posts.iter().any(|seat| self.state.problem.look(seat.slot).surgeon == Some(surgeon))
    }

    /// Days in a row with a surgeon, up to this one.
    fn days_with(&self, day: usize, surgeon: SurgeonIx) -> i64 {
        let (mut days, mut at) = (1, day);
        while let Some(before) = self.previous(at).filter(|own| self.meets(*own, surgeon)) {
            days += 1;
            at = before;
        }
        days
    }

    /// B12: each day beyond the most counts once.
    fn surgeon(&self, day: usize, _: SurgeonIx, days: i64, sink: &mut impl Sink) {
        let max = i64::from(self.state.problem.parameters().surgeon_days_max);
        if days > max {
            let facts = || Facts::on(self.person, DayIx(day as u16)).numbers(days, max);
            sink.found(RuleId::SurgeonDaysMax, UNIT, facts);
        }
    }

    fn facts(&self, days: std::ops::RangeInclusive<usize>) -> Facts {
        let days = days.filter(|day| self.loads[*day].theatre > 0).map(|day| DayIx(day as u16)).collect();
        Facts { people: vec![self.person], days, ..Facts::default() }
    }
}
