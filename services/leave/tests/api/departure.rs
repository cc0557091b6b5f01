//! What becomes of the leave of who leaves.

use proto::leave::v1::{self as pb, leave::State};

use tonic::Code;

use crate::{
    half_days,
    world::{World, create_request, date, leave, reason},
};

#[tokio::test]
async fn leave_after_the_last_day_is_cancelled_and_the_rest_stays() {
    let world = World::new().await;
    let before = world.create("ann", leave("cp", "2027-01-04", "2027-01-08")).await.unwrap();
    let after = world.create("ann", leave("cp", "2027-02-01", "2027-02-05")).await.unwrap();
    world.approve("boss", &after, false).await.unwrap();
    let waiting = world.create("ann", leave("cp", "2027-03-01", "2027-03-05")).await.unwrap();
    world.depart("ann", "2027-01-31").await;
    world.depart("ann", "2027-01-31").await;
    for (name, expected) in
        [(&before.name, State::Pending), (&after.name, State::Cancelled), (&waiting.name, State::Cancelled)]
    {
        assert_eq!(world.get("boss", name).await.unwrap().state(), expected, "{name}");
    }
    let decision = world.get("boss", &after.name).await.unwrap().decision.unwrap();
    assert_eq!(decision.decider, "services/leave");
    assert_eq!(half_days(&world.balance("ann", "cp-2027").await.unwrap()), (100, 0, 10));
    assert_eq!(world.check().await, Vec::<String>::new());
}

#[tokio::test]
async fn of_who_was_erased_the_texts_go_and_days_states_and_figures_stay() {
    let world = World::new().await;
    let with = |leave: pb::Leave| pb::Leave { comment: "xyzzy".to_owned(), ..leave };
    let request = pb::CreateLeaveRequest {
        request_id: uuid::Uuid::new_v4().to_string(),
        ..create_request("ann", with(leave("cp", "2027-01-04", "2027-01-08")))
    };
    let taken = world.send_create("ann", request).await.unwrap();
    let taken = world.approve("boss", &taken, false).await.unwrap();
    let refused = world.create("ann", with(leave("cp", "2027-02-01", "2027-02-05"))).await.unwrap();
    world.reject("boss", &refused.name, "xyzzy").await.unwrap();
    world.adjust("boss", "cp-2027", 4, "xyzzy").await.unwrap();
    let wish = pb::Unavailability {
        scope: pb::unavailability::Scope::Both.into(),
        first_date: Some(date("2027-01-05")),
        last_date: Some(date("2027-01-05")),
        comment: "xyzzy".to_owned(),
        ..Default::default()
    };
    let unavailable = world.unavailable("ann", wish).await.unwrap();
    let others = pb::Leave { comment: "plugh".to_owned(), ..leave("cp", "2027-01-04", "2027-01-08") };
    let others = world.create("bob", others).await.unwrap();
    let (balance, ledger) =
        (world.balance("ann", "cp-2027").await.unwrap(), world.ledger("ann", "cp-2027").await);
    // The leave, its refusal and its comment, the line, the unavailability, and the answer that is remembered.
    assert_eq!(world.texts().await.matches("xyzzy").count(), 6);

    world.depart("ann", "2027-03-31").await;
    world.erase("ann").await;
    assert!(!world.texts().await.contains("xyzzy"));
    assert_eq!(world.get("bob", &others.name).await.unwrap().comment, "plugh", "another one's stays");
    let read = world.get("boss", &taken.name).await.unwrap();
    assert_eq!(
        (read.state(), read.first_date, read.comment.as_str()),
        (State::Approved, taken.first_date, "")
    );
    let read = world.get("boss", &refused.name).await.unwrap();
    assert_eq!((read.state(), read.decision.unwrap().comment.as_str()), (State::Rejected, ""));
    assert_eq!(world.get_unavailability("boss", &unavailable.name).await.unwrap().comment, "");
    assert_eq!(world.balance("ann", "cp-2027").await.unwrap(), balance);
    assert_eq!(world.ledger("ann", "cp-2027").await, ledger);
    assert_eq!(world.check().await, Vec::<String>::new());

    let etag = world.get("boss", &refused.name).await.unwrap().etag;
    world.erase("ann").await;
    assert_eq!(world.get("boss", &refused.name).await.unwrap().etag, etag, "it finds nothing any more");
}

#[tokio::test]
async fn a_leave_over_the_day_on_which_somebody_leaves_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let until_the_last_day =
        world.create("departing", leave("cp", "2027-01-25", "2027-01-29")).await.unwrap();
    let before = world.ledger("departing", "cp-2027").await;
    let over = leave("cp", "2027-01-25", "2027-02-02");
    let weekly = pb::Recurrence {
        frequency: pb::recurrence::Frequency::Weekly.into(),
        until_date: Some(date("2027-02-28")),
        ..Default::default()
    };
    let refusals = [
        world.create("departing", leave("cp", "2027-02-01", "2027-02-02")).await.unwrap_err(),
        world.create("departing", leave("cp", "2027-01-31", "2027-02-02")).await.unwrap_err(),
        world.revise("departing", &until_the_last_day.name, over).await.unwrap_err(),
        world.series("departing", leave("cp", "2027-01-11", "2027-01-11"), weekly, false).await.unwrap_err(),
        // The contract ends with the year.
        world.create("leaver", leave("cp", "2026-12-30", "2027-01-05")).await.unwrap_err(),
    ];
    for refused in refusals {
        assert_eq!(
            (refused.code(), reason(&refused).as_str()),
            (Code::FailedPrecondition, "LEAVE_OUTSIDE_CONTRACT")
        );
    }
    let left = world.list("departing", "").await.unwrap().leaves;
    let left: Vec<_> = left.iter().map(|own| (own.name.as_str(), own.etag.as_str())).collect();
    assert_eq!(left, [(until_the_last_day.name.as_str(), until_the_last_day.etag.as_str())]);
    assert_eq!(world.ledger("departing", "cp-2027").await, before);
    assert!(world.list("leaver", "").await.unwrap().leaves.is_empty());
}
