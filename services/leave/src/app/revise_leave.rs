//! Changes a leave that nobody has decided about.

use chassis::{Ctx, Problem, Target};
use durable::{Once, etag};
use proto::names::{LeaveName, StaffMemberName};

use super::{
    App, Fields, View,
    create_leave::{refuse_what_cannot_be_asked, refuse_what_is_no_leave},
    permissions,
    support::{actor, inactive, missing, today},
};
use crate::domain::conflict;

/// What is changed.
pub struct ReviseLeave {
    /// The leave.
    pub name: LeaveName,
    /// The version that was looked at.
    pub etag: String,
    /// As it shall be.
    pub fields: Result<Fields, Problem>,
}

// === impl App ===

impl App {
    /// PENDING or REVISION_ASKED → PENDING, with other days. It waits for a decision whatever its type.
    pub async fn revise_leave(&self, ctx: &Ctx, command: ReviseLeave, once: Once) -> Result<View, Problem> {
        let name = &command.name;
        let target = Target::person(&name.hospital, &name.staff_member);
        permissions::begin(ctx, "leaves.create", target)?;
        let fields = command.fields?;
        self.store.db().writable()?;
        let parent = StaffMemberName::new(&name.hospital, &name.staff_member);
        let person = self.staff.person(ctx, &name.hospital, &name.staff_member).await?;
        permissions::authorize(ctx, "leaves.create", target, &person.profession)?;
        if !person.is_active {
            return Err(inactive(&parent));
        }
        let read = self.store.db().read();
        let policy = self.store.policy(read, &name.hospital).await?;
        let holidays = self.public_holidays(read, &name.hospital, fields.span.range()).await?;
        let draft = self.draft(ctx, &parent, &person, fields, (&policy, &holidays));
        refuse_what_is_no_leave(&draft, &person)?;
        let head_count = self.staff.head_count(ctx, &name.hospital, &person.profession).await?;

        let tx = self.store.db().begin(ctx).await?;
        if let Some(view) = once.replay(&tx).await? {
            return Ok(view);
        }
        self.take_turn(&tx, &draft).await?;
        let before = self.leave_in(&tx, name).await?;
        etag::check(&command.etag, before.version, false)?;
        let paid_before = before.balance_type().to_owned();
        let (draft, released) = before.revise(draft)?;
        // First what is given back: it may be another balance that held it.
        let owner = (name.hospital.as_str(), name.staff_member.as_str(), paid_before.as_str());
        self.store.append(&tx, owner, &actor(ctx), &released).await?;
        let balances = self.balances_of(&tx, &draft, &person.contracts, (&policy, today(ctx))).await?;
        let lacks = missing(&draft, &balances);
        let scene = self.scene(tx.conn(), ctx, &draft, (&policy, head_count, lacks)).await?;
        let conflicts = conflict::assess(&draft, &scene.around());
        refuse_what_cannot_be_asked(&conflicts)?;
        let leave = self.save(&tx, ctx, draft.submit(ctx.now)?).await?;
        let balances = self.balances_read(tx.conn(), &leave).await?;
        let view = View { balances, ..self.view(ctx, leave, conflicts) };
        once.record(&tx, &view).await?;
        tx.commit().await?;
        Ok(view)
    }
}
