//! Shifts under judgement: the running score is the recount's, alone and beside places.

use proptest::prelude::*;

use super::*;
use crate::{
    explain::Obstacle,
    problem::{Availability, Derogation, Draft, Problem, RuleSetting, SlotIx},
    rules::RuleId,
    score::Level,
    shifts::{Code, OFF, ShiftRule, Weights},
    testing,
    testing::{Dice, shifts_draft},
};

/// The small problem with a bit of everything, its nurses on shifts: months of both kinds.
fn mixed(seed: u64) -> Draft {
    let mut draft = testing::small_draft(seed);
    let of_shifts = shifts_draft(seed, draft.people.len(), 14, 2);
    draft.shifts = of_shifts.shifts;
    let days = draft.days.len() as u16;
    draft.shifts.pins.clear();
    draft.shifts.covers.retain(|own| own.day.0 < days);
    draft.shifts.wishes.retain(|own| own.day.0 < days);
    draft.shifts.published.retain(|own| own.day.0 < days);
    for (limits, person) in draft.shifts.limits.iter_mut().zip(&draft.people) {
        if person.is_locum {
            *limits = None;
        }
    }
    let rules = [RuleId::ShiftSuccession, RuleId::ShiftNotOpen, RuleId::ShiftStretchMax];
    for (at, rule) in rules.into_iter().enumerate() {
        let day = DayIx((seed % 7) as u16 + at as u16);
        draft.derogations.push(Derogation { rule, person: PersonIx(6), day });
    }
    draft
}

fn any_row(problem: &Problem, dice: &mut Dice) -> (PersonIx, DayIx, Vec<Code>) {
    let table = problem.shifts();
    let first = dice.below(table.days);
    let length = 1 + dice.below((table.days - first).min(5));
    let codes = (0..length).map(|_| dice.below(table.codes) as Code).collect();
    (PersonIx(dice.below(table.people()) as u16), DayIx(first as u16), codes)
}

