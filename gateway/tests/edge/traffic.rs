//! How many calls there were, as the edge tells it.

use std::sync::atomic::Ordering;

use chassis::testing::{Identity, eventually};
use jiff::{SignedDuration, Timestamp};

use crate::upstream::message;
use crate::{GET, LIST, SIGN_IN, WEB, World};

/// A call of somebody of a hospital, signed in anew however late it is.
async fn call(world: &World, hospital: &str, method: &str) {
    let token = Identity::new(world.clock.now()).token(hospital, "s-1", "MAR", &[]);
    let bearer = format!("Bearer {token}");
    let answer = world.http1().post(method, &[WEB, ("authorization", &bearer)], message(b"")).await;
    assert_eq!(answer.status, http::StatusCode::OK);
}

/// What was told of an hour in the end: whether the edge saw it whole, and the calls by hospital.
fn told(world: &World, hour: &str) -> (bool, Vec<(String, i64)>) {
    let hour: Timestamp = hour.parse().unwrap();
    let reports = world.upstream.reports.lock().unwrap();
    let of_hour = reports.iter().filter(|report| report.start_time.unwrap().seconds == hour.as_second());
    let mut calls = std::collections::BTreeMap::new();
    let mut is_whole = false;
    for report in of_hour {
        is_whole |= report.is_whole;
        for counted in &report.hospitals {
            let sum: &mut i64 = calls.entry(counted.hospital.clone()).or_default();
            *sum = counted.call_count.max(*sum);
        }
    }
    (is_whole, calls.into_iter().collect())
}

/// Waits until an hour was told to its end.
async fn whole(world: &World, hour: &str) -> Vec<(String, i64)> {
    eventually("the hour is told", async || Some(told(world, hour)).filter(|told| told.0)).await.1
}

#[tokio::test]
async fn calls_are_counted_by_hospital_and_told_when_their_hour_is_over() {
    let world = World::new().await;
    for hospital in ["chu", "north", "chu"] {
        call(&world, hospital, GET).await;
    }
    // Refused by the service, and a call all the same.
    call(&world, "north", LIST).await;
    // Nobody's: without a token, with one that does not hold, of a method that there is not.
    world.http1().post(SIGN_IN, &[WEB], message(b"")).await;
    world.http1().post(GET, &[WEB], message(b"")).await;
    world.http1().post(GET, &[WEB, ("authorization", "Bearer x.y.z")], message(b"")).await;
    world.http1().post("/mathildanesth.none.v1.None/None", &[WEB], message(b"")).await;
    world.clock.advance(SignedDuration::from_hours(1));
    call(&world, "chu", GET).await;
    let expected = [("hospitals/chu".to_owned(), 2), ("hospitals/north".to_owned(), 2)];
    assert_eq!(whole(&world, "2026-11-23T08:00:00Z").await, expected);
    let reports = world.upstream.reports.lock().unwrap();
    let names: std::collections::BTreeSet<&str> =
        reports.iter().map(|report| report.reporter.as_str()).collect();
    assert_eq!(names.len(), 1, "one process");
}

#[tokio::test]
async fn an_edge_whose_reports_fail_goes_on_serving_and_tells_later() {
    let world = World::new().await;
    world.upstream.is_deaf.store(true, Ordering::Relaxed);
    for _ in 0..3 {
        call(&world, "chu", GET).await;
        world.clock.advance(SignedDuration::from_hours(1));
    }
    call(&world, "chu", GET).await;
    assert!(world.upstream.reports.lock().unwrap().is_empty());
    world.upstream.is_deaf.store(false, Ordering::Relaxed);
    world.clock.advance(SignedDuration::from_hours(1));
    call(&world, "chu", GET).await;
    for hour in ["08", "09", "10", "11"] {
        let hour = format!("2026-11-23T{hour}:00:00Z");
        assert_eq!(whole(&world, &hour).await, [("hospitals/chu".to_owned(), 1)], "{hour}");
    }
}
