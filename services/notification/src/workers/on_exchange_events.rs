//! Tells of swaps the two whom they concern, or those to whom a duty is offered; of posts to replace those who look for
//! somebody, those who are asked, and who held them.

use async_trait::async_trait;
use calendar::DayPart;
use chassis::BoxError;
use durable::{Consumer, Tx, event};
use proto::{
    event::v1::Envelope,
    names::StaffMemberName,
    planning::v1::{
        ReplacementClosed, ReplacementFacts, ReplacementFilled, ReplacementOpened, ReplacementRequested,
        ReplacementUnfilled, SwapAccepted, SwapApplied, SwapCancelled, SwapDeclined, SwapExpired, SwapFacts,
        SwapRefused, SwapRequested, shift, swap,
    },
    r#type::v1::DayPart as Part,
    values,
};

use super::{Teller, deciders};
use crate::{
    domain::{
        exchange::{Exchange, Slot},
        message::{Duty, Message},
        recipient::Remit,
    },
    peers::Staff,
    store::News,
};

/// Consumes what planning tells of exchanges.
pub struct OnExchangeEvents {
    teller: Teller,
    staff: Staff,
}

/// Whom a piece of news concerns, by name, and what it is for them.
type Told = Vec<(String, Exchange)>;

// === impl OnExchangeEvents ===

impl OnExchangeEvents {
    pub fn new(teller: Teller, staff: Staff) -> Self {
        Self { teller, staff }
    }

    /// Everybody who has one of these remits.
    async fn to_deciders(
        &self,
        tx: &Tx,
        hospital: &str,
        remits: &[Remit],
        news: &Exchange,
    ) -> Result<Told, BoxError> {
        let people = deciders(self.teller.store(), &self.staff, tx, hospital, remits).await?;
        let name = |id: String| StaffMemberName::new(hospital, id).to_string();
        Ok(people.into_iter().map(|id| (name(id), news.clone())).collect())
    }

    /// Who is told what of a swap, and the swap.
    async fn of_swap(&self, tx: &Tx, envelope: &Envelope) -> Result<Option<(Told, String)>, BoxError> {
        let hospital = envelope.hospital.as_str();
        let (facts, told) = if let Some(event) = event::decode::<SwapRequested>(envelope) {
            let event = event?;
            let facts = facts(event.swap)?;
            let (offered, wanted) = slots(&facts)?;
            let news = Exchange::SwapRequested { offered, wanted };
            // Who proposes for another is not asked what they proposed.
            let asked = event.candidates.into_iter().filter(|own| *own != facts.actor);
            let told = asked.map(|own| (own, news.clone())).collect();
            (facts, told)
        } else if let Some(event) = event::decode::<SwapAccepted>(envelope) {
            let facts = facts(event?.swap)?;
            let (offered, _) = slots(&facts)?;
            let news = Exchange::SwapApprovalNeeded { offered };
            let mut told = self.to_deciders(tx, hospital, Remit::over(&facts.profession), &news).await?;
            told.retain(|(own, _)| *own != facts.proposer && *own != facts.counterpart);
            told.push((facts.proposer.clone(), Exchange::SwapAccepted { offered }));
            (facts, told)
        } else if let Some(event) = event::decode::<SwapApplied>(envelope) {
            let facts = facts(event?.swap)?;
            let (offered, wanted) = slots(&facts)?;
            let proposer = Exchange::SwapApplied { given: Some(offered), taken: wanted };
            let counterpart = Exchange::SwapApplied { given: wanted, taken: Some(offered) };
            let told = vec![(facts.proposer.clone(), proposer), (facts.counterpart.clone(), counterpart)];
            (facts, told)
        } else if let Some(event) = event::decode::<SwapDeclined>(envelope) {
            let facts = facts(event?.swap)?;
            let news = Exchange::SwapDeclined { offered: slots(&facts)?.0 };
            let told = vec![(facts.proposer.clone(), news)];
            (facts, told)
        } else if let Some(event) = event::decode::<SwapRefused>(envelope) {
            let facts = facts(event?.swap)?;
            let told = to_both(&facts, &Exchange::SwapRefused { offered: slots(&facts)?.0 });
            (facts, told)
        } else if let Some(event) = event::decode::<SwapCancelled>(envelope) {
            let facts = facts(event?.swap)?;
            let told = to_both(&facts, &Exchange::SwapCancelled { offered: slots(&facts)?.0 });
            (facts, told)
        } else if let Some(event) = event::decode::<SwapExpired>(envelope) {
            let facts = facts(event?.swap)?;
            let told = to_both(&facts, &Exchange::SwapExpired { offered: slots(&facts)?.0 });
            (facts, told)
        } else {
            return Ok(None);
        };
        Ok(Some((told, facts.swap)))
    }

