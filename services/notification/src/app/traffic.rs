//! How much hospitals call: told by the gateway, and when it is least.

use calendar::working_time::Zone;
use chassis::{Ctx, Problem, Target, Violation};
use proto::error::v1::Reason;

use super::{App, POLICY};
use crate::{
    domain::traffic::{self, Asked, HOURS_MIN, Refusal, Report, Suggestions, Wanted},
    metrics,
};

// === impl App ===

impl App {
    /// Keeps what a process of the gateway counted. `report` is judged once the caller is known to be allowed.
    pub async fn report_traffic(&self, ctx: &Ctx, report: Result<Report, Problem>) -> Result<(), Problem> {
        // What the gateway counts is its own word; nobody says it through the gateway.
        if ctx.principal.person().is_some() {
            return Err(Problem::denied());
        }
        POLICY.authorize(ctx, "traffic.report", Target::hospital(""))?;
        let report = report?;
        if report.is_misdated(ctx.now) {
            metrics::misdated();
            let text = "the hour has not begun yet, or is older than what is kept";
            let subject = report.hour.start().to_string();
            return Err(Problem::precondition(Reason::TrafficMisdated, text).and("HOUR", subject, text));
        }
        let tx = self.store.db().begin(ctx).await?;
        self.store.put_traffic(&tx, &report).await?;
        tx.commit().await
    }

    /// The windows in which a hospital calls least.
    pub async fn suggest_maintenance_windows(
        &self,
        ctx: &Ctx,
        hospital: &str,
        asked: Result<Asked, Problem>,
    ) -> Result<Suggestions, Problem> {
        POLICY.authorize(ctx, "notices.write", Target::hospital(hospital))?;
        let wanted = Wanted::of(asked?, ctx.now).map_err(|flaws| {
            let violations = flaws.into_iter().map(|(field, text)| Violation::new(field, text));
            Problem::invalid(violations.collect())
        })?;
        let hours = (traffic::first_kept(ctx.now), traffic::last_told(ctx.now));
        let reader = self.store.db().stale(ctx).await;
        let seen = self.store.seen_traffic(&reader, hospital, hours).await?;
        traffic::suggest(&seen, &wanted, &Zone::paris()).map_err(|refusal| not_seen(refusal, seen.0.len()))
    }
}

fn not_seen(refusal: Refusal, hours: usize) -> Problem {
    let text = match refusal {
        Refusal::TooLittle => "too few hours were seen to say which are quiet",
        Refusal::Unseen => "none of these hours of the week was ever seen",
    };
    Problem::precondition(Reason::TrafficNotSeen, text)
        .and("TRAFFIC", "hours", text)
        .with("seen_hour_count", hours.to_string())
        .with("seen_hour_count_min", HOURS_MIN.to_string())
}
