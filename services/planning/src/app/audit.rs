//! The audit log: what is written into it here, and how it is read.

use chassis::{Ctx, Problem};
use durable::audit::{self, Change};
use proto::{
    audit::v1 as pb,
    names::{AssignmentName, PlanName},
};

use super::App;
use crate::{domain::plan::Plan, store::shifts::Assignment};

// === impl App ===

impl App {
    /// A page of the log, newest first.
    pub async fn list_audit_entries(
        &self,
        ctx: &Ctx,
        hospital: &str,
        request: &pb::ListAuditEntriesRequest,
    ) -> Result<pb::ListAuditEntriesResponse, Problem> {
        self.allow(ctx, "audit.read", hospital)?;
        audit::entries(&self.db, ctx, hospital, request).await
    }

    /// Walks the log from its first line.
    pub async fn verify_audit_log(
        &self,
        ctx: &Ctx,
        hospital: &str,
        request: &pb::VerifyAuditLogRequest,
    ) -> Result<pb::AuditVerdict, Problem> {
        self.allow(ctx, "audit.read", hospital)?;
        audit::verdict(&self.db, hospital, request).await
    }
}

/// Something done to a plan.
pub(super) fn of_plan(action: &str, plan: &Plan) -> Change {
    Change::of(&plan.hospital, action, PlanName::new(&plan.hospital, &plan.id).to_string())
}

/// An assignment that came, changed or went.
pub(super) fn of_assignment(
    plan: &Plan,
    old: Option<&Assignment>,
    new: Option<&Assignment>,
) -> Option<Change> {
    let id = &new.or(old)?.id;
    let action = match (old, new) {
        (None, _) => "assignment.create",
        (_, None) => "assignment.delete",
        _ => "assignment.update",
    };
    let who = |own: Option<&Assignment>| own.map_or("", |own| own.duty.staff_member.as_str()).to_owned();
    let pinned = |own: Option<&Assignment>| own.map_or_else(String::new, |own| own.is_pinned.to_string());
    let name = AssignmentName::new(&plan.hospital, &plan.id, id).to_string();
    let change = Change::of(&plan.hospital, action, name);
    let fields = [("staff_member", who(old), who(new)), ("pinned", pinned(old), pinned(new))];
    let changed = fields.into_iter().filter(|(_, old, new)| old != new);
    Some(changed.fold(change, |change, (name, old, new)| change.value(name, &old, &new)))
}
