//! Questions about one roster: replacements, leaves, why, why not, contradictions.

use chassis::Peer;
use chassis::testing::Local;
use proto::solver::v1 as pb;
use proto::solver::v1::explain_alternative_response::Verdict;
use proto::solver::v1::explain_assignment_response::Ground;
use proto::solver::v1::find_contradiction_response::Outcome;
use proto::solver::v1::solver_service_client::SolverServiceClient;
use roster::problem::{PersonIx, Post, Seat, SlotIx};
use roster::{Evaluator, Level, Problem, Roster};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::{World, problem};

fn client(solver: &Local) -> SolverServiceClient<Peer> {
    SolverServiceClient::new(solver.peer.clone())
}

/// The problem, a roster without a breach of its own, and what a call sends of them.
fn planned() -> (Problem, Roster) {
    let problem = problem::decode(&problem()).unwrap();
    let options = engine::Options { seed: 1, steps: 3_000, ..engine::Options::default() };
    let roster = engine::solve(&problem, &options, &mut ()).roster;
    (problem, roster)
}

fn sent(roster: &Roster) -> Option<pb::Roster> {
    Some(problem::encode_roster(roster))
}

fn seat(place: &pb::Place) -> Seat {
    let post = if place.post() == pb::Post::Supervisor { Post::Supervisor } else { Post::Performer };
    Seat { slot: SlotIx(place.slot), post }
}

fn place(slot: u32) -> pb::Place {
    pb::Place { slot, post: pb::Post::Performer.into() }
}

fn fields(status: &Status) -> Vec<String> {
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    let bad = status.get_details_bad_request().unwrap();
    bad.field_violations.into_iter().map(|violation| violation.field).collect()
}

/// Whoever holds a garde that is not locked, and its day.
fn on_garde(problem: &Problem, roster: &Roster) -> (PersonIx, u32) {
    let gardes = problem.slot_indices().filter(|slot| problem.slot(*slot).kind.is_garde());
    let open = gardes.filter(|slot| problem.pin(Seat::performer(*slot)).is_none());
    let mut held =
        open.filter_map(|slot| Some((roster.performer(slot)?, u32::from(problem.slot(slot).day.0))));
    held.next().unwrap()
}

#[tokio::test]
async fn somebody_away_on_a_garde_is_replaced_with_few_changes() {
    let world = World::fresh();
    let solver = world.solver().await;
    let (checked, roster) = planned();
    let (person, day) = on_garde(&checked, &roster);
    let span = Some(pb::HalfDaySpan { first_half_day: day * 2, last_half_day: day * 2 + 1 });
    let request = pb::SuggestReplacementsRequest {
        problem: Some(problem()),
        roster: sent(&roster),
        person: u32::from(person.0),
        span,
        budget: None,
    };
    let told = client(&solver).suggest_replacements(request.clone()).await.unwrap().into_inner();
    assert!(!told.fallen.is_empty() && !told.alternatives.is_empty());
    let inherited = Evaluator::new(&checked, &roster).score().level(Level::Hard);
    for alternative in &told.alternatives {
        let mut after = roster.clone();
        for change in &alternative.changes {
            let holder = change.after.map(|person| PersonIx(u16::try_from(person).unwrap()));
            let before = after.set(seat(change.place.as_ref().unwrap()), holder);
            assert_eq!(before.map(|person| u32::from(person.0)), change.before);
        }
        assert!(Evaluator::new(&checked, &after).score().level(Level::Hard) <= inherited);
    }
    let again = client(&solver).suggest_replacements(request.clone()).await.unwrap().into_inner();
    assert_eq!(told, again, "same request, same answer");
    let leave = pb::PreviewLeaveRequest {
        problem: request.problem,
        roster: request.roster,
        person: request.person,
        span,
        budget: None,
    };
    let effect = client(&solver).preview_leave(leave).await.unwrap().into_inner();
    let falls: Vec<_> = effect.falls.iter().map(|own| own.place).collect();
    assert_eq!(falls, told.fallen.into_iter().map(Some).collect::<Vec<_>>());
}

#[tokio::test]
async fn who_holds_a_place_and_who_does_not_is_explained_by_rules() {
    let world = World::fresh();
    let solver = world.solver().await;
    let (checked, roster) = planned();
    let (held, holder) = roster.held().find(|(seat, _)| checked.pin(*seat).is_none()).unwrap();
    let asked = pb::Place {
        slot: held.slot.0,
        post: if held.post == Post::Performer { pb::Post::Performer } else { pb::Post::Supervisor }.into(),
    };
    let request =
        pb::ExplainAssignmentRequest { problem: Some(problem()), roster: sent(&roster), place: Some(asked) };
    let told = client(&solver).explain_assignment(request).await.unwrap().into_inner();
    assert_eq!(told.person, u32::from(holder.0));
    assert_ne!(told.ground(), Ground::Unspecified);
    let ask = async |person: u32| {
        let request = pb::ExplainAlternativeRequest {
            problem: Some(problem()),
            roster: sent(&roster),
            place: Some(asked),
            person,
            ..pb::ExplainAlternativeRequest::default()
        };
        client(&solver).explain_alternative(request).await.unwrap().into_inner()
    };
    assert_eq!(ask(u32::from(holder.0)).await.verdict(), Verdict::Holds);
    for person in checked.person_indices().filter(|person| *person != holder) {
        let told = ask(u32::from(person.0)).await;
        match told.verdict() {
            Verdict::Never => assert!(roster::RuleId::from_code(&told.stopped_by).is_some()),
            Verdict::AtAPrice => {
                let Some(found) = told.counterfactual else { continue };
                let levels = found.difference.unwrap().levels;
                let rules = found.rules.iter().map(|rule| rule.difference.as_ref().unwrap().levels.clone());
                let sum = rules.fold(vec![0; Level::COUNT], |sum, own| {
                    sum.into_iter().zip(own).map(|(one, other)| one + other).collect()
                });
                assert_eq!(sum, levels);
            }
            other => panic!("{other:?}"),
        }
    }
    let ranked = pb::RecommendAssignmentsRequest {
        problem: Some(problem()),
        roster: sent(&roster),
        places: vec![asked],
    };
    let ranked = client(&solver).recommend_assignments(ranked).await.unwrap().into_inner();
    let candidates = &ranked.recommendations[0].candidates;
    assert!(candidates.iter().all(|own| own.person != u32::from(holder.0)));
}

