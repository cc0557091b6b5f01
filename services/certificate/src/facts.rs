//! What a certificate is about. Ids only: no name, and of an absence only when it is.

use calendar::{
    Day, DayPart, DayRange, Span,
    working_time::{DUTY_START, TimeOfDay},
};

/// Everything that is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// What is certified: the name of a revision.
    pub subject: String,
    /// The days of the plan.
    pub days: DayRange,
    /// The figures of the rules.
    pub figures: Figures,
    /// Those who may hold a post.
    pub people: Vec<Person>,
    /// The rooms that the plan opens.
    pub rooms: Vec<Room>,
    /// What the plan staffs.
    pub shifts: Vec<Shift>,
    /// Who does what: in the plan, and published around it.
    pub posts: Vec<Post>,
    /// Days on which somebody has to be on duty.
    pub lines: Vec<Line>,
    /// The posts of which the plan says that nobody holds them.
    pub open: Vec<Open>,
}

/// What work is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Twenty-four hours on site.
    Garde,
    /// The day part of a garde that two people share.
    GardeDay,
    /// The night part of it.
    GardeNight,
    /// On call from home: no work until there is a call.
    Astreinte,
    /// Half a day in an operating room.
    Theatre,
    /// Half a day of consultations.
    Consultation,
    /// The end of the theatre's day.
    Closing,
    /// Half a day of relieving the others.
    Volant,
}

/// What somebody does there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Does the work.
    Performer,
    /// Answers for a room that a nurse anesthetist runs.
    Supervisor,
}

/// What somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profession {
    /// Anesthetist.
    Mar,
    /// Nurse anesthetist.
    Iade,
}

/// When work of a kind is done, and what it counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hours {
    /// The work.
    pub kind: Kind,
    /// Its half-day; none for what lasts the day.
    pub part: Option<DayPart>,
    /// When it begins, on its day.
    pub start: TimeOfDay,
    /// When it ends: on its day if that is later than the start, else on the next. What is no duty and ends when it begins
    /// takes no time.
    pub end: TimeOfDay,
    /// Minutes that it counts for; none are those that pass.
    pub minutes: Option<i64>,
}

/// The figures of the rules that are the same for everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// When each kind of work is done.
    pub hours: Vec<Hours>,
    /// Whether nobody is on call while they rest after a garde.
    pub is_rest_free_of_astreintes: bool,
    /// Least rest after the day part of a shared garde, in minutes.
    pub garde_day_rest_min: i64,
    /// Most rooms of an anesthetist who supervises a pediatric one.
    pub pediatric_supervision_max: u8,
    /// Whether an administrator authorized supervision up to the limits of the derogation.
    pub is_derogation_authorized: bool,
}

/// Somebody who may hold a post.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who, as an id.
    pub id: String,
    /// What they are.
    pub profession: Profession,
    /// The law of each stretch of their contracts; on days of none they have no contract.
    pub laws: Vec<Law>,
    /// When they are away.
    pub absences: Vec<Span>,
}

/// The working-time law somebody is under for some days.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Law {
    /// First day.
    pub first: Day,
    /// Last day; none is open.
    pub last: Option<Day>,
    /// What contracts call it; empty: none, only the team's rules.
    pub code: String,
    /// The text it comes from.
    pub source: String,
    /// Least rest between two days of work, in minutes; none: not asked for.
    pub daily_rest_min: Option<i64>,
    /// Limits of the average week; each holds by itself.
    pub averages: Vec<Average>,
    /// Whether the person volunteers for more than the average week, under a law that lets them.
    pub is_volunteer: bool,
}

/// A limit of the average week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Average {
    /// Most minutes of a week.
    pub week_minutes: i64,
    /// Days over which the average is taken.
    pub days: i32,
}

/// A room, with the limits that hold in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Room {
    /// Which one.
    pub id: String,
    /// Most rooms one person runs at once.
    pub run_max: u8,
    /// Most rooms one anesthetist supervises at once.
    pub supervision_max: u8,
    /// The same once a derogation is authorized.
    pub derogation_max: u8,
    /// Whether rooms that the supervisor runs count within.
    pub is_own_counted: bool,
}

