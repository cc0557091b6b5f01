//! CreateSwap: a duty is offered, to one or to all who could take it; and what a swap must keep whenever it is judged.

use std::collections::BTreeSet;

use chassis::{Ctx, Problem, Violation};
use durable::{Once, audit::Change, time};
use proto::{error::v1::Reason, names::SwapName};

use super::{
    App,
    amend::{Handover, Sheet, Verdict},
    not_found_in,
    swap_candidates::Candidate,
    swaps::{IADE, MAR, is_me},
};
use crate::{
    domain::{
        exchange::{self, ExchangePolicy, Item},
        snapshot::Profession,
        swap::{State, Swap},
    },
    exchange_events as events, exchange_problems as problems,
    store::{exchange_policy, new_id, published, shifts::Assignment, swaps},
};

/// A swap to propose. What is not named is empty.
#[derive(Clone, Debug)]
pub struct NewSwap {
    pub hospital: String,
    pub plan: String,
    pub offered: String,
    pub wanted: String,
    pub counterpart: String,
    pub is_give_away: bool,
    /// By the caller's clock, in microseconds.
    pub expire_time: Option<i64>,
    pub is_preview: bool,
}

/// The duties of a swap, as the plan says them now.
#[derive(Debug)]
pub struct Deal {
    pub offered: Assignment,
    /// None when it is given away.
    pub wanted: Option<Assignment>,
    pub handovers: Vec<Handover>,
}

// === impl App ===

impl App {
    pub async fn create_swap(&self, ctx: &Ctx, new: NewSwap, once: &Once) -> Result<Swap, Problem> {
        self.allow(ctx, "swaps.propose", &new.hospital)?;
        if let Some(id) = self.replayed::<String>(ctx, once).await? {
            return self.get_swap(ctx, &new.hospital, &id).await;
        }
        let sheet = self.sheet(ctx, &new.hospital, &new.plan).await?;
        let policy = exchange_policy::load(self.db.read(), &new.hospital).await?.policy;
        let (mut swap, offered) = self.draft(ctx, &sheet, &new, &policy).await?;
        let candidates = if new.wanted.is_empty() && (!new.is_give_away || new.counterpart.is_empty()) {
            let found = self.swap_candidates(&sheet, &offered, new.is_give_away, &policy, ctx.now).await?;
            people(&found, &new.counterpart)
        } else {
            let deal = self.deal(ctx, &sheet, &swap, &policy).await?;
            let verdict = self.judge_handovers(&sheet, &deal.handovers).await?;
            verdict.allowed(&sheet.board.plan, Reason::SwapBreaksHardRules)?;
            note(&mut swap, &policy, &verdict);
            BTreeSet::from([swap.counterpart.clone()])
        };
        if candidates.is_empty() {
            return Err(problems::swap_without_candidates(&swap));
        }
        let tx = self.db.begin(ctx).await?;
        let clock = self.db.now_micros(tx.conn()).await.map_err(durable::problem)?;
        swap.expire_time = expiry(ctx, &swap, &offered, &new, &policy, clock)?;
        if new.is_preview {
            return Ok(swap);
        }
        if let Some(id) = once.replay::<String>(&tx).await? {
            drop(tx);
            return self.get_swap(ctx, &new.hospital, &id).await;
        }
        if !swaps::insert(tx.conn(), &swap).await? {
            return Err(problems::swap_pending_already(&swap));
        }
        tx.audit(of_swap("swap.create", &swap).value("state", "", swap.state.code()));
        events::swap_requested(&tx, ctx, &swap, &candidates).await?;
        once.record(&tx, &swap.id).await?;
        tx.commit().await?;
        Ok(swap)
    }

    /// The swap as it is asked for, if the caller may ask for it.
    async fn draft(
        &self,
        ctx: &Ctx,
        sheet: &Sheet,
        new: &NewSwap,
        policy: &ExchangePolicy,
    ) -> Result<(Swap, Assignment), Problem> {
        let offered = self.published_duty(ctx, sheet, &new.offered).await?;
        let wanted = match new.wanted.as_str() {
            "" => None,
            id => Some(self.published_duty(ctx, sheet, id).await?),
        };
        let proposer = offered.duty.staff_member.clone();
        let counterpart = match &wanted {
            Some(wanted) => wanted.duty.staff_member.clone(),
            None => new.counterpart.clone(),
        };
        let refuse = |field: &str, text: &str| Problem::invalid(vec![Violation::new(field, text)]);
        if !new.counterpart.is_empty() && new.counterpart != counterpart {
            return Err(refuse("swap.counterpart", "expected the holder of the wanted duty, or none"));
        }
        if counterpart == proposer {
            return Err(refuse(
                "swap.counterpart",
                "expected somebody else than the holder of the offered duty",
            ));
        }
        if new.is_give_away && !policy.is_give_away_allowed {
            return Err(problems::give_away_not_allowed());
        }
        let now = time::micros(ctx.now);
        let swap = Swap {
            hospital: new.hospital.clone(),
            id: new_id(),
            plan: new.plan.clone(),
            offered: offered.id.clone(),
            wanted: new.wanted.clone(),
            offered_item: Item::from(&offered.duty),
            wanted_item: wanted.as_ref().map(|own| Item::from(&own.duty)),
            profession: profession_of(sheet, &proposer).unwrap_or_default().to_owned(),
            proposer,
            counterpart,
            is_give_away: new.is_give_away,
            state: State::Pending,
            findings: vec![],
            needs_approval: policy.needs_approval([offered.duty.site.as_str()].into_iter(), false),
            revision: 0,
            expire_time: 0,
            version: 1,
            create_time: now,
            update_time: now,
        };
        if is_me(ctx, &swap.proposer) || self.decides(ctx, &swap) {
            Ok((swap, offered))
        } else {
            Err(Problem::denied())
        }
    }

