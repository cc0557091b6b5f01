//! Amends what is published: a revision in which some posts have passed to others, and everything else is as it was.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use calendar::{DayRange, Span};
use certificate::Certificate;
use chassis::{Ctx, Problem};
use durable::{Tx, time};
use proto::{
    error::v1::Reason,
    names::{PlanName, ShiftName},
};
use roster::{
    Evaluator, Level,
    problem::{Seat, SlotIx, SlotKind},
};

use super::{
    App,
    board::{Board, FOLLOWING_DAYS, HISTORY_DAYS},
    certify, editable,
    edits::{Broken, Ground},
    judge::{count, rules_version},
    publish_plan::{Frozen, lines, row},
};
use crate::{
    domain::{
        diff,
        exchange::Finding,
        plan::{Plan, Refusal, Summary},
        problem,
        shift::{Duty, Holder, Post, Shift},
    },
    events, problems,
    store::{
        amendments, certificates,
        entity::{published_duty, revision},
        from_json, ledger, plans,
        shifts::{self, Assignment, Origin},
        to_json, unplanned_absences,
    },
};

/// How often something is judged again when the plan moves in the meantime.
pub const TRIES: usize = 4;

/// A post of a published plan that passes from one to another; nobody is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handover {
    pub shift: String,
    pub post: Post,
    pub from: String,
    pub to: String,
}

/// What is published of a plan, on the table.
#[derive(Debug)]
pub struct Sheet {
    pub board: Arc<Board>,
    pub(super) frozen: Frozen,
    /// What it breaks already.
    pub(super) ground: Arc<Ground>,
    /// What the plans around it said when it was read.
    neighbors: Vec<(String, i32)>,
    /// Absences that nobody planned, as they were then.
    unplanned: BTreeMap<String, Vec<Span>>,
}

/// What the judge says of a plan after some posts have passed to others.
#[derive(Debug)]
pub struct Verdict {
    /// The rules that are broken anew.
    pub broken: Vec<Broken>,
    holders: Vec<Holder>,
    levels: Vec<i64>,
    hard_count: i32,
    /// Posts that nobody holds.
    holes: BTreeSet<(String, Post)>,
}

/// What goes into a revision beside who holds what.
pub struct Amendment<'a> {
    pub verdict: Verdict,
    pub certificate: &'a Certificate,
    /// Who publishes; empty for the service.
    pub publisher: &'a str,
}

// === impl App ===

impl App {
    /// What is published of a plan, with everything it is judged by.
    ///
    /// # Errors
    /// `PLAN_NOT_PUBLISHED`, `PLAN_ARCHIVED`.
    pub async fn sheet(&self, ctx: &Ctx, hospital: &str, id: &str) -> Result<Sheet, Problem> {
        let plan = self.plan(self.db.read(), hospital, id).await?;
        published_only(&plan)?;
        // Read first: what moves afterwards is noticed.
        let neighbors = amendments::neighbors(self.db.read(), hospital, id, around(&plan)?).await?;
        let unplanned = unplanned_absences::in_days(self.db.read(), hospital, plan.days).await?;
        let board = self.board(ctx, hospital, id).await?;
        published_only(&board.plan)?;
        let row = plans::find_revision(self.db.read(), hospital, id, board.plan.revision).await?;
        let row = row.ok_or_else(|| Problem::internal("the last revision is missing"))?;
        let frozen: Frozen = from_json(&row.content)?;
        let (problem, key) = board.problem_of(&frozen.shifts, &[])?;
        let holders = frozen.holders.clone();
        let ground = self.judges.ask(move || Arc::new(Ground::of(problem, key, &holders))).await?;
        Ok(Sheet { board, frozen, ground, neighbors, unplanned })
    }

    /// Judges the plan as it would be.
    pub async fn judge_handovers(&self, sheet: &Sheet, handovers: &[Handover]) -> Result<Verdict, Problem> {
        let (ground, holders) = (sheet.ground.clone(), sheet.after(handovers));
        self.judges.ask(move || ground.verdict(holders)).await
    }

    /// The certificate of the plan as it would be, as its next revision.
    pub async fn certify_handovers(
        &self,
        sheet: &Sheet,
        handovers: &[Handover],
        verdict: &Verdict,
    ) -> Result<Certificate, Problem> {
        let (board, shifts) = (sheet.board.clone(), sheet.frozen.shifts.clone());
        let (holders, open) = (sheet.after(handovers), verdict.holes.clone());
        let work = move || certificate::certify(&board.facts_of(&shifts, &holders, &open));
        self.judges.ask(work).await
    }

