//! Leave that comes again: one leave for each time.

use calendar::{Day, DayRange, Span};
use chassis::{Ctx, Problem, Target, Violation};
use durable::Once;
use proto::names::{LeaveSeriesName, StaffMemberName};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    App, Fields, View,
    cancel_leave::may_cancel_own,
    create_leave::refuse_what_is_no_leave,
    permissions::{self, POLICY},
    support::{decision, inactive},
};
use crate::domain::{
    leave::{Leave, State},
    recurrence::Recurrence,
    refusal::Refusal,
};

/// The most times.
const TIMES_MAX: usize = 100;

/// What is asked for.
pub struct CreateLeaveSeries {
    /// Whose leave.
    pub parent: StaffMemberName,
    /// The first time.
    pub fields: Result<Fields, Problem>,
    /// When it comes again.
    pub recurrence: Result<Recurrence, Problem>,
    /// Changes nothing.
    pub validate_only: bool,
}

/// What became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// One leave for each time.
    pub views: Vec<View>,
    /// First days of the times that cost nothing.
    pub left_out: Vec<Day>,
}

/// What is cancelled.
pub struct CancelLeaveSeries {
    /// The series.
    pub name: LeaveSeriesName,
    /// From here on.
    pub first: Result<Day, Problem>,
    /// Why.
    pub comment: Result<String, Problem>,
}

// === impl App ===

impl App {
    /// Asks for each time, one after the other, in one transaction.
    pub async fn create_leave_series(
        &self,
        ctx: &Ctx,
        command: CreateLeaveSeries,
        once: Once,
    ) -> Result<Series, Problem> {
        let parent = &command.parent;
        let target = Target::person(&parent.hospital, &parent.staff_member);
        permissions::begin(ctx, "leaves.create", target)?;
        let (fields, recurrence) = (command.fields?, command.recurrence?);
        self.store.db().writable()?;
        let person = self.staff.person(ctx, &parent.hospital, &parent.staff_member).await?;
        permissions::authorize(ctx, "leaves.create", target, &person.profession)?;
        if !person.is_active {
            return Err(inactive(parent));
        }
        let read = self.store.db().read();
        let policy = self.store.policy(read, &parent.hospital).await?;
        let range = whole(fields.span, &recurrence);
        let holidays = self.public_holidays(read, &parent.hospital, range).await?;
        let spans = recurrence.times(fields.span, &holidays, TIMES_MAX);
        if spans.len() > TIMES_MAX {
            let text = format!("expected at most {TIMES_MAX} times");
            return Err(Problem::invalid(vec![Violation::new("recurrence", text)]));
        }
        let id = Uuid::now_v7().to_string();
        let draft = |span: Span| {
            let fields = Fields { leave_type: fields.leave_type, span, comment: fields.comment.clone() };
            let leave = self.draft(ctx, parent, &person, fields, (&policy, &holidays));
            Leave { series: Some(id.clone()), ..leave }
        };
        let (drafts, left_out): (Vec<Leave>, Vec<Leave>) =
            spans.into_iter().map(draft).partition(|leave| !leave.charges.is_empty());
        for leave in &drafts {
            refuse_what_is_no_leave(leave, &person).map_err(|refusal| at(refusal.into(), leave))?;
        }
        let first = drafts.first().ok_or_else(|| Problem::from(Refusal::NothingCounted))?;
        let head_count = self.staff.head_count(ctx, &parent.hospital, &person.profession).await?;

        let tx = self.store.db().begin(ctx).await?;
        if let Some(series) = once.replay(&tx).await? {
            return Ok(series);
        }
        self.take_turn_to_ask(&tx, first, &policy).await?;
        let mut views = Vec::with_capacity(drafts.len());
        for leave in drafts {
            let known = (&person.contracts, &policy, head_count);
            let asked = self.ask_in(&tx, ctx, leave.clone(), known).await;
            views.push(asked.map_err(|problem| at(problem, &leave))?);
        }
        let series = Series {
            name: LeaveSeriesName::new(&parent.hospital, &parent.staff_member, &id).to_string(),
            views,
            left_out: left_out.iter().map(|leave| leave.span.first().day).collect(),
        };
        if !command.validate_only {
            once.record(&tx, &series).await?;
            tx.commit().await?;
        }
        Ok(series)
    }

    /// Cancels what is to come, in one transaction.
    pub async fn cancel_leave_series(
        &self,
        ctx: &Ctx,
        command: CancelLeaveSeries,
        once: Once,
    ) -> Result<Vec<View>, Problem> {
        let name = &command.name;
        let target = Target::person(&name.hospital, &name.staff_member);
        if !POLICY.allows(ctx, "leaves.cancel_own", target) {
            permissions::begin(ctx, "leaves.cancel", target)?;
        }
        let (first, comment) = (command.first?, command.comment?);
        let read = self.store.db().read();
        let seen = self.store.leaves_of_series(read, &name.hospital, &name.staff_member, &name.leave_series);
        let Some(seen) = seen.await?.into_iter().next() else {
            return Err(Problem::not_found("leave series", name.to_string()));
        };

        let tx = self.store.db().begin(ctx).await?;
        if let Some(views) = once.replay(&tx).await? {
            return Ok(views);
        }
        self.take_turn(&tx, &seen).await?;
        let policy = self.store.policy(tx.conn(), &name.hospital).await?;
        let all =
            self.store.leaves_of_series(tx.conn(), &name.hospital, &name.staff_member, &name.leave_series);
        let to_come = all.await?.into_iter().filter(|leave| leave.span.first().day >= first);
        let mut views = Vec::new();
        for leave in to_come.filter(|leave| leave.is_alive() || leave.state == State::Draft) {
            if !may_cancel_own(ctx, &leave, &policy) {
                permissions::authorize(ctx, "leaves.cancel", target, &leave.profession)?;
            }
            let change = leave.cancel(decision(ctx, comment.clone(), false))?;
            let leave = self.save(&tx, ctx, change).await?;
            views.push(self.view(ctx, leave, vec![]));
        }
        once.record(&tx, &views).await?;
        tx.commit().await?;
        Ok(views)
    }
}

/// The days within which a rule may ask for holidays.
fn whole(first: Span, recurrence: &Recurrence) -> DayRange {
    // A hundred times, each at most a year apart, are cut at ten years by the rule itself.
    let last = recurrence.until.unwrap_or(first.first().day.plus(366 * 10)).max(first.last().day);
    let last = last.min(first.first().day.plus(366 * 10)).plus(first.last().day - first.first().day);
    DayRange::new(first.first().day, last).unwrap_or(first.range())
}

/// Which time it was.
fn at(problem: Problem, leave: &Leave) -> Problem {
    problem.with("first_date", leave.span.first().day.to_string())
}
