//! Presence, newcomers, long absences, and what is carried over the years.

use std::collections::BTreeSet;

use calendar::HalfDay;
use proptest::prelude::*;

use super::*;
use crate::domain::pattern::{Contract, Pattern, WORKWEEK};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn range(first: &str, last: &str) -> DayRange {
    DayRange::new(day(first), day(last)).unwrap()
}

fn person(id: &str, percentage: u8, first: &str) -> Person {
    Person {
        id: id.into(),
        profession: Profession::Mar,
        is_locum: false,
        sites: vec!["main".into()],
        skills: vec![],
        first: None,
        last: None,
        contracts: vec![Contract {
            first: day(first),
            last: None,
            percentage,
            pattern: Pattern::Weekly { weekdays: WORKWEEK.into_iter().collect(), dates: BTreeSet::new() },
            legal_pack: String::new(),
            is_volunteer: false,
        }],
        availabilities: vec![],
        excluded_activities: vec![],
        excluded_specialties: vec![],
    }
}

fn away(first: &str, last: &str) -> Span {
    Span::whole(range(first, last))
}

fn of(person: &Person, absences: &[Span], days: DayRange) -> i64 {
    presence(&team::Equity::default(), person, absences, days, days.first())
}

#[test]
fn presence_is_percentage_by_day_of_contract() {
    let january = range("2026-01-01", "2026-01-31");
    assert_eq!(of(&person("a", 100, "2020-01-01"), &[], january), 31_000);
    assert_eq!(of(&person("a", 50, "2020-01-01"), &[], january), 15_500);
    let mut leaves = person("a", 100, "2020-01-01");
    leaves.last = Some(day("2026-01-10"));
    assert_eq!(of(&leaves, &[], january), 10_000);
    assert_eq!(of(&person("a", 100, "2026-02-01"), &[], january), 0, "not there yet");
}

#[test]
fn a_long_absence_leaves_the_denominator_and_a_leave_does_not() {
    let year = range("2026-01-01", "2026-12-31");
    let own = person("a", 100, "2020-01-01");
    assert_eq!(of(&own, &[away("2026-03-01", "2026-03-27")], year), 365_000, "27 days");
    assert_eq!(of(&own, &[away("2026-03-01", "2026-03-28")], year), 337_000, "28 days");
    let sick = [away("2026-03-15", "2026-04-10"), away("2026-03-01", "2026-03-14")];
    assert_eq!(of(&own, &sick, year), 324_000, "one that follows another goes on with it");
    let apart = [away("2026-03-01", "2026-03-20"), away("2026-03-22", "2026-04-10")];
    assert_eq!(of(&own, &apart, year), 365_000);
    assert_eq!(of(&own, &[away("2025-12-01", "2026-01-10")], year), 355_000, "only the days of the period");
    let noon = HalfDay::new(day("2026-03-01"), DayPart::Afternoon);
    let half = Span::new(noon, HalfDay::new(day("2026-03-28"), DayPart::Afternoon)).unwrap();
    assert_eq!(of(&own, &[half], year), 365_000, "27 whole days");
    let all = team::Equity { long_absence_days: 1, ..team::Equity::default() };
    assert_eq!(presence(&all, &own, &[away("2026-03-02", "2026-03-03")], year, year.first()), 363_000);
}

#[test]
fn a_newcomer_counts_once_adapted_or_as_if_always_there() {
    let half_year = range("2026-01-01", "2026-06-30");
    let new = person("new", 100, "2026-04-01");
    assert_eq!(of(&new, &[], half_year), 61_000, "from the first of May");
    assert_eq!(of(&new, &[], range("2026-01-01", "2026-04-15")), 0);
    let history = team::Equity { newcomer: Newcomer::History, ..team::Equity::default() };
    assert_eq!(presence(&history, &new, &[], half_year, half_year.first()), 181_000);
    assert!(is_newcomer(&new, half_year.first()) && !is_newcomer(&new, day("2026-04-01")));
}

fn sums(of: &[(&str, &str, i64)]) -> Sums {
    of.iter().map(|(person, counter, sum)| (((*person).into(), (*counter).into()), *sum)).collect()
}

#[test]
fn what_a_newcomer_did_before_they_count_does_not_count() {
    let (old, new) = (person("old", 100, "2020-01-01"), person("new", 100, "2026-04-01"));
    let periods = Periods::before(day("2026-07-01"), Some(day("2020-01-01")), &team::Equity::default());
    let early = |staff_member: &str, date: &str| Early {
        staff_member: staff_member.into(),
        counter: "gardes".into(),
        day: day(date),
        quantity: 1_000,
    };
    let done = Done {
        year: sums(&[("old", "gardes", 9_000), ("new", "gardes", 3_000)]),
        years: Sums::new(),
        early: vec![early("new", "2026-04-20"), early("new", "2026-05-01"), early("old", "2026-04-20")],
    };
    let stand = |newcomer| {
        let policy = team::Equity { newcomer, ..team::Equity::default() };
        let own = standing(&policy, &[&old, &new], &BTreeMap::new(), periods, &done);
        (own.counters[&("new".into(), "gardes".into())], own.presence["new"], own.presence["old"])
    };
    assert_eq!(stand(Newcomer::TeamMean), (2_000, 61_000, 181_000));
    assert_eq!(stand(Newcomer::History), (3_000, 181_000, 181_000));
}

