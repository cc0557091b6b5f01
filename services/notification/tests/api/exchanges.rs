//! What is told of swaps and of posts to replace, and to whom.

use proto::{
    planning::v1::{
        self as pb, ReplacementClosed, ReplacementFacts, ReplacementFilled, ReplacementOpened,
        ReplacementRequested, ReplacementUnfilled, SwapAccepted, SwapApplied, SwapCancelled, SwapDeclined,
        SwapExpired, SwapFacts, SwapRefused, SwapRequested, shift::Kind,
    },
    staff::v1::Role,
};

use super::{
    decisions::hire,
    world::{HOSPITAL, World, date, person},
};

fn duty(day: &str) -> pb::swap::Duty {
    pb::swap::Duty { kind: Kind::Garde.into(), date: date(day), ..Default::default() }
}

/// Ann offers a garde to Bob for one of his.
fn facts(actor: &str) -> SwapFacts {
    SwapFacts {
        swap: format!("hospitals/{HOSPITAL}/swaps/s1"),
        proposer: person("ann"),
        counterpart: person("bob"),
        profession: "MAR".into(),
        offered: Some(duty("2027-01-05")),
        wanted: Some(duty("2027-01-08")),
        actor: if actor.is_empty() { String::new() } else { person(actor) },
    }
}

fn post() -> Option<ReplacementFacts> {
    let replacement = format!("hospitals/{HOSPITAL}/replacements/r1");
    Some(ReplacementFacts { replacement, duty: Some(duty("2027-01-05")) })
}

async fn kinds(world: &World, who: &str) -> Vec<String> {
    world.list(who, "").await.unwrap().notifications.into_iter().map(|told| told.kind).collect()
}

async fn with_deciders() -> World {
    let world = World::new().await;
    hire(&world, "boss", Role::AnesthetistAdministrator).await;
    hire(&world, "nurse-boss", Role::NurseAdministrator).await;
    world
}

/// Publishes it twice and looks at who was told what.
async fn told<M: prost::Message + prost::Name>(event: &M, expected: &[(&str, &[&str])]) {
    let world = with_deciders().await;
    let envelope = world.envelope(event);
    for _ in 0..2 {
        world.send("planning", envelope.clone()).await;
    }
    for (who, kind) in expected {
        assert_eq!(kinds(&world, who).await, *kind, "{who}");
    }
}

#[tokio::test]
async fn each_step_of_a_swap_is_told_to_whom_it_is_news_once() {
    let swap = || Some(facts("ann"));
    let candidates = vec![person("bob"), person("cas")];
    let requested = SwapRequested { swap: swap(), candidates };
    told(
        &requested,
        &[("bob", &["SWAP_REQUESTED"]), ("cas", &["SWAP_REQUESTED"]), ("ann", &[]), ("boss", &[])],
    )
    .await;
    let accepted = SwapAccepted { swap: Some(facts("bob")) };
    let expected: &[(&str, &[&str])] = &[
        ("ann", &["SWAP_ACCEPTED"]),
        ("bob", &[]),
        ("boss", &["SWAP_APPROVAL_NEEDED"]),
        ("nurse-boss", &[]),
    ];
    told(&accepted, expected).await;
    let applied = SwapApplied { swap: Some(facts("boss")), revision: String::new() };
    told(&applied, &[("ann", &["SWAP_APPLIED"]), ("bob", &["SWAP_APPLIED"]), ("boss", &[])]).await;
    let declined = SwapDeclined { swap: Some(facts("bob")) };
    told(&declined, &[("ann", &["SWAP_DECLINED"]), ("bob", &[])]).await;
    let refused = SwapRefused { swap: Some(facts("boss")) };
    told(&refused, &[("ann", &["SWAP_REFUSED"]), ("bob", &["SWAP_REFUSED"]), ("boss", &[])]).await;
    let cancelled = SwapCancelled { swap: swap() };
    told(&cancelled, &[("ann", &[]), ("bob", &["SWAP_CANCELLED"])]).await;
    let expired = SwapExpired { swap: Some(facts("")) };
    told(&expired, &[("ann", &["SWAP_EXPIRED"]), ("bob", &["SWAP_EXPIRED"])]).await;
}

#[tokio::test]
async fn both_are_told_what_they_leave_and_what_they_take() {
    let world = with_deciders().await;
    world.publish("planning", &SwapApplied { swap: Some(facts("bob")), revision: String::new() }).await;
    let ann = world.list("ann", "").await.unwrap().notifications.remove(0);
    assert_eq!(ann.body, "Vous laissez votre garde du 5 janvier 2027 et prenez une garde du 8 janvier 2027.");
    assert_eq!(ann.subject, format!("hospitals/{HOSPITAL}/swaps/s1"));
    let bob = world.list_in("en", "bob").await.unwrap().notifications.remove(0);
    assert_eq!(
        bob.body,
        "You leave your night duty on 8 January 2027 and take a night duty on 5 January 2027."
    );
}

#[tokio::test]
async fn each_step_of_a_replacement_is_told_to_whom_it_is_news_once() {
    let opened = ReplacementOpened { replacement: post() };
    told(&opened, &[("boss", &["REPLACEMENT_NEEDED"]), ("nurse-boss", &[]), ("ann", &[])]).await;
    let asked = vec![person("bob"), person("cas")];
    let requested = ReplacementRequested { replacement: post(), staff_members: asked.clone() };
    told(
        &requested,
        &[("bob", &["REPLACEMENT_REQUESTED"]), ("cas", &["REPLACEMENT_REQUESTED"]), ("ann", &[])],
    )
    .await;
    let filled = ReplacementFilled {
        replacement: post(),
        staff_member: person("bob"),
        absent_staff_member: person("ann"),
        others: vec![person("cas")],
    };
    told(&filled, &[("ann", &["REPLACEMENT_COVERED"]), ("cas", &["REPLACEMENT_CLOSED"]), ("bob", &[])]).await;
    let nobody_before = ReplacementFilled { absent_staff_member: String::new(), ..filled };
    told(&nobody_before, &[("cas", &["REPLACEMENT_CLOSED"]), ("bob", &[])]).await;
    let closed = ReplacementClosed { replacement: post(), staff_members: asked.clone() };
    told(&closed, &[("bob", &["REPLACEMENT_CLOSED"]), ("cas", &["REPLACEMENT_CLOSED"])]).await;
    let unfilled = ReplacementUnfilled { replacement: post(), staff_members: asked };
    told(&unfilled, &[("boss", &["REPLACEMENT_UNFILLED"]), ("bob", &["REPLACEMENT_CLOSED"])]).await;
}
