//! What is written and read again is the same; what is wrong is told by the path of its field.

#![allow(clippy::unwrap_used, missing_docs)]

use proptest::prelude::*;
use proto::solver::v1 as pb;
use roster::problem::{
    Ask, Counter, Counterpart, DayIx, Derogation, Draft, Half, HalfDay, Incompatibility, PersonIx, Pin,
    Published, PublishedShift, Request, RoomIx, RuleSetting, Seat, SectorIx, ShiftCover, ShiftIx,
    ShiftLimits, ShiftPin, ShiftType, ShiftWish, Shifts, SkillIx, SlotIx, SpecialtyIx, SurgeonIx, Wish,
};
use roster::testing::{Dice, small_draft};
use roster::{Level, Problem, Roster, RuleId};

/// A problem in which every field the contract has differs from its default.
fn full(seed: u64) -> Problem {
    let mut draft = small_draft(seed);
    let mut dice = Dice::new(seed);
    let asks = [
        Ask::Garde(DayIx(1)),
        Ask::NoGarde(DayIx(2)),
        Ask::Astreinte(DayIx(3)),
        Ask::NoAstreinte(DayIx(4)),
        Ask::Work(HalfDay::new(DayIx(5), Half::Morning)),
        Ask::Off(HalfDay::new(DayIx(5), Half::Afternoon)),
        Ask::Consultation(HalfDay::new(DayIx(6), Half::Morning)),
        Ask::Slot(SlotIx(0)),
    ];
    let person = |dice: &mut Dice| PersonIx(dice.below(9) as u16);
    draft.requests.extend(asks.map(|ask| Request { person: person(&mut dice), ask }));
    draft.wishes.extend(asks.map(|ask| Wish {
        person: person(&mut dice),
        ask,
        weight: dice.below(9) as u16,
    }));
    draft.derogations = RuleId::ALL
        .map(|rule| Derogation { rule, person: person(&mut dice), day: DayIx(dice.below(10) as u16) })
        .to_vec();
    seats(&mut draft, &mut dice);
    let levels = Level::ALL.iter().cycle();
    draft.parameters.settings = RuleId::ALL
        .iter()
        .zip(levels)
        .map(|(rule, level)| RuleSetting { rule: *rule, level: *level, weight: dice.below(100) as i64 })
        .collect();
    draft.parameters.counter_weights = Counter::ALL.map(|counter| (counter, dice.below(50) as i64)).to_vec();
    draft.topology.specialties = 3;
    draft.topology.room_pairs = vec![(RoomIx(0), RoomIx(5))];
    draft.topology.sectors[0].skill_to_perform = Some(SkillIx(0));
    draft.topology.lines[0].site = Some(roster::problem::SiteIx(0));
    draft.topology.sector_pairs.push((SectorIx(1), SectorIx(2)));
    draft.people[0].incompatibilities = vec![
        Incompatibility { with: Counterpart::Person(PersonIx(7)), is_strict: dice.percent(50) },
        Incompatibility { with: Counterpart::Surgeon(SurgeonIx(1)), is_strict: dice.percent(50) },
        Incompatibility { with: Counterpart::Specialty(SpecialtyIx(2)), is_strict: dice.percent(50) },
    ];
    draft.shifts = shifts(&mut dice, draft.people.len());
    Problem::build(draft).unwrap()
}

fn shifts(dice: &mut Dice, people: usize) -> Shifts {
    let shift_type = |at: u16| ShiftType {
        id: format!("type-{at}"),
        minutes: 480 + 60 * at,
        forbidden_next: if at == 1 { vec![ShiftIx(0)] } else { Vec::new() },
    };
    let mut limits = |person: usize| ShiftLimits {
        minutes_min: 60,
        minutes_max: 9_000,
        stretch_min: 2,
        stretch_max: 5 + person as u16,
        rest_min: 3,
        weekends_max: 1,
        most: vec![4, 5 + dice.below(9) as u16],
    };
    let (person, day, shift) = (PersonIx(2), DayIx(3), ShiftIx(1));
    Shifts {
        types: (0..2).map(shift_type).collect(),
        covers: vec![ShiftCover { day, shift, required: 2, under_weight: 100, over_weight: 1 }],
        limits: (0..people).map(|person| (person % 3 != 1).then(|| limits(person))).collect(),
        pins: vec![ShiftPin { person, day, shift: None }],
        wishes: vec![ShiftWish { person, day, shift, is_wanted: true, weight: 7 }],
        published: vec![PublishedShift { person, day, shift: Some(shift), change_cost: 5 }],
    }
}

fn seats(draft: &mut Draft, dice: &mut Dice) {
    draft.pins.clear();
    draft.published.clear();
    for slot in 0..draft.slots.len() as u32 {
        let mut holder = || Some(PersonIx(dice.below(9) as u16)).filter(|person| person.0 > 1);
        if slot.is_multiple_of(3) {
            draft.pins.push(Pin { seat: Seat::performer(SlotIx(slot)), person: holder() });
        }
        if draft.slots[slot as usize].kind.is_theatre() {
            let seat = Seat::supervisor(SlotIx(slot));
            draft.published.push(Published { seat, person: holder(), change_cost: slot });
        }
    }
}

