//! The catalogue of rules: what each is called, at which level it counts, where it comes from.
//!
//! Section numbers point to the domain dossier; legal sources are to be confirmed by the customer's lawyer.

mod duties;
mod people;
mod posts;
mod shifts;
mod theatre;

use std::sync::LazyLock;

use crate::score::Level;

/// A rule, by name. The order is the catalogue's and never changes meaning: codes are the stable names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleId {
    /// G1: one garde a day and line.
    GardeCoverage,
    /// G2: one astreinte a day and line.
    AstreinteCoverage,
    /// G3: never garde and astreinte the same day.
    GardeAndAstreinte,
    /// G4: a garde excludes any other post of the day.
    GardeAlone,
    /// G5: duties only for the line's profession.
    DutyProfession,
    /// G6: rest after a garde: nothing the next day.
    RestAfterGarde,
    /// G7: never two gardes on consecutive days.
    ConsecutiveGardes,
    /// G8: minimum spacing between gardes.
    GardeSpacingMin,
    /// G9: ideal spacing between gardes.
    GardeSpacingIdeal,
    /// G10: most gardes in 30 rolling days.
    GardesRollingMax,
    /// G10+: extra garde in school holidays.
    GardesRollingMaxHolidays,
    /// G11: most astreintes in a month.
    AstreintesMonthMax,
    /// G12: spacing between astreintes.
    AstreinteSpacing,
    /// G13: week-end on call next to a week-end of garde.
    WeekendGardeThenAstreinte,
    /// G14: duty week-ends close together.
    NearWeekends,
    /// G16: no astreinte during the rest after a garde.
    AstreinteInRest,
    /// G19: approved unavailability for duties.
    DutyUnavailable,
    /// G19~: flexible unavailability for duties.
    DutyUnwelcome,
    /// G20: no garde the eve of leave.
    GardeBeforeLeave,
    /// G21: fair share of duties.
    DutyEquity,
    /// G22: garde preferably on a usual working day.
    GardeOnWorkingDay,
    /// G23: most days worked in a row.
    ConsecutiveDaysMax,
    /// G17: rest after the day part of a split garde.
    SplitGardeRest,
    /// A1: absent, unavailable, or not a working day.
    Availability,
    /// A2: one post per half-day.
    DoubleBooking,
    /// A3: locked assignment.
    Pinned,
    /// C1: consultations are for anesthetists.
    ConsultationProfession,
    /// C3: open consultations to staff.
    ConsultationCoverage,
    /// C4: consultations a week aimed at.
    ConsultationsWeekTarget,
    /// C5: most consultations a week.
    ConsultationsWeekMax,
    /// C6: mix of morning and afternoon consultations.
    ConsultationSpread,
    /// C7: one consultation a day.
    ConsultationTwiceADay,
    /// C9: fair share of consultations.
    ConsultationEquity,
    /// I1: nurse anesthetists: theatre only.
    IadeTheatreOnly,
    /// I2: nurse anesthetist present without a post.
    IadeUnposted,
    /// I3: floating: about one half-day a week.
    Volant,
    /// I4: one closing a day.
    ClosingCoverage,
    /// I4w: not two closings the same week.
    ClosingTwiceAWeek,
    /// I4e: fair share of closings.
    ClosingEquity,
    /// I5: most rooms one person performs in.
    RoomsPerPerson,
    /// I7: working time of a week.
    WeekMinutes,
    /// I3i: no isolated half-day, least of all an afternoon.
    IsolatedHalfDay,
    /// I7t: weekly working time of the contract.
    WeekMinutesTarget,
    /// O1: OFF half-days of a week.
    OffWeek,
    /// O2: OFF half-days of a month.
    OffMonth,
    /// O3: fair share of OFF half-days.
    OffEquity,
    /// B2: every open room has its anesthesia provider.
    TheatreCoverage,
    /// B3: never two primaries in a room.
    TwoPrimaries,
    /// B4: every nurse's room has its supervising anesthetist.
    SupervisorMissing,
    /// B5: rooms in compatible sectors.
    SectorsCompatible,
    /// B6: contiguous rooms.
    Contiguity,
    /// B7: same room morning and afternoon.
    SameRoomAllDay,
    /// B8: no change of sector within a day.
    SectorChange,
    /// B10: pediatrics: a primary anesthetist supervises nothing, two rooms at most under supervision.
    PediatricPrimary,
    /// B11: strict incompatibility.
    IncompatibleStrict,
    /// B11~: preferential incompatibility.
    IncompatiblePreferred,
    /// B12s: most rooms supervised.
    SupervisionMax,
    /// B13: supervision over the limit, under derogation.
    SupervisionDerogation,
    /// B14: at own sites only, one site at a time.
    OwnSites,
    /// B14~: change of site at noon.
    SiteChange,
    /// B16: skill the sector asks for.
    SectorSkill,
    /// B17: no full day in this sector.
    FullDayForbidden,
    /// B8w: three changes of sector a week at most.
    SectorChangesWeek,
    /// B9: room reserved for other specialties.
    ReservedRoom,
    /// B12: five days in a row at most with the same surgeon.
    SurgeonDaysMax,
    /// B12d: 2 to 10 days in a row in a sector.
    SectorStay,
    /// B18: too few nurse anesthetists in the room.
    IadePerRoom,
    /// B19: anesthetists without a nurse in the sector.
    IadeInSector,
    /// B2e: fair share of theatre and supervision.
    TheatreEquity,
    /// H1: the law's average week: 48 h over 4 months, 44 h over 12 weeks.
    HoursCredit,
    /// F1: heavy week (hardship over 7 days).
    Fatigue,
    /// R1: granted request.
    RequestGranted,
    /// R2: wish.
    Wish,
    /// R6: change against the published plan.
    Change,
    /// R9: a locum is called.
    LocumUsed,
    /// H2: daily rest.
    DailyRest,
    /// H3: working time of a day.
    DayMinutes,
    /// H4: most working time of any 7 days.
    SevenDaysMax,
    /// H4+: overtime of any 7 days.
    SevenDaysUsual,
    /// H5: weekly rest.
    WeeklyRest,
    /// H6: four rest days in two weeks, two in a row with a Sunday.
    FortnightRest,
    /// H7: ten half-days of service a week.
    WeekHalfDays,
    /// F2: fair share of hardship.
    FatigueEquity,
    /// S1: shift not open to the person that day.
    ShiftNotOpen,
    /// S2: forbidden succession of shifts.
    ShiftSuccession,
    /// S3: most shifts of a type.
    ShiftsMost,
    /// S4: most working time in shifts.
    ShiftMinutesMax,
    /// S5: least working time in shifts.
    ShiftMinutesMin,
    /// S6: most shifts in a row.
    ShiftStretchMax,
    /// S7: fewest shifts in a row.
    ShiftStretchMin,
    /// S8: fewest days off in a row.
    ShiftRestMin,
    /// S9: most week-ends worked.
    ShiftWeekendsMax,
    /// S10: a shift excludes any other post of the day.
    ShiftAlone,
    /// S11: every shift has the people it wants.
    ShiftUnder,
    /// S12: more people than a shift wants.
    ShiftOver,
}

