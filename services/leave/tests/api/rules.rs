//! The rules through the service: what is tried, what is refused, what nobody needs to decide.

use proto::leave::v1::{self as pb, AcceptanceObstacle, conflict::Kind, leave::State};
use tonic::Code;

use crate::{
    half_days,
    world::{self, World, leave, reason},
};

fn kinds(conflicts: &[pb::Conflict]) -> Vec<Kind> {
    conflicts.iter().map(pb::Conflict::kind).collect()
}

#[tokio::test]
async fn a_simulation_shows_what_a_leave_would_cost_and_meet_and_writes_nothing() {
    let world = World::new().await;
    world.create("bob", leave("cp", "2027-02-02", "2027-02-02")).await.unwrap();
    let shown = world.simulate("ann", leave("cp", "2027-02-01", "2027-02-05")).await.unwrap();
    assert_eq!((shown.counted_half_days, shown.refusal_reason.as_str()), (10, ""));
    let figures = |balances: &[pb::Balance]| balances.iter().map(half_days).collect::<Vec<_>>();
    assert_eq!(figures(&shown.balances_before), [(100, 0, 0)]);
    assert_eq!(figures(&shown.balances_after), [(100, 0, 10)]);
    assert_eq!(kinds(&shown.conflicts), [Kind::Competition]);
    let days: Vec<_> = shown
        .days
        .iter()
        .map(|day| (day.counted_half_days, day.pending_count, day.block_absent_max))
        .collect();
    assert_eq!(days, [(2, 0, 4), (2, 1, 4), (2, 0, 4), (2, 0, 4), (2, 0, 4)]);
    let rank = shown.rank.unwrap();
    assert_eq!((rank.count, rank.criterion()), (2, pb::rank::Criterion::Draw));
    assert_eq!(
        shown.obstacles,
        [i32::from(AcceptanceObstacle::NotEnabled), AcceptanceObstacle::OthersAway.into()]
    );
    assert!(!shown.is_accepted_at_once);
    assert_eq!(world.ledger("ann", "cp-2027").await, []);
    assert!(world.list("ann", "").await.unwrap().leaves.is_empty());
    let stranger = world.simulate_for("bob", "ann", leave("cp", "2027-02-01", "2027-02-05")).await;
    assert_eq!(stranger.unwrap_err().code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_simulation_tells_its_place_among_those_who_ask_and_whom_it_may_not_tell_anything() {
    let world = World::new().await;
    for (person, first, last) in [("ann", "2025-12-22", "2025-12-24"), ("bob", "2024-12-23", "2024-12-24")] {
        let before = world.create(person, leave("cp", first, last)).await.unwrap();
        world.approve("boss", &before, false).await.unwrap();
    }
    world.create("bob", leave("cp", "2026-12-21", "2026-12-23")).await.unwrap();
    let rank = world.simulate("ann", leave("cp", "2026-12-21", "2026-12-23")).await.unwrap().rank.unwrap();
    assert_eq!((rank.position, rank.count, rank.criterion()), (2, 2, pb::rank::Criterion::LastHad));
    assert_eq!(rank.years_had, [2025]);
    let gone = world.simulate("gone", leave("cp", "2027-02-01", "2027-02-05")).await.unwrap_err();
    assert_eq!(reason(&gone), "STAFF_MEMBER_INACTIVE");
    world.break_staff();
    let away = world.simulate("ann", leave("cp", "2027-02-01", "2027-02-05")).await.unwrap_err();
    assert_eq!(away.code(), Code::Unavailable);
}

#[tokio::test]
async fn a_simulation_tells_why_a_leave_could_not_be_sent() {
    let world = World::new().await;
    let taken = world.create("ann", leave("cp", "2027-02-01", "2027-02-05")).await.unwrap();
    world.approve("boss", &taken, false).await.unwrap();
    let table = [
        ("ann", leave("cp", "2027-02-05", "2027-02-08"), "LEAVE_OVERLAPS"),
        ("ann", leave("cp", "2027-02-06", "2027-02-07"), "LEAVE_NOTHING_COUNTED"),
        ("ann", leave("recup", "2027-02-09", "2027-02-09"), "LEAVE_BALANCE_EXCEEDED"),
        ("leaver", leave("cp", "2026-12-30", "2027-01-05"), "LEAVE_OUTSIDE_CONTRACT"),
    ];
    for (person, leave, expected) in table {
        let shown = world.simulate(person, leave.clone()).await.unwrap();
        assert_eq!(shown.refusal_reason, expected, "{person}");
        assert_eq!(reason(&world.create(person, leave).await.unwrap_err()), expected, "{person}");
    }
}

#[tokio::test]
async fn l13_training_is_charged_to_an_anesthetist_and_not_to_a_nurse() {
    let world = World::new().await;
    let of_anesthetist = world.create("ann", leave("form", "2027-02-04", "2027-02-09")).await.unwrap();
    assert_eq!(of_anesthetist.charged_leave_type, "hospitals/chu/leaveTypes/cp");
    assert_eq!(of_anesthetist.balances.iter().map(half_days).collect::<Vec<_>>(), [(100, 0, 8)]);
    world.approve("boss", &of_anesthetist, false).await.unwrap();
    assert_eq!(half_days(&world.balance("ann", "cp-2027").await.unwrap()), (100, 8, 0));
    let of_nurse = world.create("cam", leave("form", "2027-02-04", "2027-02-09")).await.unwrap();
    assert_eq!((of_nurse.charged_leave_type.as_str(), of_nurse.balances.len()), ("", 0));
}

#[tokio::test]
async fn l15_a_leave_that_nobody_needs_to_decide_is_approved_at_once_and_the_next_one_waits() {
    let world = World::new().await;
    let policy = pb::LeavePolicy {
        auto_acceptance: Some(pb::AutoAcceptance {
            is_enabled: true,
            notice_days_min: 30,
            others_absent_max: 0,
            leave_types: vec!["cp".to_owned()],
        }),
        ..world.policy("boss").await.unwrap()
    };
    world.update_policy(policy, &["auto_acceptance"]).await.unwrap();
    assert!(
        world.simulate("ann", leave("cp", "2027-02-01", "2027-02-05")).await.unwrap().is_accepted_at_once
    );
    let first = world.create("ann", leave("cp", "2027-02-01", "2027-02-05")).await.unwrap();
    assert_eq!(first.state(), State::Approved);
    assert_eq!(first.decision.unwrap().decider, "services/leave");
    assert_eq!(half_days(&world.balance("ann", "cp-2027").await.unwrap()), (100, 10, 0));
    let second = world.create("bob", leave("cp", "2027-02-05", "2027-02-05")).await.unwrap();
    assert_eq!(second.state(), State::Pending, "somebody of the profession is away");
    let nurse = world.create("cam", leave("cp", "2027-02-01", "2027-02-05")).await.unwrap();
    assert_eq!(nurse.state(), State::Approved, "a nurse is of another profession");
}

#[tokio::test]
async fn l17_a_balance_falls_as_far_below_zero_as_its_type_may() {
    let world = World::new().await;
    let day = |day: &str| leave("recup", day, day);
    assert_eq!(reason(&world.create("ann", day("2027-02-01")).await.unwrap_err()), "LEAVE_BALANCE_EXCEEDED");
    let policy = pb::LeavePolicy {
        type_rules: vec![pb::LeaveTypeRule {
            leave_type: "recup".to_owned(),
            negative_half_days_max: Some(3),
            ..pb::LeaveTypeRule::default()
        }],
        ..world.policy("boss").await.unwrap()
    };
    world.update_policy(policy, &["type_rules"]).await.unwrap();
    let first = world.create("ann", day("2027-02-01")).await.unwrap();
    world.approve("boss", &first, false).await.unwrap();
    let further = world.create("ann", day("2027-02-03")).await.unwrap_err();
    assert_eq!(reason(&further), "LEAVE_BALANCE_EXCEEDED", "four half-days below zero are one too many");
}

#[tokio::test]
async fn a_blackout_stops_an_approval_that_is_not_forced() {
    let world = World::new().await;
    let days = pb::Blackout {
        first_date: Some(world::date("2027-02-04")),
        last_date: Some(world::date("2027-02-20")),
        professions: vec![],
    };
    let policy = pb::LeavePolicy { blackouts: vec![days], ..world.policy("boss").await.unwrap() };
    world.update_policy(policy, &["blackouts"]).await.unwrap();
    let created = world.create("ann", leave("cp", "2027-02-01", "2027-02-05")).await.unwrap();
    assert_eq!(reason(&world.approve("boss", &created, false).await.unwrap_err()), "LEAVE_IN_BLACKOUT");
    let forced = world.approve("boss", &created, true).await.unwrap();
    assert!(forced.decision.unwrap().is_forced);
}

#[tokio::test]
async fn every_wrong_field_of_a_policy_is_told() {
    let world = World::new().await;
    let policy = world.policy("boss").await.unwrap();
    let wrong = pb::LeavePolicy {
        capacity_percentage_min: 101,
        peaks: vec![pb::PeakPeriod {
            code: "x".to_owned(),
            first_month: 2,
            first_day: 30,
            ..Default::default()
        }],
        type_rules: vec![pb::LeaveTypeRule { leave_type: "nap".to_owned(), ..Default::default() }],
        ..policy.clone()
    };
    let refused = world.update_policy(wrong, &["*"]).await.unwrap_err();
    let fields = [
        "leave_policy.capacity_percentage_min",
        "leave_policy.peaks[0].first_day",
        "leave_policy.peaks[0].last_day",
        "leave_policy.type_rules[0].leave_type",
    ];
    assert_eq!(world::fields(&refused), fields);
    assert_eq!(world.policy("boss").await.unwrap(), policy);
}
