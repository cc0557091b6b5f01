//! What a day amounts to in working time and in hardship (model B: points over 7 rolling days).
//!
//! Hours: a garde counts its real length over a clock change, an astreinte nothing but call-outs (unknown here), a
//! half-day and a consultation their usual length.

use crate::{
    evaluator::state::{DayLoad, State},
    problem::{DayIx, Half, PersonIx, Post, What},
};

/// Hardship, in hundredths of a point.
mod points {
    pub const GARDE: i64 = 500;
    pub const REST_AFTER_GARDE: i64 = -300;
    pub const THEATRE: i64 = 100;
    pub const SUPERVISES_ONE: i64 = 50;
    pub const SUPERVISES_MORE: i64 = 75;
    pub const CONSULTATION: [i64; 2] = [100, 150];
    pub const VOLANT: i64 = 50;
}

/// The load of a person's day, from its posts and the garde of the day before.
pub(crate) fn of(state: &State, person: PersonIx, day: DayIx) -> DayLoad {
    let problem = state.problem;
    let parameters = problem.parameters();
    let mut load = DayLoad::default();
    let (mut theatre, mut supervised, mut other) = ([false; 2], [0; 2], [false; 2]);
    for seat in state.posts(person, day) {
        let look = problem.look(seat.slot);
        let half = look.half.map_or(0, Half::at);
        load.is_worked |= look.what != What::Astreinte;
        match look.what {
            What::Garde => {
                load.minutes += i64::from(problem.day(day).garde_minutes);
                load.hardship += points::GARDE;
            }
            What::GardeDay => {
                load.minutes += parameters.garde_day_minutes();
                load.hardship += points::GARDE / 2;
            }
            What::GardeNight => {
                load.minutes += i64::from(problem.day(day).garde_minutes) - parameters.garde_day_minutes();
                load.hardship += points::GARDE / 2;
            }
            What::Astreinte => {}
            What::Closing => load.minutes += parameters.closing_minutes,
            What::Theatre => {
                theatre[half] = true;
                supervised[half] += i64::from(seat.post == Post::Supervisor);
            }
            What::Consultation => {
                load.minutes += parameters.consultation_minutes;
                load.hardship += points::CONSULTATION[half];
            }
            What::Volant => other[half] = true,
        }
    }
    for half in 0..2 {
        if theatre[half] {
            load.hardship += points::THEATRE;
            load.hardship += match supervised[half] {
                0 => 0,
                1 => points::SUPERVISES_ONE,
                _ => points::SUPERVISES_MORE,
            };
        } else if other[half] {
            load.hardship += points::VOLANT;
        }
        if theatre[half] || other[half] {
            load.minutes += parameters.half_day_minutes;
        }
    }
    if state.has_garde(person, i32::from(day.0) - 1) {
        load.hardship += points::REST_AFTER_GARDE;
    }
    load
}
