//! The whole: a department's month that keeps every rule, and what its hash says.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use calendar::{DayRange, Span};
use certificate::{
    Average, Certificate, FORMAT, Facts, Kind, Law, Line, Open, Profession, Role, Rule, Verdict, certify,
    hash,
    testing::{day, department},
};
use proptest::prelude::*;

fn january() -> Facts {
    department(day("2027-01-01"))
}

fn breached(certificate: &Certificate) -> BTreeSet<Rule> {
    certificate.breaches().map(|(rule, _)| rule).collect()
}

#[test]
fn a_departments_month_keeps_every_rule_and_each_looked_at_something() {
    let certificate = certify(&january());
    let first: Vec<_> = certificate.breaches().take(3).collect();
    assert_eq!((certificate.verdict, first), (Verdict::Compliant, vec![]));
    let unused = [Rule::GardeDayRest, Rule::Pediatrics];
    for check in &certificate.checks {
        assert_eq!(
            check.count == 0,
            unused.contains(&check.rule),
            "{:?} looked at {}",
            check.rule,
            check.count
        );
    }
    assert_eq!(certificate.checks.len(), Rule::ALL.len());
}

#[test]
fn every_code_leads_back_to_its_rule() {
    for rule in Rule::ALL {
        assert_eq!(Rule::from_code(rule.code()), Some(rule));
        assert!(!rule.law().is_empty());
    }
}

#[test]
fn anybody_can_compute_the_hash_from_the_lines() {
    let certificate = certify(&january());
    assert_eq!(certificate.facts[0], FORMAT);
    assert!(certificate.facts[1..].is_sorted());
    assert_eq!(hash(&certificate.facts), certificate.hash);
    assert_eq!(certificate.hash.len(), 64);
}

/// Changes facts.
type Change = fn(&mut Facts);

/// One change of every kind of fact.
fn changes() -> Vec<(&'static str, Change)> {
    vec![
        ("subject", |own| own.subject.push('2')),
        ("days", |own| own.days = DayRange::new(own.days.first(), own.days.last().next()).unwrap()),
        ("hours", |own| own.figures.hours[0].minutes = Some(1)),
        ("hour", |own| own.figures.hours[0].end = "08:01".parse().unwrap()),
        ("astreintes", |own| own.figures.is_rest_free_of_astreintes = false),
        ("day part", |own| own.figures.garde_day_rest_min += 1),
        ("children", |own| own.figures.pediatric_supervision_max += 1),
        ("derogation", |own| own.figures.is_derogation_authorized = true),
        ("person", |own| own.people[0].id.push('x')),
        ("profession", |own| own.people[0].profession = Profession::Iade),
        ("law", |own| own.people[0].laws[0].code.push('x')),
        ("source", |own| own.people[0].laws[0].source.push('x')),
        ("first", |own| own.people[0].laws[0].first = day("2020-01-01")),
        ("last", |own| own.people[0].laws[0].last = Some(day("2029-01-01"))),
        ("rest", |own| own.people[0].laws[0].daily_rest_min = None),
        ("average", |own| own.people[0].laws[0].averages.push(Average { week_minutes: 1, days: 7 })),
        ("volunteer", |own| own.people[0].laws[0].is_volunteer = true),
        ("another law", |own| {
            let law: Law = own.people[0].laws[0].clone();
            own.people[0].laws.push(law);
        }),
        ("absence", |own| {
            own.people[0].absences.push(Span::whole(DayRange::single(day("2027-01-03"))));
        }),
        ("room", |own| own.rooms[0].id.push('x')),
        ("runs", |own| own.rooms[0].run_max += 1),
        ("supervises", |own| own.rooms[0].supervision_max += 1),
        ("derogated", |own| own.rooms[0].derogation_max += 1),
        ("counted", |own| own.rooms[0].is_own_counted = false),
        ("shift", |own| own.shifts[0].site.push('x')),
        ("pediatric", |own| own.shifts[0].is_pediatric = true),
        ("no shift", |own| drop(own.shifts.pop())),
        ("post", |own| own.posts[0].person = "m03".into()),
        ("role", |own| own.posts[0].role = Role::Supervisor),
        ("whose", |own| own.posts[0].is_of_plan = true),
        ("no post", |own| drop(own.posts.pop())),
        ("line", |own| own.lines.push(Line { day: day("2027-01-01"), kind: Kind::Garde, site: "x".into() })),
        ("open", |own| own.open.push(Open { shift: "x".into(), role: Role::Performer })),
    ]
}

#[test]
fn the_hash_moves_with_every_fact() {
    let mut seen = BTreeSet::from([certify(&january()).hash]);
    for (what, change) in changes() {
        let mut facts = january();
        change(&mut facts);
        assert!(seen.insert(certify(&facts).hash), "{what}");
    }
}

#[test]
fn a_planted_breach_of_each_rule_is_found() {
    let plants: Vec<(Rule, Change)> = vec![
        (Rule::RestAfterGarde, |own| {
            // Whoever keeps the garde of the 4th is on the 5th's consultation.
            let garde = own.posts.iter().find(|own| own.kind == Kind::Garde && own.day == day("2027-01-04"));
            let who = garde.unwrap().person.clone();
            let is_own =
                |own: &&mut certificate::Post| own.kind == Kind::Consultation && own.day == day("2027-01-05");
            own.posts.iter_mut().find(is_own).unwrap().person = who;
        }),
        (Rule::DailyRest, |own| {
            own.figures.hours.iter_mut().filter(|own| own.kind == Kind::Theatre).for_each(|own| {
                if own.part == Some(calendar::DayPart::Afternoon) {
                    own.end = "21:30".parse().unwrap();
                }
            })
        }),
        (Rule::AverageWeek, |own| own.people[0].laws[0].averages[0].week_minutes = 20 * 60),
        (Rule::SupervisionRatio, |own| own.rooms.iter_mut().for_each(|room| room.supervision_max = 1)),
        (Rule::GardeCoverage, |own| own.posts.retain(|own| own.kind != Kind::Garde || !own.is_of_plan)),
        (Rule::RoomSupervised, |own| own.posts.retain(|own| own.role != Role::Supervisor)),
        (Rule::Presence, |own| own.people[0].laws[0].last = Some(day("2027-01-15"))),
    ];
    for (rule, plant) in plants {
        let mut facts = january();
        plant(&mut facts);
        let certificate = certify(&facts);
        assert_eq!(certificate.verdict, Verdict::Breached, "{rule:?}");
        assert!(breached(&certificate).contains(&rule), "{rule:?}: {:?}", breached(&certificate));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn facts_in_any_order_give_the_same_certificate(seed in any::<u64>(), plant in 0usize..33) {
        let mut facts = january();
        // Only what is in the facts decides, also of what is wrong with them.
        changes()[plant].1(&mut facts);
        let expected = certify(&facts);
        let mut state = seed | 1;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below.max(1)
        };
        for at in (1..facts.posts.len()).rev() {
            facts.posts.swap(at, next(at + 1));
        }
        for at in (1..facts.shifts.len()).rev() {
            facts.shifts.swap(at, next(at + 1));
        }
        for at in (1..facts.people.len()).rev() {
            facts.people.swap(at, next(at + 1));
        }
        facts.open.reverse();
        facts.rooms.reverse();
        facts.lines.reverse();
        facts.figures.hours.reverse();
        for person in &mut facts.people {
            person.laws.reverse();
            person.absences.reverse();
        }
        prop_assert_eq!(certify(&facts), expected);
    }
}
