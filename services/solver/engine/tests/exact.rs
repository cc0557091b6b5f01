//! Tiny cases against brute force: the search finds the best lawful roster there is.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use engine::{Options, solve};
use roster::{
    Evaluator, Problem, Roster, Score,
    problem::{Half, LineKind, PersonIx, Post, Profession, Seat, SectorCategory, SiteIx, SlotKind},
};
use support::World;

/// The best score over all rosters without a breach and without a nurse alone.
fn best_of_all(problem: &Problem) -> Score {
    let seats: Vec<(Seat, &[PersonIx])> = problem
        .slot_indices()
        .flat_map(|slot| Post::ALL.map(|post| Seat { slot, post }))
        .map(|seat| (seat, problem.candidates(seat)))
        .filter(|(_, candidates)| !candidates.is_empty())
        .collect();
    let mut judge = Evaluator::new(problem, &Roster::empty(problem));
    let mut best = None;
    descend(problem, &mut judge, &seats, &mut best);
    best.unwrap()
}

fn descend(
    problem: &Problem,
    judge: &mut Evaluator<'_>,
    seats: &[(Seat, &[PersonIx])],
    best: &mut Option<Score>,
) {
    let Some(((seat, candidates), rest)) = seats.split_first() else {
        let score = judge.score();
        if score.is_feasible()
            && !has_nurse_alone(problem, judge.roster())
            && best.is_none_or(|own| score < own)
        {
            *best = Some(score);
        }
        return;
    };
    for person in [None].into_iter().chain(candidates.iter().copied().map(Some)) {
        let before = judge.set(*seat, person);
        descend(problem, judge, rest, best);
        judge.set(*seat, before);
    }
}

fn has_nurse_alone(problem: &Problem, roster: &Roster) -> bool {
    problem.slot_indices().any(|slot| {
        problem.slot(slot).kind.is_theatre()
            && roster.supervisor(slot).is_none()
            && roster.performer(slot).is_some_and(|own| problem.person(own).profession == Profession::Iade)
    })
}

fn assert_exact(world: World) {
    let problem = world.build();
    let best = best_of_all(&problem);
    for seed in 0..5 {
        let options = Options { seed, steps: 20_000, ..Options::default() };
        let solution = solve(&problem, &options, &mut ());
        assert_eq!(solution.score, best, "seed {seed}");
    }
}

#[test]
fn five_gardes_among_three_people_are_placed_as_well_as_can_be() {
    let mut world = World::new("2026-06-04", 7);
    let people = world.mars(3);
    world.leave(people[0], 2..4);
    world.line(LineKind::Garde);
    assert_exact(world);
}

#[test]
fn gardes_and_astreintes_of_four_days_are_placed_as_well_as_can_be() {
    let mut world = World::new("2026-06-05", 4);
    world.mars(3);
    world.duties();
    assert_exact(world);
}

#[test]
fn three_rooms_and_a_consultation_are_staffed_as_well_as_can_be() {
    let mut world = World::new("2026-06-02", 1);
    world.mars(2);
    world.iades(1);
    let rooms = world.sector(SectorCategory::Standard, 3);
    for room in rooms {
        world.theatre(0, Half::Morning, room, None);
    }
    world.slot(0, SlotKind::Consultation { half: Half::Morning, site: SiteIx(0) });
    assert_exact(world);
}

#[test]
fn endoscopy_beside_standard_rooms_is_staffed_as_well_as_can_be() {
    let mut world = World::new("2026-06-02", 1);
    world.mars(1);
    world.iades(1);
    let standard = world.sector(SectorCategory::Standard, 1);
    let endoscopy = world.sector(SectorCategory::Endoscopy, 2);
    for half in Half::ALL {
        world.theatre(0, half, standard[0], None);
        world.theatre(0, half, endoscopy[0], None);
    }
    world.theatre(0, Half::Morning, endoscopy[1], None);
    assert_exact(world);
}