#[tokio::test]
async fn a_hole_nobody_can_fill_is_explained_by_what_contradicts() {
    let world = World::fresh();
    let solver = world.solver().await;
    let (checked, roster) = planned();
    let hole = checked
        .slot_indices()
        .find(|slot| roster.performer(*slot).is_none() && checked.slot(*slot).weight > 0)
        .unwrap();
    let request = pb::FindContradictionRequest {
        problem: Some(problem()),
        roster: sent(&roster),
        holes: vec![hole.0],
        step_limit: 0,
    };
    let told = client(&solver).find_contradiction(request).await.unwrap().into_inner();
    match told.outcome() {
        Outcome::Contradiction => assert!(!told.elements.is_empty() && !told.relaxations.is_empty()),
        Outcome::Holds => assert!(told.roster.is_some()),
        Outcome::Unknown => assert!(told.steps > 0),
        Outcome::Unspecified => panic!("{told:?}"),
    }
    let locks = pb::FindContradictionRequest { problem: Some(problem()), ..Default::default() };
    let told = client(&solver).find_contradiction(locks).await.unwrap().into_inner();
    assert_ne!(told.outcome(), Outcome::Unspecified);
}

#[tokio::test]
async fn everything_wrong_with_a_question_is_told_at_once() {
    let world = World::fresh();
    let solver = world.solver().await;
    let (_, roster) = planned();
    let budget = pb::ChangeBudget {
        changes_max: 99,
        alternatives_max: 99,
        step_limit: u64::MAX,
        ..Default::default()
    };
    let request = pb::SuggestReplacementsRequest {
        problem: Some(problem()),
        roster: sent(&roster),
        person: 999,
        span: Some(pb::HalfDaySpan { first_half_day: 9, last_half_day: 3 }),
        budget: Some(budget),
    };
    let status = client(&solver).suggest_replacements(request).await.unwrap_err();
    let expected = [
        "person",
        "span.last_half_day",
        "budget.changes_max",
        "budget.alternatives_max",
        "budget.step_limit",
    ];
    assert_eq!(fields(&status), expected);
    let empty = pb::SuggestReplacementsRequest::default();
    let told = fields(&client(&solver).suggest_replacements(empty).await.unwrap_err());
    assert!(told.contains(&"roster".to_owned()) && told.contains(&"span".to_owned()), "{told:?}");
    let nowhere = pb::ExplainAssignmentRequest {
        problem: Some(problem()),
        roster: Some(pb::Roster::default()),
        place: Some(place(0)),
    };
    let status = client(&solver).explain_assignment(nowhere).await.unwrap_err();
    assert_eq!(fields(&status), ["place"]);
    let beyond = pb::ExplainAlternativeRequest {
        problem: Some(problem()),
        roster: sent(&roster),
        place: Some(pb::Place { slot: 1_000_000, post: 7 }),
        ..Default::default()
    };
    let status = client(&solver).explain_alternative(beyond).await.unwrap_err();
    assert_eq!(fields(&status), ["place.slot", "place.post"]);
    let many = pb::FindContradictionRequest {
        problem: Some(problem()),
        roster: sent(&roster),
        holes: vec![1_000_000; 11],
        step_limit: 0,
    };
    let status = client(&solver).find_contradiction(many).await.unwrap_err();
    assert_eq!(fields(&status).len(), 11);
    let nothing =
        pb::RecommendAssignmentsRequest { problem: Some(problem()), roster: sent(&roster), places: vec![] };
    let status = client(&solver).recommend_assignments(nothing).await.unwrap_err();
    assert_eq!(fields(&status), ["places"]);
}

#[tokio::test]
async fn shifts_that_fall_are_made_up_for() {
    let world = World::fresh();
    let solver = world.solver().await;
    let checked = roster::testing::shifts(4, 6, 7, 2);
    let options = engine::Options { seed: 1, steps: 5_000, ..engine::Options::default() };
    let roster = engine::solve(&checked, &options, &mut ()).roster;
    let (person, day, code) = roster.worked().next().unwrap();
    let request = pb::SuggestReplacementsRequest {
        problem: Some(problem::encode(&checked)),
        roster: sent(&roster),
        person: u32::from(person.0),
        span: Some(pb::HalfDaySpan {
            first_half_day: u32::from(day.0) * 2,
            last_half_day: u32::from(day.0) * 2 + 1,
        }),
        budget: None,
    };
    let told = client(&solver).suggest_replacements(request).await.unwrap().into_inner();
    let shifts = told.shifts.unwrap();
    let is_locked = shifts.locked_days == [u32::from(day.0)];
    let fell: Vec<_> = shifts.fallen.iter().map(|own| (own.day, own.shift)).collect();
    assert!(is_locked || fell == [(u32::from(day.0), u32::from(code))], "{shifts:?}");
    for own in &shifts.alternatives {
        let changed = own.changes.iter().filter(|change| change.person != u32::from(person.0));
        assert_eq!(u32::try_from(changed.count()).unwrap(), own.changes_count);
    }
}
