//! What a hospital decided about equity, fatigue points and wishes: parts of the rule set, with their defaults.

use std::collections::BTreeSet;

use roster::problem::Counter;
use serde::{Deserialize, Serialize};

use super::{counting, rule_set::Wrong};

/// All of it. A rule set that was stored before has the defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Team {
    pub equity: Equity,
    pub fatigue: Fatigue,
    pub wishes: Wishes,
}

/// How equity is counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Equity {
    /// Those of a profession see each other's ledger and accounts.
    pub is_shared: bool,
    pub newcomer: Newcomer,
    pub adaptation_days: u16,
    /// Absences of at least this many days in a row leave the denominator.
    pub long_absence_days: u16,
    /// Over how many civil years the smoothed counters are balanced.
    pub smoothed_years: u8,
    /// Ids of the counters that are balanced over the years.
    pub smoothed_counters: BTreeSet<String>,
    /// What kinds of days count in weighted sums, in thousandths.
    pub weekend_weight: i64,
    pub holiday_weight: i64,
    pub astreinte_weekend_weight: i64,
}

/// Where somebody stands who arrived within the period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Newcomer {
    /// At the team's mean: nothing before the end of the adaptation counts for or against them.
    #[default]
    TeamMean,
    /// At what was imported of them: they count as if they had been there since the period began.
    History,
}

/// Fatigue points (model A of domain dossier §4.9), shown to planners; hardship is what is balanced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fatigue {
    pub garde: i64,
    pub astreinte: i64,
    /// Of a half-day in which three rooms or more are supervised.
    pub wide_supervision: i64,
    pub pediatrics: i64,
    pub heavy_specialty: i64,
    /// Ids of specialties.
    pub heavy_specialties: BTreeSet<String>,
    pub free_day: i64,
    pub free_half_day: i64,
    pub free_weekend: i64,
    pub threshold: i64,
    pub high_threshold: i64,
}

/// How many wishes somebody may have, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wishes {
    /// Most wishes of somebody in a civil month.
    pub primary_max: u16,
    pub secondary_max: u16,
    /// How many days before a month begins its window closes, and opens.
    pub closing_days: u16,
    pub opening_days: u16,
    /// What they weigh in generations.
    pub primary_weight: u16,
    pub secondary_weight: u16,
}

const WEIGHT_MAX: i64 = 10_000;
const POINTS_MAX: i64 = 1_000;
const SPECIALTIES_MAX: usize = 100;

/// The counters that only an analysis knows: the ledger has no line of them.
pub const ONLY_ANALYZED: [Counter; 2] = [Counter::OffHalfDays, Counter::Hardship];

/// The judge's counter of an id, if the ledger keeps it.
pub fn kept(id: &str) -> Option<Counter> {
    let counter = Counter::ALL.into_iter().find(|own| counting::id_of(*own) == id)?;
    (!ONLY_ANALYZED.contains(&counter)).then_some(counter)
}

// === impl Team ===

impl Team {
    /// Everything that is wrong in it.
    pub fn check(&self) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        let mut need = |field: &str, holds: bool, expected: String| {
            if !holds {
                wrong.push(Wrong::Field { field: format!("rule_set.{field}"), expected });
            }
        };
        let mut within = |field: &str, value: i64, min: i64, max: i64| {
            need(field, (min..=max).contains(&value), format!("{min} to {max}"));
        };
        let Self { equity, fatigue, wishes } = self;
        within("equity.adaptation_days", equity.adaptation_days.into(), 0, 366);
        within("equity.long_absence_days", equity.long_absence_days.into(), 1, 366);
        within("equity.smoothed_years", equity.smoothed_years.into(), 1, 5);
        within("equity.weekend_weight", equity.weekend_weight, 0, WEIGHT_MAX);
        within("equity.holiday_weight", equity.holiday_weight, 0, WEIGHT_MAX);
        within("equity.astreinte_weekend_weight", equity.astreinte_weekend_weight, 0, WEIGHT_MAX);
        for (field, points) in fatigue.points() {
            within(&format!("fatigue.{field}"), points, 0, POINTS_MAX);
        }
        within("fatigue.high_threshold", fatigue.high_threshold, fatigue.threshold, POINTS_MAX);
        within("wishes.primary_max", wishes.primary_max.into(), 0, 31);
        within("wishes.secondary_max", wishes.secondary_max.into(), 0, 31);
        within("wishes.closing_days", wishes.closing_days.into(), 0, 366);
        within("wishes.opening_days", wishes.opening_days.into(), i64::from(wishes.closing_days) + 1, 1_000);
        within("wishes.primary_weight", wishes.primary_weight.into(), 0, 100);
        within("wishes.secondary_weight", wishes.secondary_weight.into(), 0, 100);
        let few = fatigue.heavy_specialties.len() <= SPECIALTIES_MAX;
        need("fatigue.heavy_specialties", few, format!("at most {SPECIALTIES_MAX}"));
        for id in &equity.smoothed_counters {
            need(
                "equity.smoothed_counters",
                kept(id).is_some(),
                format!("counters of the ledger; `{id}` is none"),
            );
        }
        wrong
    }
}

