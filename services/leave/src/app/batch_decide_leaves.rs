//! Decides about several leaves at once: all or none.

use std::collections::{BTreeMap, BTreeSet};

use chassis::{Ctx, Problem, Target};
use durable::{Once, Tx, etag};
use proto::names::LeaveName;

use super::{
    App, View,
    approve_leave::Approval,
    permissions::{self, POLICY},
    support::decision,
};
use crate::{
    domain::{
        leave::{Decision, Leave, State},
        policy::Policy,
        ranking::{self, Rank},
    },
    store::Guard,
};

/// What is decided.
pub struct BatchDecideLeaves {
    /// Hospital id.
    pub hospital: String,
    /// In the order in which they are taken; told what is wrong with them only to who may decide at all.
    pub verdicts: Result<Vec<Verdict>, Problem>,
    /// Changes nothing.
    pub validate_only: bool,
}

/// One decision.
pub struct Verdict {
    /// The leave.
    pub name: LeaveName,
    /// The version that was looked at.
    pub etag: String,
    /// Approved, or rejected.
    pub is_approval: bool,
    /// Shown to the requester.
    pub comment: String,
    /// Against what blocks.
    pub force: bool,
}

// === impl App ===

impl App {
    /// PENDING → APPROVED or REJECTED, for each.
    pub async fn batch_decide_leaves(
        &self,
        ctx: &Ctx,
        command: BatchDecideLeaves,
        once: Once,
    ) -> Result<Vec<View>, Problem> {
        let hospital = &command.hospital;
        let target = Target::hospital(hospital);
        permissions::begin(ctx, "leaves.approve", target)?;
        let verdicts = command.verdicts?;
        if verdicts.iter().any(|verdict| verdict.force) {
            POLICY.authorize(ctx, "leaves.force", target)?;
        }
        self.store.db().writable()?;
        let (mut professions, mut people) = (BTreeMap::new(), BTreeSet::new());
        for verdict in &verdicts {
            let seen = self.leave(&verdict.name).await?;
            permissions::authorize(ctx, "leaves.approve", target, &seen.profession)?;
            professions.insert(seen.profession, 0);
            people.insert(seen.staff_member);
        }
        for (profession, head_count) in &mut professions {
            *head_count = self.staff.head_count(ctx, hospital, profession).await?;
        }

        let tx = self.store.db().begin(ctx).await?;
        if let Some(views) = once.replay(&tx).await? {
            return Ok(views);
        }
        // Everybody takes turns in one order: professions, then people, each by id.
        for profession in professions.keys() {
            self.store.guard(&tx, hospital, Guard::Profession(profession)).await?;
        }
        for person in &people {
            self.store.guard(&tx, hospital, Guard::Person(person)).await?;
        }
        let policy = self.store.policy(tx.conn(), hospital).await?;
        let ranks = self.ranks(&tx, &verdicts, &policy).await?;
        let mut views = Vec::with_capacity(verdicts.len());
        for (index, (verdict, rank)) in verdicts.into_iter().zip(ranks).enumerate() {
            let decided = self.decide_one(&tx, ctx, verdict, rank, (&policy, &professions)).await;
            views.push(decided.map_err(|problem| problem.with("decision", index.to_string()))?);
        }
        if !command.validate_only {
            once.record(&tx, &views).await?;
            tx.commit().await?;
        }
        Ok(views)
    }

    async fn decide_one(
        &self,
        tx: &Tx,
        ctx: &Ctx,
        verdict: Verdict,
        rank: Option<Rank>,
        (policy, head_counts): (&Policy, &BTreeMap<String, i32>),
    ) -> Result<View, Problem> {
        let leave = self.leave_in(tx, &verdict.name).await?;
        etag::check(&verdict.etag, leave.version, true)?;
        if verdict.is_approval {
            let head_count = head_counts.get(&leave.profession).copied().unwrap_or(0);
            let approval = Approval { comment: verdict.comment, force: verdict.force, rank };
            return self.approve_in(tx, ctx, leave, (policy, head_count), approval).await;
        }
        let decision = Decision { rank, ..decision(ctx, verdict.comment, false) };
        let leave = self.save(tx, ctx, leave.reject(decision)?).await?;
        Ok(self.view(ctx, leave, vec![]))
    }

    /// Where each leave stands before anything is decided.
    async fn ranks(
        &self,
        tx: &Tx,
        verdicts: &[Verdict],
        policy: &Policy,
    ) -> Result<Vec<Option<Rank>>, Problem> {
        let mut ranks = Vec::with_capacity(verdicts.len());
        for verdict in verdicts {
            let leave = self.leave_in(tx, &verdict.name).await?;
            let range = leave.span.range();
            let waiting =
                self.store.leaves_touching(tx.conn(), &leave.hospital, &[State::Pending], range).await?;
            let waiting: Vec<Leave> = waiting
                .into_iter()
                .filter(|other| other.profession == leave.profession && other.span.overlaps(leave.span))
                .collect();
            let candidates = self.candidates(tx.conn(), policy, leave.span, &waiting).await?;
            let ranked = ranking::rank(&candidates, ranking::method(policy, leave.span));
            let own = ranked.into_iter().find(|(index, _)| waiting[*index].id == leave.id);
            ranks.push(own.map(|(_, rank)| rank));
        }
        Ok(ranks)
    }
}
