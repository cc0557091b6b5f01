//! What a hospital decided about rules, and what it must staff every day.

use std::collections::{BTreeMap, BTreeSet};

use calendar::{Day, DayPart, DayRange, Weekday};
use roster::{
    RuleId,
    problem::{RuleParameters, RuleSetting},
};
use serde::{Deserialize, Serialize};

use super::{
    pattern::WORKWEEK,
    shift::{Kind, Shift},
    team::Team,
};

/// The rule set of a hospital.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSet {
    pub settings: Vec<Setting>,
    pub needs: Vec<Need>,
    #[serde(default)]
    pub team: Team,
}

/// What is decided about one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    pub rule: String,
    pub weight: Option<i64>,
    pub parameters: BTreeMap<String, i64>,
}

/// Something that must be staffed on certain days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    pub kind: Kind,
    /// Empty: the plan's first site.
    pub site: String,
    pub part: Option<DayPart>,
    pub weekdays: BTreeSet<Weekday>,
    pub on_holidays: bool,
    pub count: u16,
}

/// One number of a rule that a hospital may choose.
#[derive(Debug)]
pub struct Parameter {
    pub rule: &'static str,
    pub id: &'static str,
    pub min: i64,
    pub max: i64,
    pub unit: &'static str,
    get: fn(&RuleParameters) -> i64,
    set: fn(&mut RuleParameters, i64),
}

/// Declares a parameter over a field of the judge's figures.
macro_rules! parameter {
    ($rule:literal, $field:ident, $min:literal ..= $max:literal, $unit:literal) => {
        Parameter {
            rule: $rule,
            id: stringify!($field),
            min: $min,
            max: $max,
            unit: $unit,
            get: |figures| i64::from(figures.$field),
            // Checked against the bounds before it is set; every bound fits the field.
            set: |figures, value| figures.$field = value as _,
        }
    };
}

/// Declares a parameter that is a yes or a no, as 1 or 0.
macro_rules! switch {
    ($rule:literal, $field:ident) => {
        Parameter {
            rule: $rule,
            id: stringify!($field),
            min: 0,
            max: 1,
            unit: "switch",
            get: |figures| i64::from(figures.$field),
            set: |figures, value| figures.$field = value != 0,
        }
    };
}

/// Every parameter, by rule.
pub static PARAMETERS: &[Parameter] = &[
    parameter!("G8", garde_gap_min, 2..=14, "days"),
    parameter!("G9", garde_gap_ideal, 2..=60, "days"),
    parameter!("G10", gardes_rolling_max, 1..=10, "count"),
    parameter!("G10", gardes_rolling_days, 7..=62, "days"),
    parameter!("G10+", gardes_rolling_max_school_holidays, 1..=10, "count"),
    parameter!("G11", astreintes_month_max, 1..=15, "count"),
    parameter!("G12", astreinte_gap_min, 1..=14, "days"),
    switch!("G16", astreinte_in_rest_forbidden),
    parameter!("G23", consecutive_days_max, 1..=12, "days"),
    parameter!("C4", consultations_week_target, 0..=10_000, "thousandths"),
    parameter!("C5", consultations_week_max, 0..=10, "count"),
    parameter!("C6", consultations_same_half_bad, 1..=10, "count"),
    parameter!("I3", volant_week_target, 0..=10, "count"),
    parameter!("I4w", closings_week_max, 0..=7, "count"),
    parameter!("B10", pediatric_supervision_max, 0..=6, "count"),
    switch!("B13", supervision_derogation_authorized),
    switch!("B14~", site_change_at_noon_allowed),
    parameter!("F1", hardship_week_max, 0..=10_000, "hundredths"),
    parameter!("G17", garde_split, 720..=1_260, "minutes"),
    parameter!("G17", garde_day_rest_min, 0..=1_440, "minutes"),
    parameter!("B8w", sector_changes_week_max, 0..=20, "count"),
    parameter!("B12", surgeon_days_max, 1..=60, "days"),
    parameter!("B12d", sector_stay_min, 0..=10, "days"),
    parameter!("B12d", sector_stay_max, 1..=60, "days"),
    parameter!("O1", off_week_min, 0..=10_000, "thousandths"),
    parameter!("O1", off_week_max, 0..=10_000, "thousandths"),
    parameter!("O2", off_month_min, 0..=40_000, "thousandths"),
    parameter!("O3", equity_permille, 0..=1_000, "thousandths"),
    parameter!("F2", fatigue_permille, 0..=1_000, "thousandths"),
    parameter!("O3", equity_tolerance, 0..=1_000, "thousandths"),
    parameter!("H2", closing_end, 960..=1_439, "minutes"),
    parameter!("H1", half_day_minutes, 60..=720, "minutes"),
    parameter!("H1", consultation_minutes, 60..=720, "minutes"),
    parameter!("H1", closing_minutes, 0..=240, "minutes"),
];

