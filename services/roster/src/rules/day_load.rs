//! What a day amounts to: working time, hardship (model B: points over 7 rolling days), when work begins and ends,
//! where the person stands, what the week counts. Counted once per change; rules that look at several days read this.
//!
//! Hours: a garde counts its real length over a clock change, an astreinte nothing but call-outs (unknown here), a
//! half-day and a consultation their usual length.

use crate::{
    evaluator::state::{DayLoad, State},
    problem::{DayIx, Half, HalfDay, Look, PersonIx, Post, Profession, What},
};

/// Hardship, in hundredths of a point.
pub(crate) mod points {
    pub const GARDE: i64 = 500;
    pub const REST_AFTER_GARDE: i64 = -300;
    pub const THEATRE: i64 = 100;
    pub const SUPERVISES_ONE: i64 = 50;
    pub const SUPERVISES_MORE: i64 = 75;
    pub const CONSULTATION: [i64; 2] = [100, 150];
    pub const VOLANT: i64 = 50;
}

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// The load of a person's day, from its posts and the garde of the day before.
pub(crate) fn of(state: &State, person: PersonIx, day: DayIx) -> DayLoad {
    let mut load = DayLoad::default();
    let posts = state.posts(person, day);
    if !posts.is_empty() {
        let mut halves = [Halfday::default(); 2];
        for seat in posts {
            let look = state.problem.look(seat.slot);
            post(state, day, seat.post, look, &mut load, &mut halves);
        }
        for (half, own) in halves.into_iter().enumerate() {
            close(state, half, own, &mut load);
        }
    }
    let rests = state.has_garde(person, i32::from(day.0) - 1);
    if rests {
        load.hardship += points::REST_AFTER_GARDE;
    } else if state.profession(person) == Profession::Mar {
        load.offs = Half::ALL.iter().filter(|half| is_off(state, person, day, **half, &load)).count() as u8;
    }
    load
}

/// The hardship of a day before the horizon: its garde, or its hours taken as theatre, and the rest after a garde.
pub(crate) fn before(state: &State, person: PersonIx, day: i32) -> i64 {
    let worked = state.problem.derived().outside[person.at()].minutes(day);
    let hardship = if state.has_garde(person, day) {
        points::GARDE
    } else {
        points::THEATRE * worked / state.problem.parameters().half_day_minutes.max(1)
    };
    hardship + if state.has_garde(person, day - 1) { points::REST_AFTER_GARDE } else { 0 }
}

/// What a half-day holds.
#[derive(Clone, Copy, Default)]
struct Halfday {
    performs: bool,
    supervised: u8,
    floats: bool,
    /// Lowest sector performed in, and supervised in, with one added: 0 is none.
    performed_sector: u16,
    supervised_sector: u16,
}

fn post(state: &State, day: DayIx, post: Post, look: &Look, load: &mut DayLoad, halves: &mut [Halfday; 2]) {
    let parameters = state.problem.parameters();
    let half = look.half.map_or(0, Half::at);
    load.is_worked |= look.what != What::Astreinte;
    match look.what {
        What::Garde => {
            load.minutes += i64::from(state.problem.day(day).garde_minutes);
            load.hardship += points::GARDE;
            load.half_days += 4;
            load.holds(parameters.morning_start, parameters.morning_start + DAY);
            load.busy = [true; 2];
        }
        What::GardeDay => {
            load.minutes += parameters.garde_day_minutes();
            load.hardship += points::GARDE / 2;
            load.half_days += 2;
            load.holds(parameters.morning_start, parameters.garde_split);
            load.has_garde_day = true;
            load.busy = [true; 2];
        }
        What::GardeNight => {
            let night = i64::from(state.problem.day(day).garde_minutes) - parameters.garde_day_minutes();
            load.minutes += night;
            load.hardship += points::GARDE / 2;
            load.half_days += 2;
            load.holds(parameters.garde_split, parameters.morning_start + DAY);
            load.busy = [true; 2];
        }
        What::Astreinte => {}
        What::Closing => {
            load.minutes += parameters.closing_minutes;
            load.closings += 1;
            load.busy[Half::Afternoon.at()] = true;
            load.holds(parameters.afternoon_end.min(parameters.closing_end), parameters.closing_end);
        }
        What::Theatre => {
            let own = &mut halves[half];
            let sector = look.sector.0 + 1;
            let lowest = |known: u16| if known == 0 { sector } else { known.min(sector) };
            if post == Post::Supervisor {
                own.supervised += 1;
                own.supervised_sector = lowest(own.supervised_sector);
            } else {
                own.performs = true;
                own.performed_sector = lowest(own.performed_sector);
            }
        }
        What::Consultation => {
            load.minutes += parameters.consultation_minutes;
            load.hardship += points::CONSULTATION[half];
            load.consultations[half] += 1;
            load.busy[half] = true;
        }
        What::Volant => {
            halves[half].floats = true;
            load.volants += u8::from(post == Post::Performer);
        }
    }
}

fn close(state: &State, half: usize, own: Halfday, load: &mut DayLoad) {
    let parameters = state.problem.parameters();
    if own.performs || own.supervised > 0 {
        load.theatre += 1;
        load.hardship += points::THEATRE;
        load.hardship += match own.supervised {
            0 => 0,
            1 => points::SUPERVISES_ONE,
            _ => points::SUPERVISES_MORE,
        };
        // Where a person stands: in the room performed in; when performing nowhere, in those supervised.
        load.sectors[half] =
            if own.performed_sector > 0 { own.performed_sector } else { own.supervised_sector };
    } else if own.floats {
        load.hardship += points::VOLANT;
    }
    if own.performs || own.supervised > 0 || own.floats {
        load.minutes += parameters.half_day_minutes;
        load.busy[half] = true;
    }
    if load.busy[half] && (own.performs || own.supervised > 0 || own.floats || load.consultations[half] > 0) {
        load.half_days += 1;
        let (starts, ends) = match half {
            0 => (parameters.morning_start, parameters.morning_end),
            _ => (parameters.afternoon_start, parameters.afternoon_end),
        };
        load.holds(starts, ends);
    }
}

/// OFF: a usual working half-day without a post, that is no rest after a garde. Leave is not OFF.
fn is_off(state: &State, person: PersonIx, day: DayIx, half: Half, load: &DayLoad) -> bool {
    !load.busy[half.at()] && state.availability(person, HalfDay::new(day, half)).allows_post()
}
