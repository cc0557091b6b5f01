//! The rules' figures and weights.

use proto::solver::v1 as pb;
use roster::{
    Level,
    problem::{RuleParameters, RuleSetting},
};

use super::{counters, work::rule};
use crate::path::{Path, Reader};

pub fn parameters(reader: &mut Reader, message: &pb::RuleParameters) -> RuleParameters {
    let at = Path::root("parameters");
    let mut own = RuleParameters {
        settings: settings(reader, &at, message),
        counter_weights: counters(reader, &at, "counter_weights", &message.counter_weights),
        astreinte_in_rest_forbidden: message.astreinte_in_rest_forbidden,
        consultations_week_target: message.consultations_week_target,
        supervision_derogation_authorized: message.supervision_derogation_authorized,
        site_change_at_noon_allowed: message.site_change_at_noon_allowed,
        hardship_week_max: message.hardship_week_max,
        half_day_minutes: message.half_day_minutes,
        consultation_minutes: message.consultation_minutes,
        closing_minutes: message.closing_minutes,
        ..RuleParameters::default()
    };
    // Figures have the same name here and in the document.
    macro_rules! figures {
        ($($name:ident)*) => { $(own.$name = reader.figure(&at.field(stringify!($name)), message.$name);)* };
    }
    // What a document leaves out keeps its default.
    macro_rules! given {
        ($($name:ident)*) => { $(
            if let Some(value) = message.$name {
                own.$name = reader.figure(&at.field(stringify!($name)), value);
            }
        )* };
    }
    figures! {
        garde_gap_min garde_gap_ideal gardes_rolling_max gardes_rolling_days
        gardes_rolling_max_school_holidays astreintes_month_max astreinte_gap_min consecutive_days_max
        consultations_week_max consultations_same_half_bad volant_week_target closings_week_max
        pediatric_supervision_max
    }
    given! {
        morning_start morning_end afternoon_start afternoon_end closing_end garde_split garde_day_rest_min
        sector_changes_week_max surgeon_days_max sector_stay_min sector_stay_max equity_permille
        fatigue_permille equity_tolerance
    }
    own.off_week_min = message.off_week_min.unwrap_or(own.off_week_min);
    own.off_week_max = message.off_week_max.unwrap_or(own.off_week_max);
    own.off_month_min = message.off_month_min.unwrap_or(own.off_month_min);
    own
}

/// Rules that are not at their usual level or weight.
fn settings(reader: &mut Reader, at: &Path<'_>, message: &pb::RuleParameters) -> Vec<RuleSetting> {
    let settings = message.settings.iter().enumerate().filter_map(|(position, setting)| {
        let at = at.item("settings", position);
        let level = Level::ALL.get(setting.level as usize).copied();
        let level = reader.known(&at.field("level"), level, "a level of the score");
        let rule = rule(reader, &at.field("rule"), &setting.rule)?;
        Some(RuleSetting { rule, level: level?, weight: setting.weight })
    });
    settings.collect()
}