/// Something the plan staffs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shift {
    /// Which one.
    pub id: String,
    /// The work.
    pub kind: Kind,
    /// Its day.
    pub day: Day,
    /// Its half-day; none for what lasts the day.
    pub part: Option<DayPart>,
    /// Where.
    pub site: String,
    /// The room of a theatre shift; empty elsewhere.
    pub room: String,
    /// Whether children are operated on.
    pub is_pediatric: bool,
}

/// One person on one post.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Post {
    /// Who.
    pub person: String,
    /// The shift; what is published around the plan has shifts of its own, which the facts do not list.
    pub shift: String,
    /// What they do there.
    pub role: Role,
    /// The work.
    pub kind: Kind,
    /// Its day.
    pub day: Day,
    /// Its half-day; none for what lasts the day.
    pub part: Option<DayPart>,
    /// Where.
    pub site: String,
    /// Whether it is the plan's, or was published before, after or beside it.
    pub is_of_plan: bool,
}

/// A day on which somebody has to be on duty at a site.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The day.
    pub day: Day,
    /// `Garde` or `Astreinte`.
    pub kind: Kind,
    /// Where.
    pub site: String,
}

/// A post that nobody holds, which the plan says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Open {
    /// The shift.
    pub shift: String,
    /// The post.
    pub role: Role,
}

// === impl Kind ===

impl Kind {
    /// As written in the hashed lines.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Garde => "GARDE",
            Kind::GardeDay => "GARDE_DAY",
            Kind::GardeNight => "GARDE_NIGHT",
            Kind::Astreinte => "ASTREINTE",
            Kind::Theatre => "THEATRE",
            Kind::Consultation => "CONSULTATION",
            Kind::Closing => "CLOSING",
            Kind::Volant => "VOLANT",
        }
    }

    /// A garde, or a part of one.
    pub(crate) fn is_garde(self) -> bool {
        matches!(self, Kind::Garde | Kind::GardeDay | Kind::GardeNight)
    }

    /// Whether a rest of the whole next day follows: whoever was there in the night.
    pub(crate) fn has_night(self) -> bool {
        matches!(self, Kind::Garde | Kind::GardeNight)
    }
}

// === impl Role ===

impl Role {
    /// As written in the hashed lines.
    pub fn code(self) -> &'static str {
        match self {
            Role::Performer => "PERFORMER",
            Role::Supervisor => "SUPERVISOR",
        }
    }
}

// === impl Profession ===

impl Profession {
    /// As written in the hashed lines.
    pub fn code(self) -> &'static str {
        match self {
            Profession::Mar => "MAR",
            Profession::Iade => "IADE",
        }
    }
}

// === impl Law ===

impl Law {
    /// Whether it binds on a day.
    pub(crate) fn binds_on(&self, day: Day) -> bool {
        self.first <= day && self.last.is_none_or(|last| day <= last)
    }
}

// === impl Figures ===

impl Default for Figures {
    /// What the dossier resolves (domain §3.5, §4.2, §4.6): gardes and astreintes from eight to eight, half-days of
    /// five hours, consultations of four, a shared garde that changes hands at 18:00.
    fn default() -> Self {
        let clock = |minutes: i32| TimeOfDay::new(minutes / 60, minutes % 60).unwrap_or(DUTY_START);
        let of = |kind, part, start: i32, end: i32| Hours {
            kind,
            part,
            start: clock(start),
            end: clock(end),
            minutes: None,
        };
        let [morning, afternoon] = DayPart::ALL.map(Some);
        let mut hours = vec![
            of(Kind::Garde, None, 480, 480),
            of(Kind::GardeDay, None, 480, 1_080),
            of(Kind::GardeNight, None, 1_080, 480),
            of(Kind::Astreinte, None, 480, 480),
            of(Kind::Consultation, morning, 540, 780),
            of(Kind::Consultation, afternoon, 810, 1_050),
            of(Kind::Closing, None, 1_110, 1_110),
        ];
        for kind in [Kind::Theatre, Kind::Volant] {
            hours.extend([of(kind, morning, 480, 780), of(kind, afternoon, 810, 1_110)]);
        }
        Self {
            hours,
            is_rest_free_of_astreintes: true,
            garde_day_rest_min: 11 * 60,
            pediatric_supervision_max: 2,
            is_derogation_authorized: false,
        }
    }
}
