//! The policy and the types, read and changed.

use std::collections::BTreeSet;

use calendar::Day;
use chassis::{Ctx, Problem, Target, Violation};
use durable::{Once, audit::Change, etag, mask::Mask, page::Page};
use proto::names::LeavePolicyName;

use super::{App, permissions::POLICY};
use crate::domain::{
    closing::Carried,
    leave_type::{self, LeaveType, SHIPPED},
    policy::Policy,
};

/// The fields that an update may change.
pub const FIELDS: &[&str] = &[
    "absent_percentage_max",
    "capacity_percentage_min",
    "absence_limits",
    "total_absence_limit",
    "school_holiday_alert_percentage",
    "spacing",
    "peaks",
    "blackouts",
    "nurse_administrator_absent_max",
    "last_minute_days",
    "training_charged_professions",
    "auto_acceptance",
    "type_rules",
    "carry_over_rules",
    "transfer_rules",
    "escalation_days",
    "own_cancel_notice_days_min",
    "school_zone",
];

/// A policy as sent, and which of its fields were.
pub struct Sent {
    /// The values; what was not sent is of no account.
    pub policy: Policy,
    /// Names of the fields that were sent.
    pub populated: Vec<&'static str>,
}

/// The largest number of people or days that a policy may name.
const NUMBER_MAX: i32 = 1_000;

/// The largest number of half-days that a policy may name.
const HALF_DAYS_MAX: i32 = 400;

/// The most entries of a list of a policy.
const ENTRIES_MAX: usize = 100;

// === impl App ===

impl App {
    /// One leave type.
    pub fn get_leave_type(
        &self,
        ctx: &Ctx,
        name: &proto::names::LeaveTypeName,
    ) -> Result<&'static LeaveType, Problem> {
        POLICY.authorize(ctx, "leave_types.read", Target::hospital(&name.hospital))?;
        leave_type::find(&name.leave_type).ok_or_else(|| Problem::not_found("leave type", name.to_string()))
    }

    /// The leave types, by id.
    pub fn list_leave_types(
        &self,
        ctx: &Ctx,
        hospital: &str,
        (page_size, page_token): (i32, &str),
    ) -> Result<(Vec<&'static LeaveType>, String), Problem> {
        POLICY.authorize(ctx, "leave_types.read", Target::hospital(hospital))?;
        let page = Page::of(page_size, page_token, &[hospital])?;
        let mut rows: Vec<&LeaveType> =
            SHIPPED.iter().filter(|kind| page.after().is_none_or(|after| kind.id > after)).collect();
        let token = page.next(&mut rows, |kind| kind.id.to_owned());
        Ok((rows, token))
    }

    /// The policy; defaults if it was never changed.
    pub async fn get_leave_policy(&self, ctx: &Ctx, hospital: &str) -> Result<Policy, Problem> {
        POLICY.authorize(ctx, "leave_policy.read", Target::hospital(hospital))?;
        self.store.policy(&self.store.db().fresh(ctx), hospital).await
    }

    /// Changes the fields of the mask.
    pub async fn update_leave_policy(
        &self,
        ctx: &Ctx,
        hospital: &str,
        (sent, sent_etag): (Result<Sent, Problem>, &str),
        mask: Result<Mask, Problem>,
        once: Once,
    ) -> Result<Policy, Problem> {
        POLICY.authorize(ctx, "leave_policy.write", Target::hospital(hospital))?;
        let (mask, sent) = (mask?, sent?);
        let tx = self.store.db().begin(ctx).await?;
        if let Some(policy) = once.replay(&tx).await? {
            return Ok(policy);
        }
        let before = self.store.policy(tx.conn(), hospital).await?;
        let mut policy = before.clone();
        etag::check(sent_etag, policy.version, false)?;
        merge(&mut policy, sent, &mask);
        let violations = violations(&policy);
        if !violations.is_empty() {
            return Err(Problem::invalid(violations));
        }
        let line = Change::of(hospital, "leave_policy.update", LeavePolicyName::new(hospital).to_string());
        tx.audit(line.between(Some(&before), Some(&policy), FIELDS));
        policy.update_time = Some(ctx.now);
        self.store.save_policy(&tx, &mut policy).await?;
        once.record(&tx, &policy).await?;
        tx.commit().await?;
        Ok(policy)
    }
}

