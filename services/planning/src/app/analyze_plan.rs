//! AnalyzePlan: the judge's full word on a head, a proposal or a revision.

use std::sync::Arc;

use chassis::{Ctx, Problem};
use durable::{etag, time};

use super::{App, board::Board, judge::Judged, not_found_in, publish_plan::Frozen};
use crate::{
    domain::plan::Summary,
    store::{from_json, plans, proposals},
};

/// What is to be judged.
#[derive(Debug)]
pub enum Subject {
    Head,
    Proposal(String),
    Revision(i32),
}

// === impl App ===

impl App {
    pub async fn analyze_plan(
        &self,
        ctx: &Ctx,
        hospital: &str,
        plan: &str,
        subject: Subject,
    ) -> Result<(Arc<Board>, Judged), Problem> {
        self.allow_on(ctx, "plans.edit", hospital, plan).await?;
        let board = self.board(ctx, hospital, plan).await?;
        let judged = match subject {
            Subject::Head => {
                let holders = board.holders();
                let (problem, key) = board.problem(&holders)?;
                let judged = self.judges.judge(problem, key, holders).await?;
                self.keep_summary(ctx, &board, &judged).await?;
                judged
            }
            Subject::Proposal(id) => {
                let row = proposals::find(self.db.read(), hospital, plan, &id).await?;
                let row = row.ok_or_else(|| not_found_in("Proposal", &board.plan, "proposals", &id))?;
                let (problem, key) = board.problem(&board.holders())?;
                self.judges.judge(problem, key, from_json(&row.entries)?).await?
            }
            Subject::Revision(number) => {
                let row = plans::find_revision(self.db.read(), hospital, plan, number).await?;
                let row = row
                    .ok_or_else(|| not_found_in("Revision", &board.plan, "revisions", &number.to_string()))?;
                let frozen: Frozen = from_json(&row.content)?;
                let (problem, key) = board.problem_of(&frozen.shifts, &[])?;
                self.judges.judge(problem, key, frozen.holders).await?
            }
        };
        Ok((board, judged))
    }

    /// Keeps what the judge said of the head, unless the head moved meanwhile: then it tells about another one.
    async fn keep_summary(&self, ctx: &Ctx, board: &Board, judged: &Judged) -> Result<(), Problem> {
        let tx = self.db.begin(ctx).await?;
        let Some(mut plan) = plans::lock(tx.conn(), &board.plan.hospital, &board.plan.id).await? else {
            return Ok(());
        };
        if plan.head != board.plan.head {
            return Ok(());
        }
        // What moved while the judge was busy stays marked.
        let is_outdated = plan.was_outdated_since(&board.plan);
        let absences = &board.snapshot.absences_version;
        let summary = judged.summary(plan.head, absences, time::micros(tx.now()));
        plan.analysis = Some(Summary { is_outdated, ..summary });
        match plans::save(tx.conn(), &mut plan).await {
            Ok(()) => tx.commit().await,
            Err(problem) if problem.reason() == etag::mismatch(0).reason() => Ok(()),
            Err(problem) => Err(problem),
        }
    }
}