/// What is wrong in a rule set, by field path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The rule is not in the catalog.
    UnknownRule { field: String, rule: String },
    /// A figure or a name is not what it should be.
    Field { field: String, expected: String },
}

const WEIGHT_MAX: i64 = 1_000_000;
const COUNT_MAX: u16 = 20;
const NEEDS_MAX: usize = 100;

// === impl Parameter ===

impl Parameter {
    pub fn default_value(&self) -> i64 {
        (self.get)(&RuleParameters::default())
    }

    /// The parameters of one rule.
    pub fn of(rule: &str) -> impl Iterator<Item = &'static Parameter> {
        PARAMETERS.iter().filter(move |parameter| parameter.rule == rule)
    }
}

// === impl RuleSet ===

impl Default for RuleSet {
    /// What the team keeps: one garde and one astreinte every day; from Monday to Friday two consultations in each
    /// half-day, two floating nurses and one who closes.
    fn default() -> Self {
        let need = |kind, part, days: &[Weekday], on_holidays, count| Need {
            kind,
            site: String::new(),
            part,
            weekdays: days.iter().copied().collect(),
            on_holidays,
            count,
        };
        let week: Vec<Weekday> = (1..=7).filter_map(Weekday::from_number).collect();
        let mut needs = vec![
            need(Kind::Garde, None, &week, true, 1),
            need(Kind::Astreinte, None, &week, true, 1),
            need(Kind::Closing, None, &WORKWEEK, false, 1),
        ];
        for part in [DayPart::Morning, DayPart::Afternoon] {
            needs.push(need(Kind::Consultation, Some(part), &WORKWEEK, false, 2));
            needs.push(need(Kind::Volant, Some(part), &WORKWEEK, false, 2));
        }
        Self { settings: Vec::new(), needs, team: Team::default() }
    }
}

impl RuleSet {
    /// Everything that is wrong in it.
    pub fn check(&self) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        let mut seen = BTreeSet::new();
        for (position, setting) in self.settings.iter().enumerate() {
            setting.check(&format!("rule_set.settings[{position}]"), &mut wrong);
            if !seen.insert(setting.rule.as_str()) {
                let field = format!("rule_set.settings[{position}].rule");
                wrong.push(Wrong::Field { field, expected: "each rule at most once".into() });
            }
        }
        if self.needs.len() > NEEDS_MAX {
            let field = "rule_set.needs".into();
            wrong.push(Wrong::Field { field, expected: format!("at most {NEEDS_MAX} needs") });
        }
        for (position, need) in self.needs.iter().enumerate() {
            need.check(&format!("rule_set.needs[{position}]"), &mut wrong);
        }
        wrong.extend(self.team.check());
        wrong
    }

    /// The judge's figures with this hospital's own on top.
    pub fn parameters(&self) -> RuleParameters {
        let mut figures = RuleParameters::default();
        for setting in &self.settings {
            for (id, value) in &setting.parameters {
                if let Some(parameter) = Parameter::of(&setting.rule).find(|parameter| parameter.id == id) {
                    (parameter.set)(&mut figures, *value);
                }
            }
            if let (Some(rule), Some(weight)) = (RuleId::from_code(&setting.rule), setting.weight) {
                figures.settings.push(RuleSetting { rule, level: rule.entry().level, weight });
            }
        }
        figures
    }

    /// The shifts that a plan needs every day, without their ids.
    pub fn shifts(&self, days: DayRange, sites: &[String], is_holiday: impl Fn(Day) -> bool) -> Vec<Shift> {
        let mut shifts = Vec::new();
        let mut ordinals: BTreeMap<String, u16> = BTreeMap::new();
        for day in days.days() {
            for need in self.needs.iter().filter(|need| need.applies(day, is_holiday(day))) {
                let Some(site) = need.site_among(sites) else { continue };
                for _ in 0..need.count {
                    let mut shift = need.shift(day, site);
                    let ordinal = ordinals.entry(shift.key()).or_default();
                    shift.ordinal = *ordinal;
                    *ordinal += 1;
                    shifts.push(shift);
                }
            }
        }
        shifts
    }
}

// === impl Setting ===

