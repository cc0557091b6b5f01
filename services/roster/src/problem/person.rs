//! People: what each may do, when, and what they already carry.

use super::{
    Counter,
    index::{DayIx, PersonIx, SiteIx, SkillIx, SurgeonIx},
};

/// A profession the rules know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profession {
    /// Médecin anesthésiste-réanimateur: anesthetist.
    Mar,
    /// Infirmier anesthésiste diplômé d'État: nurse anesthetist; acts only under a MAR.
    Iade,
}

/// Whether a half-day can be given to a person, and if not why (a class, never a reason).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Availability {
    /// A usual working half-day: any post.
    Working,
    /// Not a usual working half-day, yet open for gardes and astreintes (week-ends, public holidays).
    DutyOnly,
    /// Outside the work pattern or the contract: nothing.
    NotWorking,
    /// On leave or absent: nothing (P0).
    Absent,
    /// Declared and approved unavailability: nothing (P0).
    Unavailable,
}

/// What a person may be given, beyond what the profession says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// Gardes.
    pub garde: bool,
    /// Astreintes.
    pub astreinte: bool,
    /// Consultations.
    pub consultation: bool,
    /// Performing in theatre.
    pub theatre: bool,
    /// Supervising nurse anesthetists.
    pub supervision: bool,
    /// Closing the theatre.
    pub closing: bool,
    /// Relieving the others without a fixed room.
    pub volant: bool,
}

/// A declared unavailability for duties only; the rest of the day stays workable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DutyUnavailability {
    /// The day the duty would begin.
    pub day: DayIx,
    /// For gardes.
    pub garde: bool,
    /// For astreintes.
    pub astreinte: bool,
    /// Flexible ones are wishes; the others are P0.
    pub is_flexible: bool,
}

/// Someone a person should not be put with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incompatibility {
    /// With whom.
    pub with: Counterpart,
    /// Strict ones are never broken; the others are preferences.
    pub is_strict: bool,
}

/// The other side of an incompatibility.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counterpart {
    /// Another person of the problem.
    Person(PersonIx),
    /// A surgeon.
    Surgeon(SurgeonIx),
}

/// What a person brings across the boundary of the horizon. Offsets are days before day 0, hence negative.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Gardes of the previous 30 days at least, as offsets (yesterday is -1), ascending.
    pub gardes: Vec<i32>,
    /// Astreintes of the previous 31 days at least, as offsets, ascending.
    pub astreintes: Vec<i32>,
    /// How many days in a row were worked up to and including the day before the horizon.
    pub consecutive_days: u8,
    /// Counters to date, in thousandths; missing ones are 0.
    pub counters: Vec<(Counter, i64)>,
}

/// One person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Opaque id, unique in the problem; never a name.
    pub id: String,
    /// Profession.
    pub profession: Profession,
    /// Working time in percent of full time, 1–100; every pro rata follows it.
    pub percentage: u8,
    /// Share in the team's load, in thousandths of a full-timer present all the period; 0 leaves the person out of
    /// equity (locums).
    pub equity_share: u32,
    /// A locum: used to fill holes, out of equity.
    pub is_locum: bool,
    /// Own sites; nothing elsewhere is ever proposed.
    pub sites: Vec<SiteIx>,
    /// Skills held.
    pub skills: Vec<SkillIx>,
    /// What may be given.
    pub abilities: Abilities,
    /// One value per half-day of the horizon (`HalfDay::at`).
    pub availability: Vec<Availability>,
    /// Unavailabilities for duties only.
    pub duty_unavailabilities: Vec<DutyUnavailability>,
    /// Incompatibilities with people and surgeons.
    pub incompatibilities: Vec<Incompatibility>,
    /// What was carried before the horizon.
    pub history: History,
    /// Working time that may still be given within the horizon (48 h average, spent over 4 months); `None`: no limit.
    pub credit_minutes: Option<i64>,
    /// Working time that may be given in one ISO week (nurses' contracts); `None`: no limit.
    pub week_minutes_max: Option<i64>,
}

// === impl Profession ===

impl Profession {
    /// Both, in order.
    pub const ALL: [Profession; 2] = [Profession::Mar, Profession::Iade];

    /// The code used in the hospital.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Profession::Mar => "MAR",
            Profession::Iade => "IADE",
        }
    }

    /// The profession of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profession| profession.code() == code)
    }
}

// === impl Availability ===

impl Availability {
    /// A post of theatre, consultation or closing is possible.
    #[must_use]
    pub fn allows_post(self) -> bool {
        self == Availability::Working
    }

    /// A garde or an astreinte is possible.
    #[must_use]
    pub fn allows_duty(self) -> bool {
        matches!(self, Availability::Working | Availability::DutyOnly)
    }
}

// === impl Abilities ===

impl Abilities {
    /// What the profession gives by default: anesthetists do everything but closing and floating, nurse
    /// anesthetists do theatre, closing and floating.
    #[must_use]
    pub fn of(profession: Profession) -> Self {
        let is_mar = profession == Profession::Mar;
        Self {
            garde: is_mar,
            astreinte: is_mar,
            consultation: is_mar,
            theatre: true,
            supervision: is_mar,
            closing: !is_mar,
            volant: !is_mar,
        }
    }
}
