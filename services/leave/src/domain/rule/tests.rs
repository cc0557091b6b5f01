use calendar::{DayPart, Span, holiday::Region};
use jiff::Timestamp;

use super::{
    decide::{Escalation, Obstacle, escalation, obstacles},
    *,
};
use crate::domain::{
    balance::Charge,
    conflict::{Away, Duty, assess},
    holiday::{self, PublicHolidays},
    leave::State,
    leave_type,
    policy::{AbsenceLimit, Blackout, Policy, TypeRule},
};

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
        charged_type: None,
        employed_since: None,
        state,
        comment: String::new(),
        decision: None,
        series: None,
        escalate_time: None,
        version: 1,
        create_time: Timestamp::UNIX_EPOCH,
        update_time: Timestamp::UNIX_EPOCH,
    }
}

/// A week in June in which no holiday is near.
fn week() -> Leave {
    leave("new", State::Pending, span("2026-06-08", "2026-06-12"))
}

fn away(profession: &str, people: &[&str]) -> Vec<Away> {
    let (first, last) = ("2026-06-01", "2026-12-31");
    people
        .iter()
        .map(|&person| Away {
            staff_member: person.to_owned(),
            profession: profession.to_owned(),
            span: span(first, last),
        })
        .collect()
}

type Found = (ConflictKind, Severity, i32, i32);

/// Kinds, severities and figures of what speaks against a leave in surroundings that are empty but for a change.
fn judge<R>(
    leave: &Leave,
    change: impl FnOnce(&mut Policy),
    put: impl for<'a> FnOnce(&mut Surroundings<'a>, &'a Things),
    things: &Things,
    look: impl FnOnce(&Surroundings<'_>) -> R,
) -> R {
    let mut policy = Policy::defaults("chu");
    change(&mut policy);
    let year = DayRange::new(day("2026-01-01"), day("2026-12-31")).unwrap();
    let holidays = PublicHolidays::of(&holiday::public(2026, Region::France), year);
    let mut around = Surroundings {
        leave_type: leave_type::find(&leave.leave_type).unwrap(),
        policy: &policy,
        today: day("2026-01-05"),
        own: &[],
        others: &[],
        pending: &[],
        head_count: 16,
        missing: &[],
        duties: &[],
        school_holidays: &[],
        public_holidays: &holidays,
    };
    put(&mut around, things);
    look(&around)
}

/// What surroundings may refer to.
#[derive(Default)]
struct Things {
    own: Vec<Leave>,
    others: Vec<Away>,
    pending: Vec<Away>,
    duties: Vec<Duty>,
    missing: Vec<(i32, i32)>,
    school_holidays: Vec<DayRange>,
    today: Option<Day>,
    head_count: Option<i32>,
}

fn put<'a>(around: &mut Surroundings<'a>, things: &'a Things) {
    around.own = &things.own;
    around.others = &things.others;
    around.pending = &things.pending;
    around.duties = &things.duties;
    around.missing = &things.missing;
    around.school_holidays = &things.school_holidays;
    around.today = things.today.unwrap_or(around.today);
    around.head_count = things.head_count.unwrap_or(around.head_count);
}

fn found(leave: &Leave, change: impl FnOnce(&mut Policy), things: Things) -> Vec<Found> {
    judge(leave, change, put, &things, |around| {
        let conflicts = assess(leave, around);
        conflicts.into_iter().map(|c| (c.kind, c.severity, c.found, c.allowed)).collect()
    })
}

fn as_it_is(_: &mut Policy) {}

use ConflictKind::{
    Balance, Blackout as BlackoutKind, Competition, HolidayProximity, LastMinute, Length, Notice, OwnLeave,
    Peak, ProfessionAbsence, PublishedDuty, Spacing, SpecialPeriod, TeamCapacity, TotalAbsence,
};
use Severity::{Blocking, Information, Warning};

#[test]
fn nothing_speaks_against_a_leave_in_an_empty_month() {
    assert_eq!(found(&week(), as_it_is, Things::default()), []);
}

