//! AcceptSwap, ApproveSwap, DeclineSwap, RefuseSwap, CancelSwap: what becomes of a swap.

use chassis::{Ctx, Problem, Violation};
use durable::{Once, Tx, etag, time};
use proto::error::v1::Reason;

use super::{
    App,
    amend::{Amendment, Sheet, TRIES},
    propose_swap::{Deal, note, of_swap},
    swaps::{is_me, me},
};
use crate::{
    domain::{
        exchange::{self, Item},
        swap::{State, Step, Swap},
    },
    exchange_events as events, exchange_problems as problems, metrics,
    store::{exchange_policy, swaps},
};

/// Which swap, as it was seen.
#[derive(Clone, Copy, Debug)]
pub struct Which<'a> {
    pub hospital: &'a str,
    pub id: &'a str,
    pub etag: &'a str,
}

/// An acceptance. What is not named is empty.
#[derive(Clone, Copy, Debug)]
pub struct Acceptance<'a> {
    /// The duty given in return.
    pub assignment: &'a str,
    /// On whose behalf.
    pub staff_member: &'a str,
    pub is_preview: bool,
}

// === impl App ===

impl App {
    pub async fn accept_swap(
        &self,
        ctx: &Ctx,
        which: Which<'_>,
        acceptance: Acceptance<'_>,
        once: &Once,
    ) -> Result<Swap, Problem> {
        self.allow(ctx, "swaps.propose", which.hospital)?;
        if let Some(id) = self.replayed::<String>(ctx, once).await? {
            return self.get_swap(ctx, which.hospital, &id).await;
        }
        for _ in 0..TRIES {
            let mut swap = self.swap(ctx, which.hospital, which.id).await?;
            etag::check(which.etag, swap.version, false)?;
            self.refuse_step(&swap, Step::Accept).await?;
            self.fill_in(ctx, &mut swap, acceptance)?;
            match self.try_settle(ctx, swap, Step::Accept, acceptance.is_preview, once).await {
                Ok(Some(swap)) => return Ok(swap),
                Ok(None) => {}
                // Of two who accept at once the later one may find the plan moved by this very swap.
                Err(problem) => {
                    let swap = self.swap(ctx, which.hospital, which.id).await?;
                    self.refuse_step(&swap, Step::Accept).await?;
                    return Err(problem);
                }
            }
        }
        Err(problems::plan_moves())
    }

    pub async fn approve_swap(&self, ctx: &Ctx, which: Which<'_>, once: &Once) -> Result<Swap, Problem> {
        self.allow(ctx, "swaps.decide", which.hospital)?;
        if let Some(id) = self.replayed::<String>(ctx, once).await? {
            return self.get_swap(ctx, which.hospital, &id).await;
        }
        for _ in 0..TRIES {
            let swap = self.swap(ctx, which.hospital, which.id).await?;
            if !self.decides(ctx, &swap) {
                return Err(Problem::denied());
            }
            etag::check(which.etag, swap.version, true)?;
            self.refuse_step(&swap, Step::Approve).await?;
            if let Some(swap) = self.try_settle(ctx, swap, Step::Approve, false, once).await? {
                return Ok(swap);
            }
        }
        Err(problems::plan_moves())
    }

    pub async fn decline_swap(&self, ctx: &Ctx, which: Which<'_>, once: &Once) -> Result<Swap, Problem> {
        self.end_swap(ctx, which, Step::Decline, once).await
    }

    pub async fn cancel_swap(&self, ctx: &Ctx, which: Which<'_>, once: &Once) -> Result<Swap, Problem> {
        self.end_swap(ctx, which, Step::Cancel, once).await
    }

    pub async fn refuse_swap(&self, ctx: &Ctx, which: Which<'_>, once: &Once) -> Result<Swap, Problem> {
        self.end_swap(ctx, which, Step::Refuse, once).await
    }

    /// Who accepts, and what for.
    fn fill_in(&self, ctx: &Ctx, swap: &mut Swap, acceptance: Acceptance<'_>) -> Result<(), Problem> {
        let decides = self.decides(ctx, swap);
        let refuse = |field: &str, text: &str| Problem::invalid(vec![Violation::new(field, text)]);
        let acceptor = match (acceptance.staff_member, swap.counterpart.as_str()) {
            ("", "") => me(ctx),
            ("", counterpart) => counterpart,
            (named, _) => named,
        };
        if !is_me(ctx, acceptor) && !decides {
            return Err(Problem::denied());
        }
        if !swap.counterpart.is_empty() && swap.counterpart != acceptor {
            return Err(Problem::denied());
        }
        if acceptor == swap.proposer {
            return Err(refuse("staff_member", "expected somebody else than the proposer"));
        }
        let is_open = swap.wanted.is_empty() && !swap.is_give_away;
        if is_open == acceptance.assignment.is_empty() {
            let text =
                if is_open { "expected the duty given in return" } else { "expected none: the swap says it" };
            return Err(refuse("assignment", text));
        }
        swap.counterpart = acceptor.to_owned();
        if is_open {
            acceptance.assignment.clone_into(&mut swap.wanted);
        }
        Ok(())
    }