// === impl Equity ===

impl Default for Equity {
    fn default() -> Self {
        let smoothed = [
            Counter::GardesSaturday,
            Counter::GardesSunday,
            Counter::GardesWeekend,
            Counter::GardesHoliday,
            Counter::GardesSpecial,
            Counter::AstreintesWeekend,
            Counter::AstreintesHoliday,
            Counter::AstreintesSpecial,
        ];
        Self {
            is_shared: false,
            newcomer: Newcomer::TeamMean,
            adaptation_days: 30,
            long_absence_days: 28,
            smoothed_years: 3,
            smoothed_counters: smoothed.into_iter().map(counting::id_of).collect(),
            weekend_weight: 1_500,
            holiday_weight: 2_000,
            astreinte_weekend_weight: 1_200,
        }
    }
}

// === impl Fatigue ===

impl Default for Fatigue {
    fn default() -> Self {
        Self {
            garde: 30,
            astreinte: 10,
            wide_supervision: 15,
            pediatrics: 10,
            heavy_specialty: 8,
            heavy_specialties: BTreeSet::new(),
            free_day: 15,
            free_half_day: 8,
            free_weekend: 30,
            threshold: 80,
            high_threshold: 120,
        }
    }
}

impl Fatigue {
    fn points(&self) -> [(&'static str, i64); 9] {
        [
            ("garde", self.garde),
            ("astreinte", self.astreinte),
            ("wide_supervision", self.wide_supervision),
            ("pediatrics", self.pediatrics),
            ("heavy_specialty", self.heavy_specialty),
            ("free_day", self.free_day),
            ("free_half_day", self.free_half_day),
            ("free_weekend", self.free_weekend),
            ("threshold", self.threshold),
        ]
    }
}

// === impl Wishes ===

impl Default for Wishes {
    fn default() -> Self {
        Self {
            primary_max: 4,
            secondary_max: 8,
            closing_days: 45,
            opening_days: 366,
            primary_weight: 3,
            secondary_weight: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_allowed_and_read_from_a_rule_set_that_had_none() {
        assert_eq!(Team::default().check(), vec![]);
        let stored: crate::domain::rule_set::RuleSet =
            serde_json::from_str(r#"{"settings":[],"needs":[]}"#).unwrap();
        assert_eq!(stored.team, Team::default());
    }

    #[test]
    fn every_figure_out_of_its_bounds_is_named() {
        let mut team = Team::default();
        team.equity.long_absence_days = 0;
        team.equity.smoothed_counters.insert("hardship".into());
        team.fatigue.high_threshold = 10;
        team.wishes.opening_days = team.wishes.closing_days;
        let fields: Vec<String> = (team.check().into_iter())
            .map(|wrong| match wrong {
                Wrong::Field { field, .. } | Wrong::UnknownRule { field, .. } => field,
            })
            .collect();
        let expected = [
            "rule_set.equity.long_absence_days",
            "rule_set.fatigue.high_threshold",
            "rule_set.wishes.opening_days",
            "rule_set.equity.smoothed_counters",
        ];
        assert_eq!(fields, expected);
    }
}
