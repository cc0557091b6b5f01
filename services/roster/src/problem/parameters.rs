//! The rules' figures: a hospital's rule set as data, with the resolved defaults.

use super::counter::Counter;
use crate::{rules::RuleId, score::Level};

/// The figures the rules read (domain dossier §4, resolved in §4.13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleParameters {
    /// G8: least number of days from one garde to the next (3: Monday, then Thursday).
    pub garde_gap_min: u16,
    /// G9: ideal number of days from one garde to the next.
    pub garde_gap_ideal: u16,
    /// G10: most gardes in any 30 days, for a full-timer; pro rata rounded up.
    pub gardes_rolling_max: u8,
    /// G10: the window, in days.
    pub gardes_rolling_days: u16,
    /// G10: most gardes in a window that touches school holidays, under a relaxation that is reported.
    pub gardes_rolling_max_school_holidays: u8,
    /// G11: most astreintes in a civil month, for a full-timer; pro rata rounded up.
    pub astreintes_month_max: u8,
    /// G12: least number of days from one astreinte to the next.
    pub astreinte_gap_min: u16,
    /// G16: an astreinte on the day of rest after a garde is refused.
    pub astreinte_in_rest_forbidden: bool,
    /// G23: most days worked in a row.
    pub consecutive_days_max: u8,
    /// C4: consultations a week and person aimed at, in thousandths, for a full-timer.
    pub consultations_week_target: i64,
    /// C5: most consultations a week and person.
    pub consultations_week_max: u8,
    /// C6: from this many consultations of the same half in a week, the spread is judged bad.
    pub consultations_same_half_bad: u8,
    /// I3: floating half-days a week and nurse aimed at.
    pub volant_week_target: u8,
    /// I4: closings a week and nurse without remark.
    pub closings_week_max: u8,
    /// B10: most rooms a MAR may supervise when one of them is pediatric.
    pub pediatric_supervision_max: u8,
    /// B13: extra supervision up to the sectors' derogation limits was authorized by an administrator.
    pub supervision_derogation_authorized: bool,
    /// B14: a person may change site at noon (at a cost).
    pub site_change_at_noon_allowed: bool,
    /// F1: hardship over 7 rolling days, in hundredths of a point, beyond which a week is heavy.
    pub hardship_week_max: i64,
    /// Working time of a theatre or floating half-day.
    pub half_day_minutes: i64,
    /// Working time of a consultation.
    pub consultation_minutes: i64,
    /// Working time added by a closing.
    pub closing_minutes: i64,
    /// When a morning begins, in minutes after midnight; a garde and an astreinte begin then, and end then the next day.
    pub morning_start: u16,
    /// When a morning ends.
    pub morning_end: u16,
    /// When an afternoon begins.
    pub afternoon_start: u16,
    /// When an afternoon ends.
    pub afternoon_end: u16,
    /// When whoever closes the theatre leaves.
    pub closing_end: u16,
    /// G17: when the night part of a split garde takes over from the day part.
    pub garde_split: u16,
    /// G17: least rest after the day part of a split garde, in minutes.
    pub garde_day_rest_min: u16,
    /// B8w: changes of sector a week without remark.
    pub sector_changes_week_max: u8,
    /// B12: most days in a row with the same surgeon.
    pub surgeon_days_max: u8,
    /// B12d: fewest days somebody stays in a sector.
    pub sector_stay_min: u8,
    /// B12d: most days somebody stays in a sector.
    pub sector_stay_max: u8,
    /// O1: fewest OFF half-days of a full-timer's week, in thousandths.
    pub off_week_min: i64,
    /// O1: most OFF half-days of a full-timer's week, in thousandths.
    pub off_week_max: i64,
    /// O2: fewest OFF half-days of a full-timer's month, in thousandths.
    pub off_month_min: i64,
    /// How much fairness weighs against fatigue: 600 is the catalogue's own weight.
    pub equity_permille: u16,
    /// How much fatigue weighs against fairness: 400 is the catalogue's own weight.
    pub fatigue_permille: u16,
    /// How far off the fair share somebody may be before it is remarked, in thousandths of the share.
    pub equity_tolerance: u16,
    /// What differs from the catalogue: a rule's level and weight (0 turns it off).
    pub settings: Vec<RuleSetting>,
    /// Weight of each counter in equity, for those that differ from [`RuleParameters::default_counter_weight`].
    pub counter_weights: Vec<(Counter, i64)>,
}

