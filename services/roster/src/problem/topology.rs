//! Places: sites, sectors with their limits as data, rooms with their neighbors, lines of duty.

use super::{
    index::{RoomIx, SectorIx, SiteIx, SkillIx, SpecialtyIx},
    person::Profession,
};

/// A site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Opaque id, unique in the problem.
    pub id: String,
}

/// What kind of sector it is. Names only: what the rules read are the [`SectorLimits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SectorCategory {
    /// Intermediate, septic, second site.
    Standard,
    /// Hyperaseptic rooms.
    Hyperaseptic,
    /// Ophthalmology.
    Ophthalmology,
    /// Endoscopy.
    Endoscopy,
}

/// How many rooms people may have there at once. Every figure is data; the defaults are the resolved ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SectorLimits {
    /// Rooms one person may perform in at once.
    pub rooms_per_person: u8,
    /// Rooms one MAR may supervise at once.
    pub supervision_max: u8,
    /// The same with an administrator's derogation; equal to `supervision_max` when none exists.
    pub supervision_derogation_max: u8,
    /// Own rooms count within `supervision_max` (own room + 1 IADE room, or 2 IADE rooms).
    pub own_rooms_count: bool,
    /// Rooms a person has there must be neighbors.
    pub is_contiguous: bool,
    /// Anesthetists may not spend morning and afternoon there.
    pub mar_full_day_forbidden: bool,
    /// Nurse anesthetists may not spend morning and afternoon there.
    pub iade_full_day_forbidden: bool,
    /// Nurse anesthetists every room asks for: 1 where an anesthetist does not run a room without a nurse.
    pub iades_per_room_min: u8,
    /// Anesthetists should not run the sector without any nurse.
    pub is_iade_wanted: bool,
}

/// Rooms under the same limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sector {
    /// Opaque id, unique in the problem.
    pub id: String,
    /// Its site.
    pub site: SiteIx,
    /// Its category.
    pub category: SectorCategory,
    /// Its limits.
    pub limits: SectorLimits,
    /// Skill needed to perform there.
    pub skill_to_perform: Option<SkillIx>,
    /// Skill needed to supervise there.
    pub skill_to_supervise: Option<SkillIx>,
}

/// An operating room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Opaque id, unique in the problem.
    pub id: String,
    /// Its sector.
    pub sector: SectorIx,
    /// Rooms next to it; symmetric.
    pub neighbors: Vec<RoomIx>,
    /// The most rooms somebody may supervise at once when this room is one of them, whatever the sector says and
    /// without derogation; `None`: the sector's limits.
    pub supervision_max: Option<u8>,
    /// The only specialties it may be open for; empty: all.
    pub specialties: Vec<SpecialtyIx>,
    /// A room that is never on the plan (emergency caesareans): whoever holds the garde or the astreinte covers it.
    pub is_hidden: bool,
}

/// The kind of duty a line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineKind {
    /// 24 h on site.
    Garde,
    /// 24 h on call.
    Astreinte,
}

/// A line of gardes or astreintes: one slot a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Opaque id, unique in the problem.
    pub id: String,
    /// Garde or astreinte.
    pub kind: LineKind,
    /// The site it serves; `None`: people of any site may hold it.
    pub site: Option<SiteIx>,
    /// Who may hold it.
    pub profession: Profession,
}

/// The places of the problem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Topology {
    /// Sites.
    pub sites: Vec<Site>,
    /// Sectors.
    pub sectors: Vec<Sector>,
    /// Rooms.
    pub rooms: Vec<Room>,
    /// Lines of duty.
    pub lines: Vec<Line>,
    /// Pairs of sectors one person may have rooms in at the same time; symmetric, a sector always with itself.
    pub sector_pairs: Vec<(SectorIx, SectorIx)>,
    /// Pairs of rooms one person may have at the same time although their sectors are no pair; symmetric.
    pub room_pairs: Vec<(RoomIx, RoomIx)>,
    /// Pairs of a room somebody performs in and another room supervised from there although their sectors are no
    /// pair: hyperaseptic 3 or 4 and room 5, septic 10 to 12 and endoscopy. In this direction only.
    pub supervision_pairs: Vec<(RoomIx, RoomIx)>,
    /// Number of surgeons; they are only indices here.
    pub surgeons: u16,
    /// Number of specialties.
    pub specialties: u16,
    /// Number of skills.
    pub skills: u16,
}

// === impl SectorCategory ===

impl SectorCategory {
    /// All, in order.
    pub const ALL: [SectorCategory; 4] = [
        SectorCategory::Standard,
        SectorCategory::Hyperaseptic,
        SectorCategory::Ophthalmology,
        SectorCategory::Endoscopy,
    ];

    /// The code used in the hospital.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            SectorCategory::Standard => "STANDARD",
            SectorCategory::Hyperaseptic => "HYPERASEPTIC",
            SectorCategory::Ophthalmology => "OPHTHALMOLOGY",
            SectorCategory::Endoscopy => "ENDOSCOPY",
        }
    }

    /// The category of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.code() == code)
    }

    /// The limits resolved for a category (domain dossier §4.6, §4.13).
    #[must_use]
    pub fn default_limits(self) -> SectorLimits {
        let standard = SectorLimits {
            rooms_per_person: 1,
            supervision_max: 2,
            supervision_derogation_max: 3,
            own_rooms_count: true,
            is_contiguous: true,
            mar_full_day_forbidden: false,
            iade_full_day_forbidden: false,
            iades_per_room_min: 0,
            is_iade_wanted: false,
        };
        match self {
            SectorCategory::Standard => standard,
            SectorCategory::Hyperaseptic => SectorLimits { supervision_derogation_max: 2, ..standard },
            SectorCategory::Ophthalmology => SectorLimits {
                rooms_per_person: 3,
                supervision_max: 3,
                supervision_derogation_max: 4,
                own_rooms_count: false,
                is_contiguous: false,
                mar_full_day_forbidden: true,
                iade_full_day_forbidden: true,
                ..standard
            },
            SectorCategory::Endoscopy => SectorLimits {
                rooms_per_person: 2,
                supervision_max: 2,
                supervision_derogation_max: 3,
                own_rooms_count: false,
                is_contiguous: false,
                mar_full_day_forbidden: true,
                iade_full_day_forbidden: false,
                is_iade_wanted: true,
                ..standard
            },
        }
    }
}