#[test]
fn l03_a_late_request_warns_by_the_notice_of_its_type() {
    let late = || Things { today: Some(day("2026-05-20")), ..Things::default() };
    assert_eq!(found(&week(), as_it_is, late()), [(Notice, Warning, 19, 30)]);
    let fortnight = |policy: &mut Policy| {
        policy.type_rules =
            vec![TypeRule { leave_type: "cp".to_owned(), notice_days_min: Some(15), ..TypeRule::default() }];
    };
    assert_eq!(found(&week(), fortnight, late()), []);
    let sick = Leave { leave_type: "mal".to_owned(), ..week() };
    assert_eq!(found(&sick, as_it_is, late()), [], "nobody announces an illness");
}

#[test]
fn l04_a_leave_longer_than_its_type_allows_warns() {
    let long = leave("new", State::Pending, span("2026-05-18", "2026-06-17"));
    let found = |change: fn(&mut Policy)| {
        let all = found(&long, change, Things::default());
        all.into_iter().filter(|(kind, ..)| *kind == Length).collect::<Vec<_>>()
    };
    assert_eq!(found(as_it_is), [(Length, Warning, 31, 30)]);
    let no_limit: fn(&mut Policy) = |policy| {
        policy.type_rules =
            vec![TypeRule { leave_type: "cp".to_owned(), days_max: Some(0), ..TypeRule::default() }];
    };
    assert_eq!(found(no_limit), []);
}

#[test]
fn l05_two_long_leaves_are_ninety_days_apart() {
    let new = leave("new", State::Pending, span("2026-06-08", "2026-06-26"));
    let table = [
        (span("2026-03-02", "2026-03-20"), vec![(Spacing, Warning, 79, 90)]),
        (span("2026-02-02", "2026-03-09"), vec![]),
        // A week is not long.
        (span("2026-05-18", "2026-05-22"), vec![]),
    ];
    for (other, expected) in table {
        let things = Things { own: vec![leave("old", State::Approved, other)], ..Things::default() };
        assert_eq!(found(&new, as_it_is, things), expected, "{other:?}");
    }
}

#[test]
fn l05_a_policy_may_ask_for_days_between_any_two_leaves_and_others_in_school_holidays() {
    let apart = |policy: &mut Policy| {
        policy.spacing.gap_days_min = 2;
        policy.spacing.school_holiday_gap_days_min = 14;
    };
    let own = || vec![leave("old", State::Pending, span("2026-06-01", "2026-06-04"))];
    assert_eq!(found(&week(), apart, Things { own: own(), ..Things::default() }), []);
    let school_holidays = vec![DayRange::new(day("2026-06-03"), day("2026-06-05")).unwrap()];
    let things = Things { own: own(), school_holidays, ..Things::default() };
    assert_eq!(found(&week(), apart, things), [(Spacing, Warning, 3, 14)]);
}

#[test]
fn l06_at_most_a_third_of_a_profession_is_away() {
    let things = Things { others: away("MAR", &["b", "c", "d", "e"]), ..Things::default() };
    let all = found(&week(), as_it_is, things);
    assert_eq!(all, [(ProfessionAbsence, Blocking, 5, 4), (TotalAbsence, Warning, 5, 3)]);
}

#[test]
fn l06_half_of_a_profession_stays_whatever_may_be_away() {
    let all_may = |policy: &mut Policy| {
        policy.absent_percentage_max = 100;
        policy.absence_limits.clear();
    };
    let of_five =
        |others: &[&str]| Things { others: away("MAR", others), head_count: Some(5), ..Things::default() };
    assert_eq!(found(&week(), all_may, of_five(&["b"])), []);
    assert_eq!(found(&week(), all_may, of_five(&["b", "c"])), [(TeamCapacity, Blocking, 2, 3)]);
}

