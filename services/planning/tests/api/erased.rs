//! What becomes of what planning keeps of somebody whose personal data were erased.

use proto::{planning::v1 as pb, staff::v1::StaffMemberErased};
use tonic::Code;

use crate::{
    counted,
    world::{HOSPITAL, World, date},
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

#[tokio::test]
async fn what_was_wished_and_why_counters_were_corrected_is_forgotten_and_sums_are_not() {
    let world = World::new().await;
    let bob = format!("hospitals/{HOSPITAL}/staffMembers/bob");
    let adjust = pb::AdjustCounterRequest {
        name: format!("{bob}/counters/gardes"),
        quantity_thousandths: 2_000,
        date: Some(date("2027-01-10")),
        justification: "confidentiel".into(),
        ..Default::default()
    };
    world.client().adjust_counter(world.by("boss", adjust)).await.unwrap();
    let wish = pb::Wish {
        kind: pb::wish::Kind::Off.into(),
        date: Some(date("2027-02-10")),
        comment: "confidentiel".into(),
        ..Default::default()
    };
    for person in ["bob", "cas"] {
        let parent = format!("hospitals/{HOSPITAL}/staffMembers/{person}");
        let request = pb::CreateWishRequest { parent, wish: Some(wish.clone()), ..Default::default() };
        world.client().create_wish(world.by(person, request)).await.unwrap();
    }
    let event = StaffMemberErased { staff_member: bob.clone() };
    let envelope = durable::event::encode(&event, HOSPITAL, &event.staff_member, world.clock.now());
    chassis::testing::eventually("the event is taken", async || {
        world.bus.publish("staff", envelope.clone()).await.ok()
    })
    .await;
    let parent = format!("{bob}/counters/-");
    let request = pb::ListLedgerLinesRequest { parent, ..Default::default() };
    let answer = world.client().list_ledger_lines(world.by("boss", request)).await.unwrap().into_inner();
    assert_eq!(answer.ledger_lines.len(), 1);
    assert_eq!(answer.ledger_lines[0].justification, "");
    assert_eq!(counted(&world, "boss", "bob", "gardes").await, 2);
    let request = pb::ListWishesRequest {
        parent: format!("hospitals/{HOSPITAL}/staffMembers/-"),
        ..Default::default()
    };
    let wishes = world.client().list_wishes(world.by("boss", request)).await.unwrap().into_inner().wishes;
    let left: Vec<&str> = wishes.iter().map(|own| own.name.split('/').nth(3).unwrap()).collect();
    assert_eq!(left, ["cas"]);
}
