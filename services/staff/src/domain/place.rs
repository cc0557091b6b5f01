//! Where the department works: sites, sectors, rooms; and the skills that needs may ask for.

use serde::{Deserialize, Serialize};

use super::resource::{
    Flaw, Kind, Reference, Resource, Whereabouts, check_color, check_range, check_text, parent_of, root_of,
};
use super::{identifier, spelling};

/// The most rooms one anesthetist may be allowed to supervise.
const SUPERVISED_MAX: i32 = 6;

/// A place with its own theatres.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Shown.
    pub display_name: String,
    /// For letters.
    pub address: String,
    /// IANA time zone; empty means the hospital's.
    pub time_zone: String,
    /// `#rrggbb`.
    pub color: String,
    /// Position in lists; 0 is last.
    pub display_order: i32,
    /// National number of the establishment, if known.
    #[serde(default)]
    pub finess: String,
}

/// What kind of work a sector does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Category {
    /// Ordinary theatre.
    #[default]
    Standard,
    /// The strictest asepsis.
    Hyperaseptic,
    /// Eye surgery.
    Ophthalmology,
    /// Endoscopy.
    Endoscopy,
}

/// Rooms with the same rules.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sector {
    /// Shown.
    pub display_name: String,
    /// What kind of work is done.
    pub category: Category,
    /// For people.
    pub description: String,
    /// `#rrggbb`.
    pub color: String,
    /// Position in lists; 0 is last.
    pub display_order: i32,
    /// The rooms one person supervises must be neighbors.
    pub requires_contiguous_rooms: bool,
    /// Nurse anesthetists a room needs at least.
    pub nurse_anesthetists_per_room_min: i32,
    /// Rooms one anesthetist may supervise; 0 is the category's default.
    pub rooms_per_supervisor_max: i32,
    /// Id of the skill that supervising needs.
    pub supervision_skill: Option<String>,
}

/// What a room is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RoomKind {
    /// Operating room.
    #[default]
    Operating,
    /// Consultation office.
    Consultation,
    /// In-vitro fertilization.
    Fertilization,
}

/// A room of a sector.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// As on the door.
    pub number: String,
    /// Shown.
    pub display_name: String,
    /// What it is for.
    pub kind: RoomKind,
    /// Not to be used.
    pub is_closed: bool,
    /// On no plan.
    pub is_hidden: bool,
    /// Position in lists; 0 is last.
    pub display_order: i32,
    /// Ids of the only specialties allowed; empty is all.
    pub specialties: Vec<String>,
    /// Ids of the rooms next to it.
    pub neighbors: Vec<String>,
    /// Rooms one anesthetist may supervise if this is among them; 0 is the sector's.
    pub rooms_per_supervisor_max: i32,
}

/// A qualification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skill {
    /// Shown.
    pub display_name: String,
    /// A group for display.
    pub category: String,
}

// === impl Site ===

impl Resource for Site {
    const KIND: Kind = Kind::Site;
    const OPEN: &'static [&'static str] =
        &["display_name", "address", "time_zone", "color", "display_order", "finess"];

    fn whereabouts<'a>(&'a self, id: &'a str) -> Option<Whereabouts<'a>> {
        Some(Whereabouts::Site(root_of(id)))
    }

    fn natural_key(&self, _id: &str) -> String {
        spelling::key(&self.display_name)
    }

    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = vec![];
        check_text(&mut flaws, "display_name", &self.display_name, true, 100);
        check_text(&mut flaws, "address", &self.address, false, 300);
        check_color(&mut flaws, &self.color);
        check_range(&mut flaws, "display_order", self.display_order, 0..=10_000);
        identifier::check(&mut flaws, "finess", &self.finess, identifier::is_finess, identifier::FINESS);
        if !self.time_zone.is_empty() && jiff::tz::TimeZone::get(&self.time_zone).is_err() {
            flaws.push(Flaw::new("time_zone", "an IANA time zone such as Europe/Paris"));
        }
        flaws
    }
}

// === impl Sector ===

impl Resource for Sector {
    const KIND: Kind = Kind::Sector;
    const OPEN: &'static [&'static str] = &[
        "display_name",
        "category",
        "description",
        "color",
        "display_order",
        "requires_contiguous_rooms",
        "nurse_anesthetists_per_room_min",
        "rooms_per_supervisor_max",
        "supervision_skill",
    ];

    fn whereabouts<'a>(&'a self, id: &'a str) -> Option<Whereabouts<'a>> {
        Some(Whereabouts::Site(root_of(id)))
    }

    fn natural_key(&self, id: &str) -> String {
        format!("{}/{}", parent_of(id), spelling::key(&self.display_name))
    }

    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = vec![];
        check_text(&mut flaws, "display_name", &self.display_name, true, 100);
        check_text(&mut flaws, "description", &self.description, false, 500);
        check_color(&mut flaws, &self.color);
        check_range(&mut flaws, "display_order", self.display_order, 0..=10_000);
        check_range(
            &mut flaws,
            "nurse_anesthetists_per_room_min",
            self.nurse_anesthetists_per_room_min,
            0..=3,
        );
        check_range(
            &mut flaws,
            "rooms_per_supervisor_max",
            self.rooms_per_supervisor_max,
            0..=SUPERVISED_MAX,
        );
        flaws
    }

    fn references(&self, _id: &str) -> Vec<Reference> {
        let skill = self.supervision_skill.iter();
        skill.map(|id| Reference { field: "supervision_skill", kind: Kind::Skill, id: id.clone() }).collect()
    }
}

// === impl Room ===

impl Resource for Room {
    const KIND: Kind = Kind::Room;
    const OPEN: &'static [&'static str] = &[
        "number",
        "display_name",
        "kind",
        "is_closed",
        "is_hidden",
        "display_order",
        "specialties",
        "neighbors",
        "rooms_per_supervisor_max",
    ];

    fn whereabouts<'a>(&'a self, id: &'a str) -> Option<Whereabouts<'a>> {
        Some(Whereabouts::Site(root_of(id)))
    }

    fn natural_key(&self, id: &str) -> String {
        format!("{}/{}", root_of(id), self.number.trim().to_lowercase())
    }

    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = vec![];
        check_text(&mut flaws, "number", &self.number, true, 20);
        check_text(&mut flaws, "display_name", &self.display_name, true, 100);
        check_range(&mut flaws, "display_order", self.display_order, 0..=10_000);
        check_range(
            &mut flaws,
            "rooms_per_supervisor_max",
            self.rooms_per_supervisor_max,
            0..=SUPERVISED_MAX,
        );
        flaws
    }

    fn references(&self, _id: &str) -> Vec<Reference> {
        let specialties = self.specialties.iter().map(|id| Reference {
            field: "specialties",
            kind: Kind::Specialty,
            id: id.clone(),
        });
        let neighbors = self.neighbors.iter().map(|id| Reference {
            field: "neighbors",
            kind: Kind::Room,
            id: id.clone(),
        });
        specialties.chain(neighbors).collect()
    }
}

// === impl Skill ===

impl Resource for Skill {
    const KIND: Kind = Kind::Skill;
    const OPEN: &'static [&'static str] = &["display_name", "category"];

    fn natural_key(&self, _id: &str) -> String {
        spelling::key(&self.display_name)
    }

    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = vec![];
        check_text(&mut flaws, "display_name", &self.display_name, true, 100);
        check_text(&mut flaws, "category", &self.category, false, 50);
        flaws
    }
}
