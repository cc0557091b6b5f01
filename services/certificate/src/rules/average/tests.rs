use calendar::{DayPart::Morning, DayRange};

use crate::{
    Average, Breach, Kind, Law, Profession, Rule, certify,
    facts::Facts,
    testing::{day, doctors, nothing, person},
};

fn breaches(facts: &Facts) -> Vec<Breach> {
    certify(facts).checks.into_iter().find(|check| check.rule == Rule::AverageWeek).unwrap().breaches
}

/// Somebody who may work 48 hours a week over four weeks; every Theatre half-day counts for as long as is said.
fn february(minutes: i64) -> Facts {
    let mut facts = nothing("2027-02-01", "2027-02-28");
    let law = Law { averages: vec![Average { week_minutes: 48 * 60, days: 28 }], ..doctors() };
    facts.people = vec![person("a", Profession::Mar, law)];
    for own in facts.figures.hours.iter_mut().filter(|own| own.kind == Kind::Theatre) {
        own.minutes = Some(minutes);
    }
    facts
}

#[test]
fn exactly_48_hours_are_allowed_and_a_minute_more_in_four_weeks_is_not() {
    // Twenty days of 9.6 hours are four weeks of 48.
    for (extra, expected) in [(0, vec![]), (1, vec![(48 * 60 + 1, 48 * 60)])] {
        let mut facts = february(576);
        let days = DayRange::new(day("2027-02-01"), day("2027-02-28")).unwrap();
        for day in days.days().filter(|day| !day.is_weekend()) {
            facts.works("a", Kind::Theatre, day, Some(Morning));
        }
        let own = facts.figures.hours.iter_mut().find(|own| own.kind == Kind::Volant).unwrap();
        own.minutes = Some(extra);
        facts.works("a", Kind::Volant, day("2027-02-06"), Some(Morning));
        let found: Vec<_> = breaches(&facts).iter().map(|own| (own.measured, own.limit)).collect();
        assert_eq!(found, expected, "{extra}");
    }
}

#[test]
fn scenario_15_what_was_published_before_spends_the_credit_and_volunteers_are_let() {
    let mut facts = nothing("2027-01-01", "2027-01-31");
    facts.people = vec![person("a", Profession::Mar, doctors())];
    // 122 days let 836 hours and 34 minutes; 34 gardes are 816 hours.
    for number in 0..34 {
        facts.published("a", Kind::Garde, day("2026-12-31").plus(-2 * number), None);
    }
    facts.works("a", Kind::Garde, day("2027-01-10"), None);
    let found = breaches(&facts).remove(0);
    // 840 hours in 122 days.
    assert_eq!((found.measured, found.limit), (2_892, 2_880));
    assert_eq!(found.law, "Code de la santé publique R6152-27");
    assert_eq!(
        (found.start.to_string(), found.end.to_string()),
        ("2026-10-01T22:00:00Z".to_owned(), "2027-01-31T23:00:00Z".to_owned())
    );
    assert_eq!(found.shifts, ["s0"], "what is published around is counted and not listed");
    facts.people[0].laws[0].is_volunteer = true;
    assert_eq!(breaches(&facts), []);
}

#[test]
fn work_at_another_site_counts_as_well() {
    let mut facts = february(576);
    for number in 0..21 {
        facts.published("a", Kind::Theatre, day("2027-02-01").plus(number), Some(Morning));
    }
    assert_eq!(breaches(&facts), [], "nothing of it is this plan's");
    facts.works("a", Kind::Theatre, day("2027-02-28"), Some(Morning));
    assert_eq!(breaches(&facts).len(), 1);
}

#[test]
fn of_a_garde_over_the_borders_of_the_window_what_lies_within_counts() {
    // A week is 2 days of 24 hours: the window is the week, Monday to Sunday.
    let mut facts = nothing("2027-02-01", "2027-02-07");
    let law = Law { averages: vec![Average { week_minutes: 40 * 60, days: 7 }], ..doctors() };
    facts.people = vec![person("a", Profession::Mar, law)];
    facts.works("a", Kind::Garde, day("2027-02-03"), None);
    facts.works("a", Kind::Garde, day("2027-02-07"), None);
    assert_eq!(breaches(&facts), [], "24 hours, and 16 of the Sunday's");
    // Eight of the night from Sunday to Monday.
    facts.published("a", Kind::Garde, day("2027-01-31"), None);
    assert_eq!(breaches(&facts).iter().map(|own| own.measured).collect::<Vec<_>>(), [48 * 60]);
}

#[test]
fn scenario_22_a_garde_counts_for_23_or_25_hours_when_clocks_change() {
    for (saturday, hours) in [("2027-03-27", 23), ("2027-10-30", 25), ("2027-03-13", 24)] {
        let saturday = day(saturday);
        for (limit, count) in [(hours * 60, 0), (hours * 60 - 1, 1)] {
            let mut facts = nothing(&saturday.to_string(), &saturday.plus(6).to_string());
            let law = Law { averages: vec![Average { week_minutes: limit, days: 7 }], ..doctors() };
            facts.people = vec![person("a", Profession::Mar, law)];
            facts.works("a", Kind::Garde, saturday, None);
            assert_eq!(breaches(&facts).len(), count, "{saturday} {limit}");
        }
    }
}

#[test]
fn several_rooms_at_once_are_worked_once_and_an_astreinte_is_no_work() {
    let mut facts = february(48 * 60);
    for _ in 0..2 {
        facts.works("a", Kind::Theatre, day("2027-02-01"), Some(Morning));
    }
    facts.works("a", Kind::Astreinte, day("2027-02-01"), None);
    for number in 1..4 {
        facts.works("a", Kind::Theatre, day("2027-02-01").plus(number), Some(Morning));
    }
    assert_eq!(breaches(&facts), []);
    facts.works("a", Kind::Theatre, day("2027-02-05"), Some(Morning));
    assert_eq!(breaches(&facts).len(), 1);
}

#[test]
fn each_law_closes_its_window_on_its_last_day() {
    let mut facts = february(60);
    let law = facts.people[0].laws[0].clone();
    let tight = vec![Average { week_minutes: 60, days: 7 }];
    let until = Law { last: Some(day("2027-02-10")), averages: tight.clone(), ..law.clone() };
    facts.people[0].laws = vec![until, Law { first: day("2027-02-11"), ..law }];
    for date in ["2027-02-09", "2027-02-10", "2027-02-20", "2027-02-21"] {
        facts.works("a", Kind::Theatre, day(date), Some(Morning));
    }
    let found = breaches(&facts);
    assert_eq!(found.iter().map(|own| own.measured).collect::<Vec<_>>(), [84], "two hours in ten days");
    assert_eq!(found[0].end.to_string(), "2027-02-10T23:00:00Z");
}