/// Takes over the fields of the mask; without a mask those that were sent.
fn merge(policy: &mut Policy, sent: Sent, mask: &Mask) {
    let Sent { policy: sent, populated } = sent;
    macro_rules! take {
        ($($field:ident),*) => {
            $(if mask.applies(stringify!($field), populated.contains(&stringify!($field))) {
                policy.$field = sent.$field;
            })*
        };
    }
    take!(
        absent_percentage_max,
        capacity_percentage_min,
        absence_limits,
        total_absence_limit,
        school_holiday_alert_percentage,
        spacing,
        peaks,
        blackouts,
        nurse_administrator_absent_max,
        last_minute_days,
        training_charged_professions,
        auto_acceptance,
        type_rules,
        carry_over_rules,
        transfer_rules,
        escalation_days,
        own_cancel_notice_days_min,
        school_zone
    );
}

/// Everything that is wrong with a policy, by field.
fn violations(policy: &Policy) -> Vec<Violation> {
    let mut check = Check(Vec::new());
    let percent = [
        ("absent_percentage_max", policy.absent_percentage_max, 1),
        ("capacity_percentage_min", policy.capacity_percentage_min, 0),
        ("school_holiday_alert_percentage", policy.school_holiday_alert_percentage, 1),
    ];
    for (field, value, least) in percent {
        check.that(field, (least..=100).contains(&value), &format!("{least} to 100"));
    }
    check.number("nurse_administrator_absent_max", policy.nurse_administrator_absent_max, NUMBER_MAX);
    check.number("own_cancel_notice_days_min", policy.own_cancel_notice_days_min, 366);
    check.that("escalation_days", (1..=366).contains(&policy.escalation_days), "1 to 366");
    check.number("last_minute_days", policy.last_minute_days, 366);
    let zone = policy.school_zone.as_str();
    check.that("school_zone", matches!(zone, "" | "A" | "B" | "C"), "A, B, C or nothing");
    limits(policy, &mut check);
    let spacing = policy.spacing;
    check.number("spacing.long_leave_days", spacing.long_leave_days, 366);
    check.number("spacing.long_gap_days_min", spacing.long_gap_days_min, 366);
    check.number("spacing.gap_days_min", spacing.gap_days_min, 366);
    check.number("spacing.school_holiday_gap_days_min", spacing.school_holiday_gap_days_min, 366);
    peaks(policy, &mut check);
    check.that("blackouts", policy.blackouts.len() <= ENTRIES_MAX, "at most 100");
    let professions = &policy.training_charged_professions;
    check.that("training_charged_professions", professions.len() <= ENTRIES_MAX, "at most 100");
    let rule = &policy.auto_acceptance;
    check.number("auto_acceptance.notice_days_min", rule.notice_days_min, 366);
    check.number("auto_acceptance.others_absent_max", rule.others_absent_max, NUMBER_MAX);
    for (index, id) in rule.leave_types.iter().enumerate() {
        let is_known = leave_type::find(id).is_some();
        check.that(&format!("auto_acceptance.leave_types[{index}]"), is_known, "the id of a leave type");
    }
    type_rules(policy, &mut check);
    carry_overs(policy, &mut check);
    transfers(policy, &mut check);
    check.0
}

fn limits(policy: &Policy, check: &mut Check) {
    let mut professions = BTreeSet::new();
    for (index, limit) in policy.absence_limits.iter().enumerate() {
        let at = |name: &str| format!("absence_limits[{index}].{name}");
        let is_new = !limit.profession.is_empty() && professions.insert(&limit.profession);
        check.that(&at("profession"), is_new, "a profession code, each at most once");
        check.number(&at("absent_max"), limit.absent_max, NUMBER_MAX);
        check.number(&at("school_holiday_absent_max"), limit.school_holiday_absent_max, NUMBER_MAX);
    }
    if let Some(limit) = &policy.total_absence_limit {
        check.that("total_absence_limit.profession", limit.profession.is_empty(), "nothing");
        check.number("total_absence_limit.absent_max", limit.absent_max, NUMBER_MAX);
        let in_holidays = limit.school_holiday_absent_max;
        check.number("total_absence_limit.school_holiday_absent_max", in_holidays, NUMBER_MAX);
    }
}

