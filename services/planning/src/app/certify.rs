//! The certificate of what is about to be published, and how it is read afterwards.

use std::{collections::BTreeSet, sync::Arc};

use certificate::Certificate;
use chassis::{Ctx, Problem};
use durable::page::Page;
use proto::names::ShiftName;

use super::{
    App,
    board::Board,
    judge::{Judged, count},
    not_found_in,
};
use crate::{
    domain::{plan::Plan, problem, shift::Post},
    metrics, problems,
    store::{certificates, entity::certificate::Model},
    wire,
};

// === impl App ===

impl App {
    /// Checks the head a second time, as the plan's next revision.
    ///
    /// # Errors
    /// `PLAN_NOT_CERTIFIED`, with one violation per breach: the judge found none.
    pub(super) async fn certify(&self, board: &Arc<Board>, judged: &Judged) -> Result<Certificate, Problem> {
        let open: BTreeSet<(String, Post)> = (judged.analysis.holes.iter())
            .map(|hole| (judged.shift(hole.seat.slot).to_owned(), problem::post(hole.seat.post)))
            .collect();
        let (on_table, holders) = (Arc::clone(board), board.holders());
        let work = move || certificate::certify(&on_table.facts_of(&on_table.shifts, &holders, &open));
        let certificate = self.judges.ask(work).await?;
        refuse_breaches(&board.plan, &certificate, None)?;
        Ok(certificate)
    }

    /// The certificate of a revision that the caller may see.
    pub async fn get_certificate(
        &self,
        ctx: &Ctx,
        hospital: &str,
        plan: &str,
        number: i32,
    ) -> Result<Model, Problem> {
        let plan = self.get_plan(ctx, hospital, plan).await?;
        let reader = self.db.fresh(ctx);
        let row = certificates::find(&reader, hospital, &plan.id, number).await?;
        reader.vouch(row.ok_or_else(|| missing(&plan, number)))
    }

    /// A page of the facts behind a certificate's hash, each with its position.
    pub async fn list_certificate_facts(
        &self,
        ctx: &Ctx,
        hospital: &str,
        plan: &str,
        number: i32,
        page: &Page,
    ) -> Result<Vec<(usize, String)>, Problem> {
        self.allow(ctx, "plans.publish", hospital)?;
        let row = self.get_certificate(ctx, hospital, plan, number).await?;
        let from = page.after().and_then(|after| after.parse::<usize>().ok()).map_or(0, |after| after + 1);
        let facts = certificates::facts(&row)?.into_iter().enumerate().skip(from);
        let limit = usize::try_from(page.limit() + 1).unwrap_or(usize::MAX);
        Ok(facts.take(limit).map(|(at, fact)| (at, fact.to_owned())).collect())
    }
}

/// What a revision that has no certificate answers: it is from before there were any.
fn missing(plan: &Plan, number: i32) -> Problem {
    not_found_in("Certificate", plan, "revisions", &format!("{number}/certificate"))
}

/// Refuses with one violation per breach that is not so already, by what stands.
pub(super) fn refuse_breaches(
    plan: &Plan,
    certificate: &Certificate,
    standing: Option<&Certificate>,
) -> Result<(), Problem> {
    let standing: BTreeSet<_> = standing.iter().flat_map(|own| own.breaches()).collect();
    let fresh: Vec<_> = certificate.breaches().filter(|own| !standing.contains(own)).collect();
    let breaches = fresh.iter().map(|(rule, breach)| {
        let subject = breach.shifts.last().map(|shift| ShiftName::new(&plan.hospital, &plan.id, shift));
        let text = format!(
            "{}: {} to {}, measured {}, limit {}",
            breach.law, breach.start, breach.end, breach.measured, breach.limit
        );
        (rule.code().to_owned(), subject.map_or_else(String::new, |name| name.to_string()), text)
    });
    let breaches: Vec<_> = breaches.collect();
    if breaches.is_empty() {
        return Ok(());
    }
    metrics::certificate_refused();
    // One of the two who look at plans is wrong, or does not look at this.
    tracing::warn!(
        hospital.id = plan.hospital,
        plan.id = plan.id,
        breaches = breaches.len(),
        rules = ?fresh.iter().map(|(rule, _)| rule.code()).collect::<BTreeSet<_>>(),
        "the certificate finds what the judge does not"
    );
    Err(problems::not_certified(breaches))
}

/// A certificate as it is kept with the revision that it is about.
pub(super) fn row(plan: &Plan, certificate: &Certificate, now: i64) -> Model {
    let mut facts = String::with_capacity(certificate.facts.iter().map(|own| own.len() + 1).sum());
    for fact in &certificate.facts {
        facts.push_str(fact);
        facts.push('\n');
    }
    Model {
        hospital: plan.hospital.clone(),
        plan: plan.id.clone(),
        number: plan.revision,
        format: certificate::FORMAT.to_owned(),
        hash: certificate.hash.clone(),
        verdict: wire::verdict(certificate.verdict).as_str_name().trim_start_matches("VERDICT_").to_owned(),
        fact_count: count(certificate.facts.len()),
        content: wire::certificate_bytes(plan, certificate),
        facts: facts.into_bytes(),
        create_time: now,
    }
}
