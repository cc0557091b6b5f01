use jiff::Timestamp;

use super::*;
use crate::domain::{balance::Charge, leave_type};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn span(first: &str, last: &str) -> Span {
    DayRange::new(day(first), day(last)).unwrap().into()
}

fn leave(id: &str, state: State, span: Span) -> Leave {
    Leave {
        hospital: "chu".to_owned(),
        staff_member: "ann".to_owned(),
        id: id.to_owned(),
        profession: "MAR".to_owned(),
        leave_type: "cp".to_owned(),
        span,
        charges: vec![Charge { year: 2026, half_days: 10 }],
        has_balance: true,
        state,
        comment: String::new(),
        decision: None,
        version: 1,
        create_time: Timestamp::UNIX_EPOCH,
        update_time: Timestamp::UNIX_EPOCH,
    }
}

/// Kinds, severities and figures of what speaks against a week of leave with these surroundings.
fn found<'a>(change: impl FnOnce(&mut Surroundings<'a>)) -> Vec<(ConflictKind, Severity, i32, i32)> {
    static POLICY: std::sync::LazyLock<Policy> = std::sync::LazyLock::new(|| Policy::defaults("chu"));
    let mut around = Surroundings {
        leave_type: leave_type::find("cp").unwrap(),
        policy: &POLICY,
        today: day("2026-01-05"),
        own: &[],
        others: &[],
        head_count: 16,
        missing: &[],
        duties: &[],
        school_holidays: &[],
    };
    change(&mut around);
    assess(&leave("new", State::Pending, span("2026-06-08", "2026-06-12")), &around)
        .into_iter()
        .map(|conflict| (conflict.kind, conflict.severity, conflict.found, conflict.allowed))
        .collect()
}

#[test]
fn nothing_speaks_against_a_leave_in_an_empty_month() {
    assert_eq!(found(|_| {}), []);
}

#[test]
fn an_approved_leave_of_ones_own_blocks_and_a_pending_one_warns() {
    for (state, expected) in [
        (State::Approved, vec![(ConflictKind::OwnLeave, Severity::Blocking, 2, 0)]),
        (State::Pending, vec![(ConflictKind::OwnLeave, Severity::Warning, 2, 0)]),
        (State::Cancelled, vec![]),
    ] {
        let own = [leave("old", state, span("2026-06-12", "2026-06-20"))];
        assert_eq!(found(|around| around.own = &own), expected, "{state:?}");
    }
}

#[test]
fn two_away_alert_and_a_third_of_the_profession_blocks() {
    let away = |people: &[&str]| -> Vec<(String, Span)> {
        people.iter().map(|&person| (person.to_owned(), span("2026-06-01", "2026-06-30"))).collect()
    };
    let (three, five) = (away(&["b", "c"]), away(&["b", "c", "d", "e"]));
    let alert = (ConflictKind::ProfessionAbsence, Severity::Warning, 3, 2);
    assert_eq!(found(|around| around.others = &three), [alert]);
    let block = (ConflictKind::ProfessionAbsence, Severity::Blocking, 5, 4);
    assert_eq!(found(|around| around.others = &five), [block]);
    let holidays = [DayRange::new(day("2026-06-01"), day("2026-06-30")).unwrap()];
    let in_school_holidays = found(|around| {
        around.others = &three;
        around.school_holidays = &holidays;
    });
    assert_eq!(in_school_holidays, []);
}

#[test]
fn scenario_10_a_published_garde_blocks_and_a_theatre_day_warns() {
    let duty =
        |text: &str, part, is_on_call| [Duty { shift: "s".to_owned(), day: day(text), part, is_on_call }];
    let table = [
        (duty("2026-06-10", None, true), vec![(ConflictKind::PublishedDuty, Severity::Blocking, 1, 0)]),
        (
            duty("2026-06-10", Some(DayPart::Morning), false),
            vec![(ConflictKind::PublishedDuty, Severity::Warning, 1, 0)],
        ),
        (duty("2026-06-13", None, true), vec![]),
    ];
    for (duties, expected) in table {
        assert_eq!(found(|around| around.duties = &duties), expected);
    }
}

#[test]
fn a_late_request_and_a_missing_balance_are_told() {
    let late = found(|around| around.today = day("2026-06-01"));
    assert_eq!(late, [(ConflictKind::Notice, Severity::Warning, 7, 30)]);
    let missing = found(|around| around.missing = &[(2026, 3)]);
    assert_eq!(missing, [(ConflictKind::Balance, Severity::Blocking, 3, 0)]);
}
