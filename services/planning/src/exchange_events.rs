//! What planning tells of swaps and of posts to replace. Nobody's reason is in it.

use chassis::{Ctx, Problem};
use durable::Tx;
use proto::{
    names::{
        ReplacementName, RevisionName, ShiftName, SiteName, StaffMemberName, SwapName, UnplannedAbsenceName,
    },
    planning::v1 as pb,
};

use crate::{
    api::convert,
    domain::{
        exchange::Item,
        replacement::{Replacement, UnplannedAbsence},
        swap::Swap,
    },
    events::TOPIC,
};

/// A post of a plan, as contracts say it.
pub fn item(hospital: &str, plan: &str, own: &Item) -> pb::swap::Duty {
    pb::swap::Duty {
        shift: ShiftName::new(hospital, plan, &own.shift).to_string(),
        post: convert::post(own.post).into(),
        kind: convert::kind(own.kind).into(),
        date: Some(own.day.into()),
        day_part: convert::part(own.part).into(),
        site: SiteName::new(hospital, &own.site).to_string(),
    }
}

/// The name of a person; empty for nobody.
pub fn person(hospital: &str, id: &str) -> String {
    if id.is_empty() { String::new() } else { StaffMemberName::new(hospital, id).to_string() }
}

fn people<'p>(hospital: &str, ids: impl IntoIterator<Item = &'p String>) -> Vec<String> {
    ids.into_iter().map(|id| person(hospital, id)).collect()
}

fn facts(swap: &Swap, actor: &str) -> pb::SwapFacts {
    let hospital = swap.hospital.as_str();
    pb::SwapFacts {
        swap: SwapName::new(hospital, &swap.id).to_string(),
        proposer: person(hospital, &swap.proposer),
        counterpart: person(hospital, &swap.counterpart),
        profession: swap.profession.clone(),
        offered: Some(item(hospital, &swap.plan, &swap.offered_item)),
        wanted: swap.wanted_item.as_ref().map(|own| item(hospital, &swap.plan, own)),
        actor: actor.to_owned(),
    }
}

/// Who does it, as events name them; a system that calls is nobody's colleague.
fn actor(ctx: &Ctx) -> String {
    ctx.principal
        .person()
        .filter(|person| person.service_account.is_empty())
        .map_or_else(String::new, |own| own.name())
}

async fn publish<M: prost::Message + prost::Name>(tx: &Tx, swap: &Swap, event: &M) -> Result<(), Problem> {
    let name = SwapName::new(&swap.hospital, &swap.id).to_string();
    tx.publish(TOPIC, event, &swap.hospital, name).await
}

pub async fn swap_requested<'p>(
    tx: &Tx,
    ctx: &Ctx,
    swap: &Swap,
    candidates: impl IntoIterator<Item = &'p String>,
) -> Result<(), Problem> {
    let candidates = people(&swap.hospital, candidates);
    let event = pb::SwapRequested { swap: Some(facts(swap, &actor(ctx))), candidates };
    publish(tx, swap, &event).await
}

pub async fn swap_accepted(tx: &Tx, ctx: &Ctx, swap: &Swap) -> Result<(), Problem> {
    publish(tx, swap, &pb::SwapAccepted { swap: Some(facts(swap, &actor(ctx))) }).await
}

pub async fn swap_applied(tx: &Tx, ctx: &Ctx, swap: &Swap) -> Result<(), Problem> {
    let revision = RevisionName::new(&swap.hospital, &swap.plan, swap.revision.to_string()).to_string();
    publish(tx, swap, &pb::SwapApplied { swap: Some(facts(swap, &actor(ctx))), revision }).await
}

pub async fn swap_declined(tx: &Tx, ctx: &Ctx, swap: &Swap) -> Result<(), Problem> {
    publish(tx, swap, &pb::SwapDeclined { swap: Some(facts(swap, &actor(ctx))) }).await
}

pub async fn swap_refused(tx: &Tx, ctx: &Ctx, swap: &Swap) -> Result<(), Problem> {
    publish(tx, swap, &pb::SwapRefused { swap: Some(facts(swap, &actor(ctx))) }).await
}

pub async fn swap_cancelled(tx: &Tx, ctx: &Ctx, swap: &Swap) -> Result<(), Problem> {
    publish(tx, swap, &pb::SwapCancelled { swap: Some(facts(swap, &actor(ctx))) }).await
}

/// Time did it.
pub async fn swap_expired(tx: &Tx, swap: &Swap) -> Result<(), Problem> {
    publish(tx, swap, &pb::SwapExpired { swap: Some(facts(swap, "")) }).await
}

pub async fn absence_declared(tx: &Tx, own: &UnplannedAbsence, count: usize) -> Result<(), Problem> {
    let name = UnplannedAbsenceName::new(&own.hospital, &own.staff_member, &own.id).to_string();
    let event = pb::UnplannedAbsenceDeclared {
        unplanned_absence: name.clone(),
        staff_member: person(&own.hospital, &own.staff_member),
        first_date: Some(own.span.first().day.into()),
        last_date: Some(own.span.last().day.into()),
        replacement_count: i32::try_from(count).unwrap_or(i32::MAX),
    };
    tx.publish(TOPIC, &event, &own.hospital, name).await
}

fn replacement(own: &Replacement) -> (Option<pb::ReplacementFacts>, String) {
    let name = ReplacementName::new(&own.hospital, &own.id).to_string();
    let duty = Some(item(&own.hospital, &own.plan, &own.item));
    (Some(pb::ReplacementFacts { replacement: name.clone(), duty }), name)
}

pub async fn replacement_opened(tx: &Tx, own: &Replacement) -> Result<(), Problem> {
    let (replacement, name) = replacement(own);
    tx.publish(TOPIC, &pb::ReplacementOpened { replacement }, &own.hospital, name).await
}

pub async fn replacement_requested(tx: &Tx, own: &Replacement, asked: &[String]) -> Result<(), Problem> {
    let (replacement, name) = replacement(own);
    let event = pb::ReplacementRequested { replacement, staff_members: people(&own.hospital, asked) };
    tx.publish(TOPIC, &event, &own.hospital, name).await
}

pub async fn replacement_filled(tx: &Tx, own: &Replacement, others: &[String]) -> Result<(), Problem> {
    let (replacement, name) = replacement(own);
    let event = pb::ReplacementFilled {
        replacement,
        staff_member: person(&own.hospital, &own.staff_member),
        absent_staff_member: person(&own.hospital, &own.absent),
        others: people(&own.hospital, others),
    };
    tx.publish(TOPIC, &event, &own.hospital, name).await
}

pub async fn replacement_closed(tx: &Tx, own: &Replacement, asked: &[String]) -> Result<(), Problem> {
    let (replacement, name) = replacement(own);
    let event = pb::ReplacementClosed { replacement, staff_members: people(&own.hospital, asked) };
    tx.publish(TOPIC, &event, &own.hospital, name).await
}

pub async fn replacement_unfilled(tx: &Tx, own: &Replacement, asked: &[String]) -> Result<(), Problem> {
    let (replacement, name) = replacement(own);
    let event = pb::ReplacementUnfilled { replacement, staff_members: people(&own.hospital, asked) };
    tx.publish(TOPIC, &event, &own.hospital, name).await
}
