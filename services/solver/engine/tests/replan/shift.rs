//! Shifts of somebody who is away.

use engine::{
    Options,
    replan::{ChangeBudget, Span, Warm, absence_of_shifts},
    solve,
};
use roster::{
    Evaluator, Level, Problem, Score,
    problem::{DayIx, PersonIx},
    testing::shifts_draft,
};

/// The best of all rosters that differ from this one in at most so many days of others.
fn best_of_shifts(
    judge: &mut Evaluator<'_>,
    absent: PersonIx,
    hard_max: i64,
    from: usize,
    left: usize,
) -> Score {
    let problem = judge.problem();
    let (days, codes) = (problem.days().len(), problem.shifts().codes);
    let own = judge.score();
    let mut best = if own.level(Level::Hard) <= hard_max { own } else { Score::at(Level::Hard, i64::MAX) };
    if left == 0 {
        return best;
    }
    for cell in from..problem.people().len() * days {
        let (person, day) = (PersonIx::of(cell / days).unwrap(), DayIx::of(cell % days).unwrap());
        let now = judge.sheet().row(person.at())[day.at()];
        let allowed = problem.shifts().allowed(person.at(), day.at());
        for code in (0..codes as u8).filter(|code| *code != now && allowed >> code & 1 == 1) {
            if person != absent {
                judge.set_shifts(person, day, &[code]);
                best = best.min(best_of_shifts(judge, absent, hard_max, cell + 1, left - 1));
                judge.set_shifts(person, day, &[now]);
            }
        }
    }
    best
}

#[test]
fn shifts_that_fall_are_made_up_for_as_well_as_can_be_with_so_few_changes() {
    let mut asked = 0;
    for seed in 0..6 {
        let mut draft = shifts_draft(seed, 5, 7, 2);
        draft.shifts.published.clear();
        let problem = Problem::build(draft).unwrap();
        let plan = solve(&problem, &Options { seed: 1, steps: 20_000, ..Options::default() }, &mut ()).roster;
        let warm = Warm::new(&problem, &plan);
        for person in problem.person_indices() {
            let day = DayIx(3);
            let budget = ChangeBudget { changes_max: 2, steps: 500_000, ..ChangeBudget::default() };
            let found = absence_of_shifts(&warm, person, Span::days(day, day), &budget);
            if found.fallen.is_empty() {
                continue;
            }
            assert_eq!(found.complete_up_to, Some(2));
            let mut judge = Evaluator::new(&problem, &plan);
            judge.set_shifts(person, day, &[0]);
            let base = judge.score();
            let critical = base.level(Level::Critical);
            let expected = best_of_shifts(&mut judge, person, base.level(Level::Hard), 0, 2);
            let best = found.alternatives.first().unwrap();
            for change in best.changes.iter().filter(|change| change.person != person) {
                assert_eq!(judge.set_shifts(change.person, change.day, &[change.after]), [change.before]);
            }
            assert_eq!(judge.score() - base, best.difference);
            assert!(judge.score().level(Level::Hard) <= base.level(Level::Hard));
            let fell = warm.score().level(Level::Critical);
            // What was missing before is another matter: it may be made up for, but need not be.
            let need = expected.level(Level::Critical).max(fell.min(critical));
            assert!(judge.score().level(Level::Critical) <= need, "seed {seed}, {person:?}: {best:?}");
            asked += 1;
        }
    }
    assert!(asked > 5, "{asked}");
}
