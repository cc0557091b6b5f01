//! What planning reads of its neighbors, at one moment: who, where, when away.

use std::collections::{BTreeMap, BTreeSet};

use calendar::{Day, DayRange, Span};

use super::{law, pattern::Contract};

/// Everything a plan is judged against that planning does not own. Ids only.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub sectors: Vec<Sector>,
    pub rooms: Vec<Room>,
    pub specialties: Vec<Specialty>,
    pub surgeons: Vec<Surgeon>,
    pub people: Vec<Person>,
    pub incompatibilities: Vec<Incompatibility>,
    /// Versions of working-time law.
    pub law: Vec<law::Version>,
    /// Half-days away, by person.
    pub absences: BTreeMap<String, Vec<Span>>,
    /// Differs as soon as any absence of the range does.
    pub absences_version: String,
    /// Days on which no duty may begin, by person, in order.
    pub unavailable_days: BTreeMap<String, Vec<UnavailableDay>>,
    pub public_holidays: BTreeSet<Day>,
    pub school_holidays: Vec<DayRange>,
}

/// What kind of work a sector does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    Standard,
    Hyperaseptic,
    Ophthalmology,
    Endoscopy,
}

#[derive(Clone, Debug)]
pub struct Sector {
    pub site: String,
    pub id: String,
    pub category: Category,
    pub is_contiguous: bool,
    /// 0: the category's own limit.
    pub rooms_per_supervisor_max: u8,
    /// Nurse anesthetists a room needs at least.
    pub nurses_per_room_min: u8,
    /// Id of the skill that supervising needs; empty: none.
    pub supervision_skill: String,
}

#[derive(Clone, Debug)]
pub struct Room {
    pub site: String,
    pub sector: String,
    pub id: String,
    pub number: String,
    pub is_closed: bool,
    pub is_operating: bool,
    /// On no plan: whoever is on duty covers it.
    pub is_hidden: bool,
    /// 0: the sector's limit.
    pub rooms_per_supervisor_max: u8,
    /// Ids of the only specialties allowed; empty: all.
    pub specialties: Vec<String>,
    /// Site, sector and room of each neighbor.
    pub neighbors: Vec<(String, String, String)>,
}

#[derive(Clone, Debug)]
pub struct Specialty {
    pub id: String,
    /// Every spelling it is known by.
    pub spellings: Vec<String>,
    pub is_pediatric: bool,
}

#[derive(Clone, Debug)]
pub struct Surgeon {
    pub id: String,
    /// Every text that names this surgeon in a trame.
    pub spellings: Vec<String>,
    pub is_active: bool,
    pub specialties: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Person {
    pub id: String,
    pub profession: Profession,
    pub is_locum: bool,
    pub sites: Vec<String>,
    /// Skill, and the days on which it counts.
    pub skills: Vec<(String, Option<Day>, Option<Day>)>,
    pub first: Option<Day>,
    pub last: Option<Day>,
    pub contracts: Vec<Contract>,
    /// When a locum declared to be there.
    pub availabilities: Vec<Span>,
    /// What a locum is never given.
    pub excluded_activities: Vec<Activity>,
    /// Ids of the specialties a locum is kept from.
    pub excluded_specialties: Vec<String>,
}

/// What somebody may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    Garde,
    Astreinte,
    Consultation,
    Theatre,
    Supervision,
    Closing,
    Volant,
}

/// The professions that are rostered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profession {
    Mar,
    Iade,
}

#[derive(Clone, Debug)]
pub struct Incompatibility {
    pub staff_member: String,
    pub other: Other,
    pub is_strict: bool,
    pub first: Option<Day>,
    pub last: Option<Day>,
}

/// A day on which a person works and takes no duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnavailableDay {
    /// The day a duty would begin.
    pub day: Day,
    pub is_for_gardes: bool,
    pub is_for_astreintes: bool,
    /// May be passed over when nobody else is there.
    pub is_flexible: bool,
}

/// The other side of an incompatibility.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Other {
    Person(String),
    Surgeon(String),
}

// === impl Person ===

impl Person {
    /// Whether the person belongs to the department that day and has a contract.
    pub fn contract_on(&self, day: Day) -> Option<&Contract> {
        let is_here = self.first.is_none_or(|first| first <= day) && self.last.is_none_or(|last| day <= last);
        self.contracts.iter().find(|contract| is_here && contract.covers(day))
    }

    /// Whether the person can be rostered at one of the sites on one of the days.
    pub fn is_at(&self, sites: &[String], days: DayRange) -> bool {
        self.sites.iter().any(|site| sites.contains(site))
            && days.days().any(|day| self.contract_on(day).is_some())
    }
}

// === impl Snapshot ===

impl Snapshot {
    pub fn room(&self, site: &str, sector: &str, room: &str) -> Option<&Room> {
        self.rooms.iter().find(|own| own.site == site && own.sector == sector && own.id == room)
    }

    pub fn is_pediatric(&self, specialty: &str) -> bool {
        self.specialties.iter().any(|own| own.id == specialty && own.is_pediatric)
    }

    pub fn is_school_holiday(&self, day: Day) -> bool {
        self.school_holidays.iter().any(|range| range.contains(day))
    }

    /// The people who can be rostered in a plan, by id.
    pub fn people_of(&self, sites: &[String], days: DayRange) -> Vec<&Person> {
        let mut people: Vec<&Person> =
            self.people.iter().filter(|person| person.is_at(sites, days)).collect();
        people.sort_by(|one, other| one.id.cmp(&other.id));
        people
    }
}
