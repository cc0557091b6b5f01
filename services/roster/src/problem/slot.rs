//! Slots: the decisions. Each slot has a performer and, for a theatre room a nurse performs in, a supervisor.

use super::{
    horizon::{Half, HalfDay},
    index::{DayIx, LineIx, RoomIx, SiteIx, SlotIx, SpecialtyIx, SurgeonIx},
};

/// What is to be staffed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SlotKind {
    /// 24 h on site, from 08:00.
    Garde {
        /// The line of gardes.
        line: LineIx,
    },
    /// The day part of a garde shared by two people: from 08:00 until the other takes over.
    GardeDay {
        /// The line of gardes.
        line: LineIx,
    },
    /// The night part of a garde shared by two people: until 08:00, with the rest after it.
    GardeNight {
        /// The line of gardes.
        line: LineIx,
    },
    /// 24 h on call, from 08:00.
    Astreinte {
        /// The line of astreintes.
        line: LineIx,
    },
    /// A half-day of pre-anesthesia consultations.
    Consultation {
        /// Which half of the day.
        half: Half,
        /// Where.
        site: SiteIx,
    },
    /// A room open with a surgeon for a half-day.
    Theatre {
        /// Which half of the day.
        half: Half,
        /// Which room; it gives the sector and the site.
        room: RoomIx,
        /// Who operates, when known.
        surgeon: Option<SurgeonIx>,
        /// The specialty expected, when known.
        specialty: Option<SpecialtyIx>,
        /// A pediatric session.
        is_pediatric: bool,
    },
    /// Closing the theatre at the end of the day (IADE).
    Closing {
        /// Where.
        site: SiteIx,
    },
    /// A place for a nurse without a fixed room, who relieves the others. May stay empty at no cost.
    Volant {
        /// Which half of the day.
        half: Half,
        /// Where.
        site: SiteIx,
    },
}

/// One thing to staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Opaque id, unique in the problem.
    pub id: String,
    /// The day, or the day it begins.
    pub day: DayIx,
    /// What it is.
    pub kind: SlotKind,
    /// How much a hole here weighs at the critical level; see [`SlotKind::default_weight`].
    pub weight: u32,
}

/// Which of a slot's two places is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Post {
    /// Who does the work: garde, astreinte, consultation, anesthesia in the room, closing, floating.
    Performer,
    /// The MAR responsible for a theatre room in which an IADE performs.
    Supervisor,
}

/// A slot's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seat {
    /// The slot.
    pub slot: SlotIx,
    /// The place in it.
    pub post: Post,
}

// === impl SlotKind ===

impl SlotKind {
    /// The weight of a hole by default: an empty garde is worse than any number of closed consultations.
    #[must_use]
    pub fn default_weight(&self) -> u32 {
        match self {
            SlotKind::Garde { .. } => 1_000,
            SlotKind::GardeDay { .. } | SlotKind::GardeNight { .. } => 500,
            SlotKind::Astreinte { .. } => 800,
            SlotKind::Theatre { .. } => 100,
            SlotKind::Consultation { .. } => 60,
            SlotKind::Closing { .. } => 30,
            SlotKind::Volant { .. } => 0,
        }
    }

    /// The half of the day, for the kinds that last a half-day.
    #[must_use]
    pub fn half(&self) -> Option<Half> {
        match *self {
            SlotKind::Consultation { half, .. }
            | SlotKind::Theatre { half, .. }
            | SlotKind::Volant { half, .. } => Some(half),
            _ => None,
        }
    }

    /// A theatre room.
    #[must_use]
    pub fn is_theatre(&self) -> bool {
        matches!(self, SlotKind::Theatre { .. })
    }

    /// A garde or an astreinte.
    #[must_use]
    pub fn is_duty(&self) -> bool {
        self.is_garde() || matches!(self, SlotKind::Astreinte { .. })
    }

    /// A garde, whole or a part of it.
    #[must_use]
    pub fn is_garde(&self) -> bool {
        matches!(self, SlotKind::Garde { .. } | SlotKind::GardeDay { .. } | SlotKind::GardeNight { .. })
    }

    /// A garde that lasts until the next morning, and asks for rest.
    #[must_use]
    pub fn has_night(&self) -> bool {
        matches!(self, SlotKind::Garde { .. } | SlotKind::GardeNight { .. })
    }

    /// The line of a duty.
    #[must_use]
    pub fn line(&self) -> Option<LineIx> {
        match *self {
            SlotKind::Garde { line }
            | SlotKind::GardeDay { line }
            | SlotKind::GardeNight { line }
            | SlotKind::Astreinte { line } => Some(line),
            _ => None,
        }
    }
}

// === impl Slot ===

impl Slot {
    /// The half-day, for the kinds that last one.
    #[must_use]
    pub fn half_day(&self) -> Option<HalfDay> {
        self.kind.half().map(|half| HalfDay::new(self.day, half))
    }
}

// === impl Post ===

impl Post {
    /// Both, in order.
    pub const ALL: [Post; 2] = [Post::Performer, Post::Supervisor];
}

// === impl Seat ===

impl Seat {
    /// The performer's place of a slot.
    #[must_use]
    pub fn performer(slot: SlotIx) -> Self {
        Self { slot, post: Post::Performer }
    }

    /// The supervisor's place of a slot.
    #[must_use]
    pub fn supervisor(slot: SlotIx) -> Self {
        Self { slot, post: Post::Supervisor }
    }
}
