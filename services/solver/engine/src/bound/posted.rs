//! Nurses' posted half-days in the program of [`super::month`]: in theatre or floating, as far as their hours reach.
//!
//! # Why this is valid
//! In a lawful plan a nurse without pins, derogations, duties or consultations is posted for a half-day in theatre or
//! floating, never both (A2); each such half-day takes its usual minutes. What a week (I7), any 7 days (H4) and the credit
//! (H1) allow is therefore a whole number of half-days; closings and what was worked outside the horizon only make it
//! less. One nurse floats in each place.
//!
//! **I3** is charged beyond what [`super::nurses`] charges anyway: the least over all whole numbers.
//!
//! **RELAXED.** A nurse there, neither in theatre nor floating while the theatre runs, is unposted (I2); 7 days that hold
//! more than the usual are overtime (H4+), convex in whole half-days. A plan spoken of pays no more for both than it may
//! pay at that level in all.

use std::ops::Range;

use roster::{
    Problem, RuleId, Score,
    problem::{HalfDay, PersonIx, Profession, Seat, SlotIx, SlotKind},
};

use super::{idle::is_open, month::Month, nursing::is_there};
use crate::program::Var;

/// Days of a sliding window of working time.
const WINDOW: usize = 7;
/// A full-timer's half-days in a week.
const FULL_WEEK: i64 = 10;

/// A nurse's half-days.
pub(super) struct Nurse {
    pub person: PersonIx,
    /// Per half-day: in theatre, floating.
    pub theatre: Vec<Option<Var>>,
    floats: Vec<Option<Var>>,
    /// Nothing pinned, no derogation, no other kind of place: all limits hold.
    pub is_plain: bool,
}

// === impl Month ===

impl Month<'_, '_> {
    /// Adds the nurses.
    pub fn nurses(&mut self) {
        let problem = self.problem;
        for person in problem.person_indices() {
            if problem.person(person).profession != Profession::Iade {
                continue;
            }
            let mut own = Nurse {
                person,
                theatre: Vec::new(),
                floats: Vec::new(),
                is_plain: is_plain(problem, person),
            };
            for half in half_days(problem) {
                let theatre = is_there(problem, person, half).then(|| self.program.var(0.0, 0.0, 1.0, false));
                let is_floating = places(problem, half).any(|slot| may(problem, slot, person));
                let floats = is_floating.then(|| self.program.var(0.0, 0.0, 1.0, false));
                if let (Some(one), Some(other), true) = (theatre, floats, own.is_plain) {
                    self.program.row(0.0, 1.0, vec![(one, 1.0), (other, 1.0)]);
                }
                own.theatre.push(theatre);
                own.floats.push(floats);
            }
            self.nurses.push(own);
        }
        for at in 0..self.nurses.len() {
            self.hours(at);
            self.floating(at);
        }
        for half in half_days(problem) {
            let own = self.nurses.iter().filter_map(|own| own.floats[half.at()]);
            let terms = own.map(|var| (var, 1.0)).collect();
            self.program.row(0.0, places(problem, half).count() as f64, terms);
        }
    }

    fn posted(&self, at: usize, days: Range<usize>) -> Vec<(Var, f64)> {
        let own = &self.nurses[at];
        let halves = days.start * 2..days.end * 2;
        let all = own.theatre[halves.clone()].iter().chain(&own.floats[halves]);
        all.flatten().map(|var| (*var, 1.0)).collect()
    }

    /// I7, H4, H1.
    fn hours(&mut self, at: usize) {
        let problem = self.problem;
        let minutes = problem.parameters().half_day_minutes;
        if !self.nurses[at].is_plain || minutes <= 0 {
            return;
        }
        let who = problem.person(self.nurses[at].person);
        let forbids = |rule| self.charges.is_hard(rule);
        let mut limits: Vec<(i64, Range<usize>)> = Vec::new();
        if let Some(limit) = who.week_minutes_max.filter(|_| forbids(RuleId::WeekMinutes)) {
            limits.extend((0..problem.week_count()).map(|week| (limit, problem.days_of_week(week))));
        }
        if let Some(limit) = who.working_time.seven_days_max.filter(|_| forbids(RuleId::SevenDaysMax)) {
            limits.extend(windows(problem).map(|days| (i64::from(limit), days)));
        }
        let is_free = who.working_time.is_volunteer || !forbids(RuleId::HoursCredit);
        if let Some(credit) = who.credit_minutes.filter(|_| !is_free) {
            limits.push((credit, 0..problem.days().len()));
        }
        for (limit, days) in limits {
            let terms = self.posted(at, days);
            self.program.row(0.0, (limit.max(0) / minutes) as f64, terms);
        }
    }

