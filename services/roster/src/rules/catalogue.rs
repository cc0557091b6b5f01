//! The catalogue of rules: what each is called, at which level it counts, where it comes from.
//!
//! Section numbers point to the domain dossier; legal sources are to be confirmed by the customer's lawyer.

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
    /// H1: 48 h a week on average over 4 months.
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
    pub const COUNT: usize = 62;

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
        RuleId::HoursCredit,
        RuleId::Fatigue,
        RuleId::RequestGranted,
        RuleId::Wish,
        RuleId::Change,
        RuleId::LocumUsed,
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

static CATALOGUE: [Rule; RuleId::COUNT] = [
    rule(
        RuleId::GardeCoverage,
        "G1",
        (Level::Critical, 1),
        "Une garde par jour et par ligne",
        "One garde a day and line",
        "Code de la santé publique, D6124-97 ff. (continuity of anesthesia care); domain §4.2 G1",
    ),
    rule(
        RuleId::AstreinteCoverage,
        "G2",
        (Level::Critical, 1),
        "Une astreinte par jour et par ligne",
        "One astreinte a day and line",
        "domain §4.2 G2",
    ),
    rule(
        RuleId::GardeAndAstreinte,
        "G3",
        (Level::Hard, 1),
        "Jamais garde et astreinte le même jour",
        "Never garde and astreinte the same day",
        "domain §4.2 G3",
    ),
    rule(
        RuleId::GardeAlone,
        "G4",
        (Level::Hard, 1),
        "La garde exclut tout autre poste du jour",
        "A garde excludes any other post of the day",
        "domain §4.2 G4",
    ),
    rule(
        RuleId::DutyProfession,
        "G5",
        (Level::Hard, 1),
        "Gardes et astreintes réservées à la profession de la ligne",
        "Duties only for the line's profession",
        "domain §4.2 G5",
    ),
    rule(
        RuleId::RestAfterGarde,
        "G6",
        (Level::Hard, 1),
        "Repos de sécurité après la garde : rien le lendemain",
        "Rest after a garde: nothing the next day",
        "Code de la santé publique R6152-27; order of 14 September 2001 (repos de sécurité, 11 h at least); team rule 24 h; domain §4.2 G6, §4.12",
    ),
    rule(
        RuleId::ConsecutiveGardes,
        "G7",
        (Level::Hard, 1),
        "Jamais deux gardes deux jours de suite",
        "Never two gardes on consecutive days",
        "Code de la santé publique R6152-27 (24 h, then equal rest); domain §4.2 G7",
    ),
    rule(
        RuleId::GardeSpacingMin,
        "G8",
        (Level::Hard, 1),
        "Espacement minimal entre gardes",
        "Minimum spacing between gardes",
        "team rule; domain §4.2 G8, §4.13",
    ),
    rule(
        RuleId::GardeSpacingIdeal,
        "G9",
        (Level::Balance, 4),
        "Espacement idéal entre gardes",
        "Ideal spacing between gardes",
        "domain §4.2 G9",
    ),
    rule(
        RuleId::GardesRollingMax,
        "G10",
        (Level::Hard, 1),
        "Nombre maximal de gardes sur 30 jours glissants",
        "Most gardes in 30 rolling days",
        "team rule; domain §4.2 G10",
    ),
    rule(
        RuleId::GardesRollingMaxHolidays,
        "G10+",
        (Level::Relaxed, 40),
        "Garde supplémentaire en vacances scolaires",
        "Extra garde in school holidays",
        "team rule (derogation); domain §4.2 G10",
    ),
    rule(
        RuleId::AstreintesMonthMax,
        "G11",
        (Level::Hard, 1),
        "Nombre maximal d'astreintes par mois",
        "Most astreintes in a month",
        "team rule; domain §4.2 G11",
    ),
    rule(
        RuleId::AstreinteSpacing,
        "G12",
        (Level::Balance, 12),
        "Espacement entre astreintes",
        "Spacing between astreintes",
        "domain §4.2 G12",
    ),
    rule(
        RuleId::WeekendGardeThenAstreinte,
        "G13",
        (Level::Balance, 15),
        "Week-end d'astreinte voisin d'un week-end de garde",
        "Week-end on call next to a week-end of garde",
        "domain §4.2 G13",
    ),
    rule(
        RuleId::NearWeekends,
        "G14",
        (Level::Balance, 10),
        "Week-ends de service rapprochés",
        "Duty week-ends close together",
        "domain §4.2 G14",
    ),
    rule(
        RuleId::AstreinteInRest,
        "G16",
        (Level::Hard, 1),
        "Pas d'astreinte pendant le repos de sécurité",
        "No astreinte during the rest after a garde",
        "Code de la santé publique R6152-27; domain §4.2 G16",
    ),
    rule(
        RuleId::DutyUnavailable,
        "G19",
        (Level::Hard, 1),
        "Indisponibilité de garde ou d'astreinte approuvée",
        "Approved unavailability for duties",
        "domain §4.2 G19",
    ),
    rule(
        RuleId::DutyUnwelcome,
        "G19~",
        (Level::Preference, 10),
        "Indisponibilité souple de garde ou d'astreinte",
        "Flexible unavailability for duties",
        "domain §4.2 G19",
    ),
    rule(
        RuleId::GardeBeforeLeave,
        "G20",
        (Level::Balance, 12),
        "Pas de garde la veille d'un congé",
        "No garde the eve of leave",
        "domain §4.2 G20",
    ),
    rule(
        RuleId::DutyEquity,
        "G21",
        (Level::Balance, 1),
        "Équité des gardes et astreintes",
        "Fair share of duties",
        "domain §4.2 G21, §4.8",
    ),
    rule(
        RuleId::GardeOnWorkingDay,
        "G22",
        (Level::Balance, 5),
        "Garde de préférence un jour habituel de travail",
        "Garde preferably on a usual working day",
        "domain §4.2 G22",
    ),
    rule(
        RuleId::ConsecutiveDaysMax,
        "G23",
        (Level::Hard, 1),
        "Nombre maximal de jours travaillés d'affilée",
        "Most days worked in a row",
        "team rule; weekly rest, Code de la santé publique R6152-27 and decree 2002-9; domain §4.2 G23",
    ),
    rule(
        RuleId::Availability,
        "A1",
        (Level::Hard, 1),
        "Absence, indisponibilité ou jour non travaillé",
        "Absent, unavailable, or not a working day",
        "domain §4.1 P0",
    ),
    rule(
        RuleId::DoubleBooking,
        "A2",
        (Level::Hard, 1),
        "Un seul poste par demi-journée",
        "One post per half-day",
        "domain §4.7",
    ),
    rule(
        RuleId::Pinned,
        "A3",
        (Level::Hard, 1),
        "Affectation verrouillée",
        "Locked assignment",
        "domain §4.1 P-1, §4.11 R3",
    ),
    rule(
        RuleId::ConsultationProfession,
        "C1",
        (Level::Hard, 1),
        "Consultation réservée aux MAR",
        "Consultations are for anesthetists",
        "Code de la santé publique D6124-92 (pre-anesthesia consultation); domain §4.4 C1",
    ),
    rule(
        RuleId::ConsultationCoverage,
        "C3",
        (Level::Critical, 1),
        "Consultations ouvertes à pourvoir",
        "Open consultations to staff",
        "Code de la santé publique D6124-92; domain §4.4 C3",
    ),
    rule(
        RuleId::ConsultationsWeekTarget,
        "C4",
        (Level::Balance, 4),
        "Nombre visé de consultations par semaine",
        "Consultations a week aimed at",
        "domain §4.4 C4",
    ),
    rule(
        RuleId::ConsultationsWeekMax,
        "C5",
        (Level::Hard, 1),
        "Nombre maximal de consultations par semaine",
        "Most consultations a week",
        "domain §4.4 C5",
    ),
    rule(
        RuleId::ConsultationSpread,
        "C6",
        (Level::Balance, 6),
        "Alternance matin et après-midi des consultations",
        "Mix of morning and afternoon consultations",
        "domain §4.4 C6",
    ),
    rule(
        RuleId::ConsultationTwiceADay,
        "C7",
        (Level::Hard, 1),
        "Une seule consultation par jour",
        "One consultation a day",
        "domain §4.4 C7",
    ),
    rule(
        RuleId::ConsultationEquity,
        "C9",
        (Level::Balance, 1),
        "Équité des consultations",
        "Fair share of consultations",
        "domain §4.4 C9, §4.8",
    ),
    rule(
        RuleId::IadeTheatreOnly,
        "I1",
        (Level::Hard, 1),
        "IADE : bloc seulement",
        "Nurse anesthetists: theatre only",
        "Code de la santé publique R4311-12; domain §4.5 I1",
    ),
    rule(
        RuleId::IadeUnposted,
        "I2",
        (Level::Relaxed, 10),
        "IADE présent sans poste",
        "Nurse anesthetist present without a post",
        "domain §4.5 I2",
    ),
    rule(
        RuleId::Volant,
        "I3",
        (Level::Balance, 3),
        "Volant : environ une demi-journée par semaine",
        "Floating: about one half-day a week",
        "domain §4.5 I3",
    ),
    rule(
        RuleId::ClosingCoverage,
        "I4",
        (Level::Critical, 1),
        "Une fermeture par jour",
        "One closing a day",
        "domain §4.5 I4",
    ),
    rule(
        RuleId::ClosingTwiceAWeek,
        "I4w",
        (Level::Balance, 12),
        "Pas deux fermetures la même semaine",
        "Not two closings the same week",
        "domain §4.5 I4",
    ),
    rule(
        RuleId::ClosingEquity,
        "I4e",
        (Level::Balance, 1),
        "Équité des fermetures",
        "Fair share of closings",
        "domain §4.5 I4, §4.8",
    ),
    rule(
        RuleId::RoomsPerPerson,
        "I5",
        (Level::Hard, 1),
        "Nombre maximal de salles par personne",
        "Most rooms one person performs in",
        "domain §4.5 I5, §4.6",
    ),
    rule(
        RuleId::WeekMinutes,
        "I7",
        (Level::Hard, 1),
        "Temps de travail hebdomadaire",
        "Working time of a week",
        "decree 2002-9 (44 h ordinary, 48 h with overtime); domain §4.5 I7, §4.12",
    ),
    rule(
        RuleId::TheatreCoverage,
        "B2",
        (Level::Critical, 1),
        "Chaque salle ouverte a son anesthésie",
        "Every open room has its anesthesia provider",
        "Code de la santé publique D6124-91 ff.; domain §4.6 B2",
    ),
    rule(
        RuleId::TwoPrimaries,
        "B3",
        (Level::Hard, 1),
        "Un IADE et un MAR jamais titulaires de la même salle",
        "Never two primaries in a room",
        "domain §4.6 B3",
    ),
    rule(
        RuleId::SupervisorMissing,
        "B4",
        (Level::Critical, 1),
        "Toute salle d'IADE a son MAR responsable",
        "Every nurse's room has its supervising anesthetist",
        "Code de la santé publique R4311-12; domain §4.6 B4",
    ),
    rule(
        RuleId::SectorsCompatible,
        "B5",
        (Level::Hard, 1),
        "Secteurs compatibles entre eux",
        "Rooms in compatible sectors",
        "domain §4.6 B5",
    ),
    rule(
        RuleId::Contiguity,
        "B6",
        (Level::Hard, 1),
        "Salles contiguës",
        "Contiguous rooms",
        "domain §4.6 B6",
    ),
    rule(
        RuleId::SameRoomAllDay,
        "B7",
        (Level::Preference, 2),
        "Même salle matin et après-midi",
        "Same room morning and afternoon",
        "domain §4.6 B7",
    ),
    rule(
        RuleId::SectorChange,
        "B8",
        (Level::Preference, 4),
        "Pas de changement de secteur dans la journée",
        "No change of sector within a day",
        "domain §4.6 B8",
    ),
    rule(
        RuleId::PediatricPrimary,
        "B10",
        (Level::Hard, 1),
        "Pédiatrie : un MAR titulaire ne supervise rien, deux salles au plus en supervision",
        "Pediatrics: a primary anesthetist supervises nothing, two rooms at most under supervision",
        "domain §4.6 B10",
    ),
    rule(
        RuleId::IncompatibleStrict,
        "B11",
        (Level::Hard, 1),
        "Incompatibilité stricte",
        "Strict incompatibility",
        "domain §4.6 B11",
    ),
    rule(
        RuleId::IncompatiblePreferred,
        "B11~",
        (Level::Preference, 8),
        "Incompatibilité préférentielle",
        "Preferential incompatibility",
        "domain §4.6 B11",
    ),
    rule(
        RuleId::SupervisionMax,
        "B12s",
        (Level::Hard, 1),
        "Nombre maximal de salles supervisées",
        "Most rooms supervised",
        "one anesthetist for two rooms with a nurse in each (learned society's ratio); domain §4.6",
    ),
    rule(
        RuleId::SupervisionDerogation,
        "B13",
        (Level::Relaxed, 60),
        "Supervision au-delà de la limite, avec dérogation",
        "Supervision over the limit, under derogation",
        "domain §4.6 B13",
    ),
    rule(
        RuleId::OwnSites,
        "B14",
        (Level::Hard, 1),
        "Sur ses propres sites, un seul site à la fois",
        "At own sites only, one site at a time",
        "domain §4.6 B14",
    ),
    rule(
        RuleId::SiteChange,
        "B14~",
        (Level::Balance, 8),
        "Changement de site à midi",
        "Change of site at noon",
        "domain §4.6 B14",
    ),
    rule(
        RuleId::SectorSkill,
        "B16",
        (Level::Hard, 1),
        "Compétence exigée par le secteur",
        "Skill the sector asks for",
        "domain §3.1, §3.8",
    ),
    rule(
        RuleId::FullDayForbidden,
        "B17",
        (Level::Hard, 1),
        "Pas de journée entière dans ce secteur",
        "No full day in this sector",
        "team rule (ophthalmology, endoscopy); domain §4.6",
    ),
    rule(
        RuleId::HoursCredit,
        "H1",
        (Level::Hard, 1),
        "48 h par semaine en moyenne sur 4 mois",
        "48 h a week on average over 4 months",
        "Code de la santé publique R6152-27 (≤ 48 h averaged over 4 months); directive 2003/88/EC art. 6; domain §4.12",
    ),
    rule(
        RuleId::Fatigue,
        "F1",
        (Level::Balance, 6),
        "Semaine chargée (pénibilité sur 7 jours)",
        "Heavy week (hardship over 7 days)",
        "domain §4.9 model B",
    ),
    rule(
        RuleId::RequestGranted,
        "R1",
        (Level::Relaxed, 80),
        "Demande accordée",
        "Granted request",
        "domain §4.11 R1",
    ),
    rule(RuleId::Wish, "R2", (Level::Preference, 5), "Souhait", "Wish", "domain §4.11 R2"),
    rule(
        RuleId::Change,
        "R6",
        (Level::Change, 1),
        "Changement par rapport au planning publié",
        "Change against the published plan",
        "domain §4.11 R6",
    ),
    rule(
        RuleId::LocumUsed,
        "R9",
        (Level::Preference, 3),
        "Recours à un remplaçant",
        "A locum is called",
        "domain §3.1",
    ),
];

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
    fn every_rule_has_a_weight_two_titles_and_a_source() {
        for entry in catalogue() {
            assert!(entry.default_weight > 0, "{}", entry.code);
            assert!(!entry.title_fr.is_empty() && !entry.title_en.is_empty() && !entry.source.is_empty());
        }
    }
}
