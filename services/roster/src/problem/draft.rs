//! The draft: a problem as its author wrote it, not checked yet.

use super::{
    horizon::{Day, HalfDay},
    index::{DayIx, PersonIx, SlotIx},
    parameters::RuleParameters,
    person::Person,
    shift::Shifts,
    slot::{Seat, Slot},
    topology::Topology,
};
use crate::rules::RuleId;

/// Everything a problem says. All references are positions in the draft's own tables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The days, one after the other without a gap.
    pub days: Vec<Day>,
    /// The people.
    pub people: Vec<Person>,
    /// The places.
    pub topology: Topology,
    /// What must be staffed.
    pub slots: Vec<Slot>,
    /// Locks and manual pre-assignments (P-1): never moved.
    pub pins: Vec<Pin>,
    /// The published roster, if any: what differs from it costs.
    pub published: Vec<Published>,
    /// Requests granted by an administrator (P1): must hold.
    pub requests: Vec<Request>,
    /// Wishes (P3).
    pub wishes: Vec<Wish>,
    /// Breaches an administrator accepted: they count as relaxations, not as breaches.
    pub derogations: Vec<Derogation>,
    /// Shifts, for those who work them.
    pub shifts: Shifts,
    /// The rule set.
    pub parameters: RuleParameters,
}

/// A place whose holder is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The place.
    pub seat: Seat,
    /// Its holder; `None`: locked empty.
    pub person: Option<PersonIx>,
}

/// A place as it was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// The place.
    pub seat: Seat,
    /// Its holder; `None`: published as a hole, filling it costs nothing.
    pub person: Option<PersonIx>,
    /// What changing it costs; heavier when nearer in time, for a garde, for a week-end.
    pub change_cost: u32,
}

/// What a person asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The garde of a day.
    Garde(DayIx),
    /// No garde on a day.
    NoGarde(DayIx),
    /// The astreinte of a day.
    Astreinte(DayIx),
    /// No astreinte on a day.
    NoAstreinte(DayIx),
    /// Any work on a half-day.
    Work(HalfDay),
    /// No work on a half-day.
    Off(HalfDay),
    /// A consultation on a half-day.
    Consultation(HalfDay),
    /// To perform in one slot.
    Slot(SlotIx),
}

/// A granted request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Whose.
    pub person: PersonIx,
    /// What.
    pub ask: Ask,
}

/// A wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Whose.
    pub person: PersonIx,
    /// What.
    pub ask: Ask,
    /// How much it matters; 1 is usual.
    pub weight: u16,
}

/// A breach an administrator accepted, with a reason kept elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Derogation {
    /// The rule.
    pub rule: RuleId,
    /// The person.
    pub person: PersonIx,
    /// The day.
    pub day: DayIx,
}

// === impl Ask ===

impl Ask {
    /// The day it is about; a slot's day comes from the problem.
    #[must_use]
    pub fn day(&self, slots: &[Slot]) -> DayIx {
        match *self {
            Ask::Garde(day) | Ask::NoGarde(day) | Ask::Astreinte(day) | Ask::NoAstreinte(day) => day,
            Ask::Work(half_day) | Ask::Off(half_day) | Ask::Consultation(half_day) => half_day.day(),
            Ask::Slot(slot) => slots.get(slot.at()).map_or(DayIx(0), |slot| slot.day),
        }
    }
}