    /// The same, which must find nothing that is not so already.
    ///
    /// # Errors
    /// `PLAN_NOT_CERTIFIED`, with one violation per breach.
    pub async fn certified_handovers(
        &self,
        sheet: &Sheet,
        handovers: &[Handover],
        verdict: &Verdict,
    ) -> Result<Certificate, Problem> {
        let certificate = self.certify_handovers(sheet, handovers, verdict).await?;
        if certificate.breaches().next().is_some() {
            let standing = self.judge_handovers(sheet, &[]).await?;
            let standing = self.certify_handovers(sheet, &[], &standing).await?;
            certify::refuse_breaches(&sheet.board.plan, &certificate, Some(&standing))?;
        }
        Ok(certificate)
    }

    /// The plan, locked, with everybody's turn taken; none when it is not what was judged any more.
    pub async fn locked_sheet(&self, tx: &Tx, sheet: &Sheet) -> Result<Option<Plan>, Problem> {
        let seen = &sheet.board.plan;
        amendments::take_turn(tx.conn(), &seen.hospital).await?;
        let plan = self.locked_plan(tx, &seen.hospital, &seen.id).await?;
        editable(&plan)?;
        let neighbors = amendments::neighbors(tx.conn(), &seen.hospital, &seen.id, around(&plan)?).await?;
        let unplanned = unplanned_absences::in_days(tx.conn(), &seen.hospital, plan.days).await?;
        let is_same = plan.revision == seen.revision
            && neighbors == sheet.neighbors
            && unplanned == sheet.unplanned
            && !plan.was_outdated_since(seen);
        Ok(is_same.then_some(plan))
    }

    /// Writes the revision, what everybody sees, the head where it still says what was published, the ledger and the
    /// event. `plan` is locked and what was judged.
    pub async fn amend(
        &self,
        tx: &Tx,
        mut plan: Plan,
        sheet: &Sheet,
        handovers: &[Handover],
        amendment: Amendment<'_>,
    ) -> Result<Plan, Problem> {
        let Amendment { verdict, certificate, publisher } = amendment;
        let now = time::micros(tx.now());
        let mut moved = Vec::with_capacity(handovers.len());
        for handover in handovers {
            moved.extend(self.follow(tx, &plan, sheet, handover, now).await?);
        }
        let had_changes = plan.has_unpublished_changes();
        plan.revision += 1;
        plan.head += 1;
        // A proposal from before would take the exchange back.
        plan.frame += 1;
        plan.publish_time = now;
        plan.update_time = now;
        if !had_changes {
            plan.published_head = plan.head;
            plan.analysis = Some(Summary {
                levels: verdict.levels.clone(),
                hard_count: verdict.hard_count,
                hole_count: count(verdict.holes.len()),
                head: plan.head,
                absences_version: sheet.board.snapshot.absences_version.clone(),
                is_outdated: false,
                time: now,
            });
        }
        plans::save(tx.conn(), &mut plan).await?;
        for handover in handovers {
            self.show(tx, &plan, sheet, handover, now).await?;
        }
        amendments::advance(tx.conn(), &plan.hospital, &plan.id, plan.revision).await?;
        let row = sheet.revision(&plan, verdict, (publisher, &certificate.hash), now)?;
        plans::insert_revision(tx.conn(), row).await?;
        certificates::insert(tx.conn(), certify::row(&plan, certificate, now)).await?;
        let after = sheet.duties_after(handovers);
        let concerned: BTreeSet<&str> =
            handovers.iter().flat_map(|own| [own.from.as_str(), own.to.as_str()]).collect();
        let mut said = ledger::sums_of_plan(tx.conn(), &plan.hospital, &plan.id).await?;
        said.retain(|(person, _, _), _| concerned.contains(person.as_str()));
        let theirs: Vec<Duty> =
            after.iter().filter(|duty| concerned.contains(duty.staff_member.as_str())).cloned().collect();
        ledger::append(tx.conn(), &plan.hospital, lines(&sheet.board, &plan, &theirs, said, now)).await?;
        for assignment in &moved {
            events::assignment_changed(tx, &plan, Some(assignment)).await?;
        }
        let concerned = diff::people(&sheet.board.published, &after);
        events::plan_published(tx, &plan, concerned, &certificate.hash).await?;
        Ok(plan)
    }

