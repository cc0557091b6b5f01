//! Counts of calls through the whole server stack: reported by the gateway alone, and what is suggested by them.

use chassis::Role;
use jiff::{SignedDuration, Timestamp};
use proto::notification::v1 as pb;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{
    notices::at,
    world::{HOSPITAL, World},
};

const REPORTER: &str = "0b7e9a52-8a2c-4f0e-9d0e-333333333333";

fn report(hour: &str, calls: i64) -> pb::ReportTrafficRequest {
    pb::ReportTrafficRequest {
        reporter: REPORTER.to_owned(),
        start_time: at(hour),
        is_whole: true,
        hospitals: vec![counted(HOSPITAL, calls)],
    }
}

fn counted(hospital: &str, call_count: i64) -> pb::HospitalTraffic {
    pb::HospitalTraffic { hospital: format!("hospitals/{hospital}"), call_count }
}

fn reason(status: &Status) -> String {
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

/// So many days up to the tests' Monday morning, of which the hours from 02:00 to 04:00 UTC are quiet.
async fn days(world: &World, days: i64) {
    let now: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
    for back in 1..=days * 24 {
        let hour = now - SignedDuration::from_hours(back);
        let calls = if (2..4).contains(&(hour.as_second() / 3_600 % 24)) { 1 } else { 50 };
        world.report(report(&hour.to_string(), calls)).await.unwrap();
    }
    // What was told last is not looked at for some minutes.
    world.clock.advance(SignedDuration::from_mins(5));
}

fn next_week() -> pb::SuggestMaintenanceWindowsRequest {
    pb::SuggestMaintenanceWindowsRequest {
        parent: format!("hospitals/{HOSPITAL}"),
        not_before_time: at("2026-11-24T00:00:00Z"),
        not_after_time: at("2026-12-01T00:00:00Z"),
        ..Default::default()
    }
}

#[tokio::test]
async fn the_quietest_windows_are_suggested_with_what_is_to_be_expected() {
    let world = World::new().await;
    days(&world, 14).await;
    let found = world.suggest(&[Role::AnesthetistAdministrator], next_week()).await.unwrap();
    let windows: Vec<_> = found.maintenance_windows.iter().map(|window| window.start_time).collect();
    let nights = ["2026-11-24T02:00:00Z", "2026-11-25T02:00:00Z", "2026-11-26T02:00:00Z"];
    assert_eq!(windows, nights.map(at));
    let first = &found.maintenance_windows[0];
    assert_eq!(
        (first.end_time, first.expected_call_count, first.seen_week_count),
        (at("2026-11-24T04:00:00Z"), 2, 2)
    );
    assert_eq!((found.seen_hour_count, found.seen_since_time), (336, at("2026-11-09T08:00:00Z")));
    assert!((80..100).contains(&found.usual_call_count), "{}", found.usual_call_count);
    // What was suggested can be scheduled as it is.
    let notice =
        pb::Notice { start_time: first.start_time, end_time: first.end_time, ..super::notices::night() };
    world.create_notice("boss", notice).await.unwrap();
}

#[tokio::test]
async fn reports_that_come_again_or_out_of_order_change_nothing() {
    let world = World::new().await;
    days(&world, 7).await;
    let before = world.suggest(&[Role::SuperAdministrator], next_week()).await.unwrap();
    for (hour, calls) in
        [("2026-11-20T02:00:00Z", 1), ("2026-11-20T12:00:00Z", 7), ("2026-11-17T12:00:00Z", 0)]
    {
        let late = pb::ReportTrafficRequest { is_whole: false, ..report(hour, calls) };
        world.report(late).await.unwrap();
    }
    assert_eq!(world.suggest(&[Role::SuperAdministrator], next_week()).await.unwrap(), before);
    // What another process counted is counted too.
    let other = pb::ReportTrafficRequest {
        reporter: REPORTER.replace('3', "4"),
        ..report("2026-11-17T02:00:00Z", 90)
    };
    world.report(other).await.unwrap();
    let after = world.suggest(&[Role::SuperAdministrator], next_week()).await.unwrap();
    assert_eq!(after.maintenance_windows[0].start_time, at("2026-11-25T02:00:00Z"));
}

#[tokio::test]
async fn nothing_is_suggested_before_seven_days_were_seen() {
    let world = World::new().await;
    days(&world, 6).await;
    let refused = world.suggest(&[Role::SuperAdministrator], next_week()).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "TRAFFIC_NOT_SEEN"));
    let details = refused.get_error_details();
    let metadata = &details.error_info().unwrap().metadata;
    assert_eq!(
        (metadata["seen_hour_count"].as_str(), metadata["seen_hour_count_min"].as_str()),
        ("144", "168")
    );
}

