//! The places of a problem: sites, sectors with their limits, rooms, lines of duty, surgeons, specialties, skills.

use std::collections::{BTreeMap, BTreeSet};

use calendar::DayPart;
use roster::problem::{
    Line, LineIx, LineKind, Profession, Room, RoomIx, Sector, SectorCategory, SectorIx, Site, SiteIx,
    SkillIx, SlotKind, SpecialtyIx, SurgeonIx, Topology,
};

use super::{Error, Inputs, half, plain_kind};
use crate::domain::{
    shift::{Kind, Shift},
    snapshot::{self, Category, Other, Person},
};

/// The topology with the tables that lead from ids to its indices.
pub(super) struct Places {
    pub topology: Topology,
    pub sites: BTreeMap<String, SiteIx>,
    pub skills: BTreeMap<String, SkillIx>,
    pub surgeons: BTreeMap<String, SurgeonIx>,
    rooms: BTreeMap<(String, String, String), RoomIx>,
    pub specialties: BTreeMap<String, SpecialtyIx>,
    lines: BTreeMap<(Kind, String, u16), LineIx>,
}

// === impl Places ===

impl Places {
    pub fn of(inputs: &Inputs<'_>, shifts: &[&Shift], people: &[&Person]) -> Self {
        let snapshot = inputs.snapshot;
        let mut places = Self {
            topology: Topology::default(),
            sites: table(inputs.sites.iter().cloned(), SiteIx::of),
            skills: table(skills(snapshot, people), SkillIx::of),
            surgeons: table(surgeons(snapshot, shifts), SurgeonIx::of),
            specialties: table(specialties(snapshot, shifts), SpecialtyIx::of),
            rooms: BTreeMap::new(),
            lines: BTreeMap::new(),
        };
        places.topology.sites = numbered(places.sites.len(), "h").map(|id| Site { id }).collect();
        let sectors = places.add_sectors(snapshot);
        places.add_rooms(snapshot, &sectors);
        places.add_lines(shifts);
        places.topology.surgeons = places.surgeons.len() as u16;
        places.topology.specialties = places.specialties.len() as u16;
        places.topology.skills = places.skills.len() as u16;
        places
    }

    /// What a shift is to the judge.
    pub fn slot_kind(&self, shift: &Shift) -> Result<SlotKind, Error> {
        let gone = || Error::RoomGone { shift: shift.id.clone(), room: shift.room.clone() };
        let site = *self.sites.get(&shift.site).ok_or_else(gone)?;
        if let Some(kind) = plain_kind(shift, site) {
            return Ok(kind);
        }
        let line = || {
            let line = self.lines.get(&(shift.kind, shift.site.clone(), shift.ordinal));
            line.copied().unwrap_or_default()
        };
        Ok(match shift.kind {
            Kind::Garde => match shift.part {
                None => SlotKind::Garde { line: line() },
                Some(DayPart::Morning) => SlotKind::GardeDay { line: line() },
                Some(DayPart::Afternoon) => SlotKind::GardeNight { line: line() },
            },
            Kind::Astreinte => SlotKind::Astreinte { line: line() },
            _ => {
                let place = (shift.site.clone(), shift.sector.clone(), shift.room.clone());
                SlotKind::Theatre {
                    half: half(shift),
                    room: *self.rooms.get(&place).ok_or_else(gone)?,
                    surgeon: self.surgeons.get(&shift.surgeon).copied(),
                    specialty: self.specialties.get(&shift.specialty).copied(),
                    is_pediatric: shift.is_pediatric,
                }
            }
        })
    }

    fn add_sectors(&mut self, snapshot: &snapshot::Snapshot) -> BTreeMap<(String, String), SectorIx> {
        let mut known: Vec<&snapshot::Sector> =
            snapshot.sectors.iter().filter(|sector| self.sites.contains_key(&sector.site)).collect();
        known.sort_by(|one, other| (&one.site, &one.id).cmp(&(&other.site, &other.id)));
        let mut indices = BTreeMap::new();
        for (position, own) in known.iter().enumerate() {
            let category = category(own.category);
            let mut limits = category.default_limits();
            limits.is_contiguous = own.is_contiguous;
            limits.iades_per_room_min = own.nurses_per_room_min;
            if own.rooms_per_supervisor_max > 0 {
                limits.supervision_max = own.rooms_per_supervisor_max;
                limits.supervision_derogation_max =
                    limits.supervision_derogation_max.max(limits.supervision_max);
            }
            self.topology.sectors.push(Sector {
                id: format!("c{position}"),
                site: self.sites[&own.site],
                category,
                limits,
                skill_to_perform: None,
                skill_to_supervise: self.skills.get(&own.supervision_skill).copied(),
            });
            if let Some(index) = SectorIx::of(position) {
                indices.insert((own.site.clone(), own.id.clone()), index);
            }
        }
        self.topology.sector_pairs = sector_pairs(&self.topology.sectors);
        indices
    }

    fn add_rooms(&mut self, snapshot: &snapshot::Snapshot, sectors: &BTreeMap<(String, String), SectorIx>) {
        let sector_of =
            |room: &snapshot::Room| sectors.get(&(room.site.clone(), room.sector.clone())).copied();
        let mut known: Vec<(&snapshot::Room, SectorIx)> =
            snapshot.rooms.iter().filter_map(|room| Some((room, sector_of(room)?))).collect();
        known.sort_by_key(|(room, _)| place(room));
        self.rooms = table(known.iter().map(|(room, _)| place(room)), RoomIx::of);
        let mut edges: BTreeSet<(RoomIx, RoomIx)> = BTreeSet::new();
        for (room, _) in &known {
            for neighbor in &room.neighbors {
                if let (Some(one), Some(other)) = (self.rooms.get(&place(room)), self.rooms.get(neighbor))
                    && one != other
                {
                    edges.extend([(*one, *other), (*other, *one)]);
                }
            }
        }
        for (position, (room, sector)) in known.iter().enumerate() {
            let neighbors =
                edges.iter().filter(|(one, _)| one.at() == position).map(|(_, other)| *other).collect();
            self.topology.rooms.push(Room {
                id: format!("r{position}"),
                sector: *sector,
                neighbors,
                supervision_max: Some(room.rooms_per_supervisor_max).filter(|max| *max > 0),
                specialties: (room.specialties.iter())
                    .filter_map(|id| self.specialties.get(id).copied())
                    .collect(),
                is_hidden: room.is_hidden,
            });
        }
        self.topology.supervision_pairs = supervision_pairs(&self.topology, &edges);
    }

