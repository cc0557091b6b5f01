//! One person's ISO week: consultations (C4 C5 C6), floating (I3), closings (I4), working time of a week (I7).

use super::{RuleId, Sink, sink::Facts, sink::UNIT};
use crate::{
    evaluator::state::State,
    problem::{DayIx, Half, PersonIx, Post, Profession, What},
};

/// A full-timer's half-days in a week.
const FULL_WEEK: i64 = 10;

pub(super) fn judge(state: &State, person: PersonIx, week: usize, sink: &mut impl Sink) {
    let mut consultations = [0_i64; 2];
    let (mut volants, mut closings) = (0, 0);
    for day in state.problem.days_of_week(week) {
        for seat in state.posts(person, DayIx(day as u16)) {
            let look = state.problem.look(seat.slot);
            match look.what {
                What::Consultation => consultations[look.half.map_or(0, Half::at)] += 1,
                What::Volant if seat.post == Post::Performer => volants += 1,
                What::Closing => closings += 1,
                _ => {}
            }
        }
    }
    let scene = Scene { state, person, week };
    match state.profession(person) {
        Profession::Mar => scene.consultations(consultations, sink),
        Profession::Iade => scene.nurse(volants, closings, sink),
    }
    scene.minutes(sink);
}

struct Scene<'s, 'p> {
    state: &'s State<'p>,
    person: PersonIx,
    week: usize,
}

// === impl Scene ===

impl Scene<'_, '_> {
    fn facts(&self) -> Facts {
        let first = DayIx(self.state.problem.days_of_week(self.week).start as u16);
        Facts::on(self.person, first)
    }

    fn working_halves(&self) -> i64 {
        i64::from(self.state.problem.derived().working_halves[self.person.at()][self.week])
    }

    fn consultations(&self, held: [i64; 2], sink: &mut impl Sink) {
        let who = self.state.problem.person(self.person);
        let parameters = self.state.problem.parameters();
        let total = held[0] + held[1];
        if who.abilities.consultation && !who.is_locum {
            // The target follows what the person works this week: part time, leave and cut weeks shrink it.
            let target = parameters.consultations_week_target * self.working_halves() / FULL_WEEK;
            let off = (total * UNIT - target).abs();
            if off > 0 {
                sink.found(RuleId::ConsultationsWeekTarget, off, || {
                    self.facts().numbers(total * UNIT, target)
                });
            }
        }
        let limit = i64::from(parameters.consultations_week_max);
        if total > limit {
            let facts = || self.facts().numbers(total, limit);
            sink.found(RuleId::ConsultationsWeekMax, (total - limit) * UNIT, facts);
        }
        let bad = i64::from(parameters.consultations_same_half_bad);
        for same in held.into_iter().filter(|same| *same >= bad) {
            let facts = || self.facts().numbers(same, bad - 1);
            sink.found(RuleId::ConsultationSpread, (same - bad + 1) * UNIT, facts);
        }
    }

    fn nurse(&self, volants: i64, closings: i64, sink: &mut impl Sink) {
        let who = self.state.problem.person(self.person);
        let parameters = self.state.problem.parameters();
        if who.abilities.volant && !who.is_locum {
            let target = i64::from(parameters.volant_week_target) * UNIT * self.working_halves() / FULL_WEEK;
            let off = (volants * UNIT - target).abs();
            if off > 0 {
                sink.found(RuleId::Volant, off, || self.facts().numbers(volants * UNIT, target));
            }
        }
        let limit = i64::from(parameters.closings_week_max);
        if closings > limit {
            let facts = || self.facts().numbers(closings, limit);
            sink.found(RuleId::ClosingTwiceAWeek, (closings - limit) * UNIT, facts);
        }
    }

    /// I7: hours over the contract's weekly ceiling (decree 2002-9 for public nurses).
    fn minutes(&self, sink: &mut impl Sink) {
        if let Some(limit) = self.state.problem.person(self.person).week_minutes_max {
            let days = self.state.problem.days_of_week(self.week);
            let worked: i64 = self.state.loads(self.person)[days].iter().map(|load| load.minutes).sum();
            if worked > limit {
                let amount = (worked - limit) * UNIT / 60;
                sink.found(RuleId::WeekMinutes, amount, || self.facts().numbers(worked, limit));
            }
        }
    }
}
