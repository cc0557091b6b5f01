//! Asks for a leave.

use calendar::Span;
use chassis::{Ctx, Problem, Target};
use durable::Once;
use proto::names::StaffMemberName;
use uuid::Uuid;

use super::{
    App, View,
    permissions::{self, POLICY},
    support::{decision, inactive, missing},
};
use crate::{
    domain::{
        conflict::{Conflict, ConflictKind, Severity},
        counting::count,
        holiday::{HolidayKind, PublicHolidays},
        leave::{Leave, State},
        leave_type::LeaveType,
        refusal::Refusal,
    },
    peers::Person,
    store::Guard,
};

/// What is asked for.
pub struct CreateLeave {
    /// Whose leave.
    pub parent: StaffMemberName,
    /// The fields, or what is wrong with them: told only to who may ask at all.
    pub fields: Result<Fields, Problem>,
    /// Changes nothing.
    pub validate_only: bool,
}

/// The fields of a leave.
pub struct Fields {
    /// Its type.
    pub leave_type: &'static LeaveType,
    /// From half-day to half-day.
    pub span: Span,
    /// For those who decide.
    pub comment: String,
}

// === impl App ===

impl App {
    /// PENDING at once, or APPROVED if its type needs no approval.
    pub async fn create_leave(&self, ctx: &Ctx, command: CreateLeave, once: Once) -> Result<View, Problem> {
        let parent = &command.parent;
        let target = Target::person(&parent.hospital, &parent.staff_member);
        POLICY.authorize(ctx, "leaves.create", target)?;
        let fields = command.fields?;
        self.store.db().writable()?;
        let person = self.staff.person(ctx, &parent.hospital, &parent.staff_member).await?;
        permissions::authorize(ctx, "leaves.create", target, &person.profession)?;
        if !person.is_active {
            return Err(inactive(parent));
        }
        let leave = self.draft(ctx, parent, &person, fields).await?;
        let head_count = self.staff.head_count(ctx, &leave.hospital, &leave.profession).await?;

        let tx = self.store.db().begin(ctx).await?;
        if let Some(view) = once.replay(&tx).await? {
            return Ok(view);
        }
        self.store.guard(&tx, &leave.hospital, Guard::Person(&leave.staff_member)).await?;
        let policy = self.store.policy(tx.conn(), &leave.hospital).await?;
        let balances = self.balances_of(&tx, &leave, Some(&person.contracts)).await?;
        let lacks = missing(&leave, &balances);
        let conflicts = self.conflicts(tx.conn(), ctx, &leave, &policy, head_count, &lacks).await?;
        refuse_what_cannot_be_asked(&conflicts)?;
        let leave = self.submit(&tx, ctx, leave).await?;
        let balances = self.balances_of(&tx, &leave, None).await?;
        let view = View { balances, ..self.view(ctx, leave, conflicts) };
        if !command.validate_only {
            once.record(&tx, &view).await?;
            tx.commit().await?;
        }
        Ok(view)
    }

    /// The leave as it is written down, with what it costs.
    async fn draft(
        &self,
        ctx: &Ctx,
        parent: &StaffMemberName,
        person: &Person,
        fields: Fields,
    ) -> Result<Leave, Problem> {
        let Fields { leave_type, span, comment } = fields;
        let range = span.range();
        let loaded = self.store.holidays(self.store.db().read(), &parent.hospital, HolidayKind::Public, {
            // Whole years: a year counts as loaded when any of its holidays is.
            let year = |year, month, day| calendar::Day::new(year, month, day).map_err(Problem::internal);
            let (first, last) = (year(range.first().year(), 1, 1)?, year(range.last().year(), 12, 31)?);
            calendar::DayRange::new(first, last).map_err(Problem::internal)?
        });
        let holidays = PublicHolidays::of(&loaded.await?, range);
        let works = |day| person.contracts.works_on(day);
        let charges = count(span, leave_type.counting, works, |day| holidays.contains(day));
        if charges.is_empty() {
            return Err(Refusal::NothingCounted.into());
        }
        Ok(Leave {
            hospital: parent.hospital.clone(),
            staff_member: parent.staff_member.clone(),
            id: Uuid::now_v7().to_string(),
            profession: person.profession.clone(),
            leave_type: leave_type.id.to_owned(),
            span,
            charges,
            has_balance: leave_type.has_balance,
            state: State::Draft,
            comment,
            decision: None,
            version: 1,
            create_time: ctx.now,
            update_time: ctx.now,
        })
    }

    /// Sends the draft; what nobody decides is approved in the same breath, and only that is told.
    async fn submit(&self, tx: &durable::Tx, ctx: &Ctx, draft: Leave) -> Result<Leave, Problem> {
        let requires_approval = super::support::type_of(&draft)?.requires_approval;
        let mut change = draft.submit(ctx.now)?;
        if !requires_approval {
            let mut approved = change.leave.approve(decision(ctx, String::new(), false))?;
            change.entries.append(&mut approved.entries);
            change = crate::domain::leave::Change { entries: change.entries, ..approved };
        }
        self.store.insert_leave(tx, &change.leave).await?;
        self.write_down(tx, ctx, &change.leave, &change.entries, &change.event).await?;
        Ok(change.leave)
    }
}

/// An approved leave on the same half-days and a balance that does not suffice are refused; the rest is for
/// those who decide.
fn refuse_what_cannot_be_asked(conflicts: &[Conflict]) -> Result<(), Refusal> {
    let refused: Vec<Conflict> = conflicts
        .iter()
        .filter(|conflict| conflict.severity == Severity::Blocking)
        .filter(|conflict| matches!(conflict.kind, ConflictKind::OwnLeave | ConflictKind::Balance))
        .cloned()
        .collect();
    if refused.is_empty() { Ok(()) } else { Err(Refusal::Conflicts(refused)) }
}
