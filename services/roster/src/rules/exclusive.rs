//! What one day may hold together: the compatibility matrix, rest after a garde, one post per half-day.
//!
//! G3 G4 G6 G16 A2 C7 are inviolable; G20 and G22 say which days suit a garde; I2 wants every present nurse posted, I3i for the
//! whole day.
//! Rest after a garde: Code de la santé publique R6152-27 (up to 24 h continuous, followed at once by a rest of equal
//! length); the team's rule gives the whole next day.

use super::{RuleId, Sink, sink::Facts, sink::UNIT};
use crate::{
    evaluator::state::State,
    problem::{Availability, DayIx, DayKind, Half, HalfDay, PersonIx, Profession, Seat, What},
};

/// How many of each kind a person's day holds.
#[derive(Default)]
struct Counts {
    gardes: i64,
    astreintes: i64,
    closings: i64,
    theatre: [i64; 2],
    consultations: [i64; 2],
    volants: [i64; 2],
}

pub(super) fn judge(state: &State, person: PersonIx, day: DayIx, sink: &mut impl Sink) {
    let posts = state.posts(person, day);
    let after_garde = state.has_garde(person, i32::from(day.0) - 1);
    if !posts.is_empty() {
        let counts = Counts::of(state, posts);
        let scene = Scene { state, person, day, posts };
        scene.garde(&counts, sink);
        if after_garde {
            scene.rest(&counts, sink);
        }
        scene.halves(&counts, sink);
    }
    if state.profession(person) == Profession::Iade {
        unposted(state, person, day, after_garde, sink);
        isolated(state, person, day, sink);
    }
}

struct Scene<'s, 'p> {
    state: &'s State<'p>,
    person: PersonIx,
    day: DayIx,
    posts: &'s [Seat],
}

// === impl Counts ===

impl Counts {
    fn of(state: &State, posts: &[Seat]) -> Self {
        let mut counts = Self::default();
        for seat in posts {
            let look = state.problem.look(seat.slot);
            let half = look.half.map_or(0, Half::at);
            match look.what {
                What::Garde | What::GardeDay | What::GardeNight => counts.gardes += 1,
                What::Astreinte => counts.astreintes += 1,
                What::Closing => counts.closings += 1,
                What::Theatre => counts.theatre[half] += 1,
                What::Consultation => counts.consultations[half] += 1,
                What::Volant => counts.volants[half] += 1,
            }
        }
        counts
    }

    /// Posts of the day that are neither garde nor astreinte.
    fn day_posts(&self) -> i64 {
        let halves = |of: &[i64; 2]| of[0] + of[1];
        self.closings + halves(&self.theatre) + halves(&self.consultations) + halves(&self.volants)
    }
}

// === impl Scene ===

impl Scene<'_, '_> {
    fn facts(&self) -> Facts {
        Facts::on(self.person, self.day).with_slots(self.posts.iter().map(|seat| seat.slot))
    }

    fn garde(&self, counts: &Counts, sink: &mut impl Sink) {
        if counts.gardes == 0 {
            if counts.astreintes > 1 {
                sink.found(RuleId::DoubleBooking, (counts.astreintes - 1) * UNIT, || self.facts());
            }
            return;
        }
        if counts.astreintes > 0 {
            sink.found(RuleId::GardeAndAstreinte, counts.astreintes * UNIT, || self.facts());
        }
        let others = counts.gardes - 1 + counts.day_posts();
        if others > 0 {
            sink.found(RuleId::GardeAlone, others * UNIT, || self.facts());
        }
        let problem = self.state.problem;
        let next = DayIx(self.day.0 + 1);
        let leaves = if next.at() < problem.days().len() {
            self.state.availability(self.person, HalfDay::new(next, Half::Morning)) == Availability::Absent
        } else {
            problem.person(self.person).following.is_absent
        };
        if leaves && self.state.has_garde(self.person, i32::from(self.day.0)) {
            sink.found(RuleId::GardeBeforeLeave, UNIT, || self.facts());
        }
        if problem.day(self.day).kind() == DayKind::Weekday || problem.day(self.day).kind() == DayKind::Friday
        {
            let usual = self.state.availability(self.person, HalfDay::new(self.day, Half::Morning));
            if usual == Availability::DutyOnly {
                sink.found(RuleId::GardeOnWorkingDay, UNIT, || self.facts());
            }
        }
    }

    fn rest(&self, counts: &Counts, sink: &mut impl Sink) {
        let worked = counts.day_posts();
        if worked > 0 {
            sink.found(RuleId::RestAfterGarde, worked * UNIT, || self.facts());
        }
        if counts.astreintes > 0 && self.state.problem.parameters().astreinte_in_rest_forbidden {
            sink.found(RuleId::AstreinteInRest, counts.astreintes * UNIT, || self.facts());
        }
    }

    fn halves(&self, counts: &Counts, sink: &mut impl Sink) {
        let mut excess = (counts.closings - 1).max(0);
        for half in 0..2 {
            let theatre = i64::from(counts.theatre[half] > 0);
            excess += (theatre + counts.consultations[half] + counts.volants[half] - 1).max(0);
        }
        if excess > 0 {
            sink.found(RuleId::DoubleBooking, excess * UNIT, || self.facts());
        }
        if counts.consultations[0] > 0 && counts.consultations[1] > 0 {
            sink.found(RuleId::ConsultationTwiceADay, UNIT, || self.facts());
        }
    }
}

/// I3i: a nurse who could work the whole day comes for one half of it; for an afternoon alone, twice as bad.
fn isolated(state: &State, person: PersonIx, day: DayIx, sink: &mut impl Sink) {
    let [morning, afternoon] = state.loads(person)[day.at()].busy;
    if morning == afternoon {
        return;
    }
    let is_whole =
        Half::ALL.iter().all(|half| state.availability(person, HalfDay::new(day, *half)).allows_post());
    if is_whole {
        let amount = if afternoon { 2 * UNIT } else { UNIT };
        sink.found(RuleId::IsolatedHalfDay, amount, || Facts::on(person, day));
    }
}

/// I2: a nurse who is there while the theatre runs is given a room, a floating place or another post; nurses who work
/// shifts have their own rules.
fn unposted(state: &State, person: PersonIx, day: DayIx, after_garde: bool, sink: &mut impl Sink) {
    if after_garde || state.problem.person(person).is_locum || state.problem.works_shifts(person) {
        return;
    }
    let open = &state.problem.derived().theatre_open[person.at()];
    for half in Half::ALL {
        let half_day = HalfDay::new(day, half);
        if !open[half_day.at()] || !state.availability(person, half_day).allows_post() {
            continue;
        }
        let busy = state.posts(person, day).iter().any(|seat| {
            let look = state.problem.look(seat.slot);
            look.is_in(half) || look.is_garde()
        });
        if !busy {
            sink.found(RuleId::IadeUnposted, UNIT, || Facts::on(person, day).numbers(half as i64, 0));
        }
    }
}
