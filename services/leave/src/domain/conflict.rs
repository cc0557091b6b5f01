//! What speaks against a leave, found before it is sent and again before it is approved.

use calendar::{Day, DayPart, DayRange, HalfDay, Span};
use serde::{Deserialize, Serialize};

use crate::domain::{holiday::PublicHolidays, leave::Leave, leave_type::LeaveType, policy::Policy, rule};

/// What kind of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConflictKind {
    /// The person has another leave in these days (rule L9).
    OwnLeave,
    /// The balance does not cover it (rule L17).
    Balance,
    /// Too many people of the profession are away (rules L6, L7).
    ProfessionAbsence,
    /// The person has a published duty (rule L10).
    PublishedDuty,
    /// It was asked for too late (rule L3).
    Notice,
    /// It is longer than the type allows (rule L4).
    Length,
    /// It is too close to another long leave (rule L5).
    Spacing,
    /// Too many people of all professions are away (rule L7).
    TotalAbsence,
    /// Too small a part of the profession stays (rule L6).
    TeamCapacity,
    /// More are away than a peak period bears (rule L8).
    Peak,
    /// Nobody may take leave then.
    Blackout,
    /// It meets school holidays or a peak period (rule L8).
    SpecialPeriod,
    /// It makes a bridge to a public holiday (rule L16).
    HolidayProximity,
    /// Others ask for the same days (rule L14).
    Competition,
    /// Only an anesthetist administrator decides so late (rule L12).
    LastMinute,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Severity {
    /// Speaks neither for nor against.
    Information,
    /// To be known.
    Warning,
    /// Approval is refused unless it is forced.
    Blocking,
}

/// One thing that speaks against a leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// What kind of thing.
    pub kind: ConflictKind,
    /// How bad it is.
    pub severity: Severity,
    /// The days it concerns.
    pub days: DayRange,
    /// The leave or shift it meets.
    pub resource: String,
    /// What was found, by kind: people, half-days missing, days.
    pub found: i32,
    /// What is allowed, in the same unit.
    pub allowed: i32,
}

/// A published duty, as planning told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// Name of the shift.
    pub shift: String,
    /// The day.
    pub day: Day,
    /// The half-day; the whole day without.
    pub part: Option<DayPart>,
    /// A garde or an astreinte: nobody else steps in by itself.
    pub is_on_call: bool,
}

/// Somebody else who is away, or asks to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Away {
    /// Id of the person.
    pub staff_member: String,
    /// Profession code.
    pub profession: String,
    /// From half-day to half-day.
    pub span: Span,
}

/// What is known around a leave.
#[derive(Debug)]
pub struct Surroundings<'a> {
    /// Its type.
    pub leave_type: &'a LeaveType,
    /// The hospital's policy.
    pub policy: &'a Policy,
    /// Today, at the hospital.
    pub today: Day,
    /// The person's other leaves, as far around it as the policy asks for distance.
    pub own: &'a [Leave],
    /// Approved leaves of others.
    pub others: &'a [Away],
    /// Leaves of others of the profession that wait for a decision.
    pub pending: &'a [Away],
    /// How many people the profession has.
    pub head_count: i32,
    /// Half-days that the balances lack, by year.
    pub missing: &'a [(i32, i32)],
    /// The person's published duties.
    pub duties: &'a [Duty],
    /// School holidays that count here.
    pub school_holidays: &'a [DayRange],
    /// Public holidays here.
    pub public_holidays: &'a PublicHolidays,
}

/// Everything that speaks against a leave, the worst first.
pub fn assess(leave: &Leave, around: &Surroundings<'_>) -> Vec<Conflict> {
    let mut conflicts: Vec<Conflict> = rule::RULES.iter().flat_map(|(_, rule)| rule(leave, around)).collect();
    conflicts.sort_by_key(|conflict| match conflict.severity {
        Severity::Blocking => 0,
        Severity::Warning => 1,
        Severity::Information => 2,
    });
    conflicts
}

// === impl Surroundings ===

impl Surroundings<'_> {
    /// Whether a day is in school holidays.
    pub fn is_school_holiday(&self, day: Day) -> bool {
        self.school_holidays.iter().any(|days| days.contains(day))
    }
}

// === impl Away ===

impl Away {
    /// A leave, as others see it.
    pub fn of(leave: &Leave) -> Self {
        let (staff_member, profession) = (leave.staff_member.clone(), leave.profession.clone());
        Self { staff_member, profession, span: leave.span }
    }
}

// === impl Duty ===

impl Duty {
    /// Whether a span keeps the person from it.
    pub fn meets(&self, span: Span) -> bool {
        match self.part {
            Some(part) => span.contains(HalfDay::new(self.day, part)),
            None => DayPart::ALL.into_iter().any(|part| span.contains(HalfDay::new(self.day, part))),
        }
    }
}
