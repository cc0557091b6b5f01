//! What becomes of the leave of who leaves.

use proto::leave::v1::leave::State;

use crate::{
    half_days,
    world::{World, leave},
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