/// What is said of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which rule.
    pub id: RuleId,
    /// The stable code.
    pub code: &'static str,
    /// The level its matches count at by default.
    pub level: Level,
    /// The weight of one unit of breach by default.
    pub default_weight: i64,
    /// What people read, in French.
    pub title_fr: &'static str,
    /// What people read, in English.
    pub title_en: &'static str,
    /// The law or the team's decision behind it.
    pub source: &'static str,
}

/// All rules, in the order of [`RuleId::ALL`].
#[must_use]
pub fn catalogue() -> &'static [Rule] {
    &CATALOGUE
}

// === impl RuleId ===

impl RuleId {
    /// How many there are.
    pub const COUNT: usize = 95;

    /// All, in order.
    pub const ALL: [RuleId; RuleId::COUNT] = [
        RuleId::GardeCoverage,
        RuleId::AstreinteCoverage,
        RuleId::GardeAndAstreinte,
        RuleId::GardeAlone,
        RuleId::DutyProfession,
        RuleId::RestAfterGarde,
        RuleId::ConsecutiveGardes,
        RuleId::GardeSpacingMin,
        RuleId::GardeSpacingIdeal,
        RuleId::GardesRollingMax,
        RuleId::GardesRollingMaxHolidays,
        RuleId::AstreintesMonthMax,
        RuleId::AstreinteSpacing,
        RuleId::WeekendGardeThenAstreinte,
        RuleId::NearWeekends,
        RuleId::AstreinteInRest,
        RuleId::DutyUnavailable,
        RuleId::DutyUnwelcome,
        RuleId::GardeBeforeLeave,
        RuleId::DutyEquity,
        RuleId::GardeOnWorkingDay,
        RuleId::ConsecutiveDaysMax,
        RuleId::SplitGardeRest,
        RuleId::Availability,
        RuleId::DoubleBooking,
        RuleId::Pinned,
        RuleId::ConsultationProfession,
        RuleId::ConsultationCoverage,
        RuleId::ConsultationsWeekTarget,
        RuleId::ConsultationsWeekMax,
        RuleId::ConsultationSpread,
        RuleId::ConsultationTwiceADay,
        RuleId::ConsultationEquity,
        RuleId::IadeTheatreOnly,
        RuleId::IadeUnposted,
        RuleId::Volant,
        RuleId::ClosingCoverage,
        RuleId::ClosingTwiceAWeek,
        RuleId::ClosingEquity,
        RuleId::RoomsPerPerson,
        RuleId::WeekMinutes,
        RuleId::IsolatedHalfDay,
        RuleId::WeekMinutesTarget,
        RuleId::OffWeek,
        RuleId::OffMonth,
        RuleId::OffEquity,
        RuleId::TheatreCoverage,
        RuleId::TwoPrimaries,
        RuleId::SupervisorMissing,
        RuleId::SectorsCompatible,
        RuleId::Contiguity,
        RuleId::SameRoomAllDay,
        RuleId::SectorChange,
        RuleId::PediatricPrimary,
        RuleId::IncompatibleStrict,
        RuleId::IncompatiblePreferred,
        RuleId::SupervisionMax,
        RuleId::SupervisionDerogation,
        RuleId::OwnSites,
        RuleId::SiteChange,
        RuleId::SectorSkill,
        RuleId::FullDayForbidden,
        RuleId::SectorChangesWeek,
        RuleId::ReservedRoom,
        RuleId::SurgeonDaysMax,
        RuleId::SectorStay,
        RuleId::IadePerRoom,
        RuleId::IadeInSector,
        RuleId::TheatreEquity,
        RuleId::HoursCredit,
        RuleId::Fatigue,
        RuleId::RequestGranted,
        RuleId::Wish,
        RuleId::Change,
        RuleId::LocumUsed,
        RuleId::DailyRest,
        RuleId::DayMinutes,
        RuleId::SevenDaysMax,
        RuleId::SevenDaysUsual,
        RuleId::WeeklyRest,
        RuleId::FortnightRest,
        RuleId::WeekHalfDays,
        RuleId::FatigueEquity,
        RuleId::ShiftNotOpen,
        RuleId::ShiftSuccession,
        RuleId::ShiftsMost,
        RuleId::ShiftMinutesMax,
        RuleId::ShiftMinutesMin,
        RuleId::ShiftStretchMax,
        RuleId::ShiftStretchMin,
        RuleId::ShiftRestMin,
        RuleId::ShiftWeekendsMax,
        RuleId::ShiftAlone,
        RuleId::ShiftUnder,
        RuleId::ShiftOver,
    ];

