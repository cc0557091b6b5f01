//! What time ends: swaps that nobody answered, posts that nobody took. The database's clock decides.

use chassis::{Ctx, Problem};
use durable::time;
use tonic::Code;

use super::{
    App,
    amend::Amendment,
    propose_swap::of_swap,
    replacements::{of_replacement, waiting},
};
use crate::{
    domain::{
        replacement::{Replacement, State as Post},
        swap::{State, Step, Swap},
    },
    exchange_events as events, metrics,
    store::{amendments, replacements, swaps},
};

/// How many are looked at in one go.
const AT_ONCE: u64 = 50;

/// Who did it, in the audit log.
const ACTOR: &str = "services/planning";

// === impl App ===

impl App {
    /// Whether there may be more.
    pub async fn expire_exchanges(&self, ctx: &Ctx) -> Result<bool, Problem> {
        let clock = self.db.now_micros(self.db.read()).await.map_err(durable::problem)?;
        let late = swaps::overdue(self.db.read(), clock, AT_ONCE).await?;
        let mut is_rest = late.len() as u64 == AT_ONCE;
        for swap in late {
            self.expire_swap(ctx, swap).await?;
        }
        let late = replacements::overdue(self.db.read(), clock, AT_ONCE).await?;
        for own in late {
            match self.give_up_post(ctx, &own).await {
                // What it is judged by is away: it is given up later.
                Err(problem) if problem.code() == Code::Unavailable => {
                    tracing::warn!(replacement.id = own.id, "a post that nobody took waits for a neighbor");
                    is_rest = false;
                }
                other => other?,
            }
        }
        Ok(is_rest)
    }

    async fn expire_swap(&self, ctx: &Ctx, seen: Swap) -> Result<(), Problem> {
        let tx = self.db.begin(ctx).await?;
        let Some(mut swap) = swaps::find(tx.conn(), &seen.hospital, &seen.id).await? else { return Ok(()) };
        let clock = self.db.now_micros(tx.conn()).await.map_err(durable::problem)?;
        // Another instance, or an answer at the last moment, was faster.
        if swap.allows(Step::Expire, clock).is_err() {
            return Ok(());
        }
        let old = swap.state;
        swap.step(State::Expired, time::micros(tx.now()));
        match swaps::save(tx.conn(), &mut swap).await {
            Err(problem) if problem.code() == Code::Aborted => return Ok(()),
            other => other?,
        }
        let line = of_swap("swap.expire", &swap).by(ACTOR);
        tx.audit(line.value("state", old.code(), swap.state.code()));
        events::swap_expired(&tx, &swap).await?;
        tx.commit().await?;
        metrics::swap_ended(State::Expired.code());
        Ok(())
    }

    /// The post becomes a hole that everybody sees: who is absent does not hold it any more.
    async fn give_up_post(&self, ctx: &Ctx, seen: &Replacement) -> Result<(), Problem> {
        let sheet = match self.sheet(ctx, &seen.hospital, &seen.plan).await {
            Ok(sheet) => Some(sheet),
            Err(problem) if problem.code() == Code::Unavailable => return Err(problem),
            // Archived, or not to be judged any more: what is published stays.
            Err(_) => None,
        };
        let handover = sheet.as_ref().map(|sheet| sheet.handover(&seen.item.shift, seen.item.post, ""));
        let holder = handover.as_ref().map_or("", |own| own.from.as_str());
        let is_absent = !holder.is_empty() && holder == seen.absent;
        let verdict = match (&sheet, &handover) {
            (Some(sheet), Some(own)) if is_absent => {
                let handovers = std::slice::from_ref(own);
                let verdict = self.judge_handovers(sheet, handovers).await?;
                let certificate = self.certify_handovers(sheet, handovers, &verdict).await?;
                Some((verdict, certificate))
            }
            _ => None,
        };
        let tx = self.db.begin(ctx).await?;
        amendments::take_turn(tx.conn(), &seen.hospital).await?;
        let Some(mut own) = replacements::find(tx.conn(), &seen.hospital, &seen.id).await? else {
            return Ok(());
        };
        if !own.state.is_open() {
            return Ok(());
        }
        let now = time::micros(tx.now());
        let asked = waiting(&tx, &own).await?;
        if let (Some(sheet), Some(handover), Some((verdict, certificate))) = (&sheet, &handover, verdict) {
            // It is looked at again when the plan moved.
            let Some(plan) = self.locked_sheet(&tx, sheet).await? else { return Ok(()) };
            let handovers = std::slice::from_ref(handover);
            let amendment = Amendment { verdict, certificate: &certificate, publisher: "" };
            own.revision = self.amend(&tx, plan, sheet, handovers, amendment).await?.revision;
        }
        if holder.is_empty() || is_absent {
            own.end(Post::Unfilled, now);
            events::replacement_unfilled(&tx, &own, &asked).await?;
        } else {
            // A planner has published somebody else there.
            holder.clone_into(&mut own.staff_member);
            own.end(Post::Filled, now);
            events::replacement_filled(&tx, &own, &asked).await?;
        }
        replacements::close_offers(tx.conn(), &own.hospital, &own.id, now).await?;
        replacements::save(tx.conn(), &mut own).await?;
        tx.audit(of_replacement("replacement.give_up", &own).by(ACTOR));
        tx.commit().await?;
        metrics::replacement_ended(own.state.code());
        Ok(())
    }
}

#[cfg(test)]
mod tests;
