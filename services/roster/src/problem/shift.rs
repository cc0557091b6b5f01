//! Shifts: people who work one shift a day, of a few types, with a demand per day and type.
//!
//! Where slots name each place, shifts count heads: so many people on the long day of the fourteenth. Nurse
//! anesthetists of large hospitals are planned like this, and so are the public benchmarks of the field.

use super::index::{DayIx, PersonIx, ShiftIx};

/// The most types of shift a problem may have.
pub const SHIFT_TYPES_MAX: usize = 63;

/// Everything a problem says about shifts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shifts {
    /// The types of shift.
    pub types: Vec<ShiftType>,
    /// How many people are wanted; a day and type without an entry wants nobody and minds nobody.
    pub covers: Vec<ShiftCover>,
    /// One entry per person, or empty when nobody works shifts: `None` is somebody who does not.
    pub limits: Vec<Option<ShiftLimits>>,
    /// Shifts that are given: never moved.
    pub pins: Vec<ShiftPin>,
    /// What people would like, or would rather not.
    pub wishes: Vec<ShiftWish>,
    /// Shifts as they were published: what differs costs.
    pub published: Vec<PublishedShift>,
}

/// A type of shift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShiftType {
    /// Opaque id, unique in the problem.
    pub id: String,
    /// Working time, in minutes.
    pub minutes: u16,
    /// Types that nobody may work the day after this one.
    pub forbidden_next: Vec<ShiftIx>,
}

/// How many people one type of shift wants on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShiftCover {
    /// The day.
    pub day: DayIx,
    /// The type.
    pub shift: ShiftIx,
    /// People wanted.
    pub required: u16,
    /// What each missing person weighs.
    pub under_weight: u32,
    /// What each person too many weighs.
    pub over_weight: u32,
}

/// What a contract allows somebody who works shifts, over the horizon. Days outside the horizon are taken as off,
/// but for the stretch worked before it ([`super::History::consecutive_days`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShiftLimits {
    /// Least working time, in minutes.
    pub minutes_min: u32,
    /// Most working time, in minutes.
    pub minutes_max: u32,
    /// Fewest days worked in a row; a stretch that touches an end of the horizon is exempt.
    pub stretch_min: u16,
    /// Most days worked in a row.
    pub stretch_max: u16,
    /// Fewest days off in a row; a rest that touches an end of the horizon is exempt.
    pub rest_min: u16,
    /// Most week-ends with work on Saturday or Sunday.
    pub weekends_max: u16,
    /// Most shifts of each type.
    pub most: Vec<u16>,
}

/// A given shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShiftPin {
    /// Whose.
    pub person: PersonIx,
    /// Which day.
    pub day: DayIx,
    /// Which shift; `None`: locked off.
    pub shift: Option<ShiftIx>,
}

/// A wish about one shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShiftWish {
    /// Whose.
    pub person: PersonIx,
    /// Which day.
    pub day: DayIx,
    /// Which shift.
    pub shift: ShiftIx,
    /// Wanted; otherwise unwelcome.
    pub is_wanted: bool,
    /// How much it matters; 1 is usual.
    pub weight: u32,
}

/// A shift as it was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedShift {
    /// Whose.
    pub person: PersonIx,
    /// Which day.
    pub day: DayIx,
    /// Which shift; `None`: off.
    pub shift: Option<ShiftIx>,
    /// What changing it costs.
    pub change_cost: u32,
}

// === impl Shifts ===

impl Shifts {
    /// Limits that nobody has are no limits: nothing is said in two ways.
    pub(super) fn normalize(&mut self) {
        if self.limits.iter().all(Option::is_none) {
            self.limits.clear();
        }
    }
}