    /// What the catalogue says of it.
    #[must_use]
    pub fn entry(self) -> &'static Rule {
        &CATALOGUE[self as usize]
    }

    /// The stable code, for contracts and documents.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.entry().code
    }

    /// The rule of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.code() == code)
    }
}

/// One line of the catalogue.
const fn rule(
    id: RuleId,
    code: &'static str,
    (level, default_weight): (Level, i64),
    title_fr: &'static str,
    title_en: &'static str,
    source: &'static str,
) -> Rule {
    Rule { id, code, level, default_weight, title_fr, title_en, source }
}

/// The families one after the other, in the order of the ids.
static CATALOGUE: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let families: [&[Rule]; 5] =
        [&duties::RULES, &posts::RULES, &theatre::RULES, &people::RULES, &shifts::RULES];
    families.concat()
});

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_catalogue_is_in_the_order_of_the_ids() {
        for (position, entry) in catalogue().iter().enumerate() {
            assert_eq!(entry.id as usize, position, "{}", entry.code);
            assert_eq!(RuleId::ALL[position], entry.id);
        }
    }

    #[test]
    fn codes_are_unique_and_lead_back_to_their_rule() {
        let codes: BTreeSet<_> = catalogue().iter().map(|entry| entry.code).collect();
        assert_eq!(codes.len(), RuleId::COUNT);
        for entry in catalogue() {
            assert_eq!(RuleId::from_code(entry.code), Some(entry.id));
        }
    }

    #[test]
    fn the_readme_lists_every_rule_with_its_level() {
        let readme = include_str!("../../../README.md");
        for entry in catalogue() {
            let line = format!("| {} | {} | {} |", entry.code, entry.level.code(), entry.title_en);
            assert!(readme.contains(&line), "missing in README.md: {line}");
        }
    }

    #[test]
    fn every_rule_has_a_weight_two_titles_and_a_source() {
        for entry in catalogue() {
            assert!(entry.default_weight > 0, "{}", entry.code);
            assert!(!entry.title_fr.is_empty() && !entry.title_en.is_empty() && !entry.source.is_empty());
        }
    }
}
