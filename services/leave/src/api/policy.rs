//! The policy between its message and its value.

use calendar::DayRange;
use chassis::{Problem, Violation};
use durable::{etag, time};
use proto::{
    leave::v1::{self as pb, carry_over_rule, peak_period},
    names::LeavePolicyName,
    values,
};

use crate::{
    app::SentPolicy,
    domain::{
        closing::{Carried, CarryOverRule},
        policy::{AbsenceLimit, AutoAcceptance, Blackout, Peak, Policy, Ranking, Spacing, TypeRule},
        transfer::TransferRule,
    },
};

/// Which fields a message carries; a figure of 0 and an empty list are not sent.
fn populated(sent: &pb::LeavePolicy) -> Vec<&'static str> {
    let fields = [
        ("absent_percentage_max", sent.absent_percentage_max != 0),
        ("capacity_percentage_min", sent.capacity_percentage_min != 0),
        ("absence_limits", !sent.absence_limits.is_empty()),
        ("total_absence_limit", sent.total_absence_limit.is_some()),
        ("school_holiday_alert_percentage", sent.school_holiday_alert_percentage != 0),
        ("spacing", sent.spacing.is_some()),
        ("peaks", !sent.peaks.is_empty()),
        ("blackouts", !sent.blackouts.is_empty()),
        ("nurse_administrator_absent_max", sent.nurse_administrator_absent_max != 0),
        ("last_minute_days", sent.last_minute_days != 0),
        ("training_charged_professions", !sent.training_charged_professions.is_empty()),
        ("auto_acceptance", sent.auto_acceptance.is_some()),
        ("type_rules", !sent.type_rules.is_empty()),
        ("carry_over_rules", !sent.carry_over_rules.is_empty()),
        ("transfer_rules", !sent.transfer_rules.is_empty()),
        ("escalation_days", sent.escalation_days != 0),
        ("own_cancel_notice_days_min", sent.own_cancel_notice_days_min != 0),
        ("school_zone", !sent.school_zone.is_empty()),
    ];
    fields.into_iter().filter(|(_, is_sent)| *is_sent).map(|(field, _)| field).collect()
}

/// A policy as sent; its values are checked by the use case, once merged.
pub fn read(hospital: &str, sent: pb::LeavePolicy) -> Result<SentPolicy, Problem> {
    let populated = populated(&sent);
    let mut violations = Vec::new();
    let mut blackouts = Vec::new();
    for (index, blackout) in sent.blackouts.into_iter().enumerate() {
        let days = values::day(blackout.first_date)
            .and_then(|first| Ok((first, values::day(blackout.last_date)?)))
            .map_err(|error| error.to_string())
            .and_then(|(first, last)| DayRange::new(first, last).map_err(|error| error.to_string()));
        match days {
            Ok(days) => blackouts.push(Blackout { days, professions: blackout.professions }),
            Err(text) => {
                violations.push(Violation::new(format!("leave_policy.blackouts[{index}]"), text));
            }
        }
    }
    if !violations.is_empty() {
        return Err(Problem::invalid(violations));
    }
    let spacing = sent.spacing.unwrap_or_default();
    let acceptance = sent.auto_acceptance.unwrap_or_default();
    let policy = Policy {
        hospital: hospital.to_owned(),
        absent_percentage_max: sent.absent_percentage_max,
        capacity_percentage_min: sent.capacity_percentage_min,
        absence_limits: sent.absence_limits.into_iter().map(limit).collect(),
        total_absence_limit: sent.total_absence_limit.map(limit),
        school_holiday_alert_percentage: sent.school_holiday_alert_percentage,
        spacing: Spacing {
            long_leave_days: spacing.long_leave_days,
            long_gap_days_min: spacing.long_gap_days_min,
            gap_days_min: spacing.gap_days_min,
            school_holiday_gap_days_min: spacing.school_holiday_gap_days_min,
        },
        peaks: sent.peaks.into_iter().map(peak).collect(),
        blackouts,
        nurse_administrator_absent_max: sent.nurse_administrator_absent_max,
        last_minute_days: sent.last_minute_days,
        training_charged_professions: sent.training_charged_professions,
        auto_acceptance: AutoAcceptance {
            is_enabled: acceptance.is_enabled,
            notice_days_min: acceptance.notice_days_min,
            others_absent_max: acceptance.others_absent_max,
            leave_types: acceptance.leave_types,
        },
        type_rules: sent.type_rules.into_iter().map(type_rule).collect(),
        carry_over_rules: sent.carry_over_rules.into_iter().map(carry_over).collect(),
        transfer_rules: sent.transfer_rules.into_iter().map(transfer).collect(),
        escalation_days: sent.escalation_days,
        own_cancel_notice_days_min: sent.own_cancel_notice_days_min,
        school_zone: sent.school_zone,
        version: 0,
        update_time: None,
    };
    Ok(SentPolicy { policy, populated })
}

fn limit(limit: pb::AbsenceLimit) -> AbsenceLimit {
    AbsenceLimit {
        profession: limit.profession,
        absent_max: limit.absent_max,
        school_holiday_absent_max: limit.school_holiday_absent_max,
    }
}

fn peak(peak: pb::PeakPeriod) -> Peak {
    let ranking = match peak.ranking() {
        peak_period::Ranking::Seniority => Ranking::Seniority,
        peak_period::Ranking::Rotation | peak_period::Ranking::Unspecified => Ranking::Rotation,
    };
    Peak {
        code: peak.code,
        first: (peak.first_month, peak.first_day),
        last: (peak.last_month, peak.last_day),
        absent_max: peak.absent_max,
        ranking,
    }
}

