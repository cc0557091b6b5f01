use calendar::DayPart::{Afternoon, Morning};

use crate::{
    Breach, Kind, Line, Open, Profession, Role, Rule, certify,
    facts::Facts,
    testing::{SITE, day, doctors, nothing, nurses, person, room},
};

fn monday() -> Facts {
    let mut facts = nothing("2027-01-04", "2027-01-04");
    facts.people = vec![
        person("a", Profession::Mar, doctors()),
        person("b", Profession::Mar, doctors()),
        person("i", Profession::Iade, nurses()),
    ];
    facts.rooms = vec![room("r0")];
    facts
}

fn breaches(facts: &Facts) -> Vec<(Rule, Breach)> {
    certify(facts).breaches().map(|(rule, own)| (rule, own.clone())).collect()
}

fn rules(facts: &Facts) -> Vec<Rule> {
    breaches(facts).into_iter().map(|(rule, _)| rule).collect()
}

#[test]
fn a_post_is_held_or_said_to_be_open() {
    for (kind, part, rule) in [
        (Kind::Garde, None, Rule::GardeCoverage),
        (Kind::Astreinte, None, Rule::AstreinteCoverage),
        (Kind::Theatre, Some(Morning), Rule::RoomCoverage),
        (Kind::Consultation, Some(Afternoon), Rule::ConsultationCoverage),
    ] {
        let mut facts = monday();
        let room = if kind == Kind::Theatre { "r0" } else { "" };
        let shift = facts.shift(kind, day("2027-01-04"), part, room);
        assert_eq!(rules(&facts), [rule], "nobody, and nobody says so");
        let mut open = facts.clone();
        open.open.push(Open { shift: shift.clone(), role: Role::Performer });
        assert_eq!(rules(&open), [], "a hole is listed");
        facts.post("a", &shift, Role::Performer);
        assert_eq!(rules(&facts), []);
        facts.post("b", &shift, Role::Performer);
        let (found, breach) = breaches(&facts).remove(0);
        assert_eq!((found, breach.measured, breach.limit), (rule, 2, 1), "never two");
        assert_eq!(breach.people, ["a", "b"]);
    }
}

#[test]
fn scenario_09_a_garde_for_which_nobody_is_there_is_a_hole_by_name() {
    let mut facts = monday();
    facts.lines = vec![Line { day: day("2027-01-04"), kind: Kind::Garde, site: SITE.into() }];
    assert_eq!(rules(&facts), [Rule::GardeCoverage], "not even among the shifts");
    let shift = facts.shift(Kind::Garde, day("2027-01-04"), None, "");
    facts.open = vec![Open { shift, role: Role::Performer }];
    assert_eq!(rules(&facts), []);
}

#[test]
fn scenario_13_a_garde_may_be_shared_by_two_and_needs_both_parts() {
    let mut facts = monday();
    facts.lines = vec![Line { day: day("2027-01-04"), kind: Kind::Garde, site: SITE.into() }];
    facts.works("a", Kind::GardeDay, day("2027-01-04"), None);
    assert_eq!(rules(&facts), [Rule::GardeCoverage]);
    facts.works("b", Kind::GardeNight, day("2027-01-04"), None);
    assert_eq!(rules(&facts), []);
}

#[test]
fn a_nurses_room_has_one_anesthetist_who_answers_for_it() {
    let mut facts = monday();
    let shift = facts.shift(Kind::Theatre, day("2027-01-04"), Some(Morning), "r0");
    facts.post("i", &shift, Role::Performer);
    assert_eq!(rules(&facts), [Rule::RoomSupervised]);
    let mut open = facts.clone();
    open.open.push(Open { shift: shift.clone(), role: Role::Supervisor });
    assert_eq!(rules(&open), []);
    facts.post("a", &shift, Role::Supervisor);
    assert_eq!(rules(&facts), []);
    facts.post("b", &shift, Role::Supervisor);
    assert_eq!(rules(&facts), [Rule::RoomSupervised]);
}

#[test]
fn a_room_without_limits_was_checked_by_nobody() {
    let mut facts = monday();
    let shift = facts.shift(Kind::Theatre, day("2027-01-04"), Some(Morning), "elsewhere");
    facts.post("a", &shift, Role::Performer);
    assert_eq!(rules(&facts), [Rule::RoomCoverage]);
}
