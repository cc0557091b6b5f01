//! What a caller sees of a search.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::ops::ControlFlow;

use engine::{Observer, Options, Phase, Progress, solve};
use roster::{Evaluator, Problem, Roster, Score};
use support::{StopAt, small_team};

/// Writes down everything it is told.
struct Diary<'p> {
    problem: &'p Problem,
    phases: Vec<Phase>,
    checkpoints: Vec<(u64, Score)>,
    looks: Vec<u64>,
}

impl Observer for Diary<'_> {
    fn look(&mut self, progress: Progress<'_>) -> ControlFlow<()> {
        self.looks.push(progress.steps);
        ControlFlow::Continue(())
    }

    fn phase(&mut self, phase: Phase) {
        self.phases.push(phase);
    }

    fn improved(&mut self, progress: Progress<'_>, roster: &Roster) {
        assert_eq!(
            Evaluator::new(self.problem, roster).score(),
            *progress.best,
            "a checkpoint is what it says"
        );
        self.checkpoints.push((progress.steps, *progress.best));
    }
}

#[test]
fn checkpoints_get_better_and_the_last_one_is_the_solution() {
    let problem = small_team().build();
    let mut diary =
        Diary { problem: &problem, phases: Vec::new(), checkpoints: Vec::new(), looks: Vec::new() };
    let options = Options { steps: 2_000, ..Options::default() };
    let solution = solve(&problem, &options, &mut diary);
    assert_eq!(diary.phases, [Phase::Construct, Phase::Search, Phase::Done]);
    assert!(diary.checkpoints.len() > 2);
    assert!(diary.checkpoints.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[1].1 < pair[0].1));
    assert_eq!(diary.checkpoints.last().unwrap().1, solution.score);
    assert!(diary.looks.windows(2).all(|pair| pair[0] <= pair[1]), "steps only go up");
    assert_eq!(solution.statistics.steps, 2_000);
    assert_eq!(solution.statistics.moves.iter().map(|count| count.proposed).sum::<u64>(), 2_000);
}

#[test]
fn watching_changes_nothing_and_a_stop_ends_the_search_at_once() {
    let problem = small_team().build();
    let options = Options { steps: 1_000, ..Options::default() };
    let unwatched = solve(&problem, &options, &mut ());
    let watched = solve(&problem, &options, &mut StopAt { looks_left: usize::MAX });
    assert_eq!(unwatched, watched);
    let stopped = solve(&problem, &Options { steps: u64::MAX, ..options }, &mut StopAt { looks_left: 50 });
    assert!(stopped.statistics.was_stopped);
}