    fn add_lines(&mut self, shifts: &[&Shift]) {
        let duties = shifts.iter().filter(|shift| matches!(shift.kind, Kind::Garde | Kind::Astreinte));
        self.lines = table(duties.map(|shift| (shift.kind, shift.site.clone(), shift.ordinal)), LineIx::of);
        for (position, (kind, site, _)) in self.lines.keys().enumerate() {
            self.topology.lines.push(Line {
                id: format!("l{position}"),
                kind: if *kind == Kind::Garde { LineKind::Garde } else { LineKind::Astreinte },
                site: self.sites.get(site).copied(),
                profession: Profession::Mar,
            });
        }
    }
}

/// Indices of distinct keys, in order.
fn table<K: Ord, I>(keys: impl Iterator<Item = K>, index: impl Fn(usize) -> Option<I>) -> BTreeMap<K, I> {
    let distinct: BTreeSet<K> = keys.collect();
    distinct.into_iter().enumerate().filter_map(|(position, key)| Some((key, index(position)?))).collect()
}

fn numbered(count: usize, prefix: &'static str) -> impl Iterator<Item = String> {
    (0..count).map(move |position| format!("{prefix}{position}"))
}

fn place(room: &snapshot::Room) -> (String, String, String) {
    (room.site.clone(), room.sector.clone(), room.id.clone())
}

fn skills(snapshot: &snapshot::Snapshot, people: &[&Person]) -> impl Iterator<Item = String> {
    let asked = snapshot.sectors.iter().map(|sector| sector.supervision_skill.clone());
    let held = people.iter().flat_map(|person| person.skills.iter().map(|(skill, _, _)| skill.clone()));
    asked.chain(held).filter(|skill| !skill.is_empty()).collect::<Vec<_>>().into_iter()
}

fn surgeons(snapshot: &snapshot::Snapshot, shifts: &[&Shift]) -> impl Iterator<Item = String> {
    let operating = shifts.iter().map(|shift| shift.surgeon.clone());
    let avoided = snapshot.incompatibilities.iter().filter_map(|own| match &own.other {
        Other::Surgeon(surgeon) => Some(surgeon.clone()),
        Other::Person(_) => None,
    });
    operating.chain(avoided).filter(|id| !id.is_empty()).collect::<Vec<_>>().into_iter()
}

fn category(own: Category) -> SectorCategory {
    match own {
        Category::Standard => SectorCategory::Standard,
        Category::Hyperaseptic => SectorCategory::Hyperaseptic,
        Category::Ophthalmology => SectorCategory::Ophthalmology,
        Category::Endoscopy => SectorCategory::Endoscopy,
    }
}

/// Neighbors across sectors that do not go together: who performs in a hyperaseptic room may supervise the ordinary one
/// next to it, who performs in an ordinary room the endoscopy next to it; not the other way round (domain dossier §4.6).
fn supervision_pairs(places: &Topology, edges: &BTreeSet<(RoomIx, RoomIx)>) -> Vec<(RoomIx, RoomIx)> {
    use SectorCategory::{Endoscopy, Hyperaseptic, Standard};
    let category = |room: &RoomIx| {
        let sector = places.rooms.get(room.at()).map(|room| room.sector)?;
        places.sectors.get(sector.at()).map(|sector| sector.category)
    };
    let is_pair = |(from, to): &&(RoomIx, RoomIx)| {
        matches!(
            (category(from), category(to)),
            (Some(Hyperaseptic), Some(Standard)) | (Some(Standard), Some(Endoscopy))
        )
    };
    edges.iter().filter(is_pair).copied().collect()
}

/// Every specialty a shift or a room names.
fn specialties<'a>(
    snapshot: &'a snapshot::Snapshot,
    shifts: &'a [&Shift],
) -> impl Iterator<Item = String> + use<'a> {
    let of_rooms = snapshot.rooms.iter().flat_map(|room| room.specialties.iter().cloned());
    let of_shifts = shifts.iter().map(|shift| shift.specialty.clone());
    of_shifts.chain(of_rooms).filter(|id| !id.is_empty())
}

/// Sectors of one site in which one person may have rooms at once: standard with standard, ophthalmology with
/// standard; every sector with itself (domain dossier §4.6 B5).
fn sector_pairs(sectors: &[Sector]) -> Vec<(SectorIx, SectorIx)> {
    let is_pair = |one: &Sector, other: &Sector| {
        use SectorCategory::{Ophthalmology, Standard};
        matches!(
            (one.category, other.category),
            (Standard, Standard | Ophthalmology) | (Ophthalmology, Standard)
        )
    };
    let mut pairs = Vec::new();
    for (at, one) in sectors.iter().enumerate() {
        for (to, other) in sectors.iter().enumerate() {
            if let (Some(first), Some(second)) = (SectorIx::of(at), SectorIx::of(to))
                && (at == to || one.site == other.site && is_pair(one, other))
            {
                pairs.push((first, second));
            }
        }
    }
    pairs
}
