//! What stays as it is.

use engine::{
    Options,
    replan::{ChangeBudget, Freeze, Span, Stage, Warm, absence, freeze, keep},
    solve,
};
use roster::{
    Level, Problem, Roster,
    problem::{DayIx, LineKind, PersonIx, Pin, Post, Profession, Seat, SlotIx},
};

use crate::{
    published,
    support::{World, small_team},
};

#[test]
fn a_locked_place_of_the_absent_is_named_and_left() {
    let mut world = World::new("2026-06-01", 7);
    world.mars(5);
    world.line(LineKind::Garde);
    let seat = Seat::performer(SlotIx(2));
    world.draft.pins.push(Pin { seat, person: Some(PersonIx(1)) });
    let problem = world.build();
    let plan = Roster::pinned(&problem);
    let found = absence(
        &Warm::new(&problem, &plan),
        PersonIx(1),
        Span::days(DayIx(2), DayIx(2)),
        &ChangeBudget::default(),
    );
    assert_eq!((found.fallen, found.locked), (vec![], vec![seat]));
}

#[test]
fn what_is_frozen_stays_and_the_rest_is_searched() {
    type Case<'c> = (Freeze, Box<dyn Fn(Seat) -> bool + 'c>);
    let (problem, plan) = published(small_team(), 10_000);
    let stage = |slot| Stage::of(&problem.slot(slot).kind);
    let cases: Vec<Case<'_>> = vec![
        (
            Freeze { stages: vec![Stage::Gardes], ..Freeze::default() },
            Box::new(|seat| stage(seat.slot) == Stage::Gardes),
        ),
        (
            Freeze { outside: Some(Span::days(DayIx(7), DayIx(13))), ..Freeze::default() },
            Box::new(|seat| problem.slot(seat.slot).day < DayIx(7)),
        ),
        (Freeze { keeps_existing: true, ..Freeze::default() }, Box::new(|seat| plan.get(seat).is_some())),
        (
            Freeze { professions: vec![Profession::Iade], ..Freeze::default() },
            Box::new(|seat| {
                plan.get(seat).is_some_and(|own| problem.person(own).profession == Profession::Iade)
            }),
        ),
    ];
    for (what, stays) in cases {
        let pins = freeze(&problem, &plan, &what);
        assert!(!pins.is_empty());
        let again = Problem::build(keep(&problem, &plan, &what)).unwrap();
        let options = Options { seed: 9, steps: 3_000, start: Some(plan.clone()), ..Options::default() };
        let solution = solve(&again, &options, &mut ());
        assert_eq!(solution.score.level(Level::Hard), 0, "{what:?}");
        let seats = problem.slot_indices().flat_map(|slot| Post::ALL.map(|post| Seat { slot, post }));
        for seat in seats.filter(|seat| stays(*seat)) {
            assert_eq!(solution.roster.get(seat), plan.get(seat), "{what:?}");
        }
    }
}
