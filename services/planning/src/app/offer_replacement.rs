//! OfferReplacement, DeclineReplacement: people are asked to take a post.

use std::collections::{BTreeMap, BTreeSet};

use chassis::{Ctx, Problem, Violation};
use durable::{Once, etag, time};

use super::{
    App,
    replacements::{Seen, of_replacement},
    suggest_replacements::Takers,
    swaps::me,
};
use crate::{
    domain::replacement::{Answer, Offer, Replacement, State},
    exchange_events::{self as events, person},
    exchange_problems as problems,
    store::{exchange_policy, feeds, replacements},
};

/// The secrets of offers, by person; told once.
pub type Tokens = BTreeMap<String, String>;

// === impl App ===

impl App {
    pub async fn offer_replacement(
        &self,
        ctx: &Ctx,
        hospital: &str,
        id: &str,
        (people, sent): (&[String], &str),
        once: &Once,
    ) -> Result<(Seen, Tokens), Problem> {
        self.allow(ctx, "replacements.manage", hospital)?;
        if self.replayed::<String>(ctx, once).await?.is_some() {
            return Ok((self.get_replacement(ctx, hospital, id).await?, Tokens::new()));
        }
        let own = self.replacement(self.db.read(), hospital, id).await?;
        self.refuse_ended(&own, self.db.read()).await?;
        etag::check(sent, own.version, false)?;
        let sheet = self.sheet(ctx, hospital, &own.plan).await?;
        let takers = self.takers(&sheet, &own, BTreeSet::new()).await?;
        let asked = asked(&own, &takers, |person| sheet.ground.key.person(person).to_owned(), people)?;
        let minutes = exchange_policy::load(self.db.read(), hospital).await?.policy.offer_minutes;
        let tx = self.db.begin(ctx).await?;
        if once.replay::<String>(&tx).await?.is_some() {
            drop(tx);
            return Ok((self.get_replacement(ctx, hospital, id).await?, Tokens::new()));
        }
        let mut own = self.replacement(tx.conn(), hospital, id).await?;
        self.refuse_ended(&own, tx.conn()).await?;
        etag::check(sent, own.version, false)?;
        let clock = self.db.now_micros(tx.conn()).await.map_err(durable::problem)?;
        let expire_time = (clock + i64::from(minutes) * 60_000_000).min(own.deadline_time);
        let mut tokens = Tokens::new();
        for staff_member in &asked {
            let secret: [u8; 32] = rand::random();
            let token = hex::encode(secret);
            let offer = Offer {
                staff_member: staff_member.clone(),
                answer: Answer::Sent,
                offer_time: time::micros(tx.now()),
                expire_time,
                answer_time: 0,
            };
            replacements::ask(tx.conn(), hospital, id, &offer, feeds::hash(&token)).await?;
            tokens.insert(staff_member.clone(), token);
        }
        own.state = State::Offered;
        replacements::save(tx.conn(), &mut own).await?;
        let asked: Vec<String> = asked.into_iter().collect();
        tx.audit(of_replacement("replacement.offer", &own).value("people", "", &asked.len().to_string()));
        events::replacement_requested(&tx, &own, &asked).await?;
        once.record(&tx, &own.id).await?;
        let offers = replacements::offers(tx.conn(), hospital, id).await?;
        tx.commit().await?;
        Ok(((own, offers), tokens))
    }

    pub async fn decline_replacement(
        &self,
        ctx: &Ctx,
        hospital: &str,
        id: &str,
        once: &Once,
    ) -> Result<Seen, Problem> {
        self.allow(ctx, "replacements.read", hospital)?;
        let tx = self.db.begin(ctx).await?;
        if once.replay::<String>(&tx).await?.is_some() {
            drop(tx);
            return self.get_replacement(ctx, hospital, id).await;
        }
        let own = self.replacement(tx.conn(), hospital, id).await?;
        let offer = replacements::offer(tx.conn(), hospital, id, me(ctx)).await?;
        let missing = || super::not_found("Replacement", hospital, "replacements", id);
        let offer = offer.ok_or_else(missing)?;
        let clock = self.db.now_micros(tx.conn()).await.map_err(durable::problem)?;
        own.takes(&offer, clock).map_err(|refusal| problems::replacement_refusal(&own, refusal))?;
        let now = time::micros(tx.now());
        replacements::answer(tx.conn(), (hospital, id, me(ctx)), Answer::Declined, now).await?;
        once.record(&tx, &own.id).await?;
        tx.commit().await?;
        self.get_replacement(ctx, hospital, id).await
    }
}

/// Whom to ask: everybody who could take the post, or those who are named if each of them could.
fn asked(
    own: &Replacement,
    takers: &Takers,
    id_of: impl Fn(roster::problem::PersonIx) -> String,
    people: &[String],
) -> Result<BTreeSet<String>, Problem> {
    let can: BTreeSet<String> =
        takers.found.iter().flat_map(|taker| taker.moves.first()).map(|(_, own)| id_of(*own)).collect();
    if people.is_empty() {
        return if can.is_empty() { Err(problems::replacement_without_candidates(own)) } else { Ok(can) };
    }
    let stopped: BTreeMap<String, &'static str> =
        takers.stopped.iter().map(|(own, rule)| (id_of(*own), rule.code())).collect();
    let mut unknown = Vec::new();
    let mut broken = Vec::new();
    for (at, staff_member) in people.iter().enumerate().filter(|(_, own)| !can.contains(*own)) {
        match stopped.get(staff_member) {
            Some(rule) => broken.push((*rule, person(&own.hospital, staff_member))),
            None => {
                let text = "expected somebody else who has a contract at the plan's sites in its days";
                unknown.push(Violation::new(format!("staff_members[{at}]"), text));
            }
        }
    }
    if !unknown.is_empty() {
        return Err(Problem::invalid(unknown));
    }
    if !broken.is_empty() {
        return Err(problems::replacement_breaks(broken));
    }
    Ok(people.iter().cloned().collect())
}
