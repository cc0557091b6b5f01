//! FillReplacement, AcceptReplacement, RedeemReplacementToken: somebody takes a post, once.

use chassis::{Ctx, Problem, Violation};
use durable::{Once, Tx, etag, time};
use proto::error::v1::Reason;

use super::{
    App,
    amend::{Amendment, Handover, Sheet, TRIES},
    not_found,
    replacements::{Seen, of_replacement, waiting},
    swaps::me,
};
use crate::{
    domain::{
        replacement::{Answer, Refusal, Replacement, State},
        shift::Post,
    },
    exchange_events::{self as events, person},
    exchange_problems as problems, metrics,
    store::{amendments, feeds, replacements},
};

/// Somebody who takes a post.
#[derive(Clone, Copy, Debug)]
pub struct Taking<'a> {
    pub staff_member: &'a str,
    /// The other posts that change hands with it.
    pub moves: &'a [Move],
    pub by: By<'a>,
}

/// A post that somebody takes.
#[derive(Clone, Debug)]
pub struct Move {
    pub shift: String,
    pub post: Post,
    pub staff_member: String,
}

/// Why somebody may take a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By<'a> {
    /// A planner says so, of the version that was looked at.
    Planner { etag: &'a str },
    /// The person was asked.
    Offer,
    /// The person was asked, and shows the secret of it.
    Token { hash: &'a str },
}

// === impl App ===

impl App {
    pub async fn fill_replacement(
        &self,
        ctx: &Ctx,
        hospital: &str,
        id: &str,
        taking: Taking<'_>,
        once: &Once,
    ) -> Result<Seen, Problem> {
        self.allow(ctx, "replacements.manage", hospital)?;
        self.take(ctx, hospital, id, taking, once).await?;
        self.get_replacement(ctx, hospital, id).await
    }

    pub async fn accept_replacement(
        &self,
        ctx: &Ctx,
        hospital: &str,
        id: &str,
        once: &Once,
    ) -> Result<Seen, Problem> {
        self.allow(ctx, "replacements.read", hospital)?;
        let taking = Taking { staff_member: me(ctx), moves: &[], by: By::Offer };
        self.take(ctx, hospital, id, taking, once).await?;
        self.get_replacement(ctx, hospital, id).await
    }

    /// The secret is the permission, and says who takes the post.
    pub async fn redeem_replacement_token(
        &self,
        ctx: &Ctx,
        token: &str,
        once: &Once,
    ) -> Result<Replacement, Problem> {
        let hash = feeds::hash(token);
        let found = replacements::by_token(self.db.read(), &hash).await?;
        // The secret is not repeated: the answer may be logged.
        let (hospital, id, staff_member) =
            found.ok_or_else(|| Problem::not_found("Replacement", "replacements/-"))?;
        let taking = Taking { staff_member: &staff_member, moves: &[], by: By::Token { hash: &hash } };
        self.take(ctx, &hospital, &id, taking, once).await
    }

    /// The first who is let in takes the post; everybody else is told that it is taken.
    async fn take(
        &self,
        ctx: &Ctx,
        hospital: &str,
        id: &str,
        taking: Taking<'_>,
        once: &Once,
    ) -> Result<Replacement, Problem> {
        if self.replayed::<String>(ctx, once).await?.is_some() {
            return self.replacement(self.db.read(), hospital, id).await;
        }
        for _ in 0..TRIES {
            // Most of those who are late need no judge.
            let own = self.takable(self.db.read(), hospital, id, taking).await?;
            let sheet = self.sheet(ctx, hospital, &own.plan).await?;
            let handovers = handovers(&sheet, &own, taking)?;
            let verdict = self.judge_handovers(&sheet, &handovers).await?;
            verdict.allowed(&sheet.board.plan, Reason::ReplacementBreaksHardRules)?;
            let certificate = self.certified_handovers(&sheet, &handovers, &verdict).await?;
            let tx = self.db.begin(ctx).await?;
            if once.replay::<String>(&tx).await?.is_some() {
                drop(tx);
                return self.replacement(self.db.read(), hospital, id).await;
            }
            amendments::take_turn(tx.conn(), hospital).await?;
            let mut own = self.takable(tx.conn(), hospital, id, taking).await?;
            let Some(plan) = self.locked_sheet(&tx, &sheet).await? else { continue };
            let publisher = if taking.by == By::Offer { taking.staff_member } else { me(ctx) };
            let publisher = if publisher.is_empty() { taking.staff_member } else { publisher };
            let amendment = Amendment { verdict, certificate: &certificate, publisher };
            let plan = self.amend(&tx, plan, &sheet, &handovers, amendment).await?;
            own.revision = plan.revision;
            settle(&tx, &mut own, taking).await?;
            once.record(&tx, &own.id).await?;
            tx.commit().await?;
            metrics::replacement_ended(own.state.code());
            tracing::info!(
                hospital.id = hospital,
                replacement.id = id,
                plan.revision = own.revision,
                "post taken over"
            );
            return Ok(own);
        }
        Err(problems::plan_moves())
    }

    /// The replacement, if this person may take it now.
    async fn takable(
        &self,
        db: &impl sea_orm::ConnectionTrait,
        hospital: &str,
        id: &str,
        taking: Taking<'_>,
    ) -> Result<Replacement, Problem> {
        let own = self.replacement(db, hospital, id).await?;
        let clock = self.db.now_micros(db).await.map_err(durable::problem)?;
        let refuse = |refusal| problems::replacement_refusal(&own, refusal);
        let missing = || not_found("Replacement", hospital, "replacements", id);
        match taking.by {
            By::Planner { etag } => {
                own.open(clock).map_err(refuse)?;
                etag::check(etag, own.version, false)?;
            }
            By::Offer | By::Token { .. } => {
                let offer = replacements::offer(db, hospital, id, taking.staff_member).await?;
                let offer = offer.ok_or_else(missing)?;
                own.takes(&offer, clock).map_err(refuse)?;
            }
        }
        if let By::Token { hash } = taking.by
            && replacements::by_token(db, hash).await?.is_none()
        {
            // Asked anew meanwhile, with another secret.
            return Err(Problem::not_found("Replacement", "replacements/-"));
        }
        Ok(own)
    }
}

/// What changes hands: the post, as long as nobody but the absent person holds it, and what goes with it.
fn handovers(sheet: &Sheet, own: &Replacement, taking: Taking<'_>) -> Result<Vec<Handover>, Problem> {
    let first = sheet.handover(&own.item.shift, own.item.post, taking.staff_member);
    if !first.from.is_empty() && first.from != own.absent {
        // A planner has published somebody else there.
        return Err(problems::replacement_refusal(own, Refusal::Filled));
    }
    let mut handovers = vec![first];
    for (at, own) in taking.moves.iter().enumerate() {
        let next = sheet.handover(&own.shift, own.post, &own.staff_member);
        let is_twice = handovers.iter().any(|known| known.shift == next.shift && known.post == next.post);
        if is_twice || sheet.shift(&own.shift).is_none() {
            let violation = Violation::new(format!("moves[{at}].shift"), "expected another published post");
            return Err(Problem::invalid(vec![violation]));
        }
        handovers.push(next);
    }
    for (at, next) in handovers.iter().enumerate() {
        if sheet.ground.key.index_of(&next.to).is_none() {
            let field =
                if at == 0 { "staff_member".to_owned() } else { format!("moves[{}].staff_member", at - 1) };
            let text = "expected somebody who has a contract at the plan's sites in its days";
            return Err(Problem::invalid(vec![Violation::new(field, text)]));
        }
    }
    Ok(handovers)
}

/// The post is theirs; everybody else who is asked is told so.
async fn settle(tx: &Tx, own: &mut Replacement, taking: Taking<'_>) -> Result<(), Problem> {
    let now = time::micros(tx.now());
    let mut others = waiting(tx, own).await?;
    others.retain(|other| other != taking.staff_member);
    let key = (own.hospital.as_str(), own.id.as_str(), taking.staff_member);
    replacements::answer(tx.conn(), key, Answer::Accepted, now).await?;
    replacements::close_offers(tx.conn(), &own.hospital, &own.id, now).await?;
    taking.staff_member.clone_into(&mut own.staff_member);
    own.end(State::Filled, now);
    replacements::save(tx.conn(), own).await?;
    let line = of_replacement("replacement.fill", own).value("revision", "", &own.revision.to_string());
    let line = match taking.by {
        By::Token { .. } => line.by(person(&own.hospital, taking.staff_member)),
        By::Planner { .. } | By::Offer => line,
    };
    tx.audit(line);
    events::replacement_filled(tx, own, &others).await
}