    /// Who is told what of a post to replace, and the replacement.
    async fn of_replacement(&self, tx: &Tx, envelope: &Envelope) -> Result<Option<(Told, String)>, BoxError> {
        let hospital = envelope.hospital.as_str();
        let (name, told) = if let Some(event) = event::decode::<ReplacementOpened>(envelope) {
            let (name, post) = post(event?.replacement)?;
            let news = Exchange::ReplacementNeeded { post };
            (name, self.to_deciders(tx, hospital, Remit::OVER_ALL, &news).await?)
        } else if let Some(event) = event::decode::<ReplacementRequested>(envelope) {
            let event = event?;
            let (name, post) = post(event.replacement)?;
            (name, to_all(event.staff_members, &Exchange::ReplacementRequested { post }))
        } else if let Some(event) = event::decode::<ReplacementFilled>(envelope) {
            let event = event?;
            let (name, post) = post(event.replacement)?;
            let mut told = to_all(event.others, &Exchange::ReplacementClosed { post });
            told.retain(|(own, _)| *own != event.absent_staff_member);
            told.push((event.absent_staff_member, Exchange::ReplacementCovered { post }));
            (name, told)
        } else if let Some(event) = event::decode::<ReplacementClosed>(envelope) {
            let event = event?;
            let (name, post) = post(event.replacement)?;
            (name, to_all(event.staff_members, &Exchange::ReplacementClosed { post }))
        } else if let Some(event) = event::decode::<ReplacementUnfilled>(envelope) {
            let event = event?;
            let (name, post) = post(event.replacement)?;
            let news = Exchange::ReplacementUnfilled { post };
            let mut told = self.to_deciders(tx, hospital, Remit::OVER_ALL, &news).await?;
            let asked = to_all(event.staff_members, &Exchange::ReplacementClosed { post });
            told.extend(asked);
            (name, told)
        } else {
            return Ok(None);
        };
        Ok(Some((told, name)))
    }
}

#[async_trait]
impl Consumer for OnExchangeEvents {
    fn name(&self) -> &'static str {
        "notification.on_exchange_events"
    }

    fn topic(&self) -> &'static str {
        "planning"
    }

    fn concerns(&self, event: &Envelope) -> bool {
        event::is::<SwapRequested>(event)
            || event::is::<SwapAccepted>(event)
            || event::is::<SwapApplied>(event)
            || event::is::<SwapDeclined>(event)
            || event::is::<SwapRefused>(event)
            || event::is::<SwapCancelled>(event)
            || event::is::<SwapExpired>(event)
            || event::is::<ReplacementOpened>(event)
            || event::is::<ReplacementRequested>(event)
            || event::is::<ReplacementFilled>(event)
            || event::is::<ReplacementClosed>(event)
            || event::is::<ReplacementUnfilled>(event)
    }

    async fn handle(&self, tx: &Tx, envelope: &Envelope) -> Result<(), BoxError> {
        let told = match self.of_swap(tx, envelope).await? {
            Some(told) => Some(told),
            None => self.of_replacement(tx, envelope).await?,
        };
        let Some((told, subject)) = told else { return Ok(()) };
        let hospital = envelope.hospital.as_str();
        let mut people = Vec::with_capacity(told.len());
        for (name, news) in told.into_iter().filter(|(name, _)| !name.is_empty()) {
            let person = StaffMemberName::parse(&name)?;
            if person.hospital != hospital {
                return Err("an exchange concerns people of its own hospital only".into());
            }
            people.push((person.staff_member, Message::Exchange { exchange: news }));
        }
        self.teller.tell_all(tx, News { hospital, event_id: &envelope.id, subject: &subject, people }).await
    }
}

fn facts(swap: Option<SwapFacts>) -> Result<SwapFacts, BoxError> {
    swap.ok_or_else(|| "news of a swap without the swap".into())
}

fn slots(facts: &SwapFacts) -> Result<(Slot, Option<Slot>), BoxError> {
    let offered = facts.offered.as_ref().ok_or("a swap without its duty")?;
    Ok((slot(offered)?, facts.wanted.as_ref().map(slot).transpose()?))
}

fn post(replacement: Option<ReplacementFacts>) -> Result<(String, Slot), BoxError> {
    let facts = replacement.ok_or("news of a replacement without the replacement")?;
    let duty = facts.duty.ok_or("a replacement without its post")?;
    Ok((facts.replacement, slot(&duty)?))
}

fn slot(own: &swap::Duty) -> Result<Slot, BoxError> {
    Ok(Slot {
        duty: match own.kind() {
            shift::Kind::Garde => Duty::Garde,
            shift::Kind::Astreinte => Duty::Astreinte,
            _ => Duty::HalfDay,
        },
        day: values::day(own.date)?,
        part: match own.day_part() {
            Part::Unspecified => None,
            Part::Morning => Some(DayPart::Morning),
            Part::Afternoon => Some(DayPart::Afternoon),
        },
    })
}

/// Both parties, but for who did it.
fn to_both(facts: &SwapFacts, news: &Exchange) -> Told {
    let both = [&facts.proposer, &facts.counterpart];
    let told = both.into_iter().filter(|own| !own.is_empty() && **own != facts.actor);
    told.map(|own| (own.clone(), news.clone())).collect()
}

fn to_all(people: Vec<String>, news: &Exchange) -> Told {
    people.into_iter().map(|own| (own, news.clone())).collect()
}
