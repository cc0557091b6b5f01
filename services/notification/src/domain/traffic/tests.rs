use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Every hour from a moment on, with the calls of its hour of the week.
fn seen(from: &str, hours: i64, calls: impl Fn(Weekday, i32) -> u64) -> Seen {
    let first = Hour::of(at(from)).number();
    let hours = (first..first + hours).map(Hour::at);
    Seen(
        hours
            .map(|hour| {
                let (weekday, of_day) = hour.usual(&Zone::paris());
                (hour, calls(weekday, of_day))
            })
            .collect(),
    )
}

/// Busy days, quieter nights, and on Sundays from three to five nobody.
fn department(weekday: Weekday, hour: i32) -> u64 {
    match (weekday, hour) {
        (Weekday::Sunday, 3 | 4) => 0,
        (_, 6..22) => 100,
        _ => 10,
    }
}

fn wanted(minutes: i32, from: &str, to: &str, count: i32) -> Wanted {
    let asked = Asked { length_minutes: minutes, not_before: Some(at(from)), not_after: Some(at(to)), count };
    Wanted::of(asked, at(from)).unwrap()
}

fn starts(suggestions: &Suggestions) -> Vec<String> {
    suggestions.windows.iter().map(|window| window.start.to_string()).collect()
}

#[test]
fn the_quietest_hours_come_first_and_no_window_overlaps_another() {
    // Four weeks of winter time, from a Monday.
    let seen = seen("2026-10-25T23:00:00Z", 4 * 7 * 24, department);
    let wanted = Wanted::of(Asked::default(), at("2026-11-23T08:00:00Z")).unwrap();
    let found = suggest(&seen, &wanted, &Zone::paris()).unwrap();
    // Two Sundays, and then the first of all nights that are alike.
    assert_eq!(starts(&found), ["2026-11-29T02:00:00Z", "2026-12-06T02:00:00Z", "2026-11-26T21:00:00Z"]);
    let calls: Vec<(u64, usize)> = found.windows.iter().map(|window| (window.calls, window.weeks)).collect();
    assert_eq!(calls, [(0, 4), (0, 4), (20, 4)]);
    assert_eq!(found.windows[0].end, at("2026-11-29T04:00:00Z"));
    assert_eq!((found.hours, found.since), (672, at("2026-10-25T23:00:00Z")));
    assert!((100..200).contains(&found.usual), "{}", found.usual);
}

#[test]
fn hours_are_those_that_clocks_show_whatever_they_were_changed_to_since() {
    // Seen in summer, when three o'clock is 01:00 UTC; asked about winter, when it is 02:00.
    let summer = seen("2026-09-06T22:00:00Z", 4 * 7 * 24, department);
    let winter = wanted(60, "2026-10-26T00:00:00Z", "2026-11-02T00:00:00Z", 1);
    let found = suggest(&summer, &winter, &Zone::paris()).unwrap();
    assert_eq!(starts(&found), ["2026-11-01T02:00:00Z"]);
}

#[test]
fn an_hour_that_clocks_show_twice_or_never_is_one_like_others() {
    let at_two = |weekday, hour| if (weekday, hour) == (Weekday::Sunday, 2) { 0 } else { 50 };
    let summer = seen("2026-09-06T22:00:00Z", 4 * 7 * 24, at_two);
    // On 25 October the clocks show two o'clock for two hours.
    let back = wanted(120, "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z", 1);
    let found = suggest(&summer, &back, &Zone::paris()).unwrap();
    assert_eq!((starts(&found), found.windows[0].calls), (vec!["2026-10-25T00:00:00Z".to_owned()], 0));
    // On 28 March they skip it: what follows one o'clock is three.
    let forward = wanted(60, "2027-03-27T12:00:00Z", "2027-03-28T12:00:00Z", 20);
    let found = suggest(&summer, &forward, &Zone::paris()).unwrap();
    assert_eq!(found.windows.len(), 20);
    assert!(found.windows.iter().all(|window| window.calls == 50));
    // The two hours of one night are of one week.
    let autumn = seen("2026-10-18T22:00:00Z", 7 * 24 + 1, at_two);
    let next = wanted(60, "2026-10-31T12:00:00Z", "2026-11-01T12:00:00Z", 1);
    let found = suggest(&autumn, &next, &Zone::paris()).unwrap();
    assert_eq!((starts(&found), found.windows[0].weeks), (vec!["2026-11-01T01:00:00Z".to_owned()], 1));
}

#[test]
fn less_than_seven_days_say_nothing() {
    let wanted = wanted(60, "2026-11-23T08:00:00Z", "2026-11-30T08:00:00Z", 1);
    for (hours, expected) in [(0, Some(Refusal::TooLittle)), (167, Some(Refusal::TooLittle)), (168, None)] {
        let seen = seen("2026-11-01T00:00:00Z", hours, department);
        assert_eq!(suggest(&seen, &wanted, &Zone::paris()).err(), expected, "{hours}");
    }
}