fn peaks(policy: &Policy, check: &mut Check) {
    let mut codes = BTreeSet::new();
    for (index, peak) in policy.peaks.iter().enumerate() {
        let at = |name: &str| format!("peaks[{index}].{name}");
        let is_code = (1..=40).contains(&peak.code.len()) && codes.insert(&peak.code);
        check.that(&at("code"), is_code, "1 to 40 characters, each at most once");
        // In any year: 29 February is no such day.
        let is_day = |(month, day)| Day::new(2001, month, day).is_ok();
        check.that(&at("first_day"), is_day(peak.first), "a day of each year");
        check.that(&at("last_day"), is_day(peak.last), "a day of each year");
        check.number(&at("absent_max"), peak.absent_max, NUMBER_MAX);
    }
}

fn type_rules(policy: &Policy, check: &mut Check) {
    let mut types = BTreeSet::new();
    for (index, rule) in policy.type_rules.iter().enumerate() {
        let at = |name: &str| format!("type_rules[{index}].{name}");
        let is_type = leave_type::find(&rule.leave_type).is_some() && types.insert(&rule.leave_type);
        check.that(&at("leave_type"), is_type, "the id of a leave type, each at most once");
        check.number(&at("notice_days_min"), rule.notice_days_min.unwrap_or(0), 366);
        check.number(&at("days_max"), rule.days_max.unwrap_or(0), 366);
        check.number(&at("negative_half_days_max"), rule.negative_half_days_max.unwrap_or(0), HALF_DAYS_MAX);
        check.number(&at("granted_half_days"), rule.granted_half_days.unwrap_or(0), HALF_DAYS_MAX);
        check.number(&at("accrued_half_days"), rule.accrued_half_days.unwrap_or(0), HALF_DAYS_MAX);
    }
}

fn carry_overs(policy: &Policy, check: &mut Check) {
    let mut types = BTreeSet::new();
    for (index, rule) in policy.carry_over_rules.iter().enumerate() {
        let at = |name: &str| format!("carry_over_rules[{index}].{name}");
        let is_type = has_balance(&rule.leave_type) && types.insert(&rule.leave_type);
        check.that(&at("leave_type"), is_type, "the id of a leave type with balances, each at most once");
        let (percentage, half_days_max) = match rule.carried {
            Carried::Unlimited => (1, 0),
            Carried::Percentage { percentage, half_days_max } => (percentage, half_days_max),
            Carried::Fixed { half_days_max } => (1, half_days_max),
        };
        check.that(&at("percentage"), (1..=100).contains(&percentage), "1 to 100");
        check.number(&at("half_days_max"), half_days_max, HALF_DAYS_MAX);
        check.number(&at("expire_days"), rule.expire_days.unwrap_or(0), 3_660);
    }
}

fn transfers(policy: &Policy, check: &mut Check) {
    let mut pairs = BTreeSet::new();
    for (index, rule) in policy.transfer_rules.iter().enumerate() {
        let at = |name: &str| format!("transfer_rules[{index}].{name}");
        let is_new = pairs.insert((&rule.source, &rule.target));
        let expected = "the id of a leave type with balances, each pair at most once";
        check.that(&at("source_leave_type"), has_balance(&rule.source) && is_new, expected);
        check.that(&at("target_leave_type"), has_balance(&rule.target), expected);
        check.that(&at("rate_percentage"), (1..=1_000).contains(&rule.rate_percentage), "1 to 1000");
        check.number(&at("half_days_max"), rule.half_days_max, HALF_DAYS_MAX);
        check.number(&at("percentage_max"), rule.percentage_max.unwrap_or(0), 100);
    }
}

fn has_balance(leave_type: &str) -> bool {
    leave_type::find(leave_type).is_some_and(|kind| kind.has_balance)
}

/// Collects what is wrong.
struct Check(Vec<Violation>);

// === impl Check ===

impl Check {
    fn that(&mut self, field: &str, is_right: bool, expected: &str) {
        if !is_right {
            self.0.push(Violation::new(format!("leave_policy.{field}"), format!("expected {expected}")));
        }
    }

    fn number(&mut self, field: &str, value: i32, most: i32) {
        self.that(field, (0..=most).contains(&value), &format!("0 to {most}"));
    }
}
