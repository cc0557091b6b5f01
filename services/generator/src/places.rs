//! Places: sites, sectors, rooms as a graph, lines of duty, who may have rooms in two sectors at once.

use roster::problem::{
    Line, LineKind, Profession, Room, RoomIx, Sector, SectorCategory, SectorIx, Site, SiteIx, SkillIx,
    Topology,
};

use crate::{
    parameters::{Parameters, SiteShape},
    theatre::SPECIALTIES,
};

/// The skill to supervise in endoscopy.
pub const ENDOSCOPY_SKILL: SkillIx = SkillIx(0);
/// The skill to supervise in ophthalmology.
pub const OPHTHALMOLOGY_SKILL: SkillIx = SkillIx(1);
/// How many rooms of a standard sector may be held together with endoscopy.
const ROOMS_NEAR_ENDOSCOPY: usize = 4;

/// The topology, and what the work is made from.
pub struct Places {
    pub topology: Topology,
    /// Per team: its main site, its lines, its rooms with the share of half-days they are open.
    pub teams: Vec<TeamPlaces>,
}

/// A team's places.
pub struct TeamPlaces {
    pub main: SiteIx,
    /// Positions of its lines in the topology.
    pub lines: std::ops::Range<usize>,
    pub rooms: Vec<OpenRoom>,
    /// Its surgeons, as indices.
    pub surgeons: std::ops::Range<usize>,
}

/// A room that the template may open.
pub struct OpenRoom {
    pub room: RoomIx,
    pub category: SectorCategory,
    pub open_percent: u8,
}

/// All places of all teams.
pub fn places(parameters: &Parameters) -> Places {
    let mut places = Places {
        topology: Topology { skills: 2, specialties: SPECIALTIES.len() as u16, ..Topology::default() },
        teams: Vec::new(),
    };
    for team in 0..usize::from(parameters.teams) {
        places.team(team, parameters);
    }
    places
}

// === impl Places ===

impl Places {
    fn team(&mut self, team: usize, parameters: &Parameters) {
        let shape = &parameters.team;
        let main = SiteIx((team * shape.sites.len()) as u16);
        let mut rooms = Vec::new();
        for (position, site) in shape.sites.iter().enumerate() {
            let index = SiteIx(main.0 + position as u16);
            self.topology.sites.push(Site { id: format!("site-{:03}", index.0) });
            self.site(index, site, &mut rooms);
        }
        let first_line = self.topology.lines.len();
        for (kind, count) in
            [(LineKind::Garde, shape.garde_lines), (LineKind::Astreinte, shape.astreinte_lines)]
        {
            for _ in 0..count {
                let id = format!("line-{:03}", self.topology.lines.len());
                self.topology.lines.push(Line { id, kind, site: Some(main), profession: Profession::Mar });
            }
        }
        // Two surgeons a room, as in the real team, as far as indices reach.
        let first_surgeon = usize::from(self.topology.surgeons);
        let surgeons = first_surgeon..(first_surgeon + rooms.len() * 2).min(usize::from(u16::MAX));
        self.topology.surgeons = surgeons.end as u16;
        let lines = first_line..self.topology.lines.len();
        self.teams.push(TeamPlaces { main, lines, rooms, surgeons });
    }

    fn site(&mut self, site: SiteIx, shape: &SiteShape, open: &mut Vec<OpenRoom>) {
        let first_sector = self.topology.sectors.len();
        let mut last_standard: Option<RoomIx> = None;
        for (category, rooms) in &shape.sectors {
            let sector = SectorIx(self.topology.sectors.len() as u16);
            self.topology.sectors.push(self.sector(site, *category));
            for at in 0..*rooms {
                let room = RoomIx(self.topology.rooms.len() as u16);
                // Standard rooms of a site follow one another from sector to sector; other sectors stand apart.
                let is_standard = *category == SectorCategory::Standard;
                let previous = if at > 0 { Some(RoomIx(room.0 - 1)) } else { last_standard };
                let previous = previous.filter(|_| at > 0 || is_standard);
                let neighbors = previous.into_iter().collect();
                let id = format!("room-{:04}", room.0);
                self.topology.rooms.push(Room { id, sector, neighbors, ..Room::default() });
                if let Some(previous) = previous {
                    self.topology.rooms[previous.at()].neighbors.push(room);
                }
                if is_standard {
                    last_standard = Some(room);
                }
                open.push(OpenRoom { room, category: *category, open_percent: shape.open_percent });
            }
        }
        self.pairs(first_sector);
    }

    fn sector(&self, site: SiteIx, category: SectorCategory) -> Sector {
        Sector {
            id: format!("sector-{:03}", self.topology.sectors.len()),
            site,
            category,
            limits: category.default_limits(),
            skill_to_perform: None,
            skill_to_supervise: match category {
                SectorCategory::Endoscopy => Some(ENDOSCOPY_SKILL),
                SectorCategory::Ophthalmology => Some(OPHTHALMOLOGY_SKILL),
                _ => None,
            },
        }
    }

    /// Who may have rooms in two sectors of a site at once: standard ones with each other, ophthalmology with all but
    /// endoscopy. Who performs in some standard rooms may supervise endoscopy, who performs at the end of the
    /// hyperaseptic corridor may supervise the next room.
    fn pairs(&mut self, first_sector: usize) {
        use SectorCategory::{Endoscopy, Hyperaseptic, Ophthalmology, Standard};
        let topology = &mut self.topology;
        let rooms_of = |sector: usize| -> Vec<RoomIx> {
            let all = topology.rooms.iter().enumerate();
            all.filter(|(_, room)| room.sector.at() == sector).map(|(at, _)| RoomIx(at as u16)).collect()
        };
        for one in first_sector..topology.sectors.len() {
            for other in one + 1..topology.sectors.len() {
                let categories = [topology.sectors[one].category, topology.sectors[other].category];
                match categories {
                    [Standard, Standard] => {}
                    [Ophthalmology, other] | [other, Ophthalmology] if other != Endoscopy => {}
                    [Standard, Endoscopy] | [Endoscopy, Standard] => {
                        let near = if categories[0] == Standard { one } else { other };
                        let endoscopy = rooms_of(one + other - near);
                        for room in rooms_of(near).into_iter().rev().take(ROOMS_NEAR_ENDOSCOPY) {
                            topology.supervision_pairs.extend(endoscopy.iter().map(|other| (room, *other)));
                        }
                        continue;
                    }
                    [Hyperaseptic, Standard] => {
                        let (end, next) = (rooms_of(one), rooms_of(other));
                        if let Some(next) = next.first().filter(|_| other == one + 1) {
                            let pairs = end.iter().rev().take(2).map(|room| (*room, *next));
                            topology.supervision_pairs.extend(pairs);
                        }
                        continue;
                    }
                    _ => continue,
                }
                topology.sector_pairs.push((SectorIx(one as u16), SectorIx(other as u16)));
            }
        }
    }
}
