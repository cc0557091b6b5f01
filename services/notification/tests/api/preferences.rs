//! Preferences and deliveries through the whole server stack. What a mail server does with letters is tried with a real
//! one in integration-tests.

use proto::notification::v1::{
    self as pb, ChannelPreference, NotificationPreferences, QuietHours, notification_preferences as enums,
};
use tonic::Code;

use super::{approved, world::World};

const NAME: &str = "hospitals/chu/staffMembers/ann/notificationPreferences";

fn preferences() -> NotificationPreferences {
    NotificationPreferences { name: NAME.to_owned(), ..Default::default() }
}

fn choice(kind: &str, channel: pb::Channel, enabled: bool) -> ChannelPreference {
    ChannelPreference { kind: kind.to_owned(), channel: channel.into(), enabled }
}

fn email_of(preferences: &NotificationPreferences, kind: &str) -> Vec<bool> {
    let chosen = preferences.channels.iter();
    let chosen = chosen.filter(|choice| choice.kind == kind && choice.channel() == pb::Channel::Email);
    chosen.map(|choice| choice.enabled).collect()
}

#[tokio::test]
async fn defaults_are_those_of_the_department() {
    let world = World::new().await;
    let read = world.preferences("ann", NAME).await.unwrap();
    assert!(read.channels.iter().all(|choice| choice.enabled));
    assert_eq!(email_of(&read, "PLAN_PUBLISHED"), [true]);
    let quiet = read.quiet_hours.clone().unwrap();
    assert_eq!(
        (quiet.enabled, quiet.start_time.as_str(), quiet.end_time.as_str()),
        (false, "22:00", "08:00")
    );
    assert_eq!((read.digest(), read.language()), (enums::Digest::Off, enums::Language::French));
    assert_eq!(read.update_time, None);
}

#[tokio::test]
async fn what_is_named_changes_and_the_rest_stays() {
    let world = World::new().await;
    let sent = NotificationPreferences {
        channels: vec![choice("LEAVE_APPROVED", pb::Channel::Email, false)],
        language: enums::Language::English.into(),
        ..preferences()
    };
    let first = world.update_preferences("ann", sent.clone(), &[]).await.unwrap();
    assert_eq!(email_of(&first, "LEAVE_APPROVED"), [false]);
    assert_eq!(first.language(), enums::Language::English);

    let quiet =
        QuietHours { enabled: true, end_time: "07:30".to_owned(), weekdays: vec![1], ..Default::default() };
    let sent =
        NotificationPreferences { quiet_hours: Some(quiet), etag: first.etag.clone(), ..preferences() };
    let second = world.update_preferences("ann", sent.clone(), &["quiet_hours"]).await.unwrap();
    let quiet = second.quiet_hours.clone().unwrap();
    assert_eq!((quiet.start_time.as_str(), quiet.end_time.as_str()), ("22:00", "07:30"));
    assert_eq!(email_of(&second, "LEAVE_APPROVED"), [false]);
    assert_eq!(world.preferences("ann", NAME).await.unwrap(), second);

    let stale = world.update_preferences("ann", sent, &["quiet_hours"]).await.unwrap_err();
    assert_eq!(stale.code(), Code::Aborted);
    let all = world.update_preferences("ann", preferences(), &["*"]).await.unwrap();
    assert_eq!(email_of(&all, "LEAVE_APPROVED"), [true]);
    assert!(!all.quiet_hours.unwrap().enabled);
}

#[tokio::test]
async fn what_cannot_be_chosen_is_refused_and_changes_nothing() {
    let world = World::new().await;
    let table = [
        NotificationPreferences {
            channels: vec![choice("LEAVE_APPROVED", pb::Channel::InApp, false)],
            ..preferences()
        },
        NotificationPreferences {
            channels: vec![choice("HOROSCOPE", pb::Channel::Email, true)],
            ..preferences()
        },
        NotificationPreferences {
            channels: vec![choice("LEAVE_APPROVED", pb::Channel::Unspecified, true)],
            ..preferences()
        },
        NotificationPreferences {
            channels: vec![choice("LEAVE_APPROVED", pb::Channel::Email, true); 2],
            ..preferences()
        },
        NotificationPreferences { digest: 9, ..preferences() },
        NotificationPreferences { language: 9, ..preferences() },
        NotificationPreferences {
            quiet_hours: Some(QuietHours { start_time: "25:00".to_owned(), ..Default::default() }),
            ..preferences()
        },
        NotificationPreferences {
            quiet_hours: Some(QuietHours { start_time: "08:00".to_owned(), ..Default::default() }),
            ..preferences()
        },
        NotificationPreferences {
            quiet_hours: Some(QuietHours { weekdays: vec![8], ..Default::default() }),
            ..preferences()
        },
    ];
    for sent in table {
        let refused = world.update_preferences("ann", sent.clone(), &["*"]).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{sent:?}");
    }
    let unknown = world.update_preferences("ann", preferences(), &["shoe_size"]).await.unwrap_err();
    assert_eq!(unknown.code(), Code::InvalidArgument);
    assert_eq!(world.preferences("ann", NAME).await.unwrap().update_time, None);
}

#[tokio::test]
async fn preferences_are_the_persons_own() {
    let world = World::new().await;
    for reader in ["bob", "boss"] {
        assert_eq!(world.preferences(reader, NAME).await.unwrap_err().code(), Code::PermissionDenied);
        let changed = world.update_preferences(reader, preferences(), &["*"]).await;
        assert_eq!(changed.unwrap_err().code(), Code::PermissionDenied);
    }
}

#[tokio::test]
async fn a_delivery_is_written_where_it_is_wanted() {
    // A server that nobody listens for: what is written waits.
    let world = World::with_email("smtp://127.0.0.1:1").await;
    let sent = NotificationPreferences {
        channels: vec![choice("LEAVE_APPROVED", pb::Channel::Email, false)],
        ..preferences()
    };
    world.update_preferences("ann", sent, &[]).await.unwrap();
    let envelopes = [world.envelope(&approved("ann")), world.envelope(&approved("bob"))];
    for envelope in envelopes.iter().chain(&envelopes) {
        world.send("leave", envelope.clone()).await;
    }
    assert!(world.deliveries("boss", "ann", "").await.unwrap().is_empty());
    let listed = world.deliveries("bob", "bob", "").await.unwrap();
    assert_eq!(listed.len(), 1);
    let told = &world.list("bob", "").await.unwrap().notifications[0];
    assert_eq!((&listed[0].notification, listed[0].kind.as_str()), (&told.name, "LEAVE_APPROVED"));
    assert_eq!(listed[0].channel(), pb::Channel::Email);
    let all = world.deliveries("boss", "-", "channel = EMAIL").await.unwrap();
    assert_eq!(all.iter().map(|delivery| &delivery.name).collect::<Vec<_>>(), [&listed[0].name]);
    assert!(world.deliveries("boss", "-", "state = SENT").await.unwrap().is_empty());
    let wrong = world.deliveries("boss", "-", "address = x").await.unwrap_err();
    assert_eq!(wrong.code(), Code::InvalidArgument);
    let denied = world.deliveries_as_nobody("ann", "bob").await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn without_a_mail_server_nothing_waits_for_one() {
    let world = World::new().await;
    world.publish("leave", &approved("ann")).await;
    assert_eq!(world.list("ann", "").await.unwrap().unread_count, 1);
    assert!(world.deliveries("ann", "ann", "").await.unwrap().is_empty());
}
