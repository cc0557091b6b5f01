//! PublishPlan: the head becomes what everybody sees.

use std::collections::BTreeMap;

use certificate::Certificate;
use chassis::{Ctx, Problem};
use durable::{Once, Tx, etag, time};
use proto::names::ShiftName;
use roster::Level;
use serde::{Deserialize, Serialize};

use super::{
    App,
    audit::of_plan,
    board::Board,
    certify, editable,
    judge::{Judged, count, rules_version},
};
use crate::{
    domain::{
        diff,
        ledger::{self, Line, Source, Tally},
        plan::{Plan, State},
        rule_set::RuleSet,
        shift::{Duty, Holder, Shift, part_code},
    },
    events, metrics, problems,
    store::{
        certificates,
        entity::{published_duty, revision},
        ledger as lines_store, new_id, plans, published,
        shifts::Assignment,
        to_json,
    },
};

/// What a revision freezes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Frozen {
    pub shifts: Vec<Shift>,
    pub holders: Vec<Holder>,
    pub rules: RuleSet,
}

/// How often a publication is judged when notices of absences arrive in the meantime.
const TRIES: usize = 3;

// === impl App ===

impl App {
    pub async fn publish_plan(
        &self,
        ctx: &Ctx,
        hospital: &str,
        id: &str,
        sent: &str,
        is_preview: bool,
        once: &Once,
    ) -> Result<Plan, Problem> {
        self.allow_on(ctx, "plans.publish", hospital, id).await?;
        if self.replayed::<String>(ctx, once).await?.is_some() {
            return self.plan(self.db.read(), hospital, id).await;
        }
        // A notice of a leave may come long after the leave was read: absences are then read again, and are the same.
        for _ in 0..TRIES {
            if let Some(plan) = self.try_publish(ctx, hospital, id, sent, is_preview, once).await? {
                return Ok(plan);
            }
        }
        Err(problems::absences_moved())
    }

    /// `None` when an absence was told of while the judge was busy.
    async fn try_publish(
        &self,
        ctx: &Ctx,
        hospital: &str,
        id: &str,
        sent: &str,
        is_preview: bool,
        once: &Once,
    ) -> Result<Option<Plan>, Problem> {
        let board = self.board(ctx, hospital, id).await?;
        etag::check(sent, board.plan.version, true)?;
        editable(&board.plan)?;
        // What the planner looked at was judged against these absences.
        let seen = board.plan.analysis.as_ref().map(|summary| summary.absences_version.as_str());
        if seen.is_some_and(|seen| seen != board.snapshot.absences_version) {
            return Err(problems::absences_moved());
        }
        let holders = board.holders();
        let (problem, key) = board.problem(&holders)?;
        let judged = self.judges.judge(problem, key, holders).await?;
        refuse_hard(&board, &judged)?;
        let certificate = self.certify(&board, &judged).await?;
        if is_preview {
            return Ok(Some(board.plan.clone()));
        }
        let tx = self.db.begin(ctx).await?;
        let plan = self.locked_plan(&tx, hospital, id).await?;
        if once.replay::<String>(&tx).await?.is_some() {
            return Ok(Some(plan));
        }
        etag::check(sent, plan.version, true)?;
        // A leave that is approved from here on finds the plan published and marks it; one that was approved while
        // the judge was busy has marked it already.
        if plan.was_outdated_since(&board.plan) {
            return Ok(None);
        }
        let plan = freeze(ctx, &tx, &board, &judged, &certificate).await?;
        let (old, new) = (board.plan.revision.to_string(), plan.revision.to_string());
        let published = of_plan("plan.publish", &plan).value("revision", &old, &new);
        tx.audit(published.value("certificate", "", &certificate.hash));
        once.record(&tx, &plan.id).await?;
        tx.commit().await?;
        metrics::plan_published();
        tracing::info!(hospital.id = hospital, plan.id = id, plan.revision = plan.revision, "plan published");
        Ok(Some(plan))
    }
}

/// Refuses with one violation per broken hard rule.
fn refuse_hard(board: &Board, judged: &Judged) -> Result<(), Problem> {
    let hard: Vec<(String, String, String)> = (judged.analysis.rules.iter())
        .flat_map(|report| &report.matches)
        .filter(|found| found.level == Level::Hard)
        .map(|found| {
            let subject = found.facts.slots.first().map(|slot| {
                ShiftName::new(&board.plan.hospital, &board.plan.id, judged.shift(*slot)).to_string()
            });
            let days =
                found.facts.days.iter().map(|day| board.plan.days.first().plus(i32::from(day.0)).to_string());
            let text = format!("{}: {}", found.rule.entry().title_en, days.collect::<Vec<_>>().join(", "));
            (found.rule.code().to_owned(), subject.unwrap_or_default(), text)
        })
        .collect();
    if hard.is_empty() { Ok(()) } else { Err(problems::hard_violations(hard)) }
}

