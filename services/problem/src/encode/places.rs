//! Places, written.

use proto::solver::v1 as pb;
use proto::solver::v1::{line, sector};
use roster::problem::{Line, LineKind, Sector, SectorCategory, SectorLimits, Topology};

use super::people::profession;

pub fn topology(topology: &Topology) -> pb::Topology {
    let rooms = topology.rooms.iter().map(|room| pb::Room {
        id: room.id.clone(),
        sector: u32::from(room.sector.0),
        neighbors: room.neighbors.iter().map(|room| u32::from(room.0)).collect(),
        supervision_max: room.supervision_max.map(u32::from),
        specialties: room.specialties.iter().map(|specialty| u32::from(specialty.0)).collect(),
        hidden: room.is_hidden,
    });
    pb::Topology {
        sites: topology.sites.iter().map(|site| pb::Site { id: site.id.clone() }).collect(),
        sectors: topology.sectors.iter().map(sector).collect(),
        rooms: rooms.collect(),
        lines: topology.lines.iter().map(line).collect(),
        sector_pairs: topology.sector_pairs.iter().map(|(one, other)| pair(one.0, other.0)).collect(),
        room_pairs: topology.room_pairs.iter().map(|(one, other)| pair(one.0, other.0)).collect(),
        supervision_pairs: (topology.supervision_pairs.iter())
            .map(|(one, other)| pair(one.0, other.0))
            .collect(),
        surgeon_count: u32::from(topology.surgeons),
        specialty_count: u32::from(topology.specialties),
        skill_count: u32::from(topology.skills),
    }
}

fn sector(sector: &Sector) -> pb::Sector {
    pb::Sector {
        id: sector.id.clone(),
        site: u32::from(sector.site.0),
        category: category(sector.category).into(),
        limits: Some(limits(&sector.limits)),
        skill_to_perform: sector.skill_to_perform.map(|skill| u32::from(skill.0)),
        skill_to_supervise: sector.skill_to_supervise.map(|skill| u32::from(skill.0)),
    }
}

fn category(category: SectorCategory) -> sector::Category {
    match category {
        SectorCategory::Standard => sector::Category::Standard,
        SectorCategory::Hyperaseptic => sector::Category::Hyperaseptic,
        SectorCategory::Ophthalmology => sector::Category::Ophthalmology,
        SectorCategory::Endoscopy => sector::Category::Endoscopy,
    }
}

fn limits(limits: &SectorLimits) -> sector::Limits {
    sector::Limits {
        rooms_per_person: u32::from(limits.rooms_per_person),
        supervision_max: u32::from(limits.supervision_max),
        supervision_derogation_max: u32::from(limits.supervision_derogation_max),
        own_rooms_count: limits.own_rooms_count,
        contiguous: limits.is_contiguous,
        mar_full_day_forbidden: limits.mar_full_day_forbidden,
        iade_full_day_forbidden: limits.iade_full_day_forbidden,
        iades_per_room_min: u32::from(limits.iades_per_room_min),
        iade_wanted: limits.is_iade_wanted,
    }
}

fn line(line: &Line) -> pb::Line {
    let kind = match line.kind {
        LineKind::Garde => line::Kind::Garde,
        LineKind::Astreinte => line::Kind::Astreinte,
    };
    pb::Line {
        id: line.id.clone(),
        kind: kind.into(),
        site: line.site.map(|site| u32::from(site.0)),
        profession: profession(line.profession).into(),
    }
}

fn pair(first: u16, second: u16) -> pb::IndexPair {
    pb::IndexPair { first: u32::from(first), second: u32::from(second) }
}