    /// The head follows an exchange where it still says what was published, or has the post of somebody who left it
    /// emptied: what a planner decided meanwhile stays. Answers the assignment that changed.
    async fn follow(
        &self,
        tx: &Tx,
        plan: &Plan,
        sheet: &Sheet,
        handover: &Handover,
        now: i64,
    ) -> Result<Option<String>, Problem> {
        let hospital = plan.hospital.as_str();
        let held = shifts::holding(tx.conn(), hospital, &handover.shift, handover.post).await?;
        match held {
            Some(mut own) if own.duty.staff_member == handover.from => {
                if handover.to.is_empty() {
                    shifts::delete_assignment(tx.conn(), hospital, &own.id).await?;
                    return Ok(Some(own.id));
                }
                let seen = own.version;
                own.version += 1;
                own.duty.staff_member.clone_from(&handover.to);
                own.origin = Origin::Manual;
                shifts::save_assignment(tx.conn(), hospital, &own, seen).await?;
                Ok(Some(own.id))
            }
            None if !handover.to.is_empty() => {
                // The shift itself may be gone from the head.
                let shift = shifts::find(tx.conn(), hospital, &plan.id, &handover.shift).await?;
                let Some(shift) = shift else { return Ok(None) };
                let own = sheet.new_assignment(plan, &shift, handover, now);
                shifts::insert_assignments(tx.conn(), hospital, std::slice::from_ref(&own)).await?;
                Ok(Some(own.id))
            }
            _ => Ok(None),
        }
    }

    /// What everybody sees of a post.
    async fn show(
        &self,
        tx: &Tx,
        plan: &Plan,
        sheet: &Sheet,
        handover: &Handover,
        now: i64,
    ) -> Result<(), Problem> {
        let post = (plan.hospital.as_str(), handover.shift.as_str(), handover.post);
        if handover.to.is_empty() {
            return amendments::vacate(tx.conn(), post).await;
        }
        if !handover.from.is_empty() {
            return amendments::hand_over(tx.conn(), post, &handover.to, now).await;
        }
        let shift =
            sheet.shift(&handover.shift).ok_or_else(|| Problem::internal("a shift is not published"))?;
        // In the head it may have an assignment already, by which it is known from now on.
        let held = shifts::holding(tx.conn(), &plan.hospital, &handover.shift, handover.post).await?;
        let own = held.filter(|own| own.duty.staff_member == handover.to);
        let own = own.unwrap_or_else(|| sheet.new_assignment(plan, shift, handover, now));
        amendments::occupy(tx.conn(), sheet.row(plan, &own, now)).await
    }
}

/// Published, and not closed.
fn published_only(plan: &Plan) -> Result<(), Problem> {
    if plan.revision == 0 {
        return Err(problems::plan_refusal(plan, Refusal::NotPublished));
    }
    editable(plan)
}

/// The days whose published duties count in a plan.
fn around(plan: &Plan) -> Result<DayRange, Problem> {
    let (first, last) = (plan.days.first().plus(-HISTORY_DAYS), plan.days.last().plus(FOLLOWING_DAYS));
    DayRange::new(first, last).map_err(Problem::internal)
}

// === impl Sheet ===

impl Sheet {
    /// Who holds a post; nobody is empty.
    pub fn holder(&self, shift: &str, post: Post) -> &str {
        let held = self.frozen.holders.iter().find(|own| own.shift == shift && own.post == post);
        held.map_or("", |own| own.staff_member.as_str())
    }

    /// A post that passes to somebody.
    pub fn handover(&self, shift: &str, post: Post, to: &str) -> Handover {
        let from = self.holder(shift, post).to_owned();
        Handover { shift: shift.to_owned(), post, from, to: to.to_owned() }
    }

    pub fn shift(&self, id: &str) -> Option<&Shift> {
        self.frozen.shifts.iter().find(|shift| shift.id == id)
    }

    pub fn is_holiday(&self, day: calendar::Day) -> bool {
        self.board.snapshot.public_holidays.contains(&day)
    }

    /// Who holds what afterwards.
    fn after(&self, handovers: &[Handover]) -> Vec<Holder> {
        let mut holders = self.frozen.holders.clone();
        for handover in handovers {
            let is_it = |own: &Holder| own.shift == handover.shift && own.post == handover.post;
            let is_pinned = holders.iter().any(|own| is_it(own) && own.is_pinned);
            holders.retain(|own| !is_it(own));
            if !handover.to.is_empty() {
                holders.push(Holder {
                    shift: handover.shift.clone(),
                    post: handover.post,
                    staff_member: handover.to.clone(),
                    is_pinned,
                });
            }
        }
        holders
    }

