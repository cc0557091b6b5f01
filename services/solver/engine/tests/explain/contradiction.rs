//! What contradicts what.

use engine::explain::{Element, Outcome, Question, Relaxation, contradiction};
use roster::{
    Evaluator, Problem, Roster,
    problem::{
        Ask, DayIx, Half, HalfDay, LineKind, Pin, Post, Profession, Request, Seat, SectorCategory, SlotIx,
    },
};

use crate::{consultation, planned, support::World};

/// Whether any roster without a breach staffs all these slots.
fn can_all_be_staffed(problem: &Problem, demands: &[SlotIx]) -> bool {
    fn descend(judge: &mut Evaluator<'_>, seats: &[Seat]) -> bool {
        let problem = judge.problem();
        let Some((seat, rest)) = seats.split_first() else {
            return judge.score().is_feasible();
        };
        if problem.pin(*seat).is_some() {
            return descend(judge, rest);
        }
        let performer = judge.get(Seat::performer(seat.slot));
        let is_nurse = performer.is_some_and(|own| problem.person(own).profession == Profession::Iade);
        if seat.post == Post::Supervisor && !is_nurse {
            return descend(judge, rest);
        }
        problem.candidates(*seat).iter().any(|person| {
            judge.set(*seat, Some(*person));
            let found = descend(judge, rest);
            judge.set(*seat, None);
            found
        })
    }
    let mut judge = Evaluator::new(problem, &Roster::pinned(problem));
    let seats: Vec<Seat> =
        demands.iter().flat_map(|slot| Post::ALL.map(|post| Seat { slot: *slot, post })).collect();
    let of_theatre = |seat: &Seat| seat.post == Post::Performer || problem.slot(seat.slot).kind.is_theatre();
    let seats: Vec<Seat> = seats.into_iter().filter(of_theatre).collect();
    descend(&mut judge, &seats)
}

fn demands_of(elements: &[Element]) -> Vec<SlotIx> {
    let demand = |own: &Element| match own {
        Element::Demand(slot) => Some(*slot),
        _ => None,
    };
    elements.iter().filter_map(demand).collect()
}

#[test]
fn scenario_09_all_anesthetists_on_leave_on_15_august_the_leaves_are_named_and_calling_one_back_is_tried() {
    let mut world = World::new("2026-08-10", 14);
    let people = world.mars(8);
    for person in &people {
        world.leave(*person, [5]);
    }
    world.line(LineKind::Garde);
    let problem = world.build();
    let roster = planned(&problem, 3_000);
    let hole = SlotIx(5);
    assert_eq!(roster.performer(hole), None);
    let found = contradiction(&problem, &roster, &Question::Holes(vec![hole]), 200_000);
    let Outcome::Contradiction { elements, is_irreducible } = &found.outcome else { panic!("{found:?}") };
    assert!(is_irreducible);
    let leaves = elements.iter().filter(|own| matches!(own, Element::Absence(_, DayIx(5))));
    assert!(elements.contains(&Element::Demand(hole)) && leaves.count() > 0, "{elements:?}");
    assert!(
        found.relaxations.iter().any(|(own, _)| matches!(own, Relaxation::CallBack(_, DayIx(5)))),
        "{found:?}"
    );
    assert!(found.relaxations.is_sorted_by_key(|(_, price)| *price));
}

#[test]
fn three_consultations_and_two_anesthetists_contradict_each_other_and_closing_any_mends_the_rest() {
    let mut world = World::new("2026-06-02", 2);
    world.mars(2);
    let slots: Vec<SlotIx> = (0..3).map(|_| consultation(&mut world, 0, Half::Morning)).collect();
    consultation(&mut world, 1, Half::Morning);
    let problem = world.build();
    let roster = planned(&problem, 2_000);
    let hole = *slots.iter().find(|slot| roster.performer(**slot).is_none()).unwrap();
    let found = contradiction(&problem, &roster, &Question::Holes(vec![hole]), 200_000);
    let elements = slots.iter().map(|slot| Element::Demand(*slot)).collect();
    assert_eq!(found.outcome, Outcome::Contradiction { elements, is_irreducible: true });
    for slot in slots {
        assert!(found.relaxations.iter().any(|(own, _)| *own == Relaxation::Close(slot)), "{found:?}");
    }
}

