//! Days on which somebody cannot take duties.

use proto::leave::v1::{
    self as pb,
    recurrence::Frequency,
    unavailability::{Scope, State},
    unavailability_conflict::Kind,
};
use tonic::Code;

use crate::world::{self, Duty, World, date, leave, reason};

fn wish(first: &str, last: &str) -> pb::Unavailability {
    pb::Unavailability {
        scope: Scope::Both.into(),
        first_date: Some(date(first)),
        last_date: Some(date(last)),
        comment: "private".to_owned(),
        ..Default::default()
    }
}

fn weekly(first: &str) -> pb::Unavailability {
    let recurrence = pb::Recurrence { frequency: Frequency::Weekly.into(), ..Default::default() };
    pb::Unavailability { recurrence: Some(recurrence), ..wish(first, first) }
}

#[tokio::test]
async fn what_meets_nothing_is_approved_at_once_and_comes_again_without_end() {
    let world = World::new().await;
    let entered = world.unavailable("ann", weekly("2027-01-05")).await.unwrap();
    assert_eq!(entered.state(), State::Approved);
    let days = world.unavailable_days("planning", ("2030-01-01", "2030-01-10")).await.unwrap();
    let expected =
        ["2030-01-01", "2030-01-08"].map(|day| ("hospitals/chu/staffMembers/ann", Some(date(day))));
    assert_eq!(days.iter().map(|day| (day.staff_member.as_str(), day.date)).collect::<Vec<_>>(), expected);
    let cancelled = world.cancel_unavailability("ann", &entered.name).await.unwrap();
    assert_eq!(cancelled.state(), State::Cancelled);
    assert!(world.unavailable_days("bob", ("2030-01-01", "2030-01-10")).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_meets_a_garde_waits_and_other_days_are_proposed_and_accepted() {
    let world = World::new().await;
    world.publish_plan(&Duty { person: "ann", shift: "garde-12", day: "2027-01-12" }, true).await;
    let entered = world.unavailable("ann", weekly("2027-01-05")).await.unwrap();
    assert_eq!(entered.state(), State::Pending);
    let met: Vec<_> = entered.conflicts.iter().map(|met| (met.kind(), met.date)).collect();
    assert_eq!(met, [(Kind::PublishedDuty, Some(date("2027-01-12")))]);
    assert!(world.unavailable_days("bob", ("2027-01-01", "2027-01-31")).await.unwrap().is_empty());

    let own = world.counter("ann", &entered.name, ("2027-01-19", "2027-01-20")).await.unwrap_err();
    assert_eq!(own.code(), Code::PermissionDenied);
    let countered = world.counter("boss", &entered.name, ("2027-01-19", "2027-01-20")).await.unwrap();
    assert_eq!(countered.state(), State::Countered);
    let accepted = world.accept("ann", &entered.name).await.unwrap();
    assert_eq!(accepted.state(), State::Approved);
    assert_eq!((accepted.first_date, accepted.recurrence), (Some(date("2027-01-19")), None));
    let days = world.unavailable_days("planning", ("2027-01-01", "2027-01-31")).await.unwrap();
    assert_eq!(days.len(), 2);
    let again = world.accept("ann", &entered.name).await.unwrap_err();
    assert_eq!(reason(&again), "UNAVAILABILITY_NOT_PENDING");
}

#[tokio::test]
async fn several_are_approved_or_none() {
    let world = World::new().await;
    let away = world.create("ann", leave("cp", "2027-02-01", "2027-02-05")).await.unwrap();
    world.approve("boss", &away, false).await.unwrap();
    let first = world.unavailable("ann", wish("2027-02-05", "2027-02-06")).await.unwrap();
    let second = world.unavailable("ann", wish("2027-02-06", "2027-02-07")).await.unwrap();
    let kinds = |own: &pb::Unavailability| {
        own.conflicts.iter().map(pb::UnavailabilityConflict::kind).collect::<Vec<_>>()
    };
    assert_eq!((kinds(&first), kinds(&second)), (vec![Kind::Leave], vec![Kind::OtherUnavailability]));
    let stale = pb::Unavailability { etag: "\"7\"".to_owned(), ..second.clone() };
    let refused = world.approve_unavailabilities("boss", &[first.clone(), stale]).await.unwrap_err();
    assert_eq!(reason(&refused), "ETAG_MISMATCH");
    assert!(world.unavailable_days("bob", ("2027-02-01", "2027-02-28")).await.unwrap().is_empty());
    let approved = world.approve_unavailabilities("boss", &[second, first]).await.unwrap();
    assert!(approved.iter().all(|own| own.state() == State::Approved));
    assert_eq!(world.unavailable_days("bob", ("2027-02-01", "2027-02-28")).await.unwrap().len(), 3);
}

#[tokio::test]
async fn why_somebody_is_unavailable_is_theirs_and_the_deciders() {
    let world = World::new().await;
    let entered = world.unavailable("ann", wish("2027-01-05", "2027-01-05")).await.unwrap();
    assert_eq!(entered.comment, "private");
    assert_eq!(world.get_unavailability("boss", &entered.name).await.unwrap().comment, "private");
    for reader in ["secretary", "nurse-boss"] {
        assert_eq!(world.get_unavailability(reader, &entered.name).await.unwrap().comment, "", "{reader}");
    }
    let colleague = world.get_unavailability("bob", &entered.name).await.unwrap_err();
    assert_eq!(colleague.code(), Code::PermissionDenied);
    let wrong = pb::Unavailability { scope: 0, ..wish("2027-01-05", "2027-01-04") };
    let refused = world.unavailable("ann", wrong).await.unwrap_err();
    assert_eq!(world::fields(&refused), ["unavailability.scope", "unavailability.last_date"]);
}
