//! How many rooms can be supervised: no more than nurses can be in.
//!
//! # Why the limits are valid
//! A room supervised is performed in by a nurse (B3), or empty, and empty rooms weigh what holes may. One nurse performs
//! in as many rooms as the strictest of them allows (I5): a room that allows `l` takes at least the `l`-th part of a nurse.
//! Where a place of the theatre is pinned every room may be supervised. How many half-days nurses can be there says
//! [`super::posted`].

use roster::{
    Problem,
    problem::{HalfDay, PersonIx, Post, RoomIx, Seat, SlotIx, SlotKind},
};

use super::posted::Nurse;
use crate::program::{Program, Var};

/// What nurses can be in, half-day by half-day.
pub(crate) struct Nursing {
    halves: Vec<Theatre>,
    /// Rooms that may be empty, whichever they are; `None`: any number.
    empty: Option<f64>,
}

/// A half-day of theatre.
#[derive(Clone, Debug, Default)]
struct Theatre {
    /// Open rooms by how many of them a nurse may run.
    rooms: Vec<(u8, f64)>,
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
    pub fn of(problem: &Problem, holes: i64) -> Self {
        let halves = 0..problem.days().len() * 2;
        let lightest = problem.slots().iter().filter(|own| own.kind.is_theatre()).map(|own| own.weight).min();
        Self {
            halves: halves.map(|half| Theatre::of(problem, HalfDay(half as u32))).collect(),
            empty: match lightest {
                Some(0) => None,
                Some(weight) => Some((holes / i64::from(weight)) as f64),
                None => Some(0.0),
            },
        }
    }

    /// Adds the limits of what is supervised in each half-day, by these nurses.
    pub fn limit(&self, program: &mut Program, supervised: Vec<Vec<(Var, f64)>>, nurses: &[Nurse]) {
        let Some(most_empty) = self.empty else { return };
        let mut empty = Vec::new();
        for (at, (theatre, mut terms)) in self.halves.iter().zip(supervised).enumerate() {
            if theatre.is_pinned {
                continue;
            }
            let present = nurses.iter().filter_map(|own| own.theatre[at]);
            let mut run: Vec<(Var, f64)> = present.map(|var| (var, -1.0)).collect();
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
    }
}

/// A room is open to the nurse.
pub(super) fn is_there(problem: &Problem, nurse: PersonIx, half: HalfDay) -> bool {
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
    fn of(problem: &Problem, half: HalfDay) -> Self {
        let mut own = Self::default();
        for (slot, room) in rooms(problem, half) {
            let limit = problem.rooms().limits_of(room).rooms_per_person;
            match own.rooms.iter_mut().find(|(other, _)| *other == limit) {
                Some((_, count)) => *count += 1.0,
                None => own.rooms.push((limit, 1.0)),
            }
            own.is_pinned |= Post::ALL.iter().any(|post| problem.pin(Seat { slot, post: *post }).is_some());
        }
        own
    }
}
