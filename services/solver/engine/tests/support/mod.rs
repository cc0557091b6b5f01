//! Small worlds for the engine's tests.
#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "each test binary uses a part, and fails where it cannot go on"
)]

use std::ops::ControlFlow;

use calendar::holiday::{Region, holiday_on};
use engine::{Observer, Progress};
use roster::{
    Draft, Problem,
    problem::{
        Abilities, Availability, Day, DayIx, Following, Half, History, Line, LineIx, LineKind, Person,
        PersonIx, Profession, Room, RoomIx, Sector, SectorCategory, SectorIx, Site, SiteIx, Slot, SlotIx,
        SlotKind, SurgeonIx, Weekday, WorkingTime,
    },
};

/// A draft that grows call by call.
pub struct World {
    pub draft: Draft,
}

impl World {
    /// So many days from this one on, and one site.
    pub fn new(first: &str, days: i32) -> World {
        let first: calendar::Day = first.parse().unwrap();
        let mut draft =
            Draft { days: (0..days).map(|after| day(first.plus(after))).collect(), ..Draft::default() };
        draft.topology.sites.push(Site { id: "site".to_owned() });
        World { draft }
    }

    /// Somebody who works Monday to Friday, public holidays excepted, and may be on duty at any time.
    pub fn person(&mut self, profession: Profession, percentage: u8, works: fn(&Day) -> bool) -> PersonIx {
        let availability = (self.draft.days.iter())
            .flat_map(|day| {
                let own = match (day.is_working_day(), works(day)) {
                    (true, true) => Availability::Working,
                    (true, false) => Availability::NotWorking,
                    (false, _) => Availability::DutyOnly,
                };
                [own, own]
            })
            .collect();
        let ix = PersonIx::of(self.draft.people.len()).unwrap();
        self.draft.people.push(Person {
            id: format!("person-{}", ix.0),
            profession,
            percentage,
            equity_share: u32::from(percentage) * 10,
            is_locum: false,
            sites: vec![SiteIx(0)],
            skills: Vec::new(),
            abilities: Abilities::of(profession),
            availability,
            duty_unavailabilities: Vec::new(),
            incompatibilities: Vec::new(),
            history: History::default(),
            credit_minutes: None,
            week_minutes_max: None,
            working_time: WorkingTime::default(),
            following: Following::default(),
        });
        ix
    }

    /// So many full-time anesthetists.
    pub fn mars(&mut self, count: usize) -> Vec<PersonIx> {
        (0..count).map(|_| self.person(Profession::Mar, 100, |_| true)).collect()
    }

    /// So many full-time nurse anesthetists.
    pub fn iades(&mut self, count: usize) -> Vec<PersonIx> {
        (0..count).map(|_| self.person(Profession::Iade, 100, |_| true)).collect()
    }

    /// Somebody is on leave these days.
    pub fn leave(&mut self, person: PersonIx, days: impl IntoIterator<Item = usize>) {
        for day in days {
            for half in 0..2 {
                self.draft.people[person.at()].availability[day * 2 + half] = Availability::Absent;
            }
        }
    }

    /// A sector of rooms in a row.
    pub fn sector(&mut self, category: SectorCategory, rooms: usize) -> Vec<RoomIx> {
        let places = &mut self.draft.topology;
        let sector = SectorIx::of(places.sectors.len()).unwrap();
        places.sectors.push(Sector {
            id: format!("sector-{}", sector.0),
            site: SiteIx(0),
            category,
            limits: category.default_limits(),
            skill_to_perform: None,
            skill_to_supervise: None,
        });
        places.sector_pairs.push((sector, sector));
        let first = places.rooms.len();
        for number in 0..rooms {
            let mut neighbors = Vec::new();
            if number > 0 {
                neighbors.push(RoomIx::of(first + number - 1).unwrap());
            }
            if number + 1 < rooms {
                neighbors.push(RoomIx::of(first + number + 1).unwrap());
            }
            places.rooms.push(Room {
                id: format!("room-{}", first + number),
                sector,
                neighbors,
                ..Room::default()
            });
        }
        (first..first + rooms).map(|room| RoomIx::of(room).unwrap()).collect()
    }