    /// The duties that everybody sees afterwards.
    fn duties_after(&self, handovers: &[Handover]) -> Vec<Duty> {
        let to: BTreeMap<(&str, Post), &Handover> =
            handovers.iter().map(|own| ((own.shift.as_str(), own.post), own)).collect();
        let kept =
            self.board.published.iter().filter(|duty| !to.contains_key(&(duty.shift.as_str(), duty.post)));
        let mut duties: Vec<Duty> = kept.cloned().collect();
        for handover in handovers.iter().filter(|own| !own.to.is_empty()) {
            duties.extend(self.shift(&handover.shift).map(|shift| shift.duty(handover.post, &handover.to)));
        }
        duties
    }

    fn new_assignment(&self, plan: &Plan, shift: &Shift, handover: &Handover, now: i64) -> Assignment {
        Assignment::new(&plan.id, shift, handover.post, &handover.to, Origin::Manual, now)
    }

    fn row(&self, plan: &Plan, own: &Assignment, now: i64) -> published_duty::Model {
        let duty = &own.duty;
        let room = self.board.snapshot.room(&duty.site, &duty.sector, &duty.room);
        row(plan, own, room.map_or("", |room| room.number.as_str()), now)
    }

    fn revision(
        &self,
        plan: &Plan,
        verdict: Verdict,
        (publisher, certificate_hash): (&str, &str),
        now: i64,
    ) -> Result<revision::Model, Problem> {
        let frozen = Frozen {
            shifts: self.frozen.shifts.clone(),
            holders: verdict.holders,
            rules: self.board.rules.clone(),
        };
        Ok(revision::Model {
            hospital: plan.hospital.clone(),
            plan: plan.id.clone(),
            number: plan.revision,
            levels: to_json(&verdict.levels)?,
            assignment_count: count(frozen.holders.len()),
            hole_count: count(verdict.holes.len()),
            publisher: publisher.to_owned(),
            rules_version: rules_version(),
            content: to_json(&frozen)?,
            create_time: now,
            certificate_hash: certificate_hash.to_owned(),
        })
    }
}

// === impl Ground ===

impl Ground {
    fn verdict(&self, holders: Vec<Holder>) -> Verdict {
        let roster = problem::roster(&self.problem, &self.key, &holders);
        let judge = Evaluator::new(&self.problem, &roster);
        let is_hole = |slot: &SlotIx| {
            !matches!(self.problem.slot(*slot).kind, SlotKind::Volant { .. }) && !judge.is_covered(*slot)
        };
        let holes = self.problem.slot_indices().filter(is_hole).map(|slot| {
            let is_unsupervised = judge.get(Seat::performer(slot)).is_some();
            let post = if is_unsupervised { Post::Supervisor } else { Post::Performer };
            (self.key.shift(slot).to_owned(), post)
        });
        let holes = holes.collect();
        let matches = roster::matches(&self.problem, &roster);
        let hard = matches.iter().filter(|found| found.level == Level::Hard).count();
        let levels = judge.score().levels().to_vec();
        let broken = self.broken_by(&holders);
        Verdict { broken, levels, hard_count: count(hard), holes, holders }
    }
}

// === impl Verdict ===

impl Verdict {
    /// Refuses what breaks hard rules that were kept, one violation a match.
    pub fn allowed(&self, plan: &Plan, reason: Reason) -> Result<(), Problem> {
        let mut hard = self.broken.iter().filter(|own| own.is_hard).peekable();
        if hard.peek().is_none() {
            return Ok(());
        }
        let whole = PlanName::new(&plan.hospital, &plan.id).to_string();
        let problem = Problem::precondition(reason, "it would break hard rules that are kept now");
        Err(hard.fold(problem, |problem, own| {
            let shift = |id: &String| ShiftName::new(&plan.hospital, &plan.id, id).to_string();
            let subject = own.shifts.first().map_or_else(|| whole.clone(), shift);
            problem.and(own.rule, subject, title(own.rule))
        }))
    }

    /// The soft rules that are broken anew.
    pub fn findings(&self) -> Vec<Finding> {
        let soft = self.broken.iter().filter(|own| !own.is_hard);
        soft.map(Broken::finding).collect()
    }
}

impl Broken {
    pub fn finding(&self) -> Finding {
        Finding {
            rule: self.rule.to_owned(),
            people: self.people.clone(),
            shifts: self.shifts.clone(),
            cost: self.cost,
        }
    }
}

/// What a rule is called.
fn title(code: &str) -> &'static str {
    let rule = roster::RuleId::from_code(code);
    rule.map_or("", |rule| rule.entry().title_en)
}
