//! The running score is the recount's, whatever the moves.

use proptest::prelude::*;

use super::*;
use crate::{
    problem::{Post, Problem, SlotIx},
    score::Level,
    testing,
    testing::Dice,
};

/// A place and somebody or nobody, from dice: mostly people who could hold it, sometimes anybody.
fn any_move(problem: &Problem, dice: &mut Dice) -> (Seat, Option<PersonIx>) {
    let slot = SlotIx(dice.below(problem.slots().len()) as u32);
    let post =
        if problem.look(slot).is_theatre() && dice.percent(40) { Post::Supervisor } else { Post::Performer };
    let seat = Seat { slot, post };
    let candidates = problem.candidates(seat);
    let person = match dice.below(10) {
        0 | 1 => None,
        2 | 3 => Some(PersonIx(dice.below(problem.people().len()) as u16)),
        _ if candidates.is_empty() => None,
        _ => Some(candidates[dice.below(candidates.len())]),
    };
    (seat, person)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_running_score_is_the_recount_after_every_move(seed in any::<u64>()) {
        let problem = testing::small(seed);
        let mut judge = Evaluator::checked(&problem, &Roster::pinned(&problem));
        let mut dice = Dice::new(seed ^ 1);
        for _ in 0..400 {
            let (seat, person) = any_move(&problem, &mut dice);
            judge.set(seat, person);
        }
    }

    #[test]
    fn undoing_gives_back_the_score_and_the_roster(seed in any::<u64>()) {
        let problem = testing::small(seed);
        let mut judge = Evaluator::new(&problem, &Roster::published(&problem));
        let (score, roster) = (judge.score(), judge.roster().clone());
        let mut dice = Dice::new(seed ^ 2);
        let mut done = Vec::new();
        for _ in 0..200 {
            let (seat, person) = any_move(&problem, &mut dice);
            done.push((seat, judge.set(seat, person)));
        }
        for (seat, before) in done.into_iter().rev() {
            judge.set(seat, before);
        }
        prop_assert_eq!(judge.score(), score);
        prop_assert_eq!(judge.roster(), &roster);
        judge.check();
    }

    #[test]
    fn a_preview_says_what_the_moves_do_and_leaves_no_trace(seed in any::<u64>()) {
        let problem = testing::small(seed);
        let mut judge = Evaluator::new(&problem, &Roster::pinned(&problem));
        let mut dice = Dice::new(seed ^ 3);
        for _ in 0..50 {
            let moves: Vec<_> = (0..3).map(|_| any_move(&problem, &mut dice)).collect();
            let (score, roster) = (judge.score(), judge.roster().clone());
            let promised = judge.preview(&moves);
            prop_assert_eq!(judge.score(), score);
            prop_assert_eq!(judge.roster(), &roster);
            for (seat, person) in moves {
                judge.set(seat, person);
            }
            prop_assert_eq!(judge.score(), promised);
        }
    }

    #[test]
    fn whoever_can_take_a_place_adds_no_hard_breach(seed in any::<u64>()) {
        let problem = testing::small(seed);
        let mut judge = Evaluator::new(&problem, &Roster::pinned(&problem));
        let mut dice = Dice::new(seed ^ 4);
        let mut refusals = 0;
        for _ in 0..400 {
            let (seat, person) = any_move(&problem, &mut dice);
            let Some(person) = person else { continue };
            let hard = judge.score().level(Level::Hard);
            match judge.can_take(seat, person) {
                Ok(()) => {
                    judge.set(seat, Some(person));
                    prop_assert!(judge.score().level(Level::Hard) <= hard);
                }
                Err(_) => refusals += 1,
            }
        }
        prop_assert!(refusals > 0, "a judge that refuses nothing is not tested");
        judge.check();
    }

    #[test]
    fn candidates_are_exactly_those_no_static_rule_refuses(seed in any::<u64>()) {
        let problem = testing::small(seed);
        for slot in problem.slot_indices() {
            for post in Post::ALL {
                let seat = Seat { slot, post };
                for person in problem.person_indices() {
                    let mut refused = Breaches::new(&problem);
                    rules::fits_alone(&problem, seat, person, &mut refused);
                    let fits = refused.by_rule.iter().all(|amount| *amount == 0);
                    prop_assert_eq!(problem.candidates(seat).contains(&person), fits, "{:?} {:?}", seat, person);
                }
            }
        }
    }
}

#[test]
fn a_department_is_judged_the_same_way_twice() {
    let (one, other) = (testing::department(7), testing::department(7));
    assert_eq!(one.draft(), other.draft());
    let mut judge = Evaluator::checked(&one, &Roster::pinned(&one));
    let mut dice = Dice::new(7);
    for _ in 0..60 {
        let (seat, person) = any_move(&one, &mut dice);
        judge.set(seat, person);
    }
}