    /// One garde and one astreinte every day.
    pub fn duties(&mut self) {
        for kind in [LineKind::Garde, LineKind::Astreinte] {
            self.line(kind);
        }
    }

    /// One duty of a kind every day.
    pub fn line(&mut self, kind: LineKind) {
        let line = LineIx::of(self.draft.topology.lines.len()).unwrap();
        self.draft.topology.lines.push(Line {
            id: format!("line-{}", line.0),
            kind,
            site: None,
            profession: Profession::Mar,
        });
        for day in 0..self.draft.days.len() {
            let kind = match kind {
                LineKind::Garde => SlotKind::Garde { line },
                LineKind::Astreinte => SlotKind::Astreinte { line },
            };
            self.slot(day, kind);
        }
    }

    /// On every working day: these rooms both halves, so many consultations a half, a closing and floating places.
    pub fn week_days(&mut self, rooms: &[RoomIx], consultations: usize, volants: usize) {
        for day in 0..self.draft.days.len() {
            if !self.draft.days[day].is_working_day() {
                continue;
            }
            for half in Half::ALL {
                for room in rooms {
                    self.theatre(day, half, *room, None);
                }
                for _ in 0..consultations {
                    self.slot(day, SlotKind::Consultation { half, site: SiteIx(0) });
                }
                for _ in 0..volants {
                    self.slot(day, SlotKind::Volant { half, site: SiteIx(0) });
                }
            }
            if volants > 0 {
                self.slot(day, SlotKind::Closing { site: SiteIx(0) });
            }
        }
    }

    /// A room open for a half-day.
    pub fn theatre(&mut self, day: usize, half: Half, room: RoomIx, surgeon: Option<SurgeonIx>) -> SlotIx {
        self.slot(day, SlotKind::Theatre { half, room, surgeon, specialty: None, is_pediatric: false })
    }

    /// Something to staff.
    pub fn slot(&mut self, day: usize, kind: SlotKind) -> SlotIx {
        let ix = SlotIx::of(self.draft.slots.len()).unwrap();
        self.draft.slots.push(Slot {
            id: format!("slot-{}", ix.0),
            day: DayIx::of(day).unwrap(),
            kind,
            weight: kind.default_weight(),
        });
        ix
    }

    /// The checked problem.
    pub fn build(self) -> Problem {
        Problem::build(self.draft).unwrap_or_else(|violations| panic!("{violations:#?}"))
    }
}

/// A team of twelve for two weeks: duties, eight rooms in three sectors, consultations, closing.
pub fn small_team() -> World {
    let mut world = World::new("2026-06-01", 14);
    world.mars(6);
    world.person(Profession::Mar, 50, |day| matches!(day.weekday, Weekday::Thursday | Weekday::Friday));
    world.person(Profession::Mar, 50, |day| matches!(day.weekday, Weekday::Monday | Weekday::Tuesday));
    world.iades(4);
    let mut rooms = world.sector(SectorCategory::Standard, 4);
    rooms.extend(world.sector(SectorCategory::Ophthalmology, 2));
    rooms.extend(world.sector(SectorCategory::Endoscopy, 2));
    world.duties();
    world.week_days(&rooms, 1, 1);
    world
}

fn day(day: calendar::Day) -> Day {
    let week = day.iso_week();
    Day {
        number: day.number(),
        weekday: Weekday::of_number(day.number()),
        iso_week: u32::try_from(week.year() * 100 + week.number()).unwrap(),
        month: u32::try_from(day.year() * 12 + day.month() - 1).unwrap(),
        day_of_month: u8::try_from(day.day()).unwrap(),
        is_public_holiday: holiday_on(day, Region::France).is_some(),
        is_school_holiday: false,
        is_special: false,
        garde_minutes: 1_440,
    }
}

/// Stops the search at a look.
pub struct StopAt {
    pub looks_left: usize,
}

impl Observer for StopAt {
    fn look(&mut self, _: Progress<'_>) -> ControlFlow<()> {
        match self.looks_left.checked_sub(1) {
            Some(left) => {
                self.looks_left = left;
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(()),
        }
    }
}
