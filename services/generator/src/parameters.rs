//! What can be told about a hospital to be made up.

use calendar::Day;
use roster::problem::{LegalPack, SectorCategory};

/// The longest horizon a problem may cover.
const DAYS_MAX: u16 = 400;
/// The most people and rooms: what the problem's indices can address, with room to spare.
const PEOPLE_MAX: usize = 60_000;
const ROOMS_MAX: usize = 60_000;

/// Everything a draft is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// Where randomness starts.
    pub seed: u64,
    /// The first day.
    pub first: Day,
    /// How many days.
    pub days: u16,
    /// How many teams; each has sites of its own.
    pub teams: u16,
    /// What each team looks like.
    pub team: Team,
    /// How many people in a hundred also work at the main site of a neighboring team.
    pub shared_percent: u8,
    /// Who is away, and when.
    pub leave: Leave,
    /// How many theatre sessions in a hundred are pediatric, where the specialty is not pediatric anyway.
    pub pediatric_percent: u8,
}

/// A team: people who share gardes, and the places where they work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// Anesthetists.
    pub anesthetists: u16,
    /// How many anesthetists in a hundred work half time: Thursday and Friday, Monday and Tuesday, odd or even months.
    pub half_time_percent: u8,
    /// How many people in a hundred work four days a week, among those not at half time.
    pub four_day_percent: u8,
    /// The anesthetists' regime of working time; all but private practitioners have a credit of hours as well.
    pub anesthetists_pack: LegalPack,
    /// Nurse anesthetists.
    pub nurses: u16,
    /// The nurses' regime of working time.
    pub nurses_pack: LegalPack,
    /// Locums: there three days a week, out of equity.
    pub locums: u16,
    /// Anesthetists away all the time, besides planned leave.
    pub absent: u16,
    /// Lines of gardes, at the main site.
    pub garde_lines: u8,
    /// Lines of astreintes, at the main site.
    pub astreinte_lines: u8,
    /// Consultations open in each half of a working day.
    pub consultations: u8,
    /// Floating places of nurses in each half of a working day.
    pub volants: u8,
    /// The sites; the first is the main one. Every second person works at the others as well.
    pub sites: Vec<SiteShape>,
}

/// A site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteShape {
    /// Its sectors: category, and number of rooms.
    pub sectors: Vec<(SectorCategory, u8)>,
    /// How many of its room half-days in a hundred the surgeons' template opens.
    pub open_percent: u8,
}

/// Who is away, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leave {
    /// How many people in a hundred are away in a week of each month, from January.
    pub percent_by_month: [u8; 12],
    /// The most people of a team, in a hundred, that may be away at the same time.
    pub quota_percent: u8,
}

/// Why parameters cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The horizon.
    #[error("expected 1 to {DAYS_MAX} days, found {0}")]
    Days(u16),
    /// Nobody, or too many.
    #[error("expected 1 to {PEOPLE_MAX} people, found {0}")]
    People(usize),
    /// No place, or too many.
    #[error("expected at least one site and at most {ROOMS_MAX} rooms, found {0} rooms")]
    Rooms(usize),
}

// === impl Parameters ===

impl Parameters {
    /// Refuses what no problem can have.
    pub(crate) fn check(&self) -> Result<(), Refusal> {
        if !(1..=DAYS_MAX).contains(&self.days) {
            return Err(Refusal::Days(self.days));
        }
        let people = usize::from(self.teams) * self.team.people();
        if !(1..=PEOPLE_MAX).contains(&people) {
            return Err(Refusal::People(people));
        }
        let rooms = usize::from(self.teams) * self.team.sites.iter().map(SiteShape::rooms).sum::<usize>();
        if self.team.sites.is_empty() || rooms > ROOMS_MAX {
            return Err(Refusal::Rooms(rooms));
        }
        Ok(())
    }
}

// === impl Team ===

impl Team {
    /// How many people.
    #[must_use]
    pub fn people(&self) -> usize {
        usize::from(self.anesthetists) + usize::from(self.nurses) + usize::from(self.locums)
    }
}

// === impl SiteShape ===

impl SiteShape {
    /// How many rooms.
    #[must_use]
    pub fn rooms(&self) -> usize {
        self.sectors.iter().map(|(_, rooms)| usize::from(*rooms)).sum()
    }
}

// === impl Leave ===

impl Default for Leave {
    /// Summer and Christmas are the peaks.
    fn default() -> Self {
        Self { percent_by_month: [5, 10, 6, 10, 8, 8, 28, 30, 6, 8, 7, 14], quota_percent: 33 }
    }
}