fn type_rule(rule: pb::LeaveTypeRule) -> TypeRule {
    TypeRule {
        leave_type: rule.leave_type,
        notice_days_min: rule.notice_days_min,
        days_max: rule.days_max,
        negative_half_days_max: rule.negative_half_days_max,
        granted_half_days: rule.granted_half_days,
        accrued_half_days: rule.accrued_half_days,
    }
}

fn carry_over(rule: pb::CarryOverRule) -> CarryOverRule {
    let half_days_max = rule.half_days_max;
    let carried = match rule.kind() {
        carry_over_rule::Kind::Percentage => {
            Carried::Percentage { percentage: rule.percentage, half_days_max }
        }
        carry_over_rule::Kind::Fixed => Carried::Fixed { half_days_max },
        carry_over_rule::Kind::Unlimited | carry_over_rule::Kind::Unspecified => Carried::Unlimited,
    };
    let expire_days = (rule.expire_days != 0).then_some(rule.expire_days);
    CarryOverRule { leave_type: rule.leave_type, carried, expire_days }
}

fn transfer(rule: pb::TransferRule) -> TransferRule {
    TransferRule {
        source: rule.source_leave_type,
        target: rule.target_leave_type,
        rate_percentage: if rule.rate_percentage == 0 { 100 } else { rule.rate_percentage },
        half_days_max: rule.half_days_max,
        percentage_max: (rule.percentage_max != 0).then_some(rule.percentage_max),
        requires_approval: rule.requires_approval,
    }
}

/// The policy as it is read.
pub fn write(policy: Policy) -> pb::LeavePolicy {
    pb::LeavePolicy {
        name: LeavePolicyName::new(&policy.hospital).to_string(),
        absent_percentage_max: policy.absent_percentage_max,
        capacity_percentage_min: policy.capacity_percentage_min,
        absence_limits: policy.absence_limits.into_iter().map(written_limit).collect(),
        total_absence_limit: policy.total_absence_limit.map(written_limit),
        school_holiday_alert_percentage: policy.school_holiday_alert_percentage,
        spacing: Some(pb::LeaveSpacing {
            long_leave_days: policy.spacing.long_leave_days,
            long_gap_days_min: policy.spacing.long_gap_days_min,
            gap_days_min: policy.spacing.gap_days_min,
            school_holiday_gap_days_min: policy.spacing.school_holiday_gap_days_min,
        }),
        peaks: policy.peaks.into_iter().map(written_peak).collect(),
        blackouts: policy
            .blackouts
            .into_iter()
            .map(|blackout| pb::Blackout {
                first_date: Some(blackout.days.first().into()),
                last_date: Some(blackout.days.last().into()),
                professions: blackout.professions,
            })
            .collect(),
        nurse_administrator_absent_max: policy.nurse_administrator_absent_max,
        last_minute_days: policy.last_minute_days,
        training_charged_professions: policy.training_charged_professions,
        auto_acceptance: Some(pb::AutoAcceptance {
            is_enabled: policy.auto_acceptance.is_enabled,
            notice_days_min: policy.auto_acceptance.notice_days_min,
            others_absent_max: policy.auto_acceptance.others_absent_max,
            leave_types: policy.auto_acceptance.leave_types,
        }),
        type_rules: policy
            .type_rules
            .into_iter()
            .map(|rule| pb::LeaveTypeRule {
                leave_type: rule.leave_type,
                notice_days_min: rule.notice_days_min,
                days_max: rule.days_max,
                negative_half_days_max: rule.negative_half_days_max,
                granted_half_days: rule.granted_half_days,
                accrued_half_days: rule.accrued_half_days,
            })
            .collect(),
        carry_over_rules: policy.carry_over_rules.into_iter().map(written_carry_over).collect(),
        transfer_rules: policy
            .transfer_rules
            .into_iter()
            .map(|rule| pb::TransferRule {
                source_leave_type: rule.source,
                target_leave_type: rule.target,
                rate_percentage: rule.rate_percentage,
                half_days_max: rule.half_days_max,
                percentage_max: rule.percentage_max.unwrap_or(0),
                requires_approval: rule.requires_approval,
            })
            .collect(),
        escalation_days: policy.escalation_days,
        own_cancel_notice_days_min: policy.own_cancel_notice_days_min,
        school_zone: policy.school_zone,
        etag: etag::of(policy.version),
        update_time: policy.update_time.map(time::to_proto),
    }
}

fn written_limit(limit: AbsenceLimit) -> pb::AbsenceLimit {
    pb::AbsenceLimit {
        profession: limit.profession,
        absent_max: limit.absent_max,
        school_holiday_absent_max: limit.school_holiday_absent_max,
    }
}

fn written_peak(peak: Peak) -> pb::PeakPeriod {
    let ranking = match peak.ranking {
        Ranking::Seniority => peak_period::Ranking::Seniority,
        Ranking::Rotation => peak_period::Ranking::Rotation,
    };
    pb::PeakPeriod {
        code: peak.code,
        first_month: peak.first.0,
        first_day: peak.first.1,
        last_month: peak.last.0,
        last_day: peak.last.1,
        absent_max: peak.absent_max,
        ranking: ranking.into(),
    }
}

fn written_carry_over(rule: CarryOverRule) -> pb::CarryOverRule {
    let (kind, percentage, half_days_max) = match rule.carried {
        Carried::Unlimited => (carry_over_rule::Kind::Unlimited, 0, 0),
        Carried::Percentage { percentage, half_days_max } => {
            (carry_over_rule::Kind::Percentage, percentage, half_days_max)
        }
        Carried::Fixed { half_days_max } => (carry_over_rule::Kind::Fixed, 0, half_days_max),
    };
    pb::CarryOverRule {
        leave_type: rule.leave_type,
        kind: kind.into(),
        percentage,
        half_days_max,
        expire_days: rule.expire_days.unwrap_or(0),
    }
}
