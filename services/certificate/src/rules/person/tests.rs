use calendar::{
    DayPart::{Afternoon, Morning},
    DayRange, HalfDay, Span,
};

use crate::{
    Kind, Law, Profession, Role, Rule, certify,
    facts::{Facts, Post},
    testing::{day, doctors, nothing, nurses, person, room},
};

fn monday() -> Facts {
    let mut facts = nothing("2027-01-04", "2027-01-04");
    facts.people = vec![person("a", Profession::Mar, doctors()), person("i", Profession::Iade, nurses())];
    facts.rooms = vec![room("r0"), room("r1")];
    facts
}

fn count(facts: &Facts, rule: Rule) -> usize {
    certify(facts).checks.into_iter().find(|check| check.rule == rule).unwrap().breaches.len()
}

#[test]
fn what_goes_together_is_the_matrix() {
    let monday_of = day("2027-01-04");
    for (one, other, is_allowed) in [
        ((Kind::Theatre, Some(Morning)), (Kind::Consultation, Some(Morning)), false),
        ((Kind::Theatre, Some(Morning)), (Kind::Consultation, Some(Afternoon)), true),
        ((Kind::Theatre, Some(Morning)), (Kind::Theatre, Some(Morning)), true),
        ((Kind::Theatre, Some(Morning)), (Kind::Volant, Some(Morning)), false),
        ((Kind::Theatre, Some(Afternoon)), (Kind::Closing, None), true),
        ((Kind::Garde, None), (Kind::Theatre, Some(Morning)), false),
        ((Kind::Garde, None), (Kind::Consultation, Some(Afternoon)), false),
        ((Kind::Garde, None), (Kind::Astreinte, None), false),
        ((Kind::Garde, None), (Kind::Garde, None), false),
        ((Kind::GardeNight, None), (Kind::Theatre, Some(Morning)), false),
        ((Kind::GardeDay, None), (Kind::GardeNight, None), true),
        ((Kind::Astreinte, None), (Kind::Theatre, Some(Morning)), true),
        ((Kind::Astreinte, None), (Kind::Consultation, Some(Afternoon)), true),
    ] {
        let mut facts = monday();
        facts.works("a", one.0, monday_of, one.1);
        facts.works("a", other.0, monday_of, other.1);
        assert_eq!(count(&facts, Rule::OneAtATime) == 0, is_allowed, "{one:?} {other:?}");
    }
}

#[test]
fn nobody_is_at_two_sites_at_once() {
    let mut facts = monday();
    facts.works("a", Kind::Theatre, day("2027-01-04"), Some(Morning));
    let post = Post { site: "other".into(), shift: "x".into(), is_of_plan: false, ..facts.posts[0].clone() };
    facts.posts.push(post);
    assert_eq!(count(&facts, Rule::OneAtATime), 1);
}

#[test]
fn nobody_works_while_away() {
    let away = |first, last| {
        let half = |part| HalfDay::new(day("2027-01-04"), part);
        Span::new(half(first), half(last)).unwrap()
    };
    for (kind, part, absence, is_allowed) in [
        (Kind::Theatre, Some(Morning), away(Afternoon, Afternoon), true),
        (Kind::Theatre, Some(Afternoon), away(Afternoon, Afternoon), false),
        (Kind::Garde, None, away(Morning, Morning), false),
        (Kind::Astreinte, None, away(Afternoon, Afternoon), false),
        (Kind::GardeNight, None, away(Morning, Morning), true),
        (Kind::Garde, None, Span::whole(DayRange::single(day("2027-01-05"))), true),
    ] {
        let mut facts = monday();
        facts.people[0].absences = vec![absence];
        facts.works("a", kind, day("2027-01-04"), part);
        assert_eq!(count(&facts, Rule::Presence) == 0, is_allowed, "{kind:?} {absence:?}");
    }
}

#[test]
fn nobody_works_without_a_contract() {
    let mut facts = monday();
    facts.works("a", Kind::Garde, day("2027-01-04"), None);
    assert_eq!(count(&facts, Rule::Presence), 0);
    facts.people[0].laws = vec![Law { last: Some(day("2027-01-03")), ..doctors() }];
    assert_eq!(count(&facts, Rule::Presence), 1, "who left on Sunday");
    facts.people.remove(0);
    assert_eq!(count(&facts, Rule::Presence), 1, "whom nobody knows");
}

#[test]
fn nurses_neither_keep_duties_nor_see_patients_nor_answer_for_a_room() {
    for (kind, part) in [(Kind::Garde, None), (Kind::Astreinte, None), (Kind::Consultation, Some(Morning))] {
        let mut facts = monday();
        facts.works("i", kind, day("2027-01-04"), part);
        assert_eq!(count(&facts, Rule::Profession), 1, "{kind:?}");
    }
    let mut facts = monday();
    let shift = facts.shift(Kind::Theatre, day("2027-01-04"), Some(Morning), "r0");
    facts.post("i", &shift, Role::Performer);
    assert_eq!(count(&facts, Rule::Profession), 0);
    let shift = facts.shift(Kind::Theatre, day("2027-01-04"), Some(Morning), "r1");
    facts.post("i", &shift, Role::Supervisor);
    assert_eq!(count(&facts, Rule::Profession), 1);
}
