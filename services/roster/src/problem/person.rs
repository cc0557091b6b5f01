//! People: what each may do, when, and what they already carry.

use super::{
    Counter,
    index::{DayIx, PersonIx, SiteIx, SkillIx, SpecialtyIx, SurgeonIx},
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

/// Someone or something a person should not be put with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incompatibility {
    /// With whom or what.
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
    /// Every session of a specialty.
    Specialty(SpecialtyIx),
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
    /// Day parts of split gardes, as offsets, ascending: half a garde each, without a night.
    pub garde_days: Vec<i32>,
    /// Night parts of split gardes, as offsets, ascending: half a garde each, with its rest. Not in `gardes`.
    pub garde_nights: Vec<i32>,
    /// The days worked of the two weeks before, ascending: what rest and sliding weeks look back on.
    pub worked: Vec<WorkedDay>,
    /// Presence over which the counters were gathered, in thousandths of a full-timer present for one horizon; `None`:
    /// in proportion to `equity_share`. It makes shares exact in the long run when presence varies between months.
    pub presence: Option<u32>,
}

/// A day worked outside the horizon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkedDay {
    /// Its offset from day 0: negative before the horizon, at least the number of days after it.
    pub day: i32,
    /// Working time of the posts that begin that day.
    pub minutes: u16,
    /// When work begins, in minutes after that day's midnight.
    pub starts: u16,
    /// When work ends, in minutes after the same midnight: more than 1440 when it ends on the next day.
    pub ends: u16,
}

/// What is already published for a person after the horizon. Offsets are at least the number of days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Following {
    /// Gardes, whole or their nights, as offsets, ascending.
    pub gardes: Vec<i32>,
    /// Astreintes, as offsets, ascending.
    pub astreintes: Vec<i32>,
    /// Days worked, ascending, of the first two weeks at least.
    pub worked: Vec<WorkedDay>,
    /// Leave begins on the morning after the last day.
    pub is_absent: bool,
}

/// The regime of working time a contract is under: a name. What the rules read are the figures of [`WorkingTime`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LegalPack {
    /// Private practitioners: no law of working time, the team's rules only.
    #[default]
    Liberal,
    /// Hospital doctors.
    PublicDoctor,
    /// Hospital nurses.
    PublicNurse,
    /// Employees of private clinics.
    PrivateEmployee,
}

/// What the law and the contract say of a person's working time. Everything is data; `None` and 0 ask nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WorkingTime {
    /// The regime the figures come from.
    pub pack: LegalPack,
    /// Least rest between two days of work, in minutes.
    pub daily_rest_min: Option<u16>,
    /// Most working time of one day that is no garde, in minutes.
    pub day_max: Option<u16>,
    /// Most working time of any 7 sliding days, in minutes.
    pub seven_days_max: Option<u16>,
    /// Working time of any 7 sliding days beyond which it is overtime, in minutes: allowed, and reported.
    pub seven_days_usual: Option<u16>,
    /// Least uninterrupted rest of an ISO week, in minutes.
    pub weekly_rest_min: Option<u16>,
    /// Fewest days without work in each two weeks.
    pub fortnight_rest_days: u8,
    /// Two of these days follow one another, one of them a Sunday.
    pub fortnight_sunday: bool,
    /// Most half-days of service in an ISO week; a night counts for two.
    pub week_half_days_max: Option<u8>,
    /// Working time of a whole ISO week aimed at, in minutes.
    pub week_target: Option<u16>,
    /// Volunteers for time beyond the doctors' 48 hours and 10 half-days.
    pub is_volunteer: bool,
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
    /// Incompatibilities with people, surgeons and specialties.
    pub incompatibilities: Vec<Incompatibility>,
    /// What was carried before the horizon.
    pub history: History,
    /// Working time that may still be given within the horizon (48 h average, spent over 4 months); `None`: no limit.
    pub credit_minutes: Option<i64>,
    /// Working time that may be given in one ISO week (nurses' contracts); `None`: no limit.
    pub week_minutes_max: Option<i64>,
    /// What the law and the contract say of working time.
    pub working_time: WorkingTime,
    /// What is already published after the horizon.
    pub following: Following,
}

// === impl WorkingTime ===

impl WorkingTime {
    /// Whether something is asked of several days together.
    pub(crate) fn looks_at_days(&self) -> bool {
        self.seven_days_max.is_some()
            || self.seven_days_usual.is_some()
            || self.weekly_rest_min.is_some()
            || self.fortnight_rest_days > 0
            || self.fortnight_sunday
    }
}

// === impl LegalPack ===

impl LegalPack {
    /// All, in order.
    pub const ALL: [LegalPack; 4] =
        [LegalPack::Liberal, LegalPack::PublicDoctor, LegalPack::PublicNurse, LegalPack::PrivateEmployee];

    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            LegalPack::Liberal => "LIBERAL",
            LegalPack::PublicDoctor => "FR-PUBLIC-DOCTOR",
            LegalPack::PublicNurse => "FR-PUBLIC-NURSE",
            LegalPack::PrivateEmployee => "FR-PRIVATE-EMPLOYEE",
        }
    }

    /// The pack of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pack| pack.code() == code)
    }

    /// The figures of a full-timer (domain dossier §4.12). Code de la santé publique R6152-27 for doctors, decree
    /// 2002-9 for nurses, the labor code for employees; to be confirmed by the customer's lawyer.
    #[must_use]
    pub fn working_time(self) -> WorkingTime {
        let none = WorkingTime { pack: self, ..WorkingTime::default() };
        match self {
            LegalPack::Liberal => none,
            LegalPack::PublicDoctor => {
                WorkingTime { daily_rest_min: Some(11 * 60), week_half_days_max: Some(10), ..none }
            }
            LegalPack::PublicNurse => WorkingTime {
                daily_rest_min: Some(12 * 60),
                // 9 hours by day, 12 by the derogation every theatre works under.
                day_max: Some(12 * 60),
                seven_days_max: Some(48 * 60),
                seven_days_usual: Some(44 * 60),
                weekly_rest_min: Some(36 * 60),
                fortnight_rest_days: 4,
                fortnight_sunday: true,
                week_target: Some(35 * 60),
                ..none
            },
            LegalPack::PrivateEmployee => WorkingTime {
                daily_rest_min: Some(11 * 60),
                seven_days_max: Some(48 * 60),
                seven_days_usual: Some(44 * 60),
                weekly_rest_min: Some(35 * 60),
                ..none
            },
        }
    }
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