    /// I3 beyond its least.
    fn floating(&mut self, at: usize) {
        let who = self.problem.person(self.nurses[at].person);
        if !self.nurses[at].is_plain || !who.abilities.volant || who.is_locum {
            return;
        }
        for week in 0..self.problem.week_count() {
            let days = self.problem.days_of_week(week);
            let halves = days.start * 2..days.end * 2;
            let there = who.availability[halves.clone()].iter().filter(|own| own.allows_post()).count();
            let wanted = i64::from(self.problem.parameters().volant_week_target) * Score::UNIT;
            let target = wanted * there as i64 / FULL_WEEK;
            let cost = |count: i64| {
                let off = (count * Score::UNIT - target).abs();
                self.charges.cost(RuleId::Volant, off).unwrap_or(0)
            };
            let below = target / Score::UNIT;
            let least = cost(below).min(cost(below + 1));
            let terms: Vec<(Var, f64)> =
                self.nurses[at].floats[halves].iter().flatten().map(|var| (*var, 1.0)).collect();
            let costs: Vec<f64> =
                (0..=terms.len() as i64).map(|count| (cost(count) - least) as f64).collect();
            self.program.convex(&terms, &costs);
        }
    }

    /// I2 and H4+ within what may be paid: the row that says so.
    pub fn idle(&mut self) -> usize {
        let relaxing = self.known.relaxing;
        let unit = relaxing.unit(RuleId::IadeUnposted).unwrap_or(0) as f64;
        let mut paid = Vec::new();
        let mut unposted = 0.0;
        for at in 0..self.nurses.len() {
            let own = &self.nurses[at];
            let who = self.problem.person(own.person);
            if !own.is_plain || who.is_locum {
                continue;
            }
            for half in half_days(self.problem) {
                if who.availability[half.at()].allows_post() && is_open(self.problem, own.person, half) {
                    unposted += unit;
                    let posts = own.theatre[half.at()].into_iter().chain(own.floats[half.at()]);
                    paid.extend(posts.map(|var| (var, -unit)));
                }
            }
            self.overtime(at, &mut paid);
        }
        let row = self.program.rows();
        self.program.row(f64::NEG_INFINITY, self.known.relaxed as f64 - unposted, paid);
        row
    }

    /// H4+.
    fn overtime(&mut self, at: usize, paid: &mut Vec<(Var, f64)>) {
        let own = self.problem.person(self.nurses[at].person).working_time;
        let (Some(usual), Some(most)) = (own.seven_days_usual, own.seven_days_max) else { return };
        let minutes = self.problem.parameters().half_day_minutes;
        if minutes <= 0 || !self.charges.is_hard(RuleId::SevenDaysMax) {
            return;
        }
        let cost = |count: i64| {
            let over = (count * minutes - i64::from(usual)).max(0);
            self.known.relaxing.cost(RuleId::SevenDaysUsual, over * Score::UNIT / 60).unwrap_or(0) as f64
        };
        for days in windows(self.problem) {
            let mut sum = self.posted(at, days);
            for count in 0..i64::from(most) / minutes {
                let slope = cost(count + 1) - cost(count);
                let step = self.program.var(0.0, 0.0, 1.0, false);
                sum.push((step, -1.0));
                paid.push((step, slope));
            }
            self.program.row(f64::NEG_INFINITY, 0.0, sum);
        }
    }
}

fn half_days(problem: &Problem) -> impl Iterator<Item = HalfDay> + use<> {
    (0..problem.days().len() * 2).map(|half| HalfDay(half as u32))
}

/// The windows of 7 days within the horizon.
fn windows(problem: &Problem) -> impl Iterator<Item = Range<usize>> + use<> {
    (WINDOW..=problem.days().len()).map(|end| end - WINDOW..end)
}

/// The floating places of a half-day.
fn places(problem: &Problem, half: HalfDay) -> impl Iterator<Item = SlotIx> + '_ {
    problem.slots_of_day(half.day()).iter().copied().filter(
        move |slot| matches!(problem.slot(*slot).kind, SlotKind::Volant { half: own, .. } if own == half.half()),
    )
}

fn may(problem: &Problem, slot: SlotIx, person: PersonIx) -> bool {
    let seat = Seat::performer(slot);
    match problem.pin(seat) {
        Some(pinned) => pinned == Some(person),
        None => problem.candidates(seat).contains(&person),
    }
}

/// All limits hold for the person, and nothing but theatre and floating fills a half-day.
fn is_plain(problem: &Problem, person: PersonIx) -> bool {
    let draft = problem.draft();
    let abilities = &problem.person(person).abilities;
    !draft.pins.iter().any(|pin| pin.person == Some(person))
        && !draft.derogations.iter().any(|own| own.person == person)
        && !abilities.garde
        && !abilities.consultation
}