/// Writes the revision with its certificate, the duties everybody sees, the ledger and the event.
async fn freeze(
    ctx: &Ctx,
    tx: &Tx,
    board: &Board,
    judged: &Judged,
    certificate: &Certificate,
) -> Result<Plan, Problem> {
    let now = time::micros(tx.now());
    let mut plan = board.plan.clone();
    plan.revision += 1;
    plan.state = State::Published;
    plan.published_head = plan.head;
    plan.publish_time = now;
    plan.update_time = now;
    plan.analysis = Some(judged.summary(plan.head, &board.snapshot.absences_version, now));
    plans::save(tx.conn(), &mut plan).await?;
    let frozen =
        Frozen { shifts: board.shifts.clone(), holders: board.holders(), rules: board.rules.clone() };
    let row = revision::Model {
        hospital: plan.hospital.clone(),
        plan: plan.id.clone(),
        number: plan.revision,
        levels: to_json(&judged.analysis.score.levels())?,
        assignment_count: count(board.assignments.len()),
        hole_count: count(judged.analysis.holes.len()),
        publisher: ctx.principal.person().map_or_else(String::new, |person| person.staff_member.clone()),
        rules_version: rules_version(),
        content: to_json(&frozen)?,
        create_time: now,
        certificate_hash: certificate.hash.clone(),
    };
    plans::insert_revision(tx.conn(), row).await?;
    certificates::insert(tx.conn(), certify::row(&plan, certificate, now)).await?;
    published::replace(tx.conn(), &plan.hospital, &plan.id, rows(board, &plan, now)).await?;
    let after: Vec<Duty> = board.assignments.iter().map(|own| own.duty.clone()).collect();
    let said = lines_store::sums_of_plan(tx.conn(), &plan.hospital, &plan.id).await?;
    lines_store::append(tx.conn(), &plan.hospital, lines(board, &plan, &after, said, now)).await?;
    events::plan_published(tx, &plan, diff::people(&board.published, &after), &certificate.hash).await?;
    Ok(plan)
}

fn rows(board: &Board, plan: &Plan, now: i64) -> Vec<published_duty::Model> {
    let numbers: BTreeMap<(&str, &str, &str), &str> = (board.snapshot.rooms.iter())
        .map(|room| ((room.site.as_str(), room.sector.as_str(), room.id.as_str()), room.number.as_str()))
        .collect();
    let rows = board.assignments.iter().map(|own| {
        let duty = &own.duty;
        let place = (duty.site.as_str(), duty.sector.as_str(), duty.room.as_str());
        row(plan, own, numbers.get(&place).copied().unwrap_or_default(), now)
    });
    rows.collect()
}

/// What everybody sees of an assignment, in a room of that number.
pub(super) fn row(plan: &Plan, own: &Assignment, room_number: &str, now: i64) -> published_duty::Model {
    let duty = &own.duty;
    published_duty::Model {
        hospital: plan.hospital.clone(),
        id: own.id.clone(),
        plan: plan.id.clone(),
        revision: plan.revision,
        shift: duty.shift.clone(),
        post: duty.post.code().to_owned(),
        staff_member: duty.staff_member.clone(),
        kind: duty.kind.code().to_owned(),
        date: duty.day.to_string(),
        part: part_code(duty.part).to_owned(),
        site: duty.site.clone(),
        sector: duty.sector.clone(),
        room: duty.room.clone(),
        room_number: room_number.to_owned(),
        is_pinned: own.is_pinned,
        origin: own.origin.code().to_owned(),
        publish_time: now,
        create_time: own.create_time,
        sort_key: own.sort_key.clone(),
    }
}

/// The lines that bring the ledger from what it says of the plan to what this revision says.
pub(super) fn lines(board: &Board, plan: &Plan, after: &[Duty], said: Tally, now: i64) -> Vec<Line> {
    let due = ledger::tally(after, |day| board.snapshot.public_holidays.contains(&day));
    let owed = ledger::owed(said, due).into_iter();
    let lines = owed.map(|((staff_member, shift, counter), (day, quantity))| Line {
        id: new_id(),
        staff_member,
        counter,
        day,
        quantity,
        source: Source::Publication,
        plan: plan.id.clone(),
        revision: plan.revision,
        shift,
        justification: String::new(),
        author: String::new(),
        create_time: now,
    });
    lines.collect()
}
