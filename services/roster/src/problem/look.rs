//! What the judge reads of a slot, packed for speed.

use super::{
    draft::Draft,
    horizon::Half,
    index::{DayIx, RoomIx, SectorIx, SiteIx, SpecialtyIx, SurgeonIx},
    slot::{Slot, SlotKind},
};

/// The kind of a slot, without its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Garde,
    GardeDay,
    GardeNight,
    Astreinte,
    Consultation,
    Theatre,
    Closing,
    Volant,
}

/// A slot in few bytes. `room` and `sector` mean something for theatre slots only.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub what: What,
    pub half: Option<Half>,
    pub is_pediatric: bool,
    /// A room that is only for other specialties than the session's.
    pub is_reserved_for_others: bool,
    /// Feeds a counter of equity.
    pub is_counted: bool,
    pub day: DayIx,
    pub room: RoomIx,
    pub sector: SectorIx,
    pub site: Option<SiteIx>,
    pub surgeon: Option<SurgeonIx>,
    pub specialty: Option<SpecialtyIx>,
    pub weight: u32,
}

// === impl Look ===

impl Look {
    pub(super) fn of(draft: &Draft, slot: &Slot, site: Option<SiteIx>) -> Self {
        let mut look = Self {
            what: What::Garde,
            half: slot.kind.half(),
            is_pediatric: false,
            is_reserved_for_others: false,
            is_counted: true,
            day: slot.day,
            room: RoomIx(u16::MAX),
            sector: SectorIx(u16::MAX),
            site,
            surgeon: None,
            specialty: None,
            weight: slot.weight,
        };
        match slot.kind {
            SlotKind::Garde { .. } => {}
            SlotKind::GardeDay { .. } => look.what = What::GardeDay,
            SlotKind::GardeNight { .. } => look.what = What::GardeNight,
            SlotKind::Astreinte { .. } => look.what = What::Astreinte,
            SlotKind::Consultation { .. } => look.what = What::Consultation,
            SlotKind::Closing { .. } => look.what = What::Closing,
            SlotKind::Volant { .. } => {
                look.what = What::Volant;
                look.is_counted = false;
            }
            SlotKind::Theatre { room, surgeon, is_pediatric, specialty, .. } => {
                look.what = What::Theatre;
                look.is_counted = false;
                look.room = room;
                look.sector = draft.topology.rooms[room.at()].sector;
                look.surgeon = surgeon;
                look.specialty = specialty;
                look.is_pediatric = is_pediatric;
                let allowed = &draft.topology.rooms[room.at()].specialties;
                let is_allowed = |specialty| allowed.is_empty() || allowed.contains(&specialty);
                look.is_reserved_for_others = specialty.is_some_and(|own| !is_allowed(own));
            }
        }
        look
    }

    /// A garde, whole or a part of it.
    pub fn is_garde(&self) -> bool {
        matches!(self.what, What::Garde | What::GardeDay | What::GardeNight)
    }

    /// Lasts until the next morning, and asks for rest.
    pub fn has_night(&self) -> bool {
        matches!(self.what, What::Garde | What::GardeNight)
    }

    pub fn is_astreinte(&self) -> bool {
        self.what == What::Astreinte
    }

    pub fn is_theatre(&self) -> bool {
        self.what == What::Theatre
    }

    /// Lasts the given half-day (closings and duties do not).
    pub fn is_in(&self, half: Half) -> bool {
        self.half == Some(half)
    }
}
