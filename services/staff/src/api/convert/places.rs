//! Sites, sectors, rooms, skills, specialties.

use durable::mask::Mask;
use proto::staff::v1 as pb;

use super::{Spoken, etag_of, merge_fields, moment};
use crate::{
    api::parse::{Violations, reference, references},
    domain::{
        Kind, Room, Sector, Site, Skill, Specialty, identifier,
        place::{Category, RoomKind},
    },
    store::Stored,
};

impl Spoken for Site {
    type Message = pb::Site;
    const FIELD: &'static str = "site";
    const PATHS: &'static [&'static str] =
        &["display_name", "address", "time_zone", "color", "display_order", "finess"];

    fn to_message(stored: &Stored<Self>) -> pb::Site {
        let site = stored.value.clone();
        pb::Site {
            name: stored.name(),
            display_name: site.display_name,
            address: site.address,
            time_zone: site.time_zone,
            color: site.color,
            display_order: site.display_order,
            etag: etag_of(stored),
            create_time: moment(stored.create_time),
            update_time: moment(stored.update_time),
            finess: site.finess,
        }
    }

    fn from_message(_found: &mut Violations, _hospital: &str, message: pb::Site) -> Option<Self> {
        Some(Self {
            display_name: message.display_name,
            address: message.address,
            time_zone: message.time_zone,
            color: message.color,
            display_order: message.display_order,
            finess: identifier::plain(&message.finess),
        })
    }

    fn merge(base: &mut pb::Site, sent: &pb::Site, mask: &Mask) {
        merge_fields!(base, sent, mask; display_name, address, time_zone, color, display_order, finess);
    }
}

impl Spoken for Sector {
    type Message = pb::Sector;
    const FIELD: &'static str = "sector";
    const PATHS: &'static [&'static str] = &[
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

    fn to_message(stored: &Stored<Self>) -> pb::Sector {
        let sector = stored.value.clone();
        let skill = sector.supervision_skill.map(|id| Kind::Skill.name(&stored.hospital, &id));
        let category = match sector.category {
            Category::Standard => pb::sector::Category::Standard,
            Category::Hyperaseptic => pb::sector::Category::Hyperaseptic,
            Category::Ophthalmology => pb::sector::Category::Ophthalmology,
            Category::Endoscopy => pb::sector::Category::Endoscopy,
        };
        pb::Sector {
            name: stored.name(),
            display_name: sector.display_name,
            category: category as i32,
            description: sector.description,
            color: sector.color,
            display_order: sector.display_order,
            requires_contiguous_rooms: sector.requires_contiguous_rooms,
            nurse_anesthetists_per_room_min: sector.nurse_anesthetists_per_room_min,
            rooms_per_supervisor_max: sector.rooms_per_supervisor_max,
            supervision_skill: skill.unwrap_or_default(),
            etag: etag_of(stored),
            create_time: moment(stored.create_time),
            update_time: moment(stored.update_time),
        }
    }

    fn from_message(found: &mut Violations, hospital: &str, message: pb::Sector) -> Option<Self> {
        let category = match pb::sector::Category::try_from(message.category) {
            Ok(pb::sector::Category::Unspecified | pb::sector::Category::Standard) => Category::Standard,
            Ok(pb::sector::Category::Hyperaseptic) => Category::Hyperaseptic,
            Ok(pb::sector::Category::Ophthalmology) => Category::Ophthalmology,
            Ok(pb::sector::Category::Endoscopy) => Category::Endoscopy,
            Err(_) => {
                found.add("sector.category", "expected a known category");
                Category::Standard
            }
        };
        let supervision_skill = Some(message.supervision_skill.as_str())
            .filter(|name| !name.is_empty())
            .and_then(|name| reference::<Skill>(found, "sector.supervision_skill", hospital, name));
        Some(Self {
            display_name: message.display_name,
            category,
            description: message.description,
            color: message.color,
            display_order: message.display_order,
            requires_contiguous_rooms: message.requires_contiguous_rooms,
            nurse_anesthetists_per_room_min: message.nurse_anesthetists_per_room_min,
            rooms_per_supervisor_max: message.rooms_per_supervisor_max,
            supervision_skill,
        })
    }

    fn merge(base: &mut pb::Sector, sent: &pb::Sector, mask: &Mask) {
        merge_fields!(base, sent, mask;
            display_name, category, description, color, display_order, requires_contiguous_rooms,
            nurse_anesthetists_per_room_min, rooms_per_supervisor_max, supervision_skill);
    }
}

