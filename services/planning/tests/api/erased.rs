//! What becomes of what planning keeps of somebody whose personal data were erased.

use proto::{planning::v1 as pb, staff::v1::StaffMemberErased};
use tonic::Code;

use crate::{
    counted,
    world::{HOSPITAL, World},
};

#[tokio::test]
async fn the_calendar_feed_of_who_was_erased_ends_and_nobody_elses() {
    let world = World::new().await;
    world.published().await;
    let feed = async |person: &str| {
        let parent = format!("hospitals/{HOSPITAL}/staffMembers/{person}");
        let request = pb::CreateCalendarFeedRequest { parent, ..Default::default() };
        world.client().create_calendar_feed(world.by(person, request)).await.unwrap().into_inner().token
    };
    let read = async |token: &str| {
        let request = pb::ReadCalendarFeedRequest { token: token.into(), etag: String::new() };
        world.client().read_calendar_feed(request).await.map(|answer| answer.into_inner().content)
    };
    let (bobs, cass) = (feed("bob").await, feed("cas").await);
    assert!(!read(&bobs).await.unwrap().is_empty());
    let counted_before = counted(&world, "boss", "bob", "gardes").await;
    let event = StaffMemberErased { staff_member: format!("hospitals/{HOSPITAL}/staffMembers/bob") };
    let envelope = durable::event::encode(&event, HOSPITAL, &event.staff_member, world.clock.now());
    for _ in 0..2 {
        chassis::testing::eventually("the event is taken", async || {
            world.bus.publish("staff", envelope.clone()).await.ok()
        })
        .await;
    }
    assert_eq!(read(&bobs).await.unwrap_err().code(), Code::NotFound);
    assert!(!read(&cass).await.unwrap().is_empty());
    assert_eq!(counted(&world, "boss", "bob", "gardes").await, counted_before, "counters stay");
}
