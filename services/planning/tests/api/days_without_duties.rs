//! Days on which somebody takes no garde or astreinte, as leave tells of them: Bob, on the 20th.

use proto::{
    leave::v1::{UnavailabilityChanged, unavailability::State},
    planning::v1::{self as pb, shift::Kind},
};

use crate::world::{HOSPITAL, PLAN, World, date, preconditions, reason};

#[tokio::test]
async fn a_day_without_duties_keeps_gardes_away_in_searches_edits_and_explanations() {
    let world = World::new().await;
    world.planned().await;
    let on = async |kind: &str, day: u32| {
        world.shifts(&format!("kind = {kind} AND date = \"2027-01-{day}\"")).await.remove(0).name
    };
    let told = async |kind: &str, day| {
        let edit = world.assign(&on(kind, day).await, "bob", true).await.unwrap();
        let rules = edit.violations.into_iter().map(|own| (own.rule, own.hard));
        rules.filter(|(rule, hard)| *hard || rule.starts_with("G19")).collect::<Vec<_>>()
    };
    let refused = [("G19".to_owned(), true)];
    assert_eq!(told("GARDE", 20).await, refused);
    assert_eq!(told("ASTREINTE", 20).await, refused);
    assert!(told("CONSULTATION", 20).await.is_empty());
    assert_eq!(told("GARDE", 21).await, [("G19~".to_owned(), false)]);
    assert!(told("ASTREINTE", 21).await.is_empty());

    let (garde, analysis) = (on("GARDE", 20).await, world.analyze(PLAN).await);
    let hole = analysis.holes.iter().find(|hole| hole.shift == garde).unwrap();
    assert!(hole.obstacles.iter().any(|own| own.rule == "G19" && own.people_count == 1), "{hole:?}");

    world.generate("", 1).await.unwrap();
    let task = world.lease().await.unwrap();
    let people = &task.problem.as_ref().unwrap().people;
    let days: Vec<u32> =
        people.iter().flat_map(|own| &own.duty_unavailabilities).map(|own| own.day).collect();
    assert_eq!(days, [19, 20]);
    world.complete(&task).await.unwrap();
    let proposal = world.proposals().await.pop().unwrap();
    let etag = world.plan("boss").await.unwrap().etag;
    world.adopt(&proposal.name, &etag).await.unwrap();
    let bob = format!("hospitals/{HOSPITAL}/staffMembers/bob");
    let held = world.assignments("boss", "date = \"2027-01-20\"").await;
    let is_duty = |own: &pb::Assignment| matches!(own.kind(), Kind::Garde | Kind::Astreinte);
    assert!(held.iter().all(|own| own.staff_member != bob || !is_duty(own)), "{held:?}");

    match held.into_iter().find(|own| own.kind() == Kind::Garde) {
        Some(held) => {
            let assignment = pb::Assignment { name: held.name, staff_member: bob, ..Default::default() };
            let edit = pb::UpdateAssignmentRequest { assignment: Some(assignment), ..Default::default() };
            world.client().update_assignment(world.by("boss", edit)).await.map(drop).unwrap();
        }
        None => world.assign(&garde, "bob", false).await.map(drop).unwrap(),
    }
    let etag = world.plan("boss").await.unwrap().etag;
    let refused = world.publish(&etag, false).await.unwrap_err();
    assert_eq!(reason(&refused), "PLAN_HAS_HARD_VIOLATIONS");
    assert!(preconditions(&refused).contains(&"G19".to_owned()), "{refused:?}");
}

#[tokio::test]
async fn a_day_without_duties_that_comes_or_goes_makes_the_analysis_stale() {
    for (first, until, state, is_stale) in [
        ("2026-01-07", None, State::Approved, true),
        ("2027-01-20", Some("2027-01-20"), State::Cancelled, true),
        ("2026-01-07", Some("2026-12-30"), State::Approved, false),
        ("2027-01-20", Some("2027-01-20"), State::Pending, false),
    ] {
        let world = World::new().await;
        world.planned().await;
        world.analyze(PLAN).await;
        let event = UnavailabilityChanged {
            state: state.into(),
            first_date: Some(date(first)),
            last_date: Some(date(first)),
            until_date: until.map(date),
            ..Default::default()
        };
        let envelope = durable::event::encode(&event, HOSPITAL, "unavailability", world.clock.now());
        chassis::testing::eventually("the event is taken", async || {
            world.bus.publish("leave", envelope.clone()).await.ok()
        })
        .await;
        assert_eq!(world.plan("boss").await.unwrap().analysis.unwrap().stale, is_stale, "{first} {state:?}");
    }
}
