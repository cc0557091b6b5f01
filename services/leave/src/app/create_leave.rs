//! Asks for a leave.

use calendar::Span;
use chassis::{Ctx, Problem, Target};
use durable::{Once, Tx};
use proto::names::StaffMemberName;
use uuid::Uuid;

use super::{
    App, View, permissions,
    support::{SERVICE, decision, inactive, missing, today},
};
use crate::{
    domain::{
        conflict::{self, Conflict, ConflictKind, Severity},
        contract::Contracts,
        counting::{self, count},
        holiday::PublicHolidays,
        leave::{Change, Decision, Leave, State},
        leave_type::LeaveType,
        policy::Policy,
        refusal::Refusal,
        rule::decide,
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
    /// PENDING at once, or APPROVED if its type needs no approval or the policy accepts it by itself.
    pub async fn create_leave(&self, ctx: &Ctx, command: CreateLeave, once: Once) -> Result<View, Problem> {
        let parent = &command.parent;
        let target = Target::person(&parent.hospital, &parent.staff_member);
        permissions::begin(ctx, "leaves.create", target)?;
        let fields = command.fields?;
        self.store.db().writable()?;
        let read = self.store.db().read();
        let (person, policy, holidays) = tokio::join!(
            self.staff.person(ctx, &parent.hospital, &parent.staff_member),
            self.store.policy(read, &parent.hospital),
            self.public_holidays(read, &parent.hospital, fields.span.range()),
        );
        let person = person?;
        permissions::authorize(ctx, "leaves.create", target, &person.profession)?;
        if !person.is_active {
            return Err(inactive(parent));
        }
        let (policy, holidays) = (policy?, holidays?);
        let leave = self.draft(ctx, parent, &person, fields, (&policy, &holidays));
        refuse_what_is_no_leave(&leave, &person)?;
        let head_count = self.staff.head_count(ctx, &leave.hospital, &leave.profession).await?;

        let tx = self.store.db().begin(ctx).await?;
        if let Some(view) = once.replay(&tx).await? {
            return Ok(view);
        }
        self.take_turn_to_ask(&tx, &leave, &policy).await?;
        let view = self.ask_in(&tx, ctx, leave, (&person.contracts, &policy, head_count)).await?;
        if !command.validate_only {
            once.record(&tx, &view).await?;
            tx.commit().await?;
        }
        Ok(view)
    }

    /// Waits for its turn among those who ask or decide about this person's leave.
    pub(super) async fn take_turn_to_ask(
        &self,
        tx: &Tx,
        leave: &Leave,
        policy: &Policy,
    ) -> Result<(), Problem> {
        if policy.auto_acceptance.is_enabled {
            // What may be accepted is decided about: one after the other.
            return self.take_turn(tx, leave).await;
        }
        self.store.guard(tx, &leave.hospital, Guard::Person(&leave.staff_member)).await
    }

    /// Sends a draft in a transaction that has its turn.
    pub(super) async fn ask_in(
        &self,
        tx: &Tx,
        ctx: &Ctx,
        leave: Leave,
        (contracts, policy, head_count): (&Contracts, &Policy, i32),
    ) -> Result<View, Problem> {
        let balances = self.balances_of(tx, &leave, contracts, (policy, today(ctx))).await?;
        let lacks = missing(&leave, &balances);
        let scene = self.scene(tx.conn(), ctx, &leave, (policy, head_count, lacks)).await?;
        let around = scene.around();
        let conflicts = conflict::assess(&leave, &around);
        refuse_what_cannot_be_asked(&conflicts)?;
        let is_accepted =
            !around.leave_type.requires_approval || decide::obstacles(&leave, &around, &conflicts).is_empty();
        let leave = self.submit(tx, ctx, leave, is_accepted).await?;
        let balances = self.balances_read(tx.conn(), &leave).await?;
        Ok(View { balances, ..self.view(ctx, leave, conflicts) })
    }

    /// The leave as it would be written down, with what it costs.
    pub(super) fn draft(
        &self,
        ctx: &Ctx,
        parent: &StaffMemberName,
        person: &Person,
        fields: Fields,
        (policy, holidays): (&Policy, &PublicHolidays),
    ) -> Leave {
        let Fields { leave_type, span, comment } = fields;
        let (counting, pays) = counting::method(leave_type, &person.profession, policy);
        let works = |day| person.contracts.works_on(day);
        Leave {
            hospital: parent.hospital.clone(),
            staff_member: parent.staff_member.clone(),
            id: Uuid::now_v7().to_string(),
            profession: person.profession.clone(),
            leave_type: leave_type.id.to_owned(),
            span,
            charges: count(span, counting, works, |day| holidays.contains(day)),
            has_balance: pays.is_some(),
            charged_type: pays.filter(|pays| *pays != leave_type.id).map(str::to_owned),
            employed_since: person.contracts.since(),
            state: State::Draft,
            comment,
            decision: None,
            series: None,
            escalate_time: None,
            version: 1,
            create_time: ctx.now,
            update_time: ctx.now,
        }
    }

    /// Sends the draft; what nobody needs to decide is approved in the same breath, and only that is told.
    async fn submit(&self, tx: &Tx, ctx: &Ctx, draft: Leave, is_accepted: bool) -> Result<Leave, Problem> {
        let mut change = draft.submit(ctx.now)?;
        if is_accepted {
            let by_nobody = Decision { decider: SERVICE.to_owned(), ..decision(ctx, String::new(), false) };
            let mut approved = change.leave.approve(by_nobody)?;
            change.entries.append(&mut approved.entries);
            change = Change { entries: change.entries, ..approved };
        }
        self.store.insert_leave(tx, &change.leave).await?;
        self.write_down(tx, ctx, &change.leave, &change.entries, &change.event).await?;
        Ok(change.leave)
    }
}

/// What costs nothing, or lies outside the contracts or after the person's last day, is no leave.
pub(super) fn refuse_what_is_no_leave(leave: &Leave, person: &Person) -> Result<(), Refusal> {
    let is_gone = person.last.is_some_and(|last| last < leave.span.last().day);
    if is_gone || !person.contracts.surround(leave.span.range()) {
        return Err(Refusal::OutsideContract);
    }
    if leave.charges.is_empty() { Err(Refusal::NothingCounted) } else { Ok(()) }
}

/// An approved leave on the same half-days and a balance that does not suffice are refused; the rest is for
/// those who decide.
pub(super) fn refuse_what_cannot_be_asked(conflicts: &[Conflict]) -> Result<(), Refusal> {
    let refused: Vec<Conflict> = conflicts
        .iter()
        .filter(|conflict| conflict.severity == Severity::Blocking)
        .filter(|conflict| matches!(conflict.kind, ConflictKind::OwnLeave | ConflictKind::Balance))
        .cloned()
        .collect();
    if refused.is_empty() { Ok(()) } else { Err(Refusal::Conflicts(refused)) }
}
