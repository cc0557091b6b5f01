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
    fn what_is_said_of_a_person_alone_is_what_a_preview_says_but_for_the_staffing(seed in any::<u64>()) {
        let problem = testing::small(seed);
        let mut judge = Evaluator::new(&problem, &Roster::pinned(&problem));
        let mut dice = Dice::new(seed ^ 4);
        for _ in 0..300 {
            let (seat, person) = any_move(&problem, &mut dice);
            let Some(person) = person.filter(|_| judge.get(seat).is_none()) else {
                judge.set(seat, person);
                continue;
            };
            let (score, alone) = (judge.score(), judge.preview_alone(person, &[seat]));
            prop_assert_eq!(judge.score(), score);
            // Who supervises whom is staffing: it shows at the hard level of an anesthetist's room with a supervisor.
            let is_met = Post::ALL.iter().any(|post| judge.get(Seat { slot: seat.slot, post: *post }).is_some());
            if !is_met {
                let together = judge.preview(&[(seat, Some(person))]) - score;
                for level in [Level::Hard, Level::Change, Level::Balance] {
                    prop_assert_eq!(alone.level(level), together.level(level), "{:?} {:?}", seat, level);
                }
            }
            judge.set(seat, Some(person));
        }
        judge.check();
    }

    #[test]
    fn what_people_say_alone_of_a_half_day_adds_up(seed in any::<u64>()) {
        let problem = testing::small(seed);
        let mut judge = Evaluator::new(&problem, &Roster::pinned(&problem));
        let mut dice = Dice::new(seed ^ 8);
        let places = |judge: &Evaluator<'_>, dice: &mut Dice| {
            let moves = (0..8).map(|_| any_move(&problem, dice));
            let mut taken: Vec<(PersonIx, Seat)> = Vec::new();
            for (seat, person) in moves {
                if let Some(person) = person.filter(|_| judge.get(seat).is_none())
                    && !taken.iter().any(|own| own.1 == seat)
                {
                    taken.push((person, seat));
                }
            }
            taken
        };
        for _ in 0..20 {
            let mut taken = places(&judge, &mut dice);
            taken.sort_unstable();
            let before = judge.score();
            let mut alone = Score::ZERO;
            for own in taken.chunk_by(|one, other| one.0 == other.0) {
                let seats: Vec<Seat> = own.iter().map(|(_, seat)| *seat).collect();
                alone += judge.preview_alone(own[0].0, &seats);
            }
            for (person, seat) in &taken {
                judge.set(*seat, Some(*person));
            }
            let together = judge.score() - before;
            prop_assert_eq!(alone.level(Level::Balance), together.level(Level::Balance));
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
