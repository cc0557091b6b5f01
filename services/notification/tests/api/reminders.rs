//! Reminders through the whole server stack, as the days go by.

use jiff::SignedDuration;

use super::{approved, cancelled, submitted, world::World};

async fn days_later(world: &World, days: i64) {
    world.clock.advance(SignedDuration::from_hours(24 * days));
}

#[tokio::test]
async fn a_person_is_reminded_of_leave_that_begins_soon() {
    let world = World::new().await;
    // From 4 January on; today is 23 November.
    world.publish("leave", &approved("ann")).await;
    for (days, count, body) in [
        (37, 2, "Votre congé du 4 janvier 2027 au 8 janvier 2027 commence dans 5 jours."),
        (2, 3, "Votre congé du 4 janvier 2027 au 8 janvier 2027 commence dans 3 jours."),
        (2, 4, "Votre congé du 4 janvier 2027 au 8 janvier 2027 commence demain."),
    ] {
        days_later(&world, days).await;
        let told = world.told("ann", count).await;
        assert_eq!(
            (told.len(), told[0].kind.as_str(), told[0].body.as_str()),
            (count, "LEAVE_REMINDER", body)
        );
    }
}

#[tokio::test]
async fn nobody_is_reminded_of_leave_that_was_cancelled() {
    let world = World::new().await;
    world.publish("leave", &approved("ann")).await;
    world.publish("leave", &cancelled("ann", "boss", true)).await;
    world.publish("leave", &approved("bob")).await;
    days_later(&world, 37).await;
    // Bob's reminder has come, so that Ann's would have.
    world.told("bob", 2).await;
    let kinds: Vec<String> = world.told("ann", 2).await.into_iter().map(|told| told.kind).collect();
    assert_eq!(kinds, ["LEAVE_CANCELLED", "LEAVE_APPROVED"]);
}

#[tokio::test]
async fn who_decides_is_reminded_every_two_days_of_what_waits() {
    let world = World::new().await;
    world.publish("leave", &submitted("ann", "MAR")).await;
    for count in [2, 3] {
        days_later(&world, 2).await;
        let told = world.told("staffs-boss", count).await;
        assert_eq!((told.len(), told[0].kind.as_str()), (count, "APPROVAL_NEEDED"));
    }
    world.publish("leave", &approved("ann")).await;
    // Decided: who decides hears no more, while the person does.
    days_later(&world, 34).await;
    world.told("ann", 2).await;
    assert_eq!(world.told("staffs-boss", 3).await.len(), 3);
}
