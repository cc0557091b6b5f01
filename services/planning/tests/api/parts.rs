//! Tasks that are divided into parts and put together again.

use proto::{
    planning::v1::{self as pb, GeneratePlanMetadata, complete_task_request::Outcome},
    solver::v1 as solver,
};
use tonic_prost::prost::Message as _;

use crate::world::{self, World};

fn division(task: &pb::Task, round: i32, parts: i32) -> pb::DivideTaskRequest {
    let options = solver::SolveOptions { seed: 5, step_limit: 100, time_limit: None };
    pb::DivideTaskRequest {
        name: task.name.clone(),
        attempt: task.attempt,
        roster: world::solve(task).roster,
        round,
        parts: (0..parts)
            .map(|index| pb::divide_task_request::Part { index, options: Some(options) })
            .collect(),
        progress_percent: 50 * (round + 1),
    }
}

/// Hands in a part: some places of the whole roster.
async fn complete_part(world: &World, task: &pb::Task) -> world::Answer<()> {
    let index = task.part.as_ref().unwrap().index as usize;
    let mut found = world::solve(task);
    let seats = found.roster.unwrap().seats;
    let own = seats.into_iter().enumerate().filter(|(at, _)| at % 2 == index).map(|(_, seat)| seat);
    found.roster = Some(solver::Roster { seats: own.collect(), ..Default::default() });
    found.steps = 40;
    let outcome = Some(Outcome::Solution(found));
    let request = pb::CompleteTaskRequest { name: task.name.clone(), attempt: task.attempt, outcome };
    world.tasks().complete_task(request).await.map(tonic::Response::into_inner)
}

async fn metadata(world: &World, operation: &str) -> GeneratePlanMetadata {
    let any = world.operation(operation).await.metadata.unwrap();
    GeneratePlanMetadata::decode(any.value.as_slice()).unwrap()
}

#[tokio::test]
async fn a_divided_task_is_searched_by_many_and_put_together_by_one() {
    let world = World::new().await;
    world.planned().await;
    let operation = world.generate("", 1).await.unwrap();
    let whole = world.lease().await.unwrap();
    world.tasks().divide_task(division(&whole, 0, 2)).await.unwrap();
    world.tasks().divide_task(division(&whole, 0, 2)).await.unwrap();
    let (one, other) = (world.lease().await.unwrap(), world.lease().await.unwrap());
    assert!(world.lease().await.is_none(), "the whole waits for its two parts");
    assert_eq!([&one, &other].map(|part| part.part.as_ref().unwrap().index), [0, 1]);
    assert_eq!(one.problem, whole.problem);
    assert_eq!(one.warm_start, world::solve(&whole).roster, "parts start from the whole's roster");
    assert_eq!(metadata(&world, &operation.name).await.open_part_count, 2);

    complete_part(&world, &other).await.unwrap();
    complete_part(&world, &other).await.unwrap();
    assert!(world.lease().await.is_none());
    complete_part(&world, &one).await.unwrap();
    let again = world.lease().await.unwrap();
    assert_eq!((again.name.as_str(), again.rounds, again.attempt), (whole.name.as_str(), 1, 2));
    assert_eq!(again.part_results.iter().map(|own| own.index).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(again.spent.as_ref().unwrap().steps, 80);
    let seats: usize = again.part_results.iter().map(|own| own.roster.as_ref().unwrap().seats.len()).sum();
    assert_eq!(seats, world::solve(&whole).roster.unwrap().seats.len());

    // A second round, whose parts replace those of the first.
    world.tasks().divide_task(division(&again, 1, 1)).await.unwrap();
    let part = world.lease().await.unwrap();
    assert_eq!(part.part, Some(pb::TaskPart { index: 0, round: 1 }));
    complete_part(&world, &part).await.unwrap();
    let last = world.lease().await.unwrap();
    assert_eq!((last.rounds, last.part_results.len()), (2, 1));
    world.complete(&last).await.unwrap();
    assert_eq!(world.proposals().await.len(), 1);
    assert_eq!(metadata(&world, &operation.name).await.attempt, 1, "nobody was lost");
    assert!(world.lease().await.is_none());
}

#[tokio::test]
async fn a_lost_part_goes_on_from_its_checkpoint_under_a_new_token() {
    let world = World::new().await;
    world.planned().await;
    let operation = world.generate("", 1).await.unwrap();
    let whole = world.lease().await.unwrap();
    world.tasks().divide_task(division(&whole, 0, 1)).await.unwrap();
    let lost = world.lease().await.unwrap();
    let saved = pb::SaveCheckpointRequest {
        name: lost.name.clone(),
        attempt: lost.attempt,
        roster: Some(solver::Roster {
            seats: world::solve(&lost).roster.unwrap().seats[1..].to_vec(),
            ..Default::default()
        }),
        spent: Some(pb::TaskSpent { steps: 30, ..Default::default() }),
    };
    world.tasks().save_checkpoint(saved.clone()).await.unwrap();
    world.let_leases_run_out().await;
    let next = world.lease().await.unwrap();
    assert_eq!((next.name.as_str(), next.attempt), (lost.name.as_str(), 2));
    assert_eq!((next.warm_start.clone(), next.spent.as_ref().unwrap().steps), (saved.roster, 30));
    let late = complete_part(&world, &lost).await.unwrap_err();
    assert_eq!(world::reason(&late), "TASK_LOST");
    complete_part(&world, &next).await.unwrap();
    let again = world.lease().await.unwrap();
    assert_eq!(again.spent.unwrap().steps, 70);
    assert_eq!(metadata(&world, &operation.name).await.attempt, 2, "one solver was lost");
}

#[tokio::test]
async fn cancelling_a_divided_task_keeps_what_its_parts_found() {
    let world = World::new().await;
    world.planned().await;
    let operation = world.generate("", 1).await.unwrap();
    let whole = world.lease().await.unwrap();
    world.tasks().divide_task(division(&whole, 0, 2)).await.unwrap();
    let one = world.lease().await.unwrap();
    let request = pb::CancelOperationRequest { name: operation.name.clone() };
    world.client().cancel_operation(world.by("boss", request)).await.unwrap();
    let report =
        pb::ReportProgressRequest { name: one.name.clone(), attempt: one.attempt, ..Default::default() };
    assert!(world.tasks().report_progress(report).await.unwrap().into_inner().cancelled);
    complete_part(&world, &one).await.unwrap();
    let last = world.lease().await.unwrap();
    assert!(last.part_results[0].roster.is_some() && last.part_results[1].roster.is_none());
    world.complete(&last).await.unwrap();
    assert_eq!(world.proposals().await.len(), 1);
}

#[tokio::test]
async fn a_divided_task_that_no_solver_works_on_is_cancelled_at_once() {
    let world = World::new().await;
    world.planned().await;
    let operation = world.generate("", 1).await.unwrap();
    let whole = world.lease().await.unwrap();
    world.tasks().divide_task(division(&whole, 0, 2)).await.unwrap();
    let request = pb::CancelOperationRequest { name: operation.name.clone() };
    world.client().cancel_operation(world.by("boss", request)).await.unwrap();
    assert!(world.operation(&operation.name).await.done);
    assert!(world.lease().await.is_none());
    let late = world.tasks().divide_task(division(&whole, 0, 2)).await.unwrap_err();
    assert_eq!(world::reason(&late), "TASK_LOST");
}