fn any_place(problem: &Problem, dice: &mut Dice) -> (Seat, Option<PersonIx>) {
    let seat = Seat::performer(SlotIx(dice.below(problem.slots().len()) as u32));
    (seat, dice.percent(80).then(|| PersonIx(dice.below(problem.people().len()) as u16)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_running_score_is_the_recount_after_every_change(seed in any::<u64>()) {
        let problem = Problem::build(mixed(seed)).unwrap();
        let mut judge = Evaluator::checked(&problem, &Roster::published(&problem));
        let mut dice = Dice::new(seed);
        for _ in 0..100 {
            let (person, first, codes) = any_row(&problem, &mut dice);
            judge.set_shifts(person, first, &codes);
            let (seat, person) = any_place(&problem, &mut dice);
            judge.set(seat, person);
        }
        prop_assert_eq!(judge.sheet().rows(), judge.roster().rows());
    }

    #[test]
    fn a_preview_of_shifts_tells_the_score_and_leaves_no_trace(seed in any::<u64>()) {
        let problem = Problem::build(mixed(seed)).unwrap();
        let mut judge = Evaluator::new(&problem, &Roster::pinned(&problem));
        let mut dice = Dice::new(seed);
        for _ in 0..20 {
            let moves: Vec<_> = (0..3).map(|_| any_row(&problem, &mut dice)).collect();
            let asked: Vec<_> =
                moves.iter().map(|(person, first, codes)| ShiftMove { person: *person, first: *first, codes }).collect();
            let (score, roster) = (judge.score(), judge.roster().clone());
            let promised = judge.preview_shifts(&asked);
            prop_assert_eq!(judge.score(), score);
            prop_assert_eq!(judge.roster(), &roster);
            judge.check();
            for (person, first, codes) in &moves {
                judge.set_shifts(*person, *first, codes);
            }
            prop_assert_eq!(judge.score(), promised);
        }
    }

    #[test]
    fn whoever_can_work_adds_no_hard_breach(seed in any::<u64>()) {
        let problem = Problem::build(mixed(seed)).unwrap();
        let mut judge = Evaluator::new(&problem, &Roster::pinned(&problem));
        let mut dice = Dice::new(seed);
        for _ in 0..100 {
            let (seat, taker) = any_place(&problem, &mut dice);
            if taker.is_some_and(|person| judge.can_take(seat, person).is_ok()) {
                judge.set(seat, taker);
            }
            let hard = judge.score().level(Level::Hard);
            let (person, first, codes) = any_row(&problem, &mut dice);
            let verdict = judge.can_work(person, first, &codes);
            judge.check();
            if verdict.is_ok() {
                judge.set_shifts(person, first, &codes);
                prop_assert!(judge.score().level(Level::Hard) <= hard);
            }
        }
    }

    #[test]
    fn the_matches_and_the_holes_are_the_sheets(seed in any::<u64>()) {
        let problem = Problem::build(mixed(seed)).unwrap();
        let mut judge = Evaluator::new(&problem, &Roster::published(&problem));
        let mut dice = Dice::new(seed);
        for _ in 0..10 {
            let (person, first, codes) = any_row(&problem, &mut dice);
            judge.set_shifts(person, first, &codes);
        }
        let analysis = explain::analyze(&problem, judge.roster());
        let sum = analysis.rules.iter().fold(Score::ZERO, |sum, report| sum + report.cost);
        prop_assert_eq!(sum, analysis.score);
        let missing: i64 =
            analysis.shift_holes.iter().map(|hole| i64::from(hole.required - hole.present)).sum();
        let (wanted, covered) = analysis.shift_coverage.iter().fold((0, 0), |(wanted, covered), own| {
            (wanted + i64::from(own.required), covered + i64::from(own.covered))
        });
        prop_assert_eq!(missing, wanted - covered);
        for hole in &analysis.shift_holes {
            prop_assert!(hole.takers > 0 || !hole.obstacles.is_empty(), "{:?}", hole);
        }
        // Each missing person weighs 100 in these drafts.
        prop_assert_eq!(missing * 100 * Score::UNIT, judge.sheet().amounts()[ShiftRule::Under]);
    }
}

/// A nurse alone on shifts, a garde the first day.
fn nurse() -> Problem {
    let mut draft = testing::small_draft(1);
    draft.shifts = shifts_draft(1, draft.people.len(), 14, 1).shifts;
    draft.pins.clear();
    (draft.shifts.pins, draft.shifts.published) = (Vec::new(), Vec::new());
    (draft.shifts.covers, draft.shifts.wishes) = (Vec::new(), Vec::new());
    draft.published.clear();
    draft.derogations.clear();
    draft.people.iter_mut().for_each(|person| {
        person.availability.fill(Availability::Working);
        person.history.gardes.clear();
        person.history.consecutive_days = 0;
    });
    for own in draft.shifts.limits.iter_mut().flatten() {
        (own.minutes_min, own.minutes_max) = (0, 10_000);
        (own.stretch_min, own.rest_min, own.most) = (1, 1, vec![14]);
    }
    Problem::build(draft).unwrap()
}

#[test]
fn a_shift_excludes_other_posts_and_is_no_rest_after_a_garde() {
    let problem = nurse();
    let mut judge = Evaluator::checked(&problem, &Roster::empty(&problem));
    let person = PersonIx(0);
    // The first slot is the garde of the first day.
    let garde = Seat::performer(SlotIx(0));
    judge.set(garde, Some(person));
    assert_eq!(judge.can_work(person, DayIx(0), &[1]), Err(Blocker { rule: RuleId::ShiftAlone }));
    assert_eq!(judge.can_work(person, DayIx(1), &[1]), Err(Blocker { rule: RuleId::RestAfterGarde }));
    assert_eq!(judge.can_work(person, DayIx(2), &[1]), Ok(()));
    judge.set(garde, None);
    judge.set_shifts(person, DayIx(1), &[1]);
    assert_eq!(judge.can_take(garde, person), Err(Blocker { rule: RuleId::RestAfterGarde }));
    judge.set_shifts(person, DayIx(0), &[1, OFF]);
    assert_eq!(judge.can_take(garde, person), Err(Blocker { rule: RuleId::ShiftAlone }));
}

#[test]
fn a_benchmarks_objective_is_the_preference_level() {
    let mut draft = shifts_draft(4, 6, 28, 3);
    let lightest = |rule| RuleSetting { rule, level: Level::Preference, weight: 1 };
    draft.shifts.published.clear();
    draft.parameters.settings = [RuleId::ShiftUnder, RuleId::ShiftOver, RuleId::Wish].map(lightest).to_vec();
    let problem = Problem::build(draft).unwrap();
    let judge = Evaluator::new(&problem, &Roster::pinned(&problem));
    let preference = judge.score().level(Level::Preference);
    assert!(preference > 0);
    assert_eq!(preference, judge.sheet().cost(&Weights::flat(0)));
    assert_eq!(judge.score().level(Level::Critical), 0);
}

#[test]
fn a_ward_without_people_is_all_holes() {
    let mut draft = shifts_draft(4, 2, 14, 2);
    draft.people.clear();
    let covers = std::mem::take(&mut draft.shifts.covers);
    draft.shifts = crate::problem::Shifts { types: draft.shifts.types, covers, ..Default::default() };
    let problem = Problem::build(draft).unwrap();
    let analysis = explain::analyze(&problem, &Roster::empty(&problem));
    assert!(!analysis.shift_holes.is_empty());
    let named = Obstacle { rule: RuleId::ShiftNotOpen, people: 0 };
    assert!(analysis.shift_holes.iter().all(|hole| hole.present == 0 && hole.obstacles == [named]));
}

#[test]
fn moves_of_shifts_show_in_what_differs() {
    let problem = nurse();
    let before = Roster::empty(&problem);
    let mut after = before.clone();
    after.set_shift(PersonIx(2), DayIx(3), 1);
    after.set_shift(PersonIx(4), DayIx(0), 1);
    let found = crate::diff::disruption(&before, &after);
    assert_eq!(found.people, [PersonIx(2), PersonIx(4)]);
    assert_eq!(found.changes, []);
    let shifts: Vec<_> =
        found.shifts.iter().map(|own| (own.person.0, own.day.0, own.before, own.after)).collect();
    assert_eq!(shifts, [(2, 3, OFF, 1), (4, 0, OFF, 1)]);
    let back = crate::diff::disruption(&after, &before);
    assert_eq!(back.stability_permille, 0);
}