#[tokio::test]
async fn only_the_gateway_reports_and_nobody_through_it() {
    let world = World::new().await;
    let one = || report("2026-11-23T07:00:00Z", 1);
    for caller in ["planning", "notification", "operator", ""] {
        let refused = world.report_by(caller, None, one()).await.unwrap_err();
        assert!(matches!(refused.code(), Code::PermissionDenied | Code::Unauthenticated), "{caller}");
    }
    for caller in ["gateway", ""] {
        let refused = world.report_by(caller, Some(&Role::ALL), one()).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{caller}");
    }
    world.report(one()).await.unwrap();
}

#[tokio::test]
async fn who_may_not_schedule_a_notice_is_suggested_no_window() {
    let world = World::new().await;
    days(&world, 7).await;
    for role in [Role::Secretary, Role::NurseAdministrator, Role::Anesthetist] {
        let refused = world.suggest(&[role], next_week()).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{role:?}");
    }
    let other = pb::SuggestMaintenanceWindowsRequest { parent: "hospitals/north".to_owned(), ..next_week() };
    let refused = world.suggest(&[Role::SuperAdministrator], other).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_report_that_cannot_be_is_refused_and_nothing_of_it_is_kept() {
    let world = World::new().await;
    let hour = "2026-11-23T07:00:00Z";
    let with = |hospitals| pb::ReportTrafficRequest { hospitals, ..report(hour, 1) };
    let table = [
        (pb::ReportTrafficRequest::default(), 2),
        (pb::ReportTrafficRequest { reporter: "gateway-1".to_owned(), ..report(hour, 1) }, 1),
        (report("2026-11-23T07:30:00Z", 1), 1),
        (report(hour, -1), 1),
        (report(hour, i64::MAX), 1),
        (with(vec![counted(HOSPITAL, 1), counted(HOSPITAL, 2)]), 1),
        (with(vec![counted(HOSPITAL, 1), counted("NOT AN ID", -2)]), 2),
        (with((0..1_001).map(|number| counted(&format!("h{number}"), 1)).collect()), 1),
    ];
    for (report, count) in table {
        let refused = world.report(report).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert_eq!(refused.get_error_details().bad_request().unwrap().field_violations.len(), count);
    }
    for hour in
        ["2026-11-23T10:00:00Z", "2026-09-28T07:00:00Z", "1970-01-01T00:00:00Z", "9999-12-01T00:00:00Z"]
    {
        let refused = world.report(report(hour, 1)).await.unwrap_err();
        assert_eq!(reason(&refused), "TRAFFIC_MISDATED", "{hour}");
    }
    let refused = world.suggest(&[Role::SuperAdministrator], next_week()).await.unwrap_err();
    assert_eq!(refused.get_error_details().error_info().unwrap().metadata["seen_hour_count"], "0");
}

#[tokio::test]
async fn windows_that_cannot_be_are_refused_field_by_field() {
    let world = World::new().await;
    days(&world, 7).await;
    let beyond = Some(prost_types::Timestamp { seconds: i64::MAX, nanos: 0 });
    let table = [
        (pb::SuggestMaintenanceWindowsRequest { length_minutes: 5, window_count_max: 21, ..next_week() }, 2),
        (
            pb::SuggestMaintenanceWindowsRequest {
                not_before_time: at("2026-11-22T00:00:00Z"),
                ..next_week()
            },
            1,
        ),
        (
            pb::SuggestMaintenanceWindowsRequest {
                not_after_time: at("2027-11-22T00:00:00Z"),
                ..next_week()
            },
            1,
        ),
        (pb::SuggestMaintenanceWindowsRequest { not_after_time: beyond, ..next_week() }, 1),
    ];
    for (request, count) in table {
        let refused = world.suggest(&[Role::SuperAdministrator], request).await.unwrap_err();
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "FIELD_VIOLATIONS"));
        assert_eq!(refused.get_error_details().bad_request().unwrap().field_violations.len(), count);
    }
}
