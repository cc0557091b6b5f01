//! Tasks: leased, searched, reported, saved, handed in; cancelled, lost, interrupted.

use std::time::Duration;

use chassis::testing::eventually;
use proto::event::v1::Envelope;
use proto::planning::v1::complete_task_request::Outcome;
use proto::solver::v1::solution::EndReason;
use roster::Level;
use tokio::time::Instant;

use crate::{World, endless, judge, problem, quick, steps};

#[tokio::test]
async fn a_waiting_task_is_searched_and_handed_in() {
    let world = World::fresh();
    world.desk.put(crate::problem(), steps(2_000));
    let _solver = world.solver().await;
    let solution = eventually("a solution", async || world.desk.solution()).await;
    let problem = roster::testing::small(3);
    let pins_only = roster::evaluator::Evaluator::new(&problem, &roster::Roster::pinned(&problem)).score();
    assert!(
        judge(&solution).level(Level::Hard) <= pins_only.level(Level::Hard),
        "no hard rule broken but by pins"
    );
    assert_eq!(solution.end_reason(), EndReason::StepLimit);
    assert_eq!((solution.seed, solution.steps), (7, 2_000));
    let seen = world.desk.seen();
    assert_eq!((seen.leases, seen.completions.len()), (1, 1));
    assert_eq!(seen.completions[0].attempt, 1);
}

#[tokio::test]
async fn the_same_seed_and_steps_give_the_same_roster() {
    let mut found = Vec::new();
    for _ in 0..2 {
        let world = World::fresh();
        world.desk.put(problem(), steps(3_000));
        let _solver = world.solver().await;
        let solution = eventually("a solution", async || world.desk.solution()).await;
        found.push((solution.roster, solution.score, solution.steps));
    }
    assert_eq!(found[0], found[1]);
}

#[tokio::test]
async fn time_ends_a_search_without_a_budget_of_steps() {
    let world = World::fresh();
    let time_limit = Some(prost_types::Duration { seconds: 0, nanos: 100_000_000 });
    world.desk.put(problem(), proto::solver::v1::SolveOptions { time_limit, ..steps(0) });
    let _solver = world.solver().await;
    let solution = eventually("a solution", async || world.desk.solution()).await;
    judge(&solution);
    assert_eq!(solution.end_reason(), EndReason::TimeLimit);
}

#[tokio::test]
async fn a_cancelled_search_hands_in_its_best_at_once() {
    let world = World::fresh();
    world.desk.put(problem(), endless());
    let _solver = world.solver_with(crate::Config { report_ms: 500, ..quick() }, "planning").await;
    eventually("a checkpoint", async || world.desk.seen().checkpoints.first().cloned()).await;
    world.desk.cancel();
    let cancelled = Instant::now();
    let solution = eventually("a solution", async || world.desk.solution()).await;
    assert!(cancelled.elapsed() < Duration::from_secs(1), "{:?}", cancelled.elapsed());
    judge(&solution);
    assert_eq!(solution.end_reason(), EndReason::Cancelled);
}

#[tokio::test]
async fn progress_grows_and_carries_the_best_score() {
    let world = World::fresh();
    world.desk.put(problem(), endless());
    let _solver = world.solver().await;
    let reports = eventually("reports of a roster", async || {
        let reports = world.desk.seen().reports;
        (reports.iter().filter(|report| report.best_score.is_some()).count() > 3).then_some(reports)
    })
    .await;
    assert!(reports.is_sorted_by_key(|report| report.steps));
    let scores: Vec<_> =
        reports.iter().filter_map(|report| problem::decode_score(report.best_score.as_ref()?)).collect();
    assert!(scores.is_sorted_by(|one, next| one >= next), "the best never gets worse");
}