    /// A published duty that has not begun, and that is not locked unless an administrator asks.
    pub(super) async fn published_duty(
        &self,
        ctx: &Ctx,
        sheet: &Sheet,
        id: &str,
    ) -> Result<Assignment, Problem> {
        let plan = &sheet.board.plan;
        let found = published::find(self.db.read(), &plan.hospital, &plan.id, id).await?;
        let found = found.ok_or_else(|| not_found_in("Assignment", plan, "assignments", id))?;
        if exchange::start(&found.duty) <= ctx.now {
            return Err(problems::duty_over(plan, id));
        }
        if found.is_pinned && !self.is_editor(ctx, plan) {
            return Err(problems::duty_locked(plan, id));
        }
        Ok(found)
    }

    /// What a swap exchanges on the plan as it stands: both still hold what they held, and it counts alike.
    pub(super) async fn deal(
        &self,
        ctx: &Ctx,
        sheet: &Sheet,
        swap: &Swap,
        policy: &ExchangePolicy,
    ) -> Result<Deal, Problem> {
        let plan = &sheet.board.plan;
        let offered = self.held_duty(ctx, sheet, &swap.offered, &swap.proposer).await?;
        let wanted = match swap.wanted.as_str() {
            "" => None,
            id => Some(self.held_duty(ctx, sheet, id, &swap.counterpart).await?),
        };
        if swap.is_give_away && !policy.is_give_away_allowed {
            return Err(problems::give_away_not_allowed());
        }
        let own = profession_of(sheet, &swap.proposer);
        if own.is_none() || own != profession_of(sheet, &swap.counterpart) {
            return Err(problems::unequal(plan, "PROFESSION", "the two are not of one profession"));
        }
        if let Some(wanted) = wanted.as_ref().filter(|_| !policy.is_unequal_allowed) {
            let is_holiday = |day| sheet.is_holiday(day);
            exchange::compare(&offered.duty, &wanted.duty, is_holiday)
                .map_err(|unequal| problems::unequal(plan, "VALUE", &unequal.to_string()))?;
        }
        let hand = |own: &Assignment, to: &str| Handover {
            shift: own.duty.shift.clone(),
            post: own.duty.post,
            from: own.duty.staff_member.clone(),
            to: to.to_owned(),
        };
        let mut handovers = vec![hand(&offered, &swap.counterpart)];
        handovers.extend(wanted.as_ref().map(|own| hand(own, &swap.proposer)));
        Ok(Deal { offered, wanted, handovers })
    }

    /// A published duty that is still this person's.
    async fn held_duty(
        &self,
        ctx: &Ctx,
        sheet: &Sheet,
        id: &str,
        holder: &str,
    ) -> Result<Assignment, Problem> {
        let plan = &sheet.board.plan;
        let gone = || problems::duty_not_held(plan, id);
        let found = published::find(self.db.read(), &plan.hospital, &plan.id, id).await?;
        if found.is_none_or(|found| found.duty.staff_member != holder) {
            return Err(gone());
        }
        self.published_duty(ctx, sheet, id).await
    }
}

/// What the judge said of it, and whether an administrator must approve it.
pub(super) fn note(swap: &mut Swap, policy: &ExchangePolicy, verdict: &Verdict) {
    swap.findings = verdict.findings();
    let sites = swap.items().map(|item| item.site.as_str());
    swap.needs_approval = policy.needs_approval(sites, !swap.findings.is_empty());
}

/// The profession of somebody whom the plan may roster.
pub(super) fn profession_of(sheet: &Sheet, staff_member: &str) -> Option<&'static str> {
    let person = sheet.board.snapshot.people.iter().find(|person| person.id == staff_member)?;
    Some(match person.profession {
        Profession::Mar => MAR,
        Profession::Iade => IADE,
    })
}

/// A line about a swap.
pub(super) fn of_swap(action: &str, swap: &Swap) -> Change {
    Change::of(&swap.hospital, action, SwapName::new(&swap.hospital, &swap.id).to_string())
}

fn people(candidates: &[Candidate], counterpart: &str) -> BTreeSet<String> {
    let fits = |person: &&String| counterpart.is_empty() || *person == counterpart;
    candidates.iter().map(|own| &own.staff_member).filter(fits).cloned().collect()
}

/// Until when it can be accepted, by the database's clock: never after one of its duties has begun.
fn expiry(
    ctx: &Ctx,
    swap: &Swap,
    offered: &Assignment,
    new: &NewSwap,
    policy: &ExchangePolicy,
    clock: i64,
) -> Result<i64, Problem> {
    let now = time::micros(ctx.now);
    let begins = |item: &Item| {
        let duty = crate::domain::shift::Duty {
            day: item.day,
            part: item.part,
            kind: item.kind,
            ..offered.duty.clone()
        };
        time::micros(exchange::start(&duty)) - now
    };
    let until_first = swap.items().map(begins).min().unwrap_or_default();
    let asked = match new.expire_time {
        Some(time) if time <= now => {
            let violation = Violation::new("swap.expire_time", "expected a moment to come");
            return Err(Problem::invalid(vec![violation]));
        }
        Some(time) => time - now,
        None => i64::from(policy.swap_hours) * 3_600_000_000,
    };
    Ok(clock + asked.min(until_first))
}
