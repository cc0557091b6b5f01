use calendar::DayPart::{Afternoon, Morning};

use crate::{
    Breach, Kind, Law, Profession, Rule, certify,
    facts::{Facts, Hours, Post},
    testing::{day, doctors, nothing, nurses, person},
};

fn january() -> Facts {
    let mut facts = nothing("2027-01-01", "2027-01-31");
    facts.people = vec![person("a", Profession::Mar, doctors()), person("n", Profession::Iade, nurses())];
    facts
}

fn breaches(facts: &Facts, rule: Rule) -> Vec<Breach> {
    certify(facts).checks.into_iter().find(|check| check.rule == rule).unwrap().breaches
}

fn measured(facts: &Facts, rule: Rule) -> Vec<(i64, i64)> {
    breaches(facts, rule).iter().map(|own| (own.measured, own.limit)).collect()
}

/// When a kind of work ends.
fn ends(facts: &mut Facts, kind: Kind, at: &str) {
    let own: &mut Hours = facts.figures.hours.iter_mut().rfind(|own| own.kind == kind).unwrap();
    own.end = at.parse().unwrap();
}

#[test]
fn scenario_01_after_a_garde_on_monday_nothing_until_wednesday_at_eight() {
    let mut facts = january();
    facts.works("a", Kind::Garde, day("2027-01-04"), None);
    facts.works("a", Kind::Theatre, day("2027-01-06"), Some(Morning));
    assert_eq!(measured(&facts, Rule::RestAfterGarde), []);
    let shift = facts.works("a", Kind::Consultation, day("2027-01-05"), Some(Afternoon));
    let found = breaches(&facts, Rule::RestAfterGarde).remove(0);
    assert_eq!((found.measured, found.limit), (330, 24 * 60), "from 8:00 to 13:30 instead of a day");
    assert_eq!((found.people, found.shifts), (vec!["a".to_owned()], vec!["s0".to_owned(), shift]));
    assert_eq!(found.start.to_string(), "2027-01-05T07:00:00Z");
    assert_eq!(measured(&facts, Rule::DailyRest), [(330, 660)], "and less than eleven hours");
}

#[test]
fn two_gardes_in_a_row_break_the_rest_from_its_first_minute() {
    let mut facts = january();
    facts.works("a", Kind::Garde, day("2027-01-04"), None);
    facts.works("a", Kind::Garde, day("2027-01-05"), None);
    assert_eq!(measured(&facts, Rule::RestAfterGarde), [(0, 24 * 60)]);
}

#[test]
fn nobody_is_on_call_while_resting_where_the_rules_say_so() {
    let mut facts = january();
    facts.works("a", Kind::Garde, day("2027-01-04"), None);
    facts.works("a", Kind::Astreinte, day("2027-01-05"), None);
    assert_eq!(measured(&facts, Rule::AstreinteInRest).len(), 1);
    assert_eq!(measured(&facts, Rule::RestAfterGarde), []);
    assert_eq!(measured(&facts, Rule::DailyRest), [], "being reachable is no work");
    facts.figures.is_rest_free_of_astreintes = false;
    assert_eq!(measured(&facts, Rule::AstreinteInRest), []);
}

#[test]
fn a_garde_published_before_the_month_rests_into_it_and_one_before_the_next_month_out_of_it() {
    let mut facts = january();
    facts.published("a", Kind::Garde, day("2026-12-31"), None);
    facts.works("a", Kind::Theatre, day("2027-01-01"), Some(Morning));
    facts.works("a", Kind::Garde, day("2027-01-31"), None);
    facts.published("a", Kind::Theatre, day("2027-02-01"), Some(Morning));
    assert_eq!(measured(&facts, Rule::RestAfterGarde).len(), 2);
    let mut facts = january();
    facts.published("a", Kind::Garde, day("2026-12-30"), None);
    facts.published("a", Kind::Theatre, day("2026-12-31"), Some(Morning));
    assert_eq!(measured(&facts, Rule::RestAfterGarde), [], "what is published around is not this plan's");
}

#[test]
fn exactly_eleven_hours_are_a_rest_and_a_minute_less_is_none() {
    for (end, expected) in [("21:00", vec![]), ("21:01", vec![(659, 660)])] {
        let mut facts = january();
        ends(&mut facts, Kind::Theatre, end);
        facts.works("a", Kind::Theatre, day("2027-01-05"), Some(Afternoon));
        facts.works("a", Kind::Theatre, day("2027-01-06"), Some(Morning));
        assert_eq!(measured(&facts, Rule::DailyRest), expected, "{end}");
    }
}

