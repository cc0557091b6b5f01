//! What holds for every problem: generated small ones, counted again after every change.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use engine::{Options, Solution, solve};
use proptest::prelude::*;
use roster::{
    Evaluator, Level, Problem, Roster,
    problem::{Post, Profession, Seat},
    testing,
};
use support::{StopAt, small_team};

fn options(seed: u64, steps: u64) -> Options {
    Options { seed, steps, ..Options::default() }
}

/// No breach beyond those of the pins, every pin in its place, no nurse alone, and the score is the judge's.
fn assert_sound(problem: &Problem, solution: &Solution) {
    let judge = Evaluator::new(problem, &solution.roster);
    assert_eq!(judge.score(), solution.score, "the score is the judge's own");
    let inherited = Evaluator::new(problem, &Roster::pinned(problem)).score().level(Level::Hard);
    assert!(solution.score.level(Level::Hard) <= inherited, "{} but {inherited} inherited", solution.score);
    for slot in problem.slot_indices() {
        for post in Post::ALL {
            let seat = Seat { slot, post };
            if let Some(pinned) = problem.pin(seat) {
                assert_eq!(solution.roster.get(seat), pinned, "{seat:?} is pinned");
            }
        }
        let is_nurse = |person| problem.person(person).profession == Profession::Iade;
        let is_alone = problem.slot(slot).kind.is_theatre()
            && solution.roster.performer(slot).is_some_and(is_nurse)
            && solution.roster.supervisor(slot).is_none();
        let is_pinned = Post::ALL.into_iter().any(|post| problem.pin(Seat { slot, post }).is_some());
        assert!(!is_alone || is_pinned, "{slot:?}: a nurse alone");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_has_no_breach_of_its_own_and_pins_stay(world in 0_u64..1_000, seed: u64, steps in 0_u64..400) {
        let problem = testing::small(world);
        let solution = solve(&problem, &Options { is_checked: true, ..options(seed, steps) }, &mut ());
        assert_sound(&problem, &solution);
    }

    #[test]
    fn a_plan_stopped_at_any_look_is_as_sound(world in 0_u64..1_000, seed: u64, looks_left in 0_usize..80) {
        let problem = testing::small(world);
        let solution = solve(&problem, &options(seed, 1_000_000), &mut StopAt { looks_left });
        prop_assert!(solution.statistics.was_stopped);
        assert_sound(&problem, &solution);
    }

    #[test]
    fn more_steps_never_make_it_worse_than_construction(world in 0_u64..1_000, seed: u64) {
        let problem = testing::small(world);
        let solution = solve(&problem, &options(seed, 500), &mut ());
        prop_assert!(solution.score <= solution.statistics.constructed);
    }

    #[test]
    fn a_search_from_a_checkpoint_is_never_worse_than_it(world in 0_u64..1_000, seed: u64) {
        let problem = testing::small(world);
        let checkpoint = solve(&problem, &options(seed, 300), &mut ());
        let again = Options { start: Some(checkpoint.roster.clone()), ..options(seed + 1, 300) };
        let solution = solve(&problem, &again, &mut ());
        assert_sound(&problem, &solution);
        prop_assert!(solution.score <= checkpoint.score);
    }

    #[test]
    fn a_start_full_of_breaches_is_cleaned(world in 0_u64..1_000, seed: u64) {
        let problem = testing::small(world);
        let mut start = Roster::empty(&problem);
        let mut rng = engine::Rng::new(seed);
        for slot in problem.slot_indices() {
            for post in Post::ALL {
                let seat = Seat { slot, post };
                start.set(seat, rng.pick(problem.candidates(seat)).copied());
            }
        }
        let solution = solve(&problem, &Options { start: Some(start), ..options(seed, 100) }, &mut ());
        assert_sound(&problem, &solution);
    }

    #[test]
    fn scenario_20_same_seed_same_input_twice_gives_the_identical_plan(world in 0_u64..1_000, seed: u64) {
        let solutions = [(); 2].map(|()| solve(&testing::small(world), &options(seed, 600), &mut ()));
        prop_assert_eq!(&solutions[0], &solutions[1]);
    }
}

#[test]
fn scenario_20_holds_for_a_team_and_another_seed_leads_elsewhere() {
    let solved = |seed| solve(&small_team().build(), &options(seed, 3_000), &mut ()).roster;
    assert_eq!(solved(1), solved(1));
    assert_ne!(solved(1), solved(2));
}

#[test]
fn a_problem_without_people_or_without_slots_is_solved_as_it_is() {
    let mut nobody = support::World::new("2026-06-01", 7);
    nobody.duties();
    let problem = nobody.build();
    let solution = solve(&problem, &options(1, 50), &mut ());
    assert_eq!(solution.roster, Roster::empty(&problem));

    let mut nothing = support::World::new("2026-06-01", 7);
    nothing.mars(2);
    let solution = solve(&nothing.build(), &options(1, 50), &mut ());
    assert_eq!(solution.score.level(Level::Critical), 0);
}
