//! The policy and the types, read and changed.

use std::collections::BTreeSet;

use chassis::{Ctx, Problem, Target, Violation};
use durable::{Once, etag, mask::Mask, page::Page};

use super::{App, permissions::POLICY};
use crate::domain::{
    leave_type::{self, LeaveType, SHIPPED},
    policy::Policy,
};

/// The fields that an update may change.
pub const FIELDS: &[&str] = &[
    "absent_percentage_max",
    "absence_limits",
    "nurse_administrator_absent_max",
    "own_cancel_notice_days_min",
    "school_zone",
];

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
        (sent, sent_etag): (Policy, &str),
        mask: Result<Mask, Problem>,
        once: Once,
    ) -> Result<Policy, Problem> {
        POLICY.authorize(ctx, "leave_policy.write", Target::hospital(&sent.hospital))?;
        let mask = mask?;
        let tx = self.store.db().begin(ctx).await?;
        if let Some(policy) = once.replay(&tx).await? {
            return Ok(policy);
        }
        let mut policy = self.store.policy(tx.conn(), &sent.hospital).await?;
        etag::check(sent_etag, policy.version, false)?;
        merge(&mut policy, sent, &mask);
        let violations = violations(&policy);
        if !violations.is_empty() {
            return Err(Problem::invalid(violations));
        }
        policy.update_time = Some(ctx.now);
        self.store.save_policy(&tx, &mut policy).await?;
        once.record(&tx, &policy).await?;
        tx.commit().await?;
        Ok(policy)
    }
}

fn merge(policy: &mut Policy, sent: Policy, mask: &Mask) {
    if mask.applies("absent_percentage_max", sent.absent_percentage_max != 0) {
        policy.absent_percentage_max = sent.absent_percentage_max;
    }
    if mask.applies("absence_limits", !sent.absence_limits.is_empty()) {
        policy.absence_limits = sent.absence_limits;
    }
    if mask.applies("nurse_administrator_absent_max", sent.nurse_administrator_absent_max != 0) {
        policy.nurse_administrator_absent_max = sent.nurse_administrator_absent_max;
    }
    if mask.applies("own_cancel_notice_days_min", sent.own_cancel_notice_days_min != 0) {
        policy.own_cancel_notice_days_min = sent.own_cancel_notice_days_min;
    }
    if mask.applies("school_zone", !sent.school_zone.is_empty()) {
        policy.school_zone = sent.school_zone;
    }
}

fn violations(policy: &Policy) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut check = |field: String, is_right: bool, expected: &str| {
        if !is_right {
            violations.push(Violation::new(format!("leave_policy.{field}"), format!("expected {expected}")));
        }
    };
    let field = str::to_owned;
    check(field("absent_percentage_max"), (1..=100).contains(&policy.absent_percentage_max), "1 to 100");
    let nurses = policy.nurse_administrator_absent_max;
    check(field("nurse_administrator_absent_max"), (0..=1_000).contains(&nurses), "0 to 1000");
    let notice = policy.own_cancel_notice_days_min;
    check(field("own_cancel_notice_days_min"), (0..=366).contains(&notice), "0 to 366");
    let zone = policy.school_zone.as_str();
    check(field("school_zone"), matches!(zone, "" | "A" | "B" | "C"), "A, B, C or nothing");
    let mut professions = BTreeSet::new();
    for (index, limit) in policy.absence_limits.iter().enumerate() {
        let at = |name: &str| format!("absence_limits[{index}].{name}");
        let is_new = !limit.profession.is_empty() && professions.insert(&limit.profession);
        check(at("profession"), is_new, "a profession code, each at most once");
        check(at("absent_max"), (0..=1_000).contains(&limit.absent_max), "0 to 1000");
        let in_holidays = limit.school_holiday_absent_max;
        check(at("school_holiday_absent_max"), (0..=1_000).contains(&in_holidays), "0 to 1000");
    }
    violations
}