impl Setting {
    fn check(&self, field: &str, wrong: &mut Vec<Wrong>) {
        if RuleId::from_code(&self.rule).is_none() {
            wrong.push(Wrong::UnknownRule { field: format!("{field}.rule"), rule: self.rule.clone() });
            return;
        }
        if self.weight.is_some_and(|weight| !(0..=WEIGHT_MAX).contains(&weight)) {
            let expected = format!("0 to {WEIGHT_MAX}");
            wrong.push(Wrong::Field { field: format!("{field}.weight"), expected });
        }
        let is_hard =
            RuleId::from_code(&self.rule).is_some_and(|rule| rule.entry().level == roster::Level::Hard);
        if is_hard && self.weight.is_some() {
            let expected = "no weight: the rule is hard".into();
            wrong.push(Wrong::Field { field: format!("{field}.weight"), expected });
        }
        for (id, value) in &self.parameters {
            let field = format!("{field}.parameters[{id}]");
            match Parameter::of(&self.rule).find(|parameter| parameter.id == id) {
                None => {
                    wrong.push(Wrong::Field { field, expected: format!("a parameter of rule {}", self.rule) })
                }
                Some(own) if !(own.min..=own.max).contains(value) => {
                    wrong.push(Wrong::Field {
                        field,
                        expected: format!("{} to {} {}", own.min, own.max, own.unit),
                    });
                }
                Some(_) => {}
            }
        }
    }
}

// === impl Need ===

impl Need {
    fn check(&self, field: &str, wrong: &mut Vec<Wrong>) {
        let mut refuse = |name: &str, expected: &str| {
            wrong.push(Wrong::Field { field: format!("{field}.{name}"), expected: expected.into() });
        };
        if self.kind == Kind::Theatre {
            refuse("kind", "not THEATRE: rooms are opened by templates");
        } else if self.kind.is_half_day() != self.part.is_some() {
            refuse("day_part", "a half-day for CONSULTATION and VOLANT, none for what lasts the day");
        }
        if self.weekdays.is_empty() {
            refuse("weekdays", "at least one day of the week");
        }
        if !(1..=COUNT_MAX).contains(&self.count) {
            refuse("count", "1 to 20");
        }
    }

    pub fn applies(&self, day: Day, is_holiday: bool) -> bool {
        self.weekdays.contains(&day.weekday()) && (self.on_holidays || !is_holiday)
    }

    pub fn site_among<'s>(&self, sites: &'s [String]) -> Option<&'s String> {
        if self.site.is_empty() { sites.first() } else { sites.iter().find(|site| **site == self.site) }
    }

    fn shift(&self, day: Day, site: &str) -> Shift {
        Shift {
            id: String::new(),
            kind: self.kind,
            day,
            part: self.part,
            site: site.to_owned(),
            sector: String::new(),
            room: String::new(),
            surgeon: String::new(),
            specialty: String::new(),
            is_pediatric: false,
            ordinal: 0,
            template: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn december() -> DayRange {
        DayRange::new("2026-12-01".parse().unwrap(), "2026-12-31".parse().unwrap()).unwrap()
    }

    #[test]
    fn a_month_needs_its_gardes_every_day_and_its_consultations_on_working_days() {
        let christmas: Day = "2026-12-25".parse().unwrap();
        let shifts = RuleSet::default().shifts(december(), &["main".into()], |day| day == christmas);
        let count = |kind| shifts.iter().filter(|shift| shift.kind == kind).count();
        // 23 weekdays, one of them Christmas.
        assert_eq!(count(Kind::Garde), 31);
        assert_eq!(count(Kind::Astreinte), 31);
        assert_eq!(count(Kind::Consultation), 22 * 4);
        assert_eq!(count(Kind::Closing), 22);
        let keys: BTreeSet<String> = shifts.iter().map(Shift::key).collect();
        assert_eq!(keys.len(), shifts.len(), "no two shifts have the same key");
    }

    #[test]
    fn every_parameter_belongs_to_a_rule_and_its_default_is_in_its_bounds() {
        for parameter in PARAMETERS {
            assert!(RuleId::from_code(parameter.rule).is_some(), "{}", parameter.rule);
            assert!((parameter.min..=parameter.max).contains(&parameter.default_value()), "{}", parameter.id);
        }
    }

    #[test]
    fn what_is_decided_reaches_the_judge_and_nonsense_is_refused() {
        let setting = |rule: &str, weight, parameters: &[(&str, i64)]| Setting {
            rule: rule.into(),
            weight,
            parameters: parameters.iter().map(|(id, value)| ((*id).to_owned(), *value)).collect(),
        };
        let settings = vec![setting("G8", None, &[("garde_gap_min", 7)]), setting("G9", Some(12), &[])];
        let mut rules = RuleSet { settings, ..RuleSet::default() };
        assert_eq!(rules.check(), vec![]);
        let figures = rules.parameters();
        assert_eq!(figures.garde_gap_min, 7);
        assert_eq!(figures.settings.len(), 1);
        rules.settings = vec![
            setting("Z1", None, &[]),
            setting("G8", Some(3), &[("garde_gap_min", 99)]),
            setting("G9", None, &[("nonsense", 1)]),
        ];
        assert_eq!(rules.check().len(), 4);
    }
}