#[tokio::test]
async fn a_killed_solver_is_followed_by_one_that_goes_on_from_its_checkpoint() {
    let world = World::fresh();
    world.desk.put(problem(), endless());
    let first = world.solver().await;
    let saved = eventually("a checkpoint", async || world.desk.seen().checkpoints.last().cloned()).await;
    drop(first);
    assert!(world.desk.seen().completions.is_empty(), "the killed solver says nothing any more");
    world.desk.expire();
    let _second = world.solver().await;
    let report = eventually("the second attempt's report", async || {
        let reports = world.desk.seen().reports;
        reports.into_iter().find(|report| report.attempt > saved.attempt && report.best_score.is_some())
    })
    .await;
    let judged = roster::testing::small(3);
    let checkpoint = problem::decode_roster(saved.roster.as_ref().unwrap(), &judged).unwrap();
    let before = roster::evaluator::Evaluator::new(&judged, &checkpoint).score();
    let after = problem::decode_score(report.best_score.as_ref().unwrap()).unwrap();
    assert!(after <= before, "{after} is not worse than the checkpoint's {before}");
}

#[tokio::test]
async fn a_solver_that_goes_down_saves_its_roster_and_hands_in_nothing() {
    let world = World::fresh();
    world.desk.put(problem(), endless());
    let solver = world.solver_with(crate::Config { checkpoint_ms: 3_600_000, ..quick() }, "planning").await;
    eventually("the first checkpoint", async || world.desk.seen().checkpoints.first().cloned()).await;
    drop(solver.stop);
    eventually("the last checkpoint", async || world.desk.seen().checkpoints.get(1).cloned()).await;
    assert!(world.desk.seen().completions.is_empty());
}

#[tokio::test]
async fn who_lost_the_lease_hands_in_nothing() {
    let world = World::fresh();
    world.desk.put(problem(), endless());
    let _solver = world.solver().await;
    eventually("a report", async || world.desk.seen().reports.first().cloned()).await;
    world.desk.give_away();
    // The thread is free again only once the lost search has ended.
    world.desk.put(problem(), steps(500));
    let solution = eventually("the next task's solution", async || world.desk.solution()).await;
    assert_eq!(solution.end_reason(), EndReason::StepLimit);
    assert_eq!(world.desk.seen().completions.len(), 1);
}

#[tokio::test]
async fn a_result_waits_for_planning_to_come_back() {
    let world = World::fresh();
    world.desk.put(
        problem(),
        proto::solver::v1::SolveOptions {
            time_limit: Some(prost_types::Duration { seconds: 0, nanos: 300_000_000 }),
            ..steps(0)
        },
    );
    let _solver = world.solver().await;
    eventually("a report", async || world.desk.seen().reports.first().cloned()).await;
    world.desk.set_down(true);
    eventually("a result turned away", async || (world.desk.seen().turned_away > 0).then_some(())).await;
    assert!(world.desk.seen().completions.is_empty());
    world.desk.set_down(false);
    let solution = eventually("a solution", async || world.desk.solution()).await;
    assert_eq!(solution.end_reason(), EndReason::TimeLimit);
}

#[tokio::test]
async fn a_problem_that_is_not_valid_is_refused_with_its_first_fault() {
    let world = World::fresh();
    let mut broken = problem();
    broken.days[1].weekday = 0;
    world.desk.put(broken, steps(10));
    let _solver = world.solver().await;
    let completion =
        eventually("a completion", async || world.desk.seen().completions.first().cloned()).await;
    let Some(Outcome::Failure(failure)) = completion.outcome else { panic!("{completion:?}") };
    assert_eq!(failure.reason, "FIELD_VIOLATIONS");
    assert!(failure.message.contains("days[1].weekday"), "{}", failure.message);
}

#[tokio::test]
async fn the_bus_wakes_a_solver_long_before_it_would_look_by_itself() {
    let world = World::fresh();
    let _solver = world.solver_with(crate::Config { poll_ms: 3_600_000, ..quick() }, "planning").await;
    world.desk.put(problem(), steps(100));
    eventually("a solution", async || {
        world.bus.publish(solver::TOPIC, Envelope::default()).await.unwrap();
        world.desk.solution()
    })
    .await;
}
