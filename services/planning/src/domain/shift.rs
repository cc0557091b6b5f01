//! What must be staffed, and who does it.

use calendar::{Day, DayPart};
use serde::{Deserialize, Serialize};

/// What the work of a shift is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// Twenty-four hours on site.
    Garde,
    /// Twenty-four hours on call.
    Astreinte,
    /// Half a day of consultations.
    Consultation,
    /// Half a day in an operating room.
    Theatre,
    /// The end of the theatre's day.
    Closing,
    /// Half a day of relieving the others.
    Volant,
}

/// What a person does in a shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Post {
    /// Does the work.
    Performer,
    /// Answers for a room that a nurse anesthetist runs.
    Supervisor,
}

/// Something that must be staffed. Empty texts mean "none".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    pub id: String,
    pub kind: Kind,
    pub day: Day,
    /// The half-day; none when it lasts the day.
    pub part: Option<DayPart>,
    pub site: String,
    pub sector: String,
    pub room: String,
    pub surgeon: String,
    pub specialty: String,
    pub is_pediatric: bool,
    /// Tells several of the same kind, day, half-day and site apart, from 0; always 0 in a room.
    pub ordinal: u16,
    pub template: String,
}

/// One person on one post of one shift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub shift: String,
    pub post: Post,
    pub staff_member: String,
    pub is_pinned: bool,
}

/// A duty somebody has: a post together with what its shift is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duty {
    /// Id of who has it.
    pub staff_member: String,
    /// The day it begins on.
    pub day: Day,
    /// The half-day; none when it lasts the day.
    pub part: Option<DayPart>,
    /// What the work is.
    pub kind: Kind,
    /// What the person does there.
    pub post: Post,
    /// Id of the shift.
    pub shift: String,
    /// Id of the site.
    pub site: String,
    /// Id of the sector; empty outside theatres.
    pub sector: String,
    /// Id of the room; empty outside theatres.
    pub room: String,
}

// === impl Kind ===

impl Kind {
    /// All of them, what matters most first.
    pub const ALL: [Kind; 6] =
        [Kind::Garde, Kind::Astreinte, Kind::Consultation, Kind::Theatre, Kind::Closing, Kind::Volant];

    /// As stored, and as the contract says it without its prefix.
    pub fn code(self) -> &'static str {
        match self {
            Kind::Garde => "GARDE",
            Kind::Astreinte => "ASTREINTE",
            Kind::Consultation => "CONSULTATION",
            Kind::Theatre => "THEATRE",
            Kind::Closing => "CLOSING",
            Kind::Volant => "VOLANT",
        }
    }

    /// The kind of its code.
    pub fn from_code(code: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Whether the work fills one half of a day rather than the day.
    pub fn is_half_day(self) -> bool {
        matches!(self, Kind::Consultation | Kind::Theatre | Kind::Volant)
    }
}

// === impl Post ===

impl Post {
    /// As stored, and as the contract says it without its prefix.
    pub fn code(self) -> &'static str {
        match self {
            Post::Performer => "PERFORMER",
            Post::Supervisor => "SUPERVISOR",
        }
    }

    /// The post of its code.
    pub fn from_code(code: &str) -> Option<Post> {
        [Post::Performer, Post::Supervisor].into_iter().find(|post| post.code() == code)
    }
}

/// A half-day as stored: empty when the whole day is meant.
pub fn part_code(part: Option<DayPart>) -> &'static str {
    match part {
        None => "",
        Some(DayPart::Morning) => "MORNING",
        Some(DayPart::Afternoon) => "AFTERNOON",
    }
}

/// The half-day of its stored form.
pub fn part_from_code(code: &str) -> Option<DayPart> {
    match code {
        "MORNING" => Some(DayPart::Morning),
        "AFTERNOON" => Some(DayPart::Afternoon),
        _ => None,
    }
}

// === impl Shift ===

impl Shift {
    /// What no other shift of the plan may have: a room is open once on a half-day.
    pub fn key(&self) -> String {
        let part = part_code(self.part);
        match self.kind {
            Kind::Theatre => {
                format!("THEATRE/{}/{part}/{}/{}/{}", self.day, self.site, self.sector, self.room)
            }
            kind => format!("{}/{}/{part}/{}/{}", kind.code(), self.day, self.site, self.ordinal),
        }
    }

    /// The order in which problems and lists show shifts: by day, then by what matters most.
    pub fn order(&self) -> (Day, Kind, &'static str, &str, &str, &str, u16, &str) {
        let part = if self.part == Some(DayPart::Afternoon) { "B" } else { "A" };
        (self.day, self.kind, part, &self.site, &self.sector, &self.room, self.ordinal, &self.id)
    }

    /// The duty of somebody who holds one of its posts.
    pub fn duty(&self, post: Post, staff_member: &str) -> Duty {
        Duty {
            staff_member: staff_member.to_owned(),
            day: self.day,
            part: self.part,
            kind: self.kind,
            post,
            shift: self.id.clone(),
            site: self.site.clone(),
            sector: self.sector.clone(),
            room: self.room.clone(),
        }
    }
}

// === impl Duty ===

impl Duty {
    /// The same duty at a place.
    #[must_use]
    pub fn at(mut self, site: String, sector: String, room: String) -> Duty {
        (self.site, self.sector, self.room) = (site, sector, room);
        self
    }
}
