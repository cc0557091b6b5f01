//! Leave that comes again.

use proto::{
    leave::v1::{self as pb, leave::State, recurrence::Frequency},
    r#type::v1::Weekday,
};

use crate::{
    half_days,
    world::{self, World, date, leave, reason},
};

fn weekly(count: i32) -> pb::Recurrence {
    pb::Recurrence { frequency: Frequency::Weekly.into(), count, ..Default::default() }
}

#[tokio::test]
async fn a_leave_that_comes_again_is_one_leave_each_time_but_on_holidays() {
    let world = World::new().await;
    // Christmas and New Year's Day are Fridays.
    let asked = world.series("ann", leave("cp", "2026-12-11", "2026-12-11"), weekly(4), false).await.unwrap();
    let days: Vec<_> = asked.leaves.iter().map(|leave| leave.first_date).collect();
    assert_eq!(days, [Some(date("2026-12-11")), Some(date("2026-12-18"))]);
    assert_eq!(asked.left_out_dates, [date("2026-12-25"), date("2027-01-01")], "they cost nothing");
    assert!(asked.leaves.iter().all(|leave| leave.leave_series == asked.leave_series));
    assert_eq!(half_days(&world.balance("ann", "cp-2026").await.unwrap()), (100, 0, 4));

    // One time is excepted; the rest is decided as usual.
    world.cancel("ann", &asked.leaves[0].name).await.unwrap();
    let approved = world.approve("boss", &asked.leaves[1], false).await.unwrap();
    assert_eq!(approved.leave_series, asked.leave_series);
    assert_eq!(world.check().await, Vec::<String>::new());
}

#[tokio::test]
async fn all_times_are_asked_for_or_none_and_what_is_to_come_is_cancelled_at_once() {
    let world = World::new().await;
    let taken = world.create("ann", leave("cp", "2027-02-19", "2027-02-19")).await.unwrap();
    world.approve("boss", &taken, false).await.unwrap();
    let first = || leave("cp", "2027-02-05", "2027-02-05");
    let refused = world.series("ann", first(), weekly(4), false).await.unwrap_err();
    assert_eq!(reason(&refused), "LEAVE_OVERLAPS");
    assert_eq!(world::metadata(&refused, "first_date"), "2027-02-19");
    assert_eq!(world.list("ann", "").await.unwrap().leaves.len(), 1);

    let except = pb::Recurrence { exception_dates: vec![date("2027-02-19")], ..weekly(4) };
    let shown = world.series("ann", first(), except.clone(), true).await.unwrap();
    assert_eq!((shown.leaves.len(), world.list("ann", "").await.unwrap().leaves.len()), (3, 1));
    let asked = world.series("ann", first(), except, false).await.unwrap();
    let cancelled = world.cancel_series("ann", &asked.leave_series, "2027-02-12").await.unwrap().leaves;
    assert_eq!(cancelled.len(), 2);
    assert!(cancelled.iter().all(|leave| leave.state() == State::Cancelled));
    assert_eq!(world.get("ann", &asked.leaves[0].name).await.unwrap().state(), State::Pending);
    assert_eq!(half_days(&world.balance("ann", "cp-2027").await.unwrap()), (100, 2, 2));
    let unknown = format!("{}x", asked.leave_series);
    assert_eq!(
        world.cancel_series("ann", &unknown, "2027-02-12").await.unwrap_err().code(),
        tonic::Code::NotFound
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_recurrence_is_told() {
    let world = World::new().await;
    let first = || leave("cp", "2027-02-05", "2027-02-05");
    let endless = pb::Recurrence { frequency: Frequency::Daily.into(), interval: -1, ..Default::default() };
    let refused = world.series("ann", first(), endless, false).await.unwrap_err();
    assert_eq!(world::fields(&refused), ["recurrence.interval", "recurrence.until_date"]);
    let many = pb::Recurrence {
        weekdays: vec![Weekday::Monday.into(), Weekday::Tuesday.into()],
        until_date: Some(date("2029-02-05")),
        ..weekly(0)
    };
    let refused = world.series("ann", first(), many, false).await.unwrap_err();
    assert_eq!(world::fields(&refused), ["recurrence"]);
}