impl Spoken for Room {
    type Message = pb::Room;
    const FIELD: &'static str = "room";
    const PATHS: &'static [&'static str] = &[
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

    fn to_message(stored: &Stored<Self>) -> pb::Room {
        let room = stored.value.clone();
        let kind = match room.kind {
            RoomKind::Operating => pb::room::Kind::Operating,
            RoomKind::Consultation => pb::room::Kind::Consultation,
            RoomKind::Fertilization => pb::room::Kind::Fertilization,
        };
        let names =
            |kind: Kind, ids: &[String]| ids.iter().map(|id| kind.name(&stored.hospital, id)).collect();
        pb::Room {
            name: stored.name(),
            kind: kind as i32,
            specialties: names(Kind::Specialty, &room.specialties),
            neighbors: names(Kind::Room, &room.neighbors),
            number: room.number,
            display_name: room.display_name,
            is_closed: room.is_closed,
            is_hidden: room.is_hidden,
            display_order: room.display_order,
            rooms_per_supervisor_max: room.rooms_per_supervisor_max,
            etag: etag_of(stored),
            create_time: moment(stored.create_time),
            update_time: moment(stored.update_time),
        }
    }

    fn from_message(found: &mut Violations, hospital: &str, message: pb::Room) -> Option<Self> {
        let kind = match pb::room::Kind::try_from(message.kind) {
            Ok(pb::room::Kind::Unspecified | pb::room::Kind::Operating) => RoomKind::Operating,
            Ok(pb::room::Kind::Consultation) => RoomKind::Consultation,
            Ok(pb::room::Kind::Fertilization) => RoomKind::Fertilization,
            Err(_) => {
                found.add("room.kind", "expected a known kind");
                RoomKind::Operating
            }
        };
        let specialties = references::<Specialty>(found, "room.specialties", hospital, &message.specialties);
        let neighbors = references::<Room>(found, "room.neighbors", hospital, &message.neighbors);
        Some(Self {
            number: message.number,
            display_name: message.display_name,
            kind,
            is_closed: message.is_closed,
            is_hidden: message.is_hidden,
            display_order: message.display_order,
            specialties,
            neighbors,
            rooms_per_supervisor_max: message.rooms_per_supervisor_max,
        })
    }

    fn merge(base: &mut pb::Room, sent: &pb::Room, mask: &Mask) {
        merge_fields!(base, sent, mask;
            number, display_name, kind, is_closed, is_hidden, display_order, specialties, neighbors,
            rooms_per_supervisor_max);
    }
}

impl Spoken for Skill {
    type Message = pb::Skill;
    const FIELD: &'static str = "skill";
    const PATHS: &'static [&'static str] = &[];

    fn to_message(stored: &Stored<Self>) -> pb::Skill {
        pb::Skill {
            name: stored.name(),
            display_name: stored.value.display_name.clone(),
            category: stored.value.category.clone(),
            etag: etag_of(stored),
            create_time: moment(stored.create_time),
        }
    }

    fn from_message(_found: &mut Violations, _hospital: &str, message: pb::Skill) -> Option<Self> {
        let category = if message.category.is_empty() { "general".to_owned() } else { message.category };
        Some(Self { display_name: message.display_name, category })
    }

    fn merge(_base: &mut pb::Skill, _sent: &pb::Skill, _mask: &Mask) {}
}

impl Spoken for Specialty {
    type Message = pb::Specialty;
    const FIELD: &'static str = "specialty";
    const PATHS: &'static [&'static str] = &[];

    fn to_message(stored: &Stored<Self>) -> pb::Specialty {
        pb::Specialty {
            name: stored.name(),
            display_name: stored.value.display_name.clone(),
            key: stored.value.key(),
            is_pediatric: stored.value.is_pediatric,
            spellings: stored.value.spellings.clone(),
            etag: etag_of(stored),
            create_time: moment(stored.create_time),
        }
    }

    fn from_message(_found: &mut Violations, _hospital: &str, message: pb::Specialty) -> Option<Self> {
        Some(Self {
            display_name: message.display_name,
            is_pediatric: message.is_pediatric,
            spellings: vec![],
        })
    }

    fn merge(_base: &mut pb::Specialty, _sent: &pb::Specialty, _mask: &Mask) {}
}