fn any_roster(problem: &Problem, seed: u64) -> Roster {
    let mut dice = Dice::new(seed);
    let mut roster = Roster::empty(problem);
    for slot in problem.slot_indices() {
        for seat in [Seat::performer(slot), Seat::supervisor(slot)] {
            if dice.percent(60) {
                roster.set(seat, Some(PersonIx(dice.below(problem.people().len()) as u16)));
            }
        }
    }
    for person in problem.person_indices().filter(|person| person.0 % 3 != 1) {
        for day in problem.day_indices() {
            roster.set_shift(person, day, dice.below(3) as u8);
        }
    }
    roster
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_problem_survives_the_wire(seed in any::<u64>()) {
        let problem = full(seed);
        let back = problem::decode(&problem::encode(&problem)).unwrap();
        prop_assert_eq!(problem.draft(), back.draft());
    }

    #[test]
    fn a_roster_survives_the_wire_and_json(seed in any::<u64>()) {
        let problem = full(seed);
        let roster = any_roster(&problem, seed);
        prop_assert_eq!(&problem::decode_roster(&problem::encode_roster(&roster), &problem).unwrap(), &roster);
        let text = problem::roster_to_json(&roster).unwrap();
        prop_assert_eq!(&problem::roster_from_json(&text, &problem).unwrap(), &roster);
    }

    #[test]
    fn a_score_survives_the_wire(levels in prop::array::uniform6(any::<i64>())) {
        let score = roster::Score::new(levels);
        prop_assert_eq!(problem::decode_score(&problem::encode_score(&score)), Some(score));
    }
}

#[test]
fn a_problem_survives_json() {
    for seed in 0..4 {
        let problem = full(seed);
        let back = problem::from_json(&problem::to_json(&problem).unwrap()).unwrap();
        assert_eq!(problem.draft(), back.draft());
    }
}

#[test]
fn a_department_survives_the_wire() {
    let problem = roster::testing::department(7);
    let back = problem::decode(&problem::encode(&problem)).unwrap();
    assert_eq!(problem.draft(), back.draft());
}

#[test]
fn every_violation_is_told_at_once_and_by_its_path() {
    let mut message = problem::encode(&full(1));
    message.days[2].weekday = 0;
    message.people[3].availability[5] = 99;
    message.people[3].history = None;
    message.people[0].incompatibilities[1].counterpart = None;
    message.slots[4].kind = None;
    message.pins[0].post = 0;
    message.wishes[0].ask = Some(pb::Ask::default());
    message.derogations[1].rule = "Z99".to_owned();
    if let Some(parameters) = &mut message.parameters {
        parameters.settings[3].level = 6;
        parameters.gardes_rolling_max = 256;
        parameters.counter_weights[2].counter = "NIGHTS".to_owned();
    }
    if let Some(topology) = &mut message.topology {
        topology.rooms[1].sector = 70_000;
        topology.sectors[2].limits = None;
        topology.lines[0].kind = 0;
    }
    if let Some(shifts) = &mut message.shifts {
        shifts.types[0].minutes = 70_000;
        shifts.limits[1].person = shifts.limits[0].person;
        shifts.limits[2].person = 9_999;
        shifts.covers[0].r#type = 80_000;
    }
    let mut fields: Vec<_> =
        problem::decode(&message).unwrap_err().into_iter().map(|found| found.field).collect();
    fields.sort();
    assert_eq!(
        fields,
        [
            "days[2].weekday",
            "derogations[1].rule",
            "parameters.counter_weights[2].counter",
            "parameters.gardes_rolling_max",
            "parameters.settings[3].level",
            "people[0].incompatibilities[1].counterpart",
            "people[3].availability[5]",
            "people[3].history",
            "pins[0].post",
            "shifts.covers[0].type",
            "shifts.limits[1]",
            "shifts.limits[2].person",
            "shifts.types[0].minutes",
            "slots[4].kind",
            "topology.lines[0].kind",
            "topology.rooms[1].sector",
            "topology.sectors[2].limits",
            "wishes[0].ask",
        ]
    );
}

#[test]
fn what_contradicts_itself_is_refused_too() {
    let mut message = problem::encode(&full(1));
    message.people[0].sites = vec![40];
    let violations = problem::decode(&message).unwrap_err();
    assert_eq!(violations[0].field, "people[0].sites");
    assert!(problem::decode(&pb::Problem::default()).is_err());
}

#[test]
fn a_roster_of_another_problem_is_refused() {
    let problem = full(1);
    let seat = |slot, post: pb::Post, person| pb::Seat { slot, post: post.into(), person };
    let seats = vec![
        seat(0, pb::Post::Performer, 0),
        seat(0, pb::Post::Performer, 1),
        seat(99_999, pb::Post::Performer, 0),
        seat(1, pb::Post::Unspecified, 0),
        seat(2, pb::Post::Performer, 65_535),
    ];
    let days = problem.days().len();
    let row = |person, shifts| pb::ShiftRow { person, shifts };
    let rows = vec![
        row(0, vec![1; days]),
        row(0, vec![1; days]),
        row(2, vec![1; days + 1]),
        row(3, vec![3; days]),
        row(900, vec![0; days]),
    ];
    let violations = problem::decode_roster(&pb::Roster { seats, rows }, &problem).unwrap_err();
    let fields: Vec<_> = violations.iter().map(|found| found.field.as_str()).collect();
    let expected = [
        "seats[1]",
        "seats[2].slot",
        "seats[3].post",
        "seats[4].person",
        "rows[1]",
        "rows[2].shifts",
        "rows[3].shifts",
        "rows[4].person",
    ];
    assert_eq!(fields, expected);
}

#[test]
fn json_that_the_contract_does_not_know_is_refused() {
    let text = problem::to_json(&full(1)).unwrap();
    for (found, put) in
        [("\"gardeMinutes\"", "\"gardeMinuts\""), ("\"WEEKDAY_MONDAY\"", "\"LUNDI\""), ("\"days\"", "days")]
    {
        assert!(text.contains(found), "{found}");
        let error = problem::from_json(&text.replacen(found, put, 1)).unwrap_err();
        assert!(matches!(error, problem::JsonError::Document(_)), "{error}");
    }
}
