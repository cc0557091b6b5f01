use calendar::DayPart::Morning;

use crate::{
    Check, Kind, Profession, Role, Room, Rule, certify,
    facts::Facts,
    testing::{day, doctors, nothing, nurses, person, room},
};

/// Five rooms, open one morning.
fn theatre(of: impl Fn(&str) -> Room) -> Facts {
    let mut facts = nothing("2027-01-04", "2027-01-04");
    facts.people = vec![person("a", Profession::Mar, doctors()), person("b", Profession::Mar, doctors())];
    facts.people.extend(["i", "j", "k", "l"].map(|id| person(id, Profession::Iade, nurses())));
    for number in 0..5 {
        let id = format!("r{number}");
        facts.rooms.push(of(&id));
        facts.shift(Kind::Theatre, day("2027-01-04"), Some(Morning), &id);
    }
    facts
}

fn endoscopy(id: &str) -> Room {
    Room { run_max: 2, is_own_counted: false, ..room(id) }
}

fn ophthalmology(id: &str) -> Room {
    Room { run_max: 3, supervision_max: 3, derogation_max: 4, is_own_counted: false, id: id.to_owned() }
}

/// Puts people on the posts of rooms: performer, supervisor or none.
fn staff(facts: &mut Facts, rooms: &[(&str, Option<&str>)]) {
    for (number, (performer, supervisor)) in rooms.iter().enumerate() {
        let shift = format!("s{number}");
        facts.post(performer, &shift, Role::Performer);
        if let Some(supervisor) = supervisor {
            facts.post(supervisor, &shift, Role::Supervisor);
        }
    }
}

fn check(facts: &Facts, rule: Rule) -> Check {
    certify(facts).checks.into_iter().find(|check| check.rule == rule).unwrap()
}

fn measured(facts: &Facts, rule: Rule) -> Vec<(i64, i64)> {
    check(facts, rule).breaches.iter().map(|own| (own.measured, own.limit)).collect()
}

#[test]
fn an_anesthetist_has_two_nurses_rooms_or_a_nurses_and_an_own_one() {
    let mut facts = theatre(room);
    staff(&mut facts, &[("i", Some("a")), ("j", Some("a")), ("b", None), ("k", Some("b"))]);
    assert_eq!(measured(&facts, Rule::SupervisionRatio), []);
    facts.post("l", "s4", Role::Performer);
    facts.post("a", "s4", Role::Supervisor);
    assert_eq!(measured(&facts, Rule::SupervisionRatio), [(3, 2)]);
    let mut facts = theatre(room);
    staff(&mut facts, &[("a", None), ("i", Some("a")), ("j", Some("a"))]);
    assert_eq!(measured(&facts, Rule::SupervisionRatio), [(3, 2)], "the own room counts");
}

#[test]
fn a_third_room_under_an_authorized_derogation_is_listed_and_a_fourth_is_refused() {
    let mut facts = theatre(room);
    facts.figures.is_derogation_authorized = true;
    staff(&mut facts, &[("i", Some("a")), ("j", Some("a")), ("k", Some("a"))]);
    let found = check(&facts, Rule::SupervisionRatio);
    assert_eq!((found.breaches.len(), found.derogations.len()), (0, 1));
    assert_eq!((found.derogations[0].measured, found.derogations[0].limit), (3, 2));
    facts.post("l", "s3", Role::Performer);
    facts.post("a", "s3", Role::Supervisor);
    assert_eq!(measured(&facts, Rule::SupervisionRatio), [(4, 2)]);
}

#[test]
fn scenario_04_three_endoscopy_rooms_are_a_nurses_two_and_an_anesthetists_one_who_supervises() {
    let mut facts = theatre(endoscopy);
    staff(&mut facts, &[("i", Some("a")), ("i", Some("a")), ("a", None)]);
    assert_eq!(
        (measured(&facts, Rule::SupervisionRatio), measured(&facts, Rule::RoomsRun)),
        (vec![], vec![])
    );
    facts.post("i", "s3", Role::Performer);
    facts.post("a", "s3", Role::Supervisor);
    assert_eq!(measured(&facts, Rule::SupervisionRatio), [(3, 2)]);
    assert_eq!(measured(&facts, Rule::RoomsRun), [(3, 2)]);
}

#[test]
fn scenario_05_four_ophthalmology_rooms_are_split_two_and_two() {
    let mut facts = theatre(ophthalmology);
    staff(&mut facts, &[("i", Some("a")), ("i", Some("a")), ("a", None), ("a", None)]);
    assert!(certify(&facts).breaches().all(|(rule, _)| rule == Rule::RoomCoverage), "but for the fifth room");
}

#[test]
fn the_strictest_of_the_rooms_supervised_holds() {
    let mut facts = theatre(|id| if id == "r0" { room(id) } else { ophthalmology(id) });
    staff(&mut facts, &[("i", Some("a")), ("j", Some("a")), ("j", Some("a"))]);
    assert_eq!(measured(&facts, Rule::SupervisionRatio), [(3, 2)]);
}

#[test]
fn scenario_06_who_runs_a_childrens_room_supervises_nothing_and_who_supervises_one_has_two() {
    let mut facts = theatre(ophthalmology);
    facts.shifts[0].is_pediatric = true;
    staff(&mut facts, &[("a", None), ("i", Some("a"))]);
    assert_eq!(measured(&facts, Rule::Pediatrics), [(1, 0)]);
    let mut facts = theatre(ophthalmology);
    facts.shifts[0].is_pediatric = true;
    staff(&mut facts, &[("i", Some("a")), ("i", Some("a"))]);
    assert_eq!(measured(&facts, Rule::Pediatrics), []);
    facts.post("i", "s2", Role::Performer);
    facts.post("a", "s2", Role::Supervisor);
    assert_eq!(
        (measured(&facts, Rule::Pediatrics), measured(&facts, Rule::SupervisionRatio)),
        (vec![(3, 2)], vec![])
    );
}
