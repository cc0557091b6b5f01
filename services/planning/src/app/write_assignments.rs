//! CreateAssignment, UpdateAssignment, DeleteAssignment: a planner's edits, judged at once by the one judge.

use chassis::{Ctx, Problem, Violation};
use durable::{Once, Tx, etag, time};

use super::{App, audit::of_assignment, board::Board, editable, edits::Broken, not_found_in, save_head};
use crate::{
    domain::{
        plan::Plan,
        shift::{Holder, Kind, Post},
    },
    events, problems,
    store::shifts::{self, Assignment, Origin},
};

/// An assignment as it would be, with what the edit breaks anew.
#[derive(Debug)]
pub struct Edited {
    pub assignment: Assignment,
    pub violations: Vec<Broken>,
}

/// A new assignment.
#[derive(Debug)]
pub struct NewAssignment<'a> {
    pub hospital: &'a str,
    pub plan: &'a str,
    pub shift: &'a str,
    pub post: Post,
    pub staff_member: String,
    pub is_pinned: bool,
    pub is_preview: bool,
}

/// A change of an assignment; what is none stays.
#[derive(Debug)]
pub struct Update<'a> {
    pub hospital: &'a str,
    pub plan: &'a str,
    pub id: &'a str,
    pub staff_member: Option<String>,
    pub is_pinned: Option<bool>,
    pub etag: &'a str,
    pub is_preview: bool,
}

// === impl App ===

impl App {
    pub async fn create_assignment(
        &self,
        ctx: &Ctx,
        new: NewAssignment<'_>,
        once: &Once,
    ) -> Result<Edited, Problem> {
        self.allow_on(ctx, "plans.edit", new.hospital, new.plan).await?;
        if let Some(id) = self.replayed::<String>(ctx, once).await? {
            let assignment = self.get_assignment(ctx, new.hospital, new.plan, &id).await?;
            return Ok(Edited { assignment, violations: vec![] });
        }
        let board = self.board(ctx, new.hospital, new.plan).await?;
        editable(&board.plan)?;
        let shift = board.shifts.iter().find(|shift| shift.id == new.shift);
        let shift = shift.ok_or_else(|| not_found_in("Shift", &board.plan, "shifts", new.shift))?;
        if new.post == Post::Supervisor && shift.kind != Kind::Theatre {
            let text = "only a theatre shift has a supervisor";
            return Err(Problem::invalid(vec![Violation::new("assignment.post", text)]));
        }
        check_person(&board, &new.staff_member)?;
        let now = time::micros(ctx.now);
        let mut assignment =
            Assignment::new(new.plan, shift, new.post, &new.staff_member, Origin::Manual, now);
        assignment.is_pinned = new.is_pinned;
        let holders = board.holders();
        if holders.iter().any(|own| own.shift == new.shift && own.post == new.post) {
            return Err(problems::post_held(new.shift));
        }
        let mut after = holders;
        after.push(assignment.holder());
        let violations = self.violations(&board, after).await?;
        if new.is_preview {
            return Ok(Edited { assignment, violations });
        }
        let tx = self.db.begin(ctx).await?;
        if let Some(id) = once.replay::<String>(&tx).await? {
            drop(tx);
            let assignment = self.get_assignment(ctx, new.hospital, new.plan, &id).await?;
            return Ok(Edited { assignment, violations });
        }
        let mut plan = self.locked_plan(&tx, new.hospital, new.plan).await?;
        editable(&plan)?;
        if shifts::find(tx.conn(), new.hospital, new.plan, new.shift).await?.is_none() {
            return Err(not_found_in("Shift", &plan, "shifts", new.shift));
        }
        shifts::insert_assignments(tx.conn(), new.hospital, std::slice::from_ref(&assignment)).await?;
        save_head(&tx, &mut plan, assignment.is_pinned).await?;
        note(&tx, &plan, None, Some(&assignment));
        events::assignment_changed(&tx, &plan, Some(&assignment.id)).await?;
        once.record(&tx, &assignment.id).await?;
        tx.commit().await?;
        Ok(Edited { assignment, violations })
    }

    pub async fn update_assignment(&self, ctx: &Ctx, update: Update<'_>) -> Result<Edited, Problem> {
        self.allow_on(ctx, "plans.edit", update.hospital, update.plan).await?;
        let board = self.board(ctx, update.hospital, update.plan).await?;
        editable(&board.plan)?;
        let found = board.assignments.iter().find(|own| own.id == update.id);
        let before =
            found.ok_or_else(|| not_found_in("Assignment", &board.plan, "assignments", update.id))?;
        etag::check(update.etag, before.version, false)?;
        let mut assignment = before.clone();
        if let Some(staff_member) = update.staff_member {
            check_person(&board, &staff_member)?;
            assignment.duty.staff_member = staff_member;
            assignment.origin = Origin::Manual;
        }
        assignment.is_pinned = update.is_pinned.unwrap_or(assignment.is_pinned);
        let is_frame = assignment.is_pinned || before.is_pinned;
        let after: Vec<Holder> = (board.assignments.iter())
            .map(|own| if own.id == assignment.id { assignment.holder() } else { own.holder() })
            .collect();
        let violations = self.violations(&board, after).await?;
        if update.is_preview {
            return Ok(Edited { assignment, violations });
        }
        let tx = self.db.begin(ctx).await?;
        let mut plan = self.locked_plan(&tx, update.hospital, update.plan).await?;
        editable(&plan)?;
        let seen = assignment.version;
        assignment.version += 1;
        shifts::save_assignment(tx.conn(), update.hospital, &assignment, seen).await?;
        save_head(&tx, &mut plan, is_frame).await?;
        note(&tx, &plan, Some(before), Some(&assignment));
        events::assignment_changed(&tx, &plan, Some(&assignment.id)).await?;
        tx.commit().await?;
        Ok(Edited { assignment, violations })
    }

    pub async fn delete_assignment(
        &self,
        ctx: &Ctx,
        hospital: &str,
        plan: &str,
        id: &str,
        sent: &str,
    ) -> Result<(), Problem> {
        self.allow_on(ctx, "plans.edit", hospital, plan).await?;
        let tx = self.db.begin(ctx).await?;
        let mut plan = self.locked_plan(&tx, hospital, plan).await?;
        editable(&plan)?;
        let found = shifts::find_assignment(tx.conn(), hospital, &plan.id, id).await?;
        let assignment = found.ok_or_else(|| not_found_in("Assignment", &plan, "assignments", id))?;
        etag::check(sent, assignment.version, false)?;
        shifts::delete_assignment(tx.conn(), hospital, id).await?;
        save_head(&tx, &mut plan, assignment.is_pinned).await?;
        note(&tx, &plan, Some(&assignment), None);
        events::assignment_changed(&tx, &plan, Some(id)).await?;
        tx.commit().await
    }
}

/// Writes an edit down.
fn note(tx: &Tx, plan: &Plan, old: Option<&Assignment>, new: Option<&Assignment>) {
    if let Some(line) = of_assignment(plan, old, new) {
        tx.audit(line);
    }
}

/// Refuses somebody who is not rostered at the plan's sites.
fn check_person(board: &Board, staff_member: &str) -> Result<(), Problem> {
    let people = board.snapshot.people_of(&board.plan.sites, board.plan.days);
    if people.iter().any(|person| person.id == staff_member) {
        return Ok(());
    }
    let text = "nobody of this name has a contract at the plan's sites in its days";
    Err(Problem::invalid(vec![Violation::new("assignment.staff_member", text)]))
}
