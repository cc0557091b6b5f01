//! `SolverService`: for callers who wait.

use std::time::Duration;

use chassis::testing::{Local, eventually, with_token};
use chassis::{Peer, Role};
use proto::solver::v1 as pb;
use proto::solver::v1::solve_response::Event;
use proto::solver::v1::solver_service_client::SolverServiceClient;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::{World, endless, judge, problem, quick, steps};

fn client(solver: &Local) -> SolverServiceClient<Peer> {
    SolverServiceClient::new(solver.peer.clone())
}

fn request(options: pb::SolveOptions) -> pb::SolveRequest {
    pb::SolveRequest { problem: Some(problem()), options: Some(options), warm_start: None }
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}

#[tokio::test]
async fn a_caller_hears_progress_and_then_the_solution() {
    let world = World::fresh();
    let solver = world.solver().await;
    let mut stream = client(&solver).solve(request(steps(20_000))).await.unwrap().into_inner();
    let mut events = Vec::new();
    while let Some(answer) = stream.message().await.unwrap() {
        events.push(answer.event.unwrap());
    }
    let Some(Event::Solution(solution)) = events.pop() else { panic!("{events:?}") };
    judge(&solution);
    assert_eq!(solution.steps, 20_000);
    assert!(events.iter().all(|event| matches!(event, Event::Progress(_))));
}

#[tokio::test]
async fn a_warm_start_is_never_made_worse() {
    let world = World::fresh();
    let solver = world.solver().await;
    let solve = async |options, warm_start| {
        let request = pb::SolveRequest { warm_start, ..request(options) };
        let mut stream = client(&solver).solve(request).await.unwrap().into_inner();
        loop {
            if let Some(Event::Solution(solution)) = stream.message().await.unwrap().unwrap().event {
                return solution;
            }
        }
    };
    let first = solve(steps(5_000), None).await;
    let second = solve(steps(0x100), first.roster.clone()).await;
    assert!(judge(&second) <= judge(&first));
}

#[tokio::test]
async fn a_full_pool_says_when_to_come_back() {
    let world = World::fresh();
    // No searcher holds the one place for longer than it takes to see that nothing waits.
    let solver = world.solver_with(crate::Config { poll_ms: 3_600_000, ..quick() }, "planning").await;
    let mut stream = eventually("a place", async || {
        Some(client(&solver).solve(request(endless())).await.ok()?.into_inner())
    })
    .await;
    stream.message().await.unwrap().unwrap();
    let status = client(&solver).solve(request(steps(1))).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::ResourceExhausted, "SOLVER_BUSY"));
    assert!(status.get_details_retry_info().unwrap().retry_delay.unwrap() > Duration::ZERO);
    // Hanging up frees the place.
    drop(stream);
    eventually("a place", async || client(&solver).solve(request(steps(1))).await.ok()).await;
}

#[tokio::test]
async fn everything_wrong_with_a_request_is_told_at_once() {
    let world = World::fresh();
    let solver = world.solver().await;
    let mut sent = request(steps(0));
    if let Some(problem) = &mut sent.problem {
        problem.days[1].weekday = 0;
        problem.people[0].history = None;
    }
    let status = client(&solver).solve(sent).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "FIELD_VIOLATIONS"));
    let violations = status.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<_> = violations.into_iter().map(|violation| violation.field).collect();
    assert_eq!(fields, ["options", "problem.days[1].weekday", "problem.people[0].history"]);
    let long =
        pb::SolveOptions { time_limit: Some(prost_types::Duration { seconds: 3_600, nanos: 0 }), ..steps(0) };
    let status = client(&solver).solve(request(long)).await.unwrap_err();
    assert_eq!(status.get_details_bad_request().unwrap().field_violations[0].field, "options.time_limit");
}

#[tokio::test]
async fn the_catalog_comes_page_by_page_heaviest_level_first() {
    let world = World::fresh();
    let solver = world.solver().await;
    let mut rules = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::ListRulesRequest { page_size: 10, page_token };
        let page = client(&solver).list_rules(request).await.unwrap().into_inner();
        assert!(page.rules.len() <= 10);
        rules.extend(page.rules);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(rules.len(), roster::RuleId::COUNT);
    assert!(rules.is_sorted_by_key(|rule| rule.level));
    assert!(rules.iter().all(|rule| !rule.description.is_empty()));
    let request = pb::ListRulesRequest { page_size: 10, page_token: "nonsense".to_owned() };
    let status = client(&solver).list_rules(request).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "PAGE_TOKEN_INVALID"));
}

#[tokio::test]
async fn only_the_mesh_may_ask() {
    let world = World::fresh();
    let solver = world.solver().await;
    // The routes themselves, as a caller without a certificate reaches them.
    let outside = SolverServiceClient::new(solver.app.clone());
    let status = outside.clone().solve(request(steps(1))).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Unauthenticated, "TOKEN_MISSING"));
    let token = world.identity.token("h", "s-1", "MAR", &Role::ALL);
    let status = outside.clone().solve(with_token(request(steps(1)), &token)).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::PermissionDenied, "PERMISSION_DENIED"));
    let status = outside.clone().list_rules(pb::ListRulesRequest::default()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    let neighbor = world.solver_with(quick(), "leave").await;
    let status = client(&neighbor).solve(request(steps(1))).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
}
