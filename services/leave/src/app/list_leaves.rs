//! Reads leaves: one, or a page.

use chassis::{Ctx, Problem, Target, access::Among};
use durable::{filter, page::Page};
use proto::names::{LeaveName, StaffMemberName};

use super::{
    App, View,
    permissions::{self, POLICY},
    support::{leave_not_found, missing},
};
use crate::{domain::leave::State, store::LeaveFilter};

/// The fields of a filter.
const FIELDS: &[&str] = &["state", "leave_type", "first_date", "last_date", "staff_member"];

/// Which leaves are asked for.
pub struct ListLeaves {
    /// One person, or `-`.
    pub parent: StaffMemberName,
    /// As sent.
    pub page_size: i32,
    /// As sent.
    pub page_token: String,
    /// As sent.
    pub filter: String,
}

// === impl App ===

impl App {
    /// One leave, with what speaks against it now while it waits for a decision.
    pub async fn get_leave(&self, ctx: &Ctx, name: &LeaveName) -> Result<View, Problem> {
        let target = Target::person(&name.hospital, &name.staff_member);
        permissions::begin(ctx, "leaves.read", target)?;
        let reader = self.store.db().fresh(ctx);
        let leave = self.store.leave(&reader, &name.hospital, &name.staff_member, &name.leave).await?;
        let leave = reader.vouch(leave.ok_or_else(|| leave_not_found(name)))?;
        permissions::authorize(ctx, "leaves.read", target, &leave.profession)?;
        let view = self.view(ctx, leave, vec![]);
        if !view.is_open || view.leave.state != State::Pending {
            return Ok(view);
        }
        let head_count = self.staff.head_count(&ctx.shown(), &name.hospital, &view.leave.profession).await?;
        let policy = self.store.policy(&reader, &name.hospital).await?;
        let lacks = missing(&view.leave, &self.balances_read(&reader, &view.leave).await?);
        let conflicts = self.conflicts(&reader, ctx, &view.leave, (&policy, head_count, lacks)).await?;
        Ok(View { conflicts, ..view })
    }

    /// A page of leaves, newest first, and the token of the next.
    pub async fn list_leaves(&self, ctx: &Ctx, query: ListLeaves) -> Result<(Vec<View>, String), Problem> {
        let parent = &query.parent;
        let target = Target::person(&parent.hospital, &parent.staff_member);
        let seen = POLICY.professions(ctx, "leaves.read", target)?;
        let arguments = [parent.to_string(), query.filter.clone()];
        let page = Page::of(query.page_size, &query.page_token, &[&arguments[0], &arguments[1]])?;
        let mut filter = filter::parse(&query.filter, FIELDS)?;
        // Both the name and the id of a type or person are understood.
        filter.map_values(|_, value| value.rsplit('/').next().unwrap_or_default().to_owned());
        let asks_for_types = filter.comparisons().iter().any(|comparison| comparison.field == "leave_type");
        // Who filters by type learns types: of those professions only whose reasons they may know.
        let known = match asks_for_types {
            true => POLICY.professions(ctx, "leaves.read_reason", target)?,
            false => Among::ALL,
        };
        let reader = self.store.db().stale(ctx).await;
        let mut leaves = self
            .store
            .leaves_page(
                &reader,
                &LeaveFilter {
                    hospital: &parent.hospital,
                    staff_member: target.staff_member,
                    professions: [&seen, &known],
                    filter: &filter,
                },
                &page,
            )
            .await?;
        let token = page.next(&mut leaves, |leave| leave.id.clone());
        Ok((leaves.into_iter().map(|leave| self.view(ctx, leave, vec![])).collect(), token))
    }
}