#[test]
fn l07_two_away_alert_and_in_school_holidays_four() {
    let others = |people: &[&str]| Things { others: away("MAR", people), ..Things::default() };
    assert_eq!(found(&week(), as_it_is, others(&["b"])), []);
    assert_eq!(found(&week(), as_it_is, others(&["b", "c"])), [(ProfessionAbsence, Warning, 3, 2)]);
    let school_holidays = vec![DayRange::new(day("2026-06-01"), day("2026-06-30")).unwrap()];
    let things = Things { school_holidays, ..others(&["b", "c"]) };
    assert_eq!(found(&week(), as_it_is, things), [(SpecialPeriod, Information, 1, 0)]);
}

#[test]
fn l07_all_professions_together_have_a_limit() {
    let mut others = away("IADE", &["n", "m"]);
    others.extend(away("MAR", &["b"]));
    others.extend(away("SECRETARY", &["s"]));
    let things = || Things { others: others.clone(), ..Things::default() };
    assert_eq!(found(&week(), as_it_is, things()), [(TotalAbsence, Warning, 4, 3)]);
    let five = |policy: &mut Policy| {
        policy.total_absence_limit =
            Some(AbsenceLimit { profession: String::new(), absent_max: 5, school_holiday_absent_max: 5 });
    };
    assert_eq!(found(&week(), five, things()), []);
}

#[test]
fn l08_christmas_bears_two_at_once() {
    let christmas = leave("new", State::Pending, span("2026-12-21", "2026-12-23"));
    let things = Things { others: away("MAR", &["b", "c"]), ..Things::default() };
    let peaks: Vec<_> =
        found(&christmas, as_it_is, things).into_iter().filter(|(kind, ..)| *kind == Peak).collect();
    assert_eq!(peaks, [(Peak, Warning, 3, 2)]);
}

#[test]
fn l09_an_approved_leave_of_ones_own_blocks_and_a_pending_one_warns() {
    for (state, expected) in [
        (State::Approved, vec![(OwnLeave, Blocking, 2, 0)]),
        (State::Pending, vec![(OwnLeave, Warning, 2, 0)]),
        (State::Cancelled, vec![]),
    ] {
        let own = vec![leave("old", state, span("2026-06-12", "2026-06-20"))];
        assert_eq!(found(&week(), as_it_is, Things { own, ..Things::default() }), expected, "{state:?}");
    }
}

#[test]
fn l10_scenario_10_a_published_garde_blocks_and_a_theatre_day_warns() {
    let duty =
        |text: &str, part, is_on_call| vec![Duty { shift: "s".to_owned(), day: day(text), part, is_on_call }];
    let table = [
        (duty("2026-06-10", None, true), vec![(PublishedDuty, Blocking, 1, 0)]),
        (duty("2026-06-10", Some(DayPart::Morning), false), vec![(PublishedDuty, Warning, 1, 0)]),
        (duty("2026-06-13", None, true), vec![]),
    ];
    for (duties, expected) in table {
        assert_eq!(found(&week(), as_it_is, Things { duties, ..Things::default() }), expected);
    }
}

#[test]
fn l11_a_nurse_administrator_decides_while_one_other_nurse_is_away() {
    let nurse = Leave { profession: "IADE".to_owned(), ..week() };
    let (policy, today) = (Policy::defaults("chu"), day("2026-01-05"));
    assert_eq!(escalation(&nurse, &away("IADE", &["n"]), &policy, today), None);
    let crowded = away("IADE", &["n", "m"]);
    assert_eq!(escalation(&nurse, &crowded, &policy, today), Some(Escalation::Crowded));
    assert_eq!(escalation(&nurse, &away("MAR", &["b", "c", "d"]), &policy, today), None);
}

#[test]
fn l12_at_the_last_minute_a_nurse_administrator_hands_on() {
    let nurse = Leave { profession: "IADE".to_owned(), ..week() };
    let mut policy = Policy::defaults("chu");
    assert_eq!(escalation(&nurse, &[], &policy, day("2026-05-26")), Some(Escalation::LastMinute));
    assert_eq!(escalation(&nurse, &[], &policy, day("2026-05-25")), None);
    policy.last_minute_days = 28;
    assert_eq!(escalation(&nurse, &[], &policy, day("2026-05-25")), Some(Escalation::LastMinute));
    let late = Things { today: Some(day("2026-06-01")), ..Things::default() };
    let told = found(&nurse, as_it_is, late);
    assert_eq!(told, [(Notice, Warning, 7, 30), (LastMinute, Information, 7, 14)]);
}

