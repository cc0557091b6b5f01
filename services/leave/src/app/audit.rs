//! The audit log: what is written into it here, and how it is read.

use chassis::{Ctx, Problem, Target};
use durable::audit::{self, Change};
use proto::audit::v1 as pb;

use super::{
    App,
    permissions::POLICY,
    support::{actor, is_own},
};
use crate::domain::{
    leave::{Event, Leave},
    unavailability::{State, Unavailability},
};

// === impl App ===

impl App {
    /// A page of the log, newest first.
    pub async fn list_audit_entries(
        &self,
        ctx: &Ctx,
        hospital: &str,
        request: &pb::ListAuditEntriesRequest,
    ) -> Result<pb::ListAuditEntriesResponse, Problem> {
        POLICY.authorize(ctx, "audit.read", Target::hospital(hospital))?;
        audit::entries(self.store.db(), ctx, hospital, request).await
    }

    /// Walks the log from its first line.
    pub async fn verify_audit_log(
        &self,
        ctx: &Ctx,
        hospital: &str,
        request: &pb::VerifyAuditLogRequest,
    ) -> Result<pb::AuditVerdict, Problem> {
        POLICY.authorize(ctx, "audit.read", Target::hospital(hospital))?;
        audit::verdict(self.store.db(), hospital, request).await
    }
}

/// What is written down of a leave: what was decided, by whom, and what somebody sent for another. That there is a comment
/// is told, never what it says; nor the type.
pub(super) fn of_leave(ctx: &Ctx, leave: &Leave, event: &Event) -> Option<Change> {
    let decision = leave.decision.as_ref();
    let is_forced = decision.is_some_and(|decision| decision.is_forced);
    let (action, old) = match event {
        Event::Submitted if is_own(ctx, &leave.hospital, &leave.staff_member) => return None,
        Event::Submitted => ("leave.submit", ""),
        Event::Approved if is_forced => ("leave.force", "PENDING"),
        Event::Approved => ("leave.approve", "PENDING"),
        Event::Rejected => ("leave.reject", "PENDING"),
        Event::Returned => ("leave.return", "PENDING"),
        Event::Cancelled { was_approved: true, .. } => ("leave.cancel", "APPROVED"),
        Event::Cancelled { was_approved: false, .. } => ("leave.cancel", ""),
    };
    let change = Change::of(&leave.hospital, action, leave.name()).value("state", old, leave.state.word());
    Some(match decision.filter(|_| *event != Event::Submitted) {
        None => change.by(actor(ctx)),
        Some(decision) if decision.comment.is_empty() => change.by(&decision.decider),
        Some(decision) => change.by(&decision.decider).field("decision.comment"),
    })
}

/// The same of an unavailability; what people do with their own is theirs.
pub(super) fn of_unavailability(ctx: &Ctx, own: &Unavailability) -> Option<Change> {
    if is_own(ctx, &own.hospital, &own.staff_member) {
        return None;
    }
    let action = match own.state {
        State::Pending => "unavailability.create",
        State::Approved if own.decision.is_none() => "unavailability.create",
        State::Approved => "unavailability.approve",
        State::Rejected => "unavailability.reject",
        State::Countered => "unavailability.counter",
        State::Cancelled => "unavailability.cancel",
    };
    Some(Change::of(&own.hospital, action, own.name()).value("state", "", own.state.word()))
}