/// A rule's level and weight in a hospital's rule set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleSetting {
    /// Which rule.
    pub rule: RuleId,
    /// At which level its matches count.
    pub level: Level,
    /// How much one unit of breach weighs; 0 turns the rule off.
    pub weight: i64,
}

// === impl RuleParameters ===

impl Default for RuleParameters {
    fn default() -> Self {
        Self {
            garde_gap_min: 3,
            garde_gap_ideal: 7,
            gardes_rolling_max: 3,
            gardes_rolling_days: 30,
            gardes_rolling_max_school_holidays: 4,
            astreintes_month_max: 5,
            astreinte_gap_min: 2,
            astreinte_in_rest_forbidden: true,
            consecutive_days_max: 6,
            consultations_week_target: 2_000,
            consultations_week_max: 3,
            consultations_same_half_bad: 3,
            volant_week_target: 1,
            closings_week_max: 1,
            pediatric_supervision_max: 2,
            supervision_derogation_authorized: false,
            site_change_at_noon_allowed: true,
            hardship_week_max: 1_400,
            half_day_minutes: 300,
            consultation_minutes: 240,
            closing_minutes: 0,
            morning_start: 8 * 60,
            morning_end: 13 * 60,
            afternoon_start: 13 * 60 + 30,
            afternoon_end: 18 * 60 + 30,
            closing_end: 18 * 60 + 30,
            garde_split: 18 * 60,
            garde_day_rest_min: 11 * 60,
            sector_changes_week_max: 3,
            surgeon_days_max: 5,
            sector_stay_min: 2,
            sector_stay_max: 10,
            off_week_min: 500,
            off_week_max: 2_000,
            off_month_min: 4_000,
            equity_permille: 600,
            fatigue_permille: 400,
            equity_tolerance: 200,
            settings: Vec::new(),
            counter_weights: Vec::new(),
        }
    }
}

impl RuleParameters {
    /// A full-timer's maximum for a percentage of working time, rounded up so that part-timers stay feasible.
    #[must_use]
    pub fn pro_rata(maximum: u8, percentage: u8) -> u8 {
        (u32::from(maximum) * u32::from(percentage)).div_ceil(100) as u8
    }

    /// A weight of fairness, as the balance of fairness and fatigue has it.
    #[must_use]
    pub(crate) fn of_equity(&self, weight: i64) -> i64 {
        (weight * i64::from(self.equity_permille) + 300) / 600
    }

    /// A weight of fatigue, as the balance of fairness and fatigue has it.
    #[must_use]
    pub(crate) fn of_fatigue(&self, weight: i64) -> i64 {
        (weight * i64::from(self.fatigue_permille) + 200) / 400
    }

    /// How long the day part of a split garde lasts.
    #[must_use]
    pub fn garde_day_minutes(&self) -> i64 {
        i64::from(self.garde_split) - i64::from(self.morning_start)
    }

    /// How much one unit of unfairness weighs by default.
    #[must_use]
    pub fn default_counter_weight(counter: Counter) -> i64 {
        match counter {
            Counter::Gardes => 40,
            Counter::GardesHoliday | Counter::GardesSpecial => 30,
            Counter::GardesSaturday | Counter::GardesSunday => 24,
            Counter::GardesWeekend => 12,
            Counter::GardesFriday => 20,
            Counter::GardesWeekday => 10,
            Counter::Astreintes => 20,
            Counter::AstreintesWeekend => 14,
            Counter::AstreintesFriday => 6,
            Counter::AstreintesHoliday | Counter::AstreintesSpecial => 10,
            Counter::ConsultationsMorning | Counter::ConsultationsAfternoon => 6,
            Counter::ConsultationsFridayAfternoon => 8,
            Counter::Closings => 12,
            Counter::ClosingsFriday => 10,
            Counter::TheatreHalfDays => 2,
            Counter::Supervisions => 1,
            Counter::OffHalfDays => 10,
            Counter::Hardship => 1,
        }
    }

    /// The weight of a counter in this rule set.
    #[must_use]
    pub fn counter_weight(&self, counter: Counter) -> i64 {
        let own = self.counter_weights.iter().find(|(own, _)| *own == counter).map(|(_, weight)| *weight);
        own.unwrap_or_else(|| Self::default_counter_weight(counter))
    }
}