    /// Judges the swap on the plan as it stands, and applies it or has it wait for an approval; none when the plan moved.
    async fn try_settle(
        &self,
        ctx: &Ctx,
        mut swap: Swap,
        step: Step,
        is_preview: bool,
        once: &Once,
    ) -> Result<Option<Swap>, Problem> {
        let sheet = self.sheet(ctx, &swap.hospital, &swap.plan).await?;
        let policy = exchange_policy::load(self.db.read(), &swap.hospital).await?.policy;
        let deal = self.deal(ctx, &sheet, &swap, &policy).await?;
        swap.wanted_item = deal.wanted.as_ref().map(|own| Item::from(&own.duty));
        let verdict = self.judge_handovers(&sheet, &deal.handovers).await?;
        verdict.allowed(&sheet.board.plan, Reason::SwapBreaksHardRules)?;
        let certificate = self.certified_handovers(&sheet, &deal.handovers, &verdict).await?;
        note(&mut swap, &policy, &verdict);
        if is_preview {
            return Ok(Some(swap));
        }
        let waits = step == Step::Accept && swap.needs_approval && !self.decides(ctx, &swap);
        let tx = self.db.begin(ctx).await?;
        if let Some(id) = once.replay::<String>(&tx).await? {
            drop(tx);
            return self.get_swap(ctx, &swap.hospital, &id).await.map(Some);
        }
        let Some(plan) = self.locked_sheet(&tx, &sheet).await? else { return Ok(None) };
        let now = time::micros(tx.now());
        let old = self.still(&tx, &swap, step).await?;
        if waits {
            swap.step(State::Accepted, now);
            // The administrator has until the first of the duties begins.
            let clock = self.db.now_micros(tx.conn()).await.map_err(durable::problem)?;
            swap.expire_time = clock + first_start(&deal) - time::micros(ctx.now);
            swaps::save(tx.conn(), &mut swap).await?;
            tx.audit(of_swap("swap.accept", &swap).value("state", old.code(), swap.state.code()));
            events::swap_accepted(&tx, ctx, &swap).await?;
        } else {
            let amendment = Amendment { verdict, certificate: &certificate, publisher: me(ctx) };
            let plan = self.amend(&tx, plan, &sheet, &deal.handovers, amendment).await?;
            swap.step(State::Applied, now);
            swap.revision = plan.revision;
            swaps::save(tx.conn(), &mut swap).await?;
            let action = if step == Step::Approve { "swap.approve" } else { "swap.accept" };
            let revision = swap.revision.to_string();
            tx.audit(
                of_swap(action, &swap)
                    .value("state", old.code(), swap.state.code())
                    .value("revision", "", &revision),
            );
            events::swap_applied(&tx, ctx, &swap).await?;
        }
        once.record(&tx, &swap.id).await?;
        tx.commit().await?;
        if swap.state == State::Applied {
            tell(&swap, &sheet);
        }
        Ok(Some(swap))
    }

    async fn end_swap(&self, ctx: &Ctx, which: Which<'_>, step: Step, once: &Once) -> Result<Swap, Problem> {
        let permission = if step == Step::Refuse { "swaps.decide" } else { "swaps.propose" };
        self.allow(ctx, permission, which.hospital)?;
        let tx = self.db.begin(ctx).await?;
        if let Some(id) = once.replay::<String>(&tx).await? {
            drop(tx);
            return self.get_swap(ctx, which.hospital, &id).await;
        }
        let mut swap = self.swap(ctx, which.hospital, which.id).await?;
        let party = match step {
            Step::Decline => swap.counterpart.as_str(),
            Step::Cancel => swap.proposer.as_str(),
            _ => "",
        };
        // What is offered to anybody, nobody declines: they leave it.
        let is_theirs =
            is_me(ctx, party) || (!(step == Step::Decline && party.is_empty()) && self.decides(ctx, &swap));
        if !is_theirs {
            return Err(Problem::denied());
        }
        etag::check(which.etag, swap.version, false)?;
        let old = self.still(&tx, &swap, step).await?;
        let (state, action) = match step {
            Step::Decline => (State::Declined, "swap.decline"),
            Step::Refuse => (State::Refused, "swap.refuse"),
            _ => (State::Cancelled, "swap.cancel"),
        };
        swap.step(state, time::micros(tx.now()));
        swaps::save(tx.conn(), &mut swap).await?;
        tx.audit(of_swap(action, &swap).value("state", old.code(), swap.state.code()));
        match step {
            Step::Decline => events::swap_declined(&tx, ctx, &swap).await?,
            Step::Refuse => events::swap_refused(&tx, ctx, &swap).await?,
            _ => events::swap_cancelled(&tx, ctx, &swap).await?,
        }
        once.record(&tx, &swap.id).await?;
        tx.commit().await?;
        metrics::swap_ended(state.code());
        Ok(swap)
    }

    /// Whether the swap allows a step now.
    async fn refuse_step(&self, swap: &Swap, step: Step) -> Result<(), Problem> {
        let clock = self.db.now_micros(self.db.read()).await.map_err(durable::problem)?;
        swap.allows(step, clock).map_err(|refusal| problems::swap_refusal(swap, refusal))
    }

    /// The state of a swap that allows the step, and is what it was when it was judged.
    async fn still(&self, tx: &Tx, swap: &Swap, step: Step) -> Result<State, Problem> {
        let clock = self.db.now_micros(tx.conn()).await.map_err(durable::problem)?;
        let now = swaps::find(tx.conn(), &swap.hospital, &swap.id).await?;
        let now = now.ok_or_else(|| Problem::internal("a swap is gone"))?;
        now.allows(step, clock).map_err(|refusal| problems::swap_refusal(&now, refusal))?;
        if now.version == swap.version { Ok(now.state) } else { Err(etag::mismatch(now.version)) }
    }
}

/// When the first of the duties begins.
fn first_start(deal: &Deal) -> i64 {
    let duties = std::iter::once(&deal.offered).chain(&deal.wanted);
    duties.map(|own| time::micros(exchange::start(&own.duty))).min().unwrap_or_default()
}

fn tell(swap: &Swap, sheet: &Sheet) {
    metrics::swap_ended(State::Applied.code());
    tracing::info!(
        hospital.id = swap.hospital,
        swap.id = swap.id,
        plan.id = sheet.board.plan.id,
        plan.revision = swap.revision,
        "swap applied"
    );
}
