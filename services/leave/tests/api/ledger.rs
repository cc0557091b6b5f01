//! Balances as ledgers: what is earned, moved, carried into the next year and not used in time.

use chassis::testing::eventually;
use proto::leave::v1::{self as pb, balance_entry::Kind};
use tonic::Code;

use crate::world::{World, date, leave, reason};

#[tokio::test]
async fn scenario_16_six_days_from_annual_leave_to_compensation_are_refused_and_five_move() {
    let world = World::new().await;
    let refused = world.transfer("boss", ("ann", "cp-2026", "recup-2026"), 12, false).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::FailedPrecondition, "LEAVE_TRANSFER_CAPPED")
    );
    assert_eq!(world.ledger("ann", "recup-2026").await, []);
    let shown = world.transfer("boss", ("ann", "cp-2026", "recup-2026"), 10, true).await.unwrap();
    assert_eq!(shown.source.unwrap().remaining_half_days, 90);
    assert_eq!(world.ledger("ann", "recup-2026").await, [], "a preview writes nothing");
    let own = world.transfer("ann", ("ann", "cp-2026", "recup-2026"), 10, false).await.unwrap_err();
    assert_eq!(own.code(), Code::PermissionDenied, "the rule requires an administrator");
    let moved = world.transfer("boss", ("ann", "cp-2026", "recup-2026"), 10, false).await.unwrap();
    let (source, target) = (moved.source.unwrap(), moved.target.unwrap());
    assert_eq!((source.transferred_half_days, source.remaining_half_days), (-10, 90));
    assert_eq!((target.transferred_half_days, target.remaining_half_days), (10, 10));
    assert_eq!(world.ledger("ann", "recup-2026").await, [(Kind::Transfer.into(), 10)]);
    let more = world.transfer("boss", ("ann", "cp-2026", "recup-2026"), 1, false).await.unwrap_err();
    assert_eq!(reason(&more), "LEAVE_TRANSFER_CAPPED", "the cap is the year's");
    let back = world.transfer("boss", ("ann", "recup-2026", "cp-2026"), 1, false).await.unwrap_err();
    assert_eq!(reason(&back), "LEAVE_TRANSFER_NOT_OFFERED");
}

#[tokio::test]
async fn scenario_17_of_thirty_days_left_ten_are_carried_and_expire_after_a_year() {
    let mut world = World::new().await;
    world.adjust("boss", "cp-2025", -40, "taken elsewhere").await.unwrap();
    let shown = world.close_year("boss", 2025, true).await.unwrap();
    let of_ann = |closings: &[pb::BalanceClosing]| {
        let own = closings.iter().find(|closing| closing.balance.contains("/ann/")).unwrap().clone();
        (own.remaining_half_days, own.carried_half_days, own.lapsed_half_days, own.is_changed)
    };
    assert_eq!(of_ann(&shown.closings), (60, 20, 40, true));
    assert_eq!(
        world.balance("ann", "cp-2026").await.unwrap().carried_half_days,
        0,
        "a preview writes nothing"
    );
    assert_eq!(world.close_year("ann", 2025, false).await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(reason(&world.close_year("boss", 2026, false).await.unwrap_err()), "LEAVE_YEAR_NOT_OVER");

    let closed = world.close_year("boss", 2025, false).await.unwrap();
    assert_eq!(of_ann(&closed.closings), (60, 20, 40, true));
    let before = (world.ledger("ann", "cp-2025").await, world.ledger("ann", "cp-2026").await);
    let again = world.close_year("boss", 2025, false).await.unwrap();
    assert_eq!(of_ann(&again.closings), (60, 20, 40, false));
    assert!(again.closings.iter().all(|closing| !closing.is_changed));
    assert_eq!((world.ledger("ann", "cp-2025").await, world.ledger("ann", "cp-2026").await), before);
    assert_eq!(world.balance("ann", "cp-2025").await.unwrap().remaining_half_days, 0);
    let carried = world.balance("ann", "cp-2026").await.unwrap();
    assert_eq!((carried.carried_half_days, carried.remaining_half_days), (20, 120));
    let line =
        world.entries("ann", "cp-2026").await.into_iter().find(|entry| entry.kind() == Kind::CarryOver);
    assert_eq!(line.unwrap().expire_date, Some(date("2026-12-31")));

    // Four of the ten days are taken in time; six are lost when the year is over.
    let taken = world.create("ann", leave("cp", "2026-12-28", "2026-12-31")).await.unwrap();
    world.approve("boss", &taken, false).await.unwrap();
    world.restart_at("2027-01-01T08:00:00Z").await;
    let balance = eventually("the carry-over ends", async || {
        let balance = world.balance("ann", "cp-2026").await.unwrap();
        (balance.carried_half_days != 20).then_some(balance)
    })
    .await;
    assert_eq!((balance.carried_half_days, balance.remaining_half_days), (8, 100));
    world.restart_at("2027-01-02T08:00:00Z").await;
    assert_eq!(world.balance("ann", "cp-2026").await.unwrap().carried_half_days, 8, "once");
    assert_eq!(world.check().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_leave_that_is_cancelled_late_is_carried_by_the_next_run_alone() {
    let mut world = World::new().await;
    let taken = world.create("ann", leave("cp", "2026-12-07", "2026-12-11")).await.unwrap();
    world.approve("boss", &taken, false).await.unwrap();
    world.adjust("boss", "cp-2026", -84, "taken elsewhere").await.unwrap();
    world.restart_at("2027-01-04T08:00:00Z").await;
    world.close_year("boss", 2026, false).await.unwrap();
    assert_eq!(world.balance("ann", "cp-2027").await.unwrap().carried_half_days, 3, "half of six");
    world.cancel("boss", &taken.name).await.unwrap();
    world.close_year("boss", 2026, false).await.unwrap();
    assert_eq!(world.balance("ann", "cp-2027").await.unwrap().carried_half_days, 8, "half of sixteen");
    assert_eq!(world.balance("ann", "cp-2026").await.unwrap().remaining_half_days, 0);
    assert_eq!(world.check().await, Vec::<String>::new());
}

#[tokio::test]
async fn what_is_earned_month_by_month_appears_with_the_months() {
    let world = World::new().await;
    let policy = pb::LeavePolicy {
        type_rules: vec![pb::LeaveTypeRule {
            leave_type: "rtt".to_owned(),
            accrued_half_days: Some(24),
            ..pb::LeaveTypeRule::default()
        }],
        ..world.policy("boss").await.unwrap()
    };
    world.update_policy(policy, &["type_rules"]).await.unwrap();
    assert_eq!(world.balance("ann", "rtt-2026").await.unwrap().granted_half_days, 20);
    assert_eq!(world.balance("half", "rtt-2026").await.unwrap().granted_half_days, 10);
    assert_eq!(world.ledger("ann", "rtt-2026").await, [(Kind::Accrual.into(), 20)]);
}

#[tokio::test]
async fn l01_the_entitlement_is_the_hospitals() {
    let world = World::new().await;
    let policy = pb::LeavePolicy {
        type_rules: vec![pb::LeaveTypeRule {
            leave_type: "cp".to_owned(),
            granted_half_days: Some(50),
            ..pb::LeaveTypeRule::default()
        }],
        ..world.policy("boss").await.unwrap()
    };
    world.update_policy(policy, &["type_rules"]).await.unwrap();
    assert_eq!(world.balance("ann", "cp-2026").await.unwrap().granted_half_days, 50);
    assert_eq!(world.balance("half", "cp-2026").await.unwrap().granted_half_days, 25);
}