#[test]
fn scenario_22_an_hour_that_clocks_skip_is_an_hour_of_rest_less() {
    // Twelve hours by the clock: eleven pass in the night to the last Sunday of March, thirteen in October's.
    for (saturday, sunday, expected) in [
        ("2027-03-27", "2027-03-28", vec![(660, 720)]),
        ("2027-03-20", "2027-03-21", vec![]),
        ("2027-10-30", "2027-10-31", vec![]),
    ] {
        let mut facts = nothing(saturday, sunday);
        facts.people = vec![person("n", Profession::Iade, nurses())];
        ends(&mut facts, Kind::Volant, "20:00");
        facts.works("n", Kind::Volant, day(saturday), Some(Afternoon));
        facts.works("n", Kind::Volant, day(sunday), Some(Morning));
        assert_eq!(measured(&facts, Rule::DailyRest), expected, "{saturday}");
    }
}

#[test]
fn scenario_22_the_rest_after_a_garde_over_the_clock_change_is_complete() {
    for saturday in ["2027-03-27", "2027-10-30"] {
        let saturday = day(saturday);
        let mut facts = nothing(&saturday.to_string(), &saturday.plus(2).to_string());
        facts.people = vec![person("a", Profession::Mar, doctors())];
        facts.works("a", Kind::Garde, saturday, None);
        facts.works("a", Kind::Theatre, saturday.plus(2), Some(Morning));
        let certificate = certify(&facts);
        let rests = [Rule::RestAfterGarde, Rule::DailyRest];
        assert!(certificate.breaches().all(|(rule, _)| !rests.contains(&rule)), "{saturday}");
    }
}

#[test]
fn scenario_13_of_a_shared_garde_the_night_rests_a_day_and_the_day_eleven_hours() {
    let mut facts = january();
    facts.people.push(person("b", Profession::Mar, doctors()));
    facts.works("a", Kind::GardeDay, day("2027-01-03"), None);
    facts.works("b", Kind::GardeNight, day("2027-01-03"), None);
    facts.works("a", Kind::Theatre, day("2027-01-04"), Some(Morning));
    assert!(certify(&facts).breaches().all(|(rule, _)| rule == Rule::RoomCoverage));
    // 18:00 to 8:00 is fourteen hours.
    facts.figures.garde_day_rest_min = 14 * 60 + 1;
    assert_eq!(measured(&facts, Rule::GardeDayRest), [(840, 841)]);
    facts.works("b", Kind::Theatre, day("2027-01-04"), Some(Morning));
    assert_eq!(measured(&facts, Rule::RestAfterGarde), [(0, 24 * 60)]);
}

#[test]
fn the_law_of_the_day_on_which_work_begins_is_the_one_that_binds() {
    let mut facts = january();
    let until = Law { last: Some(day("2027-01-15")), ..doctors() };
    let later = Law { first: day("2027-01-16"), daily_rest_min: Some(15 * 60), ..doctors() };
    facts.people[0].laws = vec![until, later];
    // 18:30 to 8:00 is thirteen and a half.
    for first in ["2027-01-13", "2027-01-15"] {
        facts.works("a", Kind::Theatre, day(first), Some(Afternoon));
        facts.works("a", Kind::Theatre, day(first).next(), Some(Morning));
    }
    let found = breaches(&facts, Rule::DailyRest);
    let days: Vec<String> = found.iter().map(|own| own.start.to_string()).collect();
    assert_eq!(days, ["2027-01-15T17:30:00Z"]);
    facts.people[0].laws = vec![Law { daily_rest_min: None, ..doctors() }];
    assert_eq!(
        breaches(&facts, Rule::DailyRest),
        [],
        "private practitioners are held to the team's rules only"
    );
}

#[test]
fn a_post_that_nobody_said_the_hours_of_takes_the_day() {
    let mut facts = january();
    facts.figures.hours.retain(|own| own.kind != Kind::Volant);
    facts.works("n", Kind::Volant, day("2027-01-05"), Some(Morning));
    let post: Post = facts.posts[0].clone();
    facts.posts.push(Post { day: post.day.next(), kind: Kind::Theatre, ..post });
    assert_eq!(measured(&facts, Rule::DailyRest), [(0, 720)]);
}