#[test]
fn an_hour_that_nobody_saw_is_not_taken_for_a_quiet_one() {
    let mut seen = seen("2026-10-25T23:00:00Z", 4 * 7 * 24, department);
    // The mesh is always away on Sundays at three.
    seen.0.retain(|hour, _| hour.usual(&Zone::paris()) != (Weekday::Sunday, 3));
    let zone = Zone::paris();
    let week = wanted(60, "2026-11-24T00:00:00Z", "2026-12-01T00:00:00Z", 1);
    assert_eq!(starts(&suggest(&seen, &week, &zone).unwrap()), ["2026-11-29T03:00:00Z"], "at four");
    let long = wanted(120, "2026-11-29T01:00:00Z", "2026-11-29T04:00:00Z", 1);
    assert_eq!(suggest(&seen, &long, &zone), Err(Refusal::Unseen));
}

#[test]
fn one_busy_night_does_not_make_nights_busy_and_of_two_alike_the_mean_decides() {
    let mut seen = seen("2026-10-18T22:00:00Z", 5 * 7 * 24 + 1, department);
    let busy = Hour::of(at("2026-11-08T02:00:00Z"));
    assert_eq!(seen.0.insert(busy, 50_000), Some(0));
    let sunday = wanted(60, "2026-11-29T00:00:00Z", "2026-11-30T00:00:00Z", 2);
    let found = suggest(&seen, &sunday, &Zone::paris()).unwrap();
    assert_eq!(starts(&found), ["2026-11-29T03:00:00Z", "2026-11-29T02:00:00Z"]);
    assert_eq!(found.windows[1].calls, 0);
}

#[test]
fn of_an_hour_that_a_window_leaves_early_its_part_counts() {
    let calls = |_, hour| if hour == 5 { 40 } else { 10 };
    let seen = seen("2026-10-25T23:00:00Z", 7 * 24, calls);
    // At four: an hour of ten, and half an hour of forty.
    let wanted = wanted(90, "2026-11-29T03:00:00Z", "2026-11-29T04:30:00Z", 1);
    let found = suggest(&seen, &wanted, &Zone::paris()).unwrap();
    assert_eq!((found.windows[0].calls, found.usual), (30, 30));
    assert_eq!(found.windows[0].end, at("2026-11-29T04:30:00Z"));
}

#[test]
fn what_cannot_be_asked_for_is_refused_field_by_field() {
    let now = at("2026-11-23T08:30:00Z");
    let fields = |asked: Asked| -> Vec<&'static str> {
        let flaws = Wanted::of(asked, now).err().unwrap_or_default();
        flaws.into_iter().map(|(field, _)| field).collect()
    };
    let none = Asked::default();
    let table: [(Asked, &[&str]); 11] = [
        (none, &[]),
        (Asked { length_minutes: 15, count: 20, ..none }, &[]),
        (Asked { length_minutes: 14, count: 21, ..none }, &["length_minutes", "window_count_max"]),
        (Asked { length_minutes: 1_441, count: -1, ..none }, &["length_minutes", "window_count_max"]),
        (Asked { length_minutes: i32::MIN, ..none }, &["length_minutes"]),
        (Asked { not_before: Some(now), ..none }, &[]),
        (Asked { not_before: Some(at("2026-11-23T08:29:59Z")), ..none }, &["not_before_time"]),
        (Asked { not_before: Some(Timestamp::MAX), ..none }, &["not_after_time"]),
        (Asked { not_after: Some(Timestamp::MAX), ..none }, &["not_after_time"]),
        (Asked { not_after: Some(Timestamp::MIN), ..none }, &["not_after_time"]),
        // From nine o'clock on there is an hour and a half, and not two.
        (
            Asked { not_before: Some(now), not_after: Some(at("2026-11-23T10:30:00Z")), ..none },
            &["not_after_time"],
        ),
    ];
    for (asked, expected) in table {
        assert_eq!(fields(asked), expected, "{asked:?}");
    }
}

#[test]
fn an_hour_is_reported_when_it_has_begun_and_as_long_as_it_is_kept() {
    let now = at("2026-11-23T08:56:00Z");
    for (hour, expected) in [
        ("2026-11-23T08:00:00Z", false),
        // The gateway's clock may be some minutes ahead.
        ("2026-11-23T09:00:00Z", false),
        ("2026-11-23T10:00:00Z", true),
        ("2026-09-28T08:00:00Z", false),
        ("2026-09-28T07:00:00Z", true),
    ] {
        let report = Report {
            reporter: "r".to_owned(),
            hour: Hour::of(at(hour)),
            is_whole: false,
            calls: BTreeMap::new(),
        };
        assert_eq!(report.is_misdated(now), expected, "{hour}");
    }
    assert_eq!(last_told(at("2026-11-23T08:04:59Z")), Hour::of(at("2026-11-23T06:00:00Z")));
    assert_eq!(last_told(at("2026-11-23T08:05:00Z")), Hour::of(at("2026-11-23T07:00:00Z")));
}
