//! Check: whether what is published still holds together, asked after a restore.

use std::collections::BTreeSet;

use chassis::{BoxError, Ctx};
use durable::check::Rule;

use super::{
    App,
    board::Board,
    judge::hard_count,
    publish_plan::{Frozen, lines},
};
use crate::store::{certificates, from_json, ledger, plans};

const RULES: &[Rule] = &[
    Rule {
        promise: "what everybody sees is of the last revision of its plan",
        broken: "SELECT COUNT(*) AS broken FROM published_duty d WHERE NOT EXISTS (SELECT 1 FROM plan p WHERE p.hospital = d.hospital AND p.id = d.plan AND p.revision = d.revision)",
    },
    Rule {
        promise: "a plan with revisions has its last one",
        broken: "SELECT COUNT(*) AS broken FROM plan p WHERE p.revision > 0 AND NOT EXISTS (SELECT 1 FROM revision r WHERE r.hospital = p.hospital AND r.plan = p.id AND r.number = p.revision)",
    },
    Rule {
        promise: "a post is held by one person",
        broken: "SELECT COUNT(*) AS broken FROM (SELECT hospital FROM published_duty GROUP BY hospital, shift, post HAVING COUNT(*) > 1) AS doubled",
    },
    Rule {
        promise: "an assignment is of a shift of its plan",
        broken: "SELECT COUNT(*) AS broken FROM assignment a WHERE NOT EXISTS (SELECT 1 FROM shift s WHERE s.hospital = a.hospital AND s.id = a.shift AND s.plan = a.plan)",
    },
    Rule {
        promise: "no line of the ledger is of a revision that does not exist",
        broken: "SELECT COUNT(*) AS broken FROM ledger l WHERE l.source = '' AND NOT EXISTS (SELECT 1 FROM revision r WHERE r.hospital = l.hospital AND r.plan = l.plan AND r.number = l.revision)",
    },
    Rule {
        promise: "an adjustment of a counter names its author",
        broken: "SELECT COUNT(*) AS broken FROM ledger l WHERE l.source = 'ADJUSTMENT' AND l.author = ''",
    },
    Rule {
        promise: "a plan has at most one generation that runs",
        broken: "SELECT COUNT(*) AS broken FROM (SELECT hospital FROM operation WHERE done = FALSE GROUP BY hospital, plan HAVING COUNT(*) > 1) AS doubled",
    },
];

// === impl App ===

impl App {
    /// A line for each promise that is broken.
    pub async fn check(&self, ctx: &Ctx) -> Result<Vec<String>, BoxError> {
        let mut broken = durable::check::check(&self.db, RULES).await?;
        for plan in plans::published(self.db.read()).await? {
            let board = self.board(ctx, &plan.hospital, &plan.id).await?;
            for finding in self.check_published(&board).await? {
                broken.push(format!("hospitals/{}/plans/{}: {finding}", plan.hospital, plan.id));
            }
        }
        Ok(broken)
    }

    /// What everybody sees, against the revision it comes from, the judge and the ledger.
    async fn check_published(&self, board: &Board) -> Result<Vec<String>, BoxError> {
        let (hospital, plan) = (board.plan.hospital.as_str(), board.plan.id.as_str());
        let row = plans::find_revision(self.db.read(), hospital, plan, board.plan.revision).await?;
        let Some(row) = row else { return Ok(vec!["the last revision is missing".to_owned()]) };
        let frozen: Frozen = from_json(&row.content)?;
        let mut broken = Vec::new();
        let certificate = certificates::find(self.db.read(), hospital, plan, row.number).await?;
        match certificate {
            Some(own) if certificate::hash(&certificates::facts(&own)?) != own.hash => {
                broken.push("the facts of the certificate are not those of its hash".to_owned());
            }
            Some(own) if own.hash != row.certificate_hash => {
                broken.push("the certificate is not the revision's".to_owned());
            }
            None if !row.certificate_hash.is_empty() => {
                broken.push("the certificate is missing".to_owned());
            }
            _ => {}
        }
        let frozen_posts: BTreeSet<_> =
            frozen.holders.iter().map(|own| (&own.shift, own.post, &own.staff_member)).collect();
        let seen: BTreeSet<_> =
            board.published.iter().map(|own| (&own.shift, own.post, &own.staff_member)).collect();
        let differ = frozen_posts.symmetric_difference(&seen).count();
        if differ > 0 {
            broken.push(format!("{differ} duties that everybody sees differ from the revision"));
        }
        let (problem, key) = board.problem_of(&frozen.shifts, &[])?;
        let hard = hard_count(&self.judges.judge(problem, key, frozen.holders).await?.analysis);
        if hard > 0 {
            broken.push(format!("the judge finds {hard} broken hard rules, as people and absences are now"));
        }
        let said = ledger::sums_of_plan(self.db.read(), hospital, plan).await?;
        let due = lines(board, &board.plan, &board.published, said, 0).len();
        if due > 0 {
            broken.push(format!("{due} counters differ from the sums of the ledger, as holidays are now"));
        }
        Ok(broken)
    }
}
