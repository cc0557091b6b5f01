//! How many rooms can be supervised: no more than nurses can be in.
//!
//! # Why the limits are valid
//! A room supervised is performed in by a nurse (B3), or empty, and empty rooms weigh what holes may. One nurse performs
//! in as many rooms as the strictest of them allows (I5): a room that allows `l` takes at least the `l`-th part of a nurse.
//! Nurses in the theatre are there, at most all of them each half-day, and no more half-days of a week than their hours
//! reach (I7). Where a place of the theatre is pinned every room may be supervised.

use roster::{
    Problem, RuleId,
    problem::{HalfDay, PersonIx, Post, Profession, RoomIx, Seat, SlotIx, SlotKind},
};

use super::mip::{Program, Var};
use crate::duties::charges::Charges;

/// What nurses can be in, half-day by half-day and week by week.
pub(crate) struct Nursing {
    halves: Vec<Theatre>,
    /// Half-days of the week's nurses, with the half-days of the week.
    weeks: Vec<(f64, std::ops::Range<usize>)>,
    /// Rooms that may be empty, whichever they are; `None`: any number.
    empty: Option<f64>,
}

/// A half-day of theatre.
#[derive(Clone, Debug, Default)]
struct Theatre {
    /// Open rooms by how many of them a nurse may run.
    rooms: Vec<(u8, f64)>,
    nurses: f64,
    is_pinned: bool,
}

/// The most rooms somebody may supervise at once.
pub(crate) fn most_supervised(problem: &Problem, person: PersonIx, half: HalfDay) -> u8 {
    let is_derogated = problem.parameters().supervision_derogation_authorized;
    let reach = |room: RoomIx| {
        let reach = problem.rooms().reach([room]);
        if is_derogated { reach.derogated.max(reach.usual) } else { reach.usual }
    };
    let mut limits: Vec<u8> = rooms(problem, half)
        .filter(|(slot, _)| problem.candidates(Seat::supervisor(*slot)).contains(&person))
        .map(|(_, room)| reach(room))
        .collect();
    limits.sort_unstable_by_key(|limit| std::cmp::Reverse(*limit));
    // The strictest room decides: the first `n` rooms together reach as far as the last of them.
    limits.iter().enumerate().map(|(at, limit)| (*limit).min(at as u8 + 1)).max().unwrap_or(0)
}

fn rooms(problem: &Problem, half: HalfDay) -> impl Iterator<Item = (SlotIx, RoomIx)> + '_ {
    problem.slots_of_day(half.day()).iter().filter_map(move |slot| match problem.slot(*slot).kind {
        SlotKind::Theatre { half: own, room, .. } if own == half.half() => Some((*slot, room)),
        _ => None,
    })
}

// === impl Nursing ===

impl Nursing {
    /// `holes`: what holes may weigh in all.
    pub fn of(problem: &Problem, charges: &Charges, holes: i64) -> Self {
        let nurses: Vec<PersonIx> = problem
            .person_indices()
            .filter(|person| problem.person(*person).profession == Profession::Iade)
            .collect();
        let halves = 0..problem.days().len() * 2;
        let lightest = problem.slots().iter().filter(|own| own.kind.is_theatre()).map(|own| own.weight).min();
        let week = |week: usize| {
            let days = problem.days_of_week(week);
            let halves = days.start * 2..days.end * 2;
            let most = nurses.iter().map(|nurse| half_days(problem, charges, *nurse, halves.clone()));
            (most.sum::<i64>() as f64, halves)
        };
        Self {
            halves: halves.map(|half| Theatre::of(problem, HalfDay(half as u32), &nurses)).collect(),
            weeks: (0..problem.week_count()).map(week).collect(),
            empty: match lightest {
                Some(0) => None,
                Some(weight) => Some((holes / i64::from(weight)) as f64),
                None => Some(0.0),
            },
        }
    }

    /// Adds the limits of what is supervised in each half-day.
    pub fn limit(&self, program: &mut Program, supervised: Vec<Vec<(Var, f64)>>) {
        let Some(most_empty) = self.empty else { return };
        let mut empty = Vec::new();
        let mut present = Vec::new();
        for (theatre, mut terms) in self.halves.iter().zip(supervised) {
            let nurses = program.var(0.0, 0.0, theatre.nurses, false);
            present.push(nurses);
            if theatre.is_pinned {
                continue;
            }
            let mut run = vec![(nurses, -1.0)];
            for (limit, count) in &theatre.rooms {
                let nursed = program.var(0.0, 0.0, *count, false);
                run.push((nursed, 1.0 / f64::from((*limit).max(1))));
                terms.push((nursed, -1.0));
            }
            program.row(f64::NEG_INFINITY, 0.0, run);
            let hole = program.var(0.0, 0.0, most_empty, false);
            empty.push((hole, 1.0));
            terms.push((hole, -1.0));
            program.row(f64::NEG_INFINITY, 0.0, terms);
        }
        program.row(0.0, most_empty, empty);
        for (most, halves) in &self.weeks {
            let terms = present[halves.clone()].iter().map(|var| (*var, 1.0)).collect();
            program.row(0.0, *most, terms);
        }
    }
}

/// The most half-days of a week a nurse can be in the theatre.
fn half_days(problem: &Problem, charges: &Charges, nurse: PersonIx, halves: std::ops::Range<usize>) -> i64 {
    let who = problem.person(nurse);
    let there = halves.filter(|half| is_there(problem, nurse, HalfDay(*half as u32))).count() as i64;
    let is_free = problem.draft().pins.iter().any(|pin| pin.person == Some(nurse))
        || problem.draft().derogations.iter().any(|own| own.person == nurse)
        || !charges.is_hard(RuleId::WeekMinutes);
    match (who.week_minutes_max, problem.parameters().half_day_minutes) {
        (Some(limit), minutes @ 1..) if !is_free => there.min((limit / minutes).max(0)),
        _ => there,
    }
}

/// A room is open to the nurse.
fn is_there(problem: &Problem, nurse: PersonIx, half: HalfDay) -> bool {
    rooms(problem, half).any(|(slot, _)| {
        let seat = Seat::performer(slot);
        match problem.pin(seat) {
            Some(pinned) => pinned == Some(nurse),
            None => problem.candidates(seat).contains(&nurse),
        }
    })
}

// === impl Theatre ===

impl Theatre {
    fn of(problem: &Problem, half: HalfDay, nurses: &[PersonIx]) -> Self {
        let mut own = Self::default();
        for (slot, room) in rooms(problem, half) {
            let limit = problem.rooms().limits_of(room).rooms_per_person;
            match own.rooms.iter_mut().find(|(other, _)| *other == limit) {
                Some((_, count)) => *count += 1.0,
                None => own.rooms.push((limit, 1.0)),
            }
            own.is_pinned |= Post::ALL.iter().any(|post| problem.pin(Seat { slot, post: *post }).is_some());
        }
        own.nurses = nurses.iter().filter(|nurse| is_there(problem, **nurse, half)).count() as f64;
        own
    }
}
