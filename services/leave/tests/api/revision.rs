//! A leave that goes back and forth before it is decided, and one that nobody decides.

use proto::leave::v1::{self as pb, leave::State};
use tonic::Code;

use crate::{
    half_days,
    world::{self, HOSPITAL, World, leave, reason},
};

#[tokio::test]
async fn a_leave_goes_back_with_a_comment_and_comes_again_with_other_days() {
    let world = World::new().await;
    let asked = world.create("ann", leave("cp", "2027-02-01", "2027-02-05")).await.unwrap();
    let silent = world.give_back("boss", &asked.name, "").await.unwrap_err();
    assert_eq!(world::fields(&silent), ["comment"]);
    assert_eq!(world.give_back("ann", &asked.name, "x").await.unwrap_err().code(), Code::PermissionDenied);
    let returned = world.give_back("boss", &asked.name, "one day less").await.unwrap();
    assert_eq!(returned.state(), State::RevisionAsked);
    assert_eq!(half_days(&world.balance("ann", "cp-2027").await.unwrap()), (100, 0, 0));
    let undecided = world.approve("boss", &returned, false).await.unwrap_err();
    assert_eq!(reason(&undecided), "LEAVE_NOT_PENDING");

    let revised = world.revise("ann", &asked.name, leave("cp", "2027-02-01", "2027-02-04")).await.unwrap();
    assert_eq!((revised.name.as_str(), revised.state()), (asked.name.as_str(), State::Pending));
    assert_eq!(revised.counted_half_days, 8);
    assert_eq!(half_days(&world.balance("ann", "cp-2027").await.unwrap()), (100, 0, 8));
    world.approve("boss", &revised, false).await.unwrap();
    let late = world.revise("ann", &asked.name, leave("cp", "2027-02-01", "2027-02-02")).await.unwrap_err();
    assert_eq!(reason(&late), "LEAVE_NOT_PENDING");
    assert_eq!(world.check().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_leave_that_waits_is_changed_and_may_be_paid_by_another_balance() {
    let world = World::new().await;
    let asked = world.create("ann", leave("cp", "2027-02-01", "2027-02-01")).await.unwrap();
    world.adjust("boss", "recup-2027", 4, "worked on Sunday").await.unwrap();
    world.revise("ann", &asked.name, leave("recup", "2027-02-02", "2027-02-02")).await.unwrap();
    assert_eq!(half_days(&world.balance("ann", "cp-2027").await.unwrap()), (100, 0, 0));
    assert_eq!(half_days(&world.balance("ann", "recup-2027").await.unwrap()), (4, 0, 2));
    let poor =
        world.revise("ann", &asked.name, leave("recup", "2027-02-01", "2027-02-03")).await.unwrap_err();
    assert_eq!(reason(&poor), "LEAVE_BALANCE_EXCEEDED");
    assert_eq!(half_days(&world.balance("ann", "recup-2027").await.unwrap()), (4, 0, 2), "as it was");
    assert_eq!(world.check().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_leave_that_waits_for_a_week_is_escalated_once() {
    let mut world = World::new().await;
    let asked = world.create("cam", leave("cp", "2027-02-01", "2027-02-05")).await.unwrap();
    let mut tail = world.bus.tail("leave");
    world.restart_at("2026-12-01T08:00:00Z").await;
    let escalated = loop {
        let event = tail.next().await.unwrap();
        assert_eq!(event.hospital, HOSPITAL);
        if let Some(escalated) = durable::event::decode::<pb::LeaveEscalated>(&event) {
            break escalated.unwrap();
        }
    };
    assert_eq!((escalated.leave.as_str(), escalated.waiting_days), (asked.name.as_str(), 8));
    let read = world.get("boss", &asked.name).await.unwrap();
    assert!(read.escalate_time.is_some());
    // The version stays: an approver who looked before may decide.
    world.approve("boss", &asked, false).await.unwrap();
}
