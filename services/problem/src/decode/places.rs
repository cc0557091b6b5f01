//! Places, read.

use proto::solver::v1 as pb;
use proto::solver::v1::{line, sector};
use roster::problem::{
    Line, LineKind, Room, RoomIx, Sector, SectorCategory, SectorIx, SectorLimits, Site, SiteIx, SkillIx,
    SpecialtyIx, Topology,
};

use super::people::profession;
use crate::path::{Path, Reader};

pub fn topology(reader: &mut Reader, message: &pb::Topology) -> Topology {
    let at = Path::root("topology");
    let sectors = message.sectors.iter().enumerate();
    let sectors =
        sectors.filter_map(|(position, value)| sector(reader, &at.item("sectors", position), value));
    let sectors = sectors.collect();
    let rooms = message.rooms.iter().enumerate();
    let rooms = rooms.map(|(position, value)| room(reader, &at.item("rooms", position), value)).collect();
    let lines = message.lines.iter().enumerate();
    let lines =
        lines.filter_map(|(position, value)| line(reader, &at.item("lines", position), value)).collect();
    Topology {
        sites: message.sites.iter().map(|site| Site { id: site.id.clone() }).collect(),
        sectors,
        rooms,
        lines,
        sector_pairs: pairs(reader, &at, "sector_pairs", &message.sector_pairs, SectorIx::of),
        room_pairs: pairs(reader, &at, "room_pairs", &message.room_pairs, RoomIx::of),
        supervision_pairs: pairs(reader, &at, "supervision_pairs", &message.supervision_pairs, RoomIx::of),
        surgeons: reader.figure(&at.field("surgeon_count"), message.surgeon_count),
        specialties: reader.figure(&at.field("specialty_count"), message.specialty_count),
        skills: reader.figure(&at.field("skill_count"), message.skill_count),
    }
}

fn sector(reader: &mut Reader, at: &Path<'_>, message: &pb::Sector) -> Option<Sector> {
    let category = match message.category() {
        sector::Category::Unspecified => None,
        sector::Category::Standard => Some(SectorCategory::Standard),
        sector::Category::Hyperaseptic => Some(SectorCategory::Hyperaseptic),
        sector::Category::Ophthalmology => Some(SectorCategory::Ophthalmology),
        sector::Category::Endoscopy => Some(SectorCategory::Endoscopy),
    };
    let limits = reader.some(&at.field("limits"), message.limits.as_ref());
    let mut skill =
        |name, value: Option<u32>| value.map(|value| reader.index(&at.field(name), value, SkillIx::of));
    let skill_to_perform = skill("skill_to_perform", message.skill_to_perform);
    let skill_to_supervise = skill("skill_to_supervise", message.skill_to_supervise);
    let site = reader.index(&at.field("site"), message.site, SiteIx::of);
    let category = reader.known(&at.field("category"), category, "a category");
    let limits = limits.map(|value| self::limits(reader, &at.field("limits"), value));
    Some(Sector {
        id: message.id.clone(),
        site,
        category: category?,
        limits: limits?,
        skill_to_perform,
        skill_to_supervise,
    })
}

fn limits(reader: &mut Reader, at: &Path<'_>, message: &sector::Limits) -> SectorLimits {
    SectorLimits {
        rooms_per_person: reader.figure(&at.field("rooms_per_person"), message.rooms_per_person),
        supervision_max: reader.figure(&at.field("supervision_max"), message.supervision_max),
        supervision_derogation_max: reader
            .figure(&at.field("supervision_derogation_max"), message.supervision_derogation_max),
        own_rooms_count: message.own_rooms_count,
        is_contiguous: message.contiguous,
        mar_full_day_forbidden: message.mar_full_day_forbidden,
        iade_full_day_forbidden: message.iade_full_day_forbidden,
        iades_per_room_min: reader.figure(&at.field("iades_per_room_min"), message.iades_per_room_min),
        is_iade_wanted: message.iade_wanted,
    }
}

fn room(reader: &mut Reader, at: &Path<'_>, message: &pb::Room) -> Room {
    Room {
        id: message.id.clone(),
        sector: reader.index(&at.field("sector"), message.sector, SectorIx::of),
        neighbors: reader.indices(at, "neighbors", &message.neighbors, RoomIx::of),
        supervision_max: message
            .supervision_max
            .map(|value| reader.figure(&at.field("supervision_max"), value)),
        specialties: reader.indices(at, "specialties", &message.specialties, SpecialtyIx::of),
        is_hidden: message.hidden,
    }
}

fn line(reader: &mut Reader, at: &Path<'_>, message: &pb::Line) -> Option<Line> {
    let kind = match message.kind() {
        line::Kind::Unspecified => None,
        line::Kind::Garde => Some(LineKind::Garde),
        line::Kind::Astreinte => Some(LineKind::Astreinte),
    };
    let kind = reader.known(&at.field("kind"), kind, "GARDE or ASTREINTE");
    let profession = profession(reader, &at.field("profession"), message.profession());
    let site = message.site.map(|site| reader.index(&at.field("site"), site, SiteIx::of));
    Some(Line { id: message.id.clone(), kind: kind?, site, profession: profession? })
}

fn pairs<I: Default>(
    reader: &mut Reader,
    at: &Path<'_>,
    name: &'static str,
    messages: &[pb::IndexPair],
    of: fn(usize) -> Option<I>,
) -> Vec<(I, I)> {
    let items = messages.iter().enumerate();
    let read = items.map(|(position, pair)| {
        let at = at.item(name, position);
        let first = reader.index(&at.field("first"), pair.first, of);
        (first, reader.index(&at.field("second"), pair.second, of))
    });
    read.collect()
}