#[test]
fn every_set_told_is_a_contradiction_and_none_without_any_one_of_its_demands() {
    let mut told = 0;
    for seed in 0..12 {
        let mut world = World::new("2026-06-02", 2);
        world.mars(3);
        world.iades(seed % 2);
        let rooms = world.sector(SectorCategory::Standard, 3);
        for day in 0..2 {
            for room in rooms.iter().take(1 + seed % 3) {
                world.theatre(day, Half::Morning, *room, None);
            }
            for _ in 0..1 + seed % 2 {
                consultation(&mut world, day, Half::Morning);
            }
        }
        world.line(LineKind::Garde);
        let problem = world.build();
        let roster = planned(&problem, 3_000);
        let holes = problem.slot_indices().filter(|slot| roster.performer(*slot).is_none());
        for hole in holes.collect::<Vec<_>>() {
            let found = contradiction(&problem, &roster, &Question::Holes(vec![hole]), 400_000);
            let elements = match &found.outcome {
                Outcome::Contradiction { elements, is_irreducible: true } => elements,
                other => panic!("seed {seed}: {other:?}"),
            };
            let demands = demands_of(elements);
            assert_eq!(demands.len(), elements.len(), "nobody is away and nothing locked");
            assert!(!can_all_be_staffed(&problem, &demands), "seed {seed}");
            for position in 0..demands.len() {
                let mut less = demands.clone();
                less.remove(position);
                assert!(can_all_be_staffed(&problem, &less), "seed {seed}: {demands:?} without {position}");
            }
            told += 1;
        }
    }
    assert!(told > 5, "{told}");
}

#[test]
fn a_lock_and_a_granted_request_are_named_with_the_demand_they_contradict() {
    let mut world = World::new("2026-06-02", 1);
    let people = world.mars(2);
    let locked = consultation(&mut world, 0, Half::Afternoon);
    let wanted = consultation(&mut world, 0, Half::Morning);
    // One consultation a day: the lock takes the first, the request keeps the second free in the morning.
    world.draft.pins.push(Pin { seat: Seat::performer(locked), person: Some(people[0]) });
    let morning = HalfDay::new(DayIx(0), Half::Morning);
    world.draft.requests.push(Request { person: people[1], ask: Ask::Off(morning) });
    let problem = world.build();
    let roster = Roster::pinned(&problem);
    let found = contradiction(&problem, &roster, &Question::Holes(vec![wanted]), 100_000);
    let expected = vec![Element::Lock(Seat::performer(locked)), Element::Request(0), Element::Demand(wanted)];
    assert_eq!(found.outcome, Outcome::Contradiction { elements: expected, is_irreducible: true });
    let offers: Vec<_> = found.relaxations.iter().map(|(own, _)| own).collect();
    assert!(offers.contains(&&Relaxation::Withdraw(0)), "{offers:?}");
    assert!(offers.contains(&&Relaxation::Close(wanted)), "{offers:?}");
}

#[test]
fn a_hole_somebody_can_fill_is_no_contradiction() {
    let mut world = World::new("2026-06-02", 1);
    let people = world.mars(2);
    let slots: Vec<SlotIx> = (0..2).map(|_| consultation(&mut world, 0, Half::Morning)).collect();
    let problem = world.build();
    let mut roster = Roster::empty(&problem);
    roster.set(Seat::performer(slots[0]), Some(people[0]));
    let found = contradiction(&problem, &roster, &Question::Holes(vec![slots[1]]), 100_000);
    let Outcome::Holds(after) = found.outcome else { panic!() };
    assert!(slots.iter().all(|slot| after.performer(*slot).is_some()));
}

#[test]
fn contradictory_locks_are_named_with_the_absence_they_hit_and_no_other() {
    let mut world = World::new("2026-06-01", 7);
    let people = world.mars(3);
    world.line(LineKind::Garde);
    world.leave(people[2], [5]);
    let lock = |day: u32, person| Pin { seat: Seat::performer(SlotIx(day)), person: Some(person) };
    // Two nights in a row by the same person; a lock over nothing.
    world.draft.pins = vec![lock(0, people[0]), lock(1, people[0]), lock(3, people[1])];
    let found = |world: &World| {
        let problem = Problem::build(world.draft.clone()).unwrap();
        contradiction(&problem, &Roster::pinned(&problem), &Question::Locks, 10_000)
    };
    let lock_of = |day: u32| Element::Lock(Seat::performer(SlotIx(day)));
    let expected = Outcome::Contradiction { elements: vec![lock_of(0), lock_of(1)], is_irreducible: true };
    assert_eq!(found(&world).outcome, expected);
    world.draft.pins = vec![lock(3, people[1]), lock(5, people[2])];
    let away = found(&world);
    let elements = vec![lock_of(5), Element::Absence(people[2], DayIx(5))];
    assert_eq!(away.outcome, Outcome::Contradiction { elements, is_irreducible: true });
    assert_eq!(away.relaxations[0].0, Relaxation::Unlock(Seat::performer(SlotIx(5))));
    world.draft.pins = vec![lock(3, people[1])];
    assert!(matches!(found(&world).outcome, Outcome::Holds(_)));
}
