//! The parts of a rule set about the team: equity, fatigue points, wishes.

use chassis::Problem;
use durable::mask::Mask;
use proto::{
    names::SpecialtyName,
    planning::v1::{self as pb, equity_policy::Newcomer as Stands},
};

use super::parse::Fields;
use crate::{
    app::write_rules::Parts,
    domain::team::{Equity, Fatigue, Newcomer, Team, Wishes},
};

/// What an update says of them.
pub fn parts(fields: &mut Fields, own: &pb::RuleSet, mask: &Mask, hospital: &str) -> Parts {
    let has = |field: &str, is_there: bool| mask.applies(field, is_there);
    Parts {
        equity: has("equity", own.equity.is_some()).then(|| equity(fields, &clone(&own.equity))),
        fatigue: has("fatigue", own.fatigue.is_some())
            .then(|| fatigue(fields, &clone(&own.fatigue), hospital)),
        wishes: has("wishes", own.wishes.is_some()).then(|| wishes(fields, &clone(&own.wishes))),
    }
}

fn clone<M: Clone + Default>(own: &Option<M>) -> M {
    own.clone().unwrap_or_default()
}

/// A figure, or its default; what does not fit is refused here, what is out of bounds by the domain.
fn figure<T: TryFrom<i32>>(fields: &mut Fields, field: &str, own: Option<i32>, default: T) -> T {
    let Some(value) = own else { return default };
    T::try_from(value).unwrap_or_else(|_| {
        fields.refuse(&format!("rule_set.{field}"), "out of bounds");
        default
    })
}

fn equity(fields: &mut Fields, own: &pb::EquityPolicy) -> Equity {
    let default = Equity::default();
    let smoothed = &own.smoothed_counters;
    Equity {
        is_shared: own.shared,
        newcomer: match own.newcomer() {
            Stands::Unspecified | Stands::TeamMean => Newcomer::TeamMean,
            Stands::History => Newcomer::History,
        },
        adaptation_days: figure(
            fields,
            "equity.adaptation_days",
            own.adaptation_days,
            default.adaptation_days,
        ),
        long_absence_days: figure(
            fields,
            "equity.long_absence_days",
            own.long_absence_days,
            default.long_absence_days,
        ),
        smoothed_years: figure(fields, "equity.smoothed_years", own.smoothed_years, default.smoothed_years),
        smoothed_counters: if smoothed.is_empty() {
            default.smoothed_counters
        } else {
            smoothed.iter().cloned().collect()
        },
        weekend_weight: own.weekend_weight.map_or(default.weekend_weight, i64::from),
        holiday_weight: own.holiday_weight.map_or(default.holiday_weight, i64::from),
        astreinte_weekend_weight: own
            .astreinte_weekend_weight
            .map_or(default.astreinte_weekend_weight, i64::from),
    }
}

fn fatigue(fields: &mut Fields, own: &pb::FatiguePolicy, hospital: &str) -> Fatigue {
    let default = Fatigue::default();
    let or = |own: Option<i32>, default: i64| own.map_or(default, i64::from);
    let heavy = own.heavy_specialties.iter().enumerate().map(|(at, name)| {
        fields.specialty(&format!("rule_set.fatigue.heavy_specialties[{at}]"), name, hospital)
    });
    Fatigue {
        heavy_specialties: heavy.filter(|id| !id.is_empty()).collect(),
        garde: or(own.garde, default.garde),
        astreinte: or(own.astreinte, default.astreinte),
        wide_supervision: or(own.wide_supervision, default.wide_supervision),
        pediatrics: or(own.pediatrics, default.pediatrics),
        heavy_specialty: or(own.heavy_specialty, default.heavy_specialty),
        free_day: or(own.free_day, default.free_day),
        free_half_day: or(own.free_half_day, default.free_half_day),
        free_weekend: or(own.free_weekend, default.free_weekend),
        threshold: or(own.threshold, default.threshold),
        high_threshold: or(own.high_threshold, default.high_threshold),
    }
}

fn wishes(fields: &mut Fields, own: &pb::WishPolicy) -> Wishes {
    let default = Wishes::default();
    let mut or = |field: &str, own: Option<i32>, default: u16| {
        figure(fields, &format!("wishes.{field}"), own, default)
    };
    Wishes {
        primary_max: or("primary_max", own.primary_max, default.primary_max),
        secondary_max: or("secondary_max", own.secondary_max, default.secondary_max),
        closing_days: or("closing_days", own.closing_days, default.closing_days),
        opening_days: or("opening_days", own.opening_days, default.opening_days),
        primary_weight: or("primary_weight", own.primary_weight, default.primary_weight),
        secondary_weight: or("secondary_weight", own.secondary_weight, default.secondary_weight),
    }
}

/// Every figure, whether it was decided or is the default.
pub fn messages(
    hospital: &str,
    team: &Team,
) -> Result<(pb::EquityPolicy, pb::FatiguePolicy, pb::WishPolicy), Problem> {
    let number = |value: i64| i32::try_from(value).map(Some).map_err(Problem::internal);
    let Team { equity, fatigue, wishes } = team;
    let stands = match equity.newcomer {
        Newcomer::TeamMean => Stands::TeamMean,
        Newcomer::History => Stands::History,
    };
    let of_equity = pb::EquityPolicy {
        shared: equity.is_shared,
        newcomer: stands.into(),
        adaptation_days: Some(equity.adaptation_days.into()),
        long_absence_days: Some(equity.long_absence_days.into()),
        smoothed_years: Some(equity.smoothed_years.into()),
        smoothed_counters: equity.smoothed_counters.iter().cloned().collect(),
        weekend_weight: number(equity.weekend_weight)?,
        holiday_weight: number(equity.holiday_weight)?,
        astreinte_weekend_weight: number(equity.astreinte_weekend_weight)?,
    };
    let specialty = |id: &String| SpecialtyName::new(hospital, id).to_string();
    let of_fatigue = pb::FatiguePolicy {
        garde: number(fatigue.garde)?,
        astreinte: number(fatigue.astreinte)?,
        wide_supervision: number(fatigue.wide_supervision)?,
        pediatrics: number(fatigue.pediatrics)?,
        heavy_specialty: number(fatigue.heavy_specialty)?,
        heavy_specialties: fatigue.heavy_specialties.iter().map(specialty).collect(),
        free_day: number(fatigue.free_day)?,
        free_half_day: number(fatigue.free_half_day)?,
        free_weekend: number(fatigue.free_weekend)?,
        threshold: number(fatigue.threshold)?,
        high_threshold: number(fatigue.high_threshold)?,
    };
    let of_wishes = pb::WishPolicy {
        primary_max: Some(wishes.primary_max.into()),
        secondary_max: Some(wishes.secondary_max.into()),
        closing_days: Some(wishes.closing_days.into()),
        opening_days: Some(wishes.opening_days.into()),
        primary_weight: Some(wishes.primary_weight.into()),
        secondary_weight: Some(wishes.secondary_weight.into()),
    };
    Ok((of_equity, of_fatigue, of_wishes))
}
