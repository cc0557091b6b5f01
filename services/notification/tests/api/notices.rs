//! Notices through the whole server stack: scheduled, changed, called off, told ahead, shown.

use chassis::Role;
use jiff::{SignedDuration, Timestamp};
use proto::notification::v1::{self as pb, notice as enums};
use tonic::Code;
use tonic_types::StatusExt;

use super::world::World;

/// The administrator whom the staff of these tests knows.
const SOMEBODY: &str = "staffs-boss";

pub fn at(text: &str) -> Option<prost_types::Timestamp> {
    let moment: Timestamp = text.parse().unwrap();
    Some(prost_types::Timestamp { seconds: moment.as_second(), nanos: 0 })
}

/// A night of maintenance, five days after the tests' Monday morning.
pub fn night() -> pb::Notice {
    pb::Notice {
        category: enums::Category::Maintenance.into(),
        severity: enums::Severity::Warning.into(),
        french_text: "Mise à jour.".to_owned(),
        english_text: "Update.".to_owned(),
        start_time: at("2026-11-28T21:00:00Z"),
        end_time: at("2026-11-29T01:00:00Z"),
        read_only_services: vec![enums::Service::Leave.into()],
        ..Default::default()
    }
}

#[tokio::test]
async fn everybody_is_told_at_once_and_again_before_the_window() {
    let world = World::new().await;
    let notice = world.create_notice("boss", night()).await.unwrap();
    assert_eq!(notice.state(), enums::State::Scheduled);
    let told = world.told(SOMEBODY, 1).await;
    assert_eq!((told[0].kind.as_str(), told[0].title.as_str()), ("MAINTENANCE", "Maintenance annoncée"));
    assert_eq!(told[0].subject, notice.name);
    assert_eq!(
        told[0].body,
        "Du 28 novembre 2026 à 22:00 au 29 novembre 2026 à 02:00 : Mise à jour. En lecture seule pendant ce temps : congés."
    );
    // The same request again is the same notice, and nobody is told of it once more.
    assert_eq!(world.create_notice("boss", night()).await.unwrap(), notice);
    for (hours, count) in [(5 * 24 - 11, 2), (23, 3)] {
        world.clock.advance(SignedDuration::from_hours(hours));
        assert_eq!(world.told(SOMEBODY, count).await.len(), count);
    }
}

#[tokio::test]
async fn a_change_is_told_and_a_notice_that_is_called_off_too() {
    let world = World::new().await;
    let notice = world.create_notice("boss", night()).await.unwrap();
    world.told(SOMEBODY, 1).await;
    let later =
        pb::Notice { name: notice.name.clone(), end_time: at("2026-11-29T03:00:00Z"), ..Default::default() };
    let changed = world.update_notice(later.clone(), &["end_time"]).await.unwrap();
    assert_eq!((changed.start_time, changed.end_time), (notice.start_time, later.end_time));
    assert!(world.told(SOMEBODY, 2).await[0].body.contains("29 novembre 2026 à 04:00"));
    let stale = world.cancel_notice(&notice.name, &notice.etag).await.unwrap_err();
    assert_eq!(stale.code(), Code::Aborted);
    let cancelled = world.cancel_notice(&notice.name, &changed.etag).await.unwrap();
    assert_eq!(cancelled.state(), enums::State::Cancelled);
    assert_eq!(world.told(SOMEBODY, 3).await[0].title, "Maintenance annulée");
    let over = world.update_notice(later, &["end_time"]).await.unwrap_err();
    assert_eq!(over.get_error_details().error_info().unwrap().reason, "NOTICE_OVER");
    assert_eq!(world.notices("is_cancelled = true").await.unwrap(), [cancelled]);
    assert!(world.notices("category = GENERAL").await.unwrap().is_empty());
}

#[tokio::test]
async fn the_banner_shows_what_is_near_to_everybody_of_the_hospital() {
    let world = World::new().await;
    let notice = world.create_notice("boss", night()).await.unwrap();
    let far = world.banner(&[Role::Surgeon]).await.unwrap();
    assert_eq!((far.notices.len(), far.expire_time), (0, at("2026-11-25T21:00:00Z")));
    let near = pb::Notice {
        name: notice.name,
        start_time: at("2026-11-23T08:05:00Z"),
        end_time: at("2026-11-23T09:00:00Z"),
        ..Default::default()
    };
    world.update_notice(near, &["start_time", "end_time"]).await.unwrap();
    let soon = world.banner(&[Role::Surgeon]).await.unwrap();
    assert_eq!(
        (soon.notices[0].state(), soon.expire_time),
        (enums::State::Scheduled, at("2026-11-23T08:05:00Z"))
    );
    world.clock.advance(SignedDuration::from_secs(5 * 60));
    let now = world.banner(&[Role::Surgeon]).await.unwrap();
    assert_eq!((now.notices[0].state(), now.expire_time), (enums::State::Active, at("2026-11-23T09:00:00Z")));
    assert_eq!(world.banner(&[]).await.unwrap_err().code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_notice_that_cannot_be_is_refused_and_nobody_is_told() {
    let world = World::new().await;
    let table = [
        (pb::Notice::default(), 5),
        (pb::Notice { french_text: "a\r\nb".to_owned(), ..night() }, 1),
        (pb::Notice { end_time: at("2026-11-23T07:00:00Z"), ..night() }, 1),
        (pb::Notice { category: enums::Category::General.into(), ..night() }, 1),
        (pb::Notice { read_only_services: vec![9], ..night() }, 1),
        (pb::Notice { severity: 9, ..night() }, 1),
    ];
    for (notice, count) in table {
        let refused = world.create_notice("boss", notice.clone()).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        let violations = refused.get_error_details().bad_request().unwrap().field_violations.len();
        assert!(violations >= count, "{notice:?}: {violations}");
    }
    assert!(world.notices("").await.unwrap().is_empty());
    assert!(world.list(SOMEBODY, "").await.unwrap().notifications.is_empty());
}
