//! Somebody's personal data are erased: what was told, what waits, what was chosen.

use proto::{
    notification::v1::{self as pb, notification_preferences as enums},
    staff::v1::{StaffMemberErased, StaffMemberUpdated},
};

use super::{
    approved, cancelled,
    world::{World, person},
};

const NAME: &str = "hospitals/chu/staffMembers/ann/notificationPreferences";

#[tokio::test]
async fn nothing_is_kept_of_somebody_who_was_erased() {
    let world = World::with_email("smtp://127.0.0.1:1").await;
    let english = pb::NotificationPreferences {
        name: NAME.to_owned(),
        language: enums::Language::English.into(),
        ..Default::default()
    };
    world.update_preferences("ann", english, &[]).await.unwrap();
    world.publish("leave", &approved("ann")).await;
    world.publish("leave", &approved("bob")).await;
    assert_eq!(world.deliveries("boss", "-", "").await.unwrap().len(), 2);

    let envelope = world.envelope(&StaffMemberErased { staff_member: person("ann") });
    let updated = StaffMemberUpdated { staff_member: person("ann"), ..Default::default() };
    for _ in 0..2 {
        world.send("staff", envelope.clone()).await;
        world.publish("staff", &updated).await;
    }
    // What happened before, and comes after.
    world.publish("leave", &cancelled("ann", "boss", true)).await;

    let listed = world.list("ann", "").await.unwrap();
    assert_eq!((listed.notifications.len(), listed.unread_count), (0, 0));
    let left = world.deliveries("boss", "-", "").await.unwrap();
    assert_eq!(left.len(), 1);
    assert!(left[0].name.starts_with(&person("bob")), "{}", left[0].name);
    let preferences = world.preferences("ann", NAME).await.unwrap();
    assert_eq!((preferences.language(), preferences.update_time), (enums::Language::French, None));
    assert_eq!(world.list("bob", "").await.unwrap().unread_count, 1);
}