#[test]
fn l14_who_else_asks_is_told_as_a_number() {
    let pending = away("MAR", &["b", "c"]);
    assert_eq!(
        found(&week(), as_it_is, Things { pending, ..Things::default() }),
        [(Competition, Information, 2, 0)]
    );
}

#[test]
fn l15_what_nobody_needs_to_decide_meets_every_condition() {
    let enabled = |policy: &mut Policy| policy.auto_acceptance.is_enabled = true;
    let look = |leave: &Leave, change: fn(&mut Policy), things: Things| {
        judge(leave, change, put, &things, |around| obstacles(leave, around, &assess(leave, around)))
    };
    let none = Things::default;
    assert_eq!(look(&week(), as_it_is, none()), [Obstacle::NotEnabled]);
    assert_eq!(look(&week(), enabled, none()), []);
    let training = Leave { leave_type: "form".to_owned(), ..week() };
    assert_eq!(look(&training, enabled, none()), [Obstacle::LeaveType]);
    let late = Things { today: Some(day("2026-05-20")), ..none() };
    assert_eq!(look(&week(), enabled, late), [Obstacle::Notice, Obstacle::Conflict]);
    let one_away = Things { others: away("MAR", &["b"]), ..none() };
    assert_eq!(look(&week(), enabled, one_away), [Obstacle::OthersAway]);
    let one_asks = Things { pending: away("MAR", &["b"]), ..none() };
    assert_eq!(look(&week(), enabled, one_asks), [Obstacle::OthersAway]);
    let poor = Things { missing: vec![(2026, 3)], ..none() };
    assert_eq!(look(&week(), enabled, poor), [Obstacle::Balance]);
    let nurse_away = Things { others: away("IADE", &["n"]), ..none() };
    assert_eq!(look(&week(), enabled, nurse_away), []);
}

#[test]
fn l16_a_bridge_is_told_and_blocks_nothing() {
    // Thursday 14 May is Ascension; Whit Monday is 25 May.
    let bridge = leave("new", State::Pending, span("2026-05-15", "2026-05-22"));
    assert_eq!(
        found(&bridge, as_it_is, Things::default()),
        [(HolidayProximity, Information, 1, 0), (HolidayProximity, Information, 1, 0)]
    );
}

#[test]
fn l17_a_negative_balance_is_refused_unless_its_type_allows_it() {
    let poor = || Things { missing: vec![(2026, 3)], ..Things::default() };
    assert_eq!(found(&week(), as_it_is, poor()), [(Balance, Blocking, 3, 0)]);
    let allowed = |policy: &mut Policy| {
        policy.type_rules = vec![TypeRule {
            leave_type: "cp".to_owned(),
            negative_half_days_max: Some(4),
            ..TypeRule::default()
        }];
    };
    assert_eq!(found(&week(), allowed, poor()), []);
    let poorer = Things { missing: vec![(2026, 5)], ..Things::default() };
    assert_eq!(found(&week(), allowed, poorer), [(Balance, Blocking, 5, 4)]);
}

#[test]
fn a_blackout_blocks_the_professions_it_names() {
    let days = DayRange::new(day("2026-06-11"), day("2026-06-20")).unwrap();
    let blackout = |professions: &[&str]| {
        let professions = professions.iter().map(|&code| code.to_owned()).collect();
        move |policy: &mut Policy| policy.blackouts = vec![Blackout { days, professions }]
    };
    assert_eq!(found(&week(), blackout(&["MAR"]), Things::default()), [(BlackoutKind, Blocking, 2, 0)]);
    assert_eq!(found(&week(), blackout(&[]), Things::default()), [(BlackoutKind, Blocking, 2, 0)]);
    assert_eq!(found(&week(), blackout(&["IADE"]), Things::default()), []);
}