#[test]
fn periods_begin_with_the_year_the_years_or_the_ledger() {
    let policy = team::Equity::default();
    let before = |at: &str, known: Option<&str>| {
        let own = Periods::before(day(at), known.map(day), &policy);
        [own.year, own.years].map(|days| days.map(|days| days.to_string()))
    };
    let text = |first: &str, last: &str| Some(range(first, last).to_string());
    assert_eq!(before("2026-03-01", None), [None, None]);
    assert_eq!(
        before("2026-03-01", Some("2020-05-01")),
        [text("2026-01-01", "2026-02-28"), text("2024-01-01", "2026-02-28")]
    );
    assert_eq!(before("2026-01-01", Some("2025-06-01")), [None, text("2025-06-01", "2025-12-31")]);
    assert_eq!(before("2026-03-01", Some("2026-03-05")), [None, None], "nothing is known before the day");
}

#[test]
fn who_had_christmas_last_year_brings_it_into_this_one() {
    let people = ["a", "b", "c"].map(|id| person(id, 100, "2020-01-01"));
    let people: Vec<&Person> = people.iter().collect();
    let policy = team::Equity::default();
    let periods = Periods::before(day("2026-01-01"), Some(day("2025-01-01")), &policy);
    let years =
        sums(&[("a", "gardes-special", 2_000), ("b", "gardes-special", 1_000), ("a", "gardes", 40_000)]);
    let done = Done { years, ..Done::default() };
    let own = standing(&policy, &people, &BTreeMap::new(), periods, &done);
    let of = |id: &str, counter: &str| own.counters.get(&(id.into(), counter.into())).copied();
    assert_eq!(
        [of("a", "gardes-special"), of("b", "gardes-special"), of("c", "gardes-special")],
        [Some(1_000), Some(0), Some(-1_000)]
    );
    assert_eq!(of("a", "gardes"), None, "gardes as such begin anew each year");
}

#[test]
fn scenario_19_what_a_locum_works_leaves_the_teams_equity_as_it_was() {
    let (a, b) = (person("a", 100, "2020-01-01"), person("b", 100, "2020-01-01"));
    let locum = Person { is_locum: true, ..person("locum", 100, "2026-05-01") };
    let policy = team::Equity::default();
    let periods = Periods::before(day("2026-07-01"), Some(day("2024-01-01")), &policy);
    let stand = |people: &[&Person], more: &[(&str, &str, i64)]| {
        let own = [("a", "gardes-holiday", 3_000), ("b", "gardes-holiday", 1_000)];
        let all = sums(&[&own[..], more].concat());
        let done = Done { year: all.clone(), years: all, early: vec![] };
        let standing = standing(&policy, people, &BTreeMap::new(), periods, &done);
        ["a", "b"].map(|id| standing.counters[&(id.to_owned(), "gardes-holiday".to_owned())])
    };
    let without = stand(&[&a, &b], &[]);
    assert_eq!(without, [3_000, 1_000]);
    assert_eq!(stand(&[&a, &b, &locum], &[("locum", "gardes-holiday", 5_000)]), without);
}

#[test]
fn weighted_sums_follow_the_day_weights() {
    let policy = team::Equity::default();
    let one = |counter| match counter {
        Counter::GardesWeekday | Counter::GardesSunday | Counter::GardesHoliday => 1_000,
        Counter::Astreintes => 3_000,
        Counter::AstreintesWeekend => 1_000,
        _ => 0,
    };
    assert_eq!(weighted(&policy, Counter::Gardes, one), 4_500);
    assert_eq!(weighted(&policy, Counter::Astreintes, one), 3_200);
    assert_eq!(weighted(&policy, Counter::Closings, one), 0);
}

proptest! {
    #[test]
    fn parts_add_up_to_the_total(
        total in -100_000_i64..100_000, weights in prop::collection::vec(0_i64..400_000, 1..30)
    ) {
        let parts = divided(total, &weights);
        let expected = if weights.iter().all(|own| *own == 0) { 0 } else { total };
        prop_assert_eq!(parts.iter().sum::<i64>(), expected);
        for (part, weight) in parts.iter().zip(&weights) {
            prop_assert!(*weight > 0 || *part == 0, "who was not there owes nothing");
        }
    }

    /// Smoothing moves quantities between people and makes none: what all bring is what the year's lines say.
    #[test]
    fn smoothing_keeps_the_sum_of_the_lines(
        year in prop::collection::vec(0_i64..20, 4), before in prop::collection::vec(0_i64..20, 4),
        percentages in prop::collection::vec(1_u8..=100, 4),
    ) {
        let people: Vec<Person> = percentages.iter().enumerate()
            .map(|(at, percentage)| person(&format!("p{at}"), *percentage, "2020-01-01")).collect();
        let people: Vec<&Person> = people.iter().collect();
        let policy = team::Equity::default();
        let periods = Periods::before(day("2026-07-01"), Some(day("2024-01-01")), &policy);
        let of = |numbers: &[i64]| -> Sums {
            let one = |(at, own): (usize, &i64)| ((format!("p{at}"), "gardes-holiday".to_owned()), own * 1_000);
            numbers.iter().enumerate().map(one).collect()
        };
        let both: Vec<i64> = year.iter().zip(&before).map(|(one, other)| one + other).collect();
        let done = Done { year: of(&year), years: of(&both), early: vec![] };
        let own = standing(&policy, &people, &BTreeMap::new(), periods, &done);
        prop_assert_eq!(own.counters.values().sum::<i64>(), done.year.values().sum::<i64>());
        prop_assert_eq!(own.carried.values().sum::<i64>(), 0);
    }
}
