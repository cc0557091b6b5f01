//! Leave against publication: whichever comes first, no approved leave lies under a published duty unseen, and nobody has
//! a duty on a day without duties.

use chassis::testing::eventually;
use mathildanesth::demo::{
    self,
    story::{Step, Story},
};
use proto::{
    leave::v1::{
        ApproveLeaveRequest, ApproveUnavailabilityRequest, CancelUnavailabilityRequest, CreateLeaveRequest,
        CreateUnavailabilityRequest, GetLeaveRequest, Leave, Recurrence, Unavailability, leave::State,
        recurrence, unavailability,
    },
    planning::v1::{
        AnalyzePlanRequest, Assignment, GetPlanRequest, ListAssignmentsRequest, UpdateAssignmentRequest,
        shift::Kind,
    },
};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{AllInOne, PATIENCE, play};

/// A full-timer who asks for no leave.
const DOCTOR: &str = "mar06@tilleuls.example";

fn reason(status: &Status) -> String {
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

async fn told(whole: &AllInOne, last: Step) -> Story {
    let mut story = Story::new(demo::setting(&play(), &whole.address(), None, PATIENCE).unwrap(), |_| ());
    for step in Step::ALL.into_iter().filter(|step| *step <= last) {
        story.play(step).await.unwrap();
    }
    story
}

/// A garde on a weekday of somebody who has no leave yet, with that person's e-mail address.
async fn garde(story: &Story) -> (String, Assignment) {
    let administrator = story.administrator();
    let request = ListAssignmentsRequest {
        parent: story.outcome.plan.name.clone(),
        page_size: 1000,
        ..Default::default()
    };
    let assignments =
        administrator.planning().list_assignments(request).await.unwrap().into_inner().assignments;
    let is_free = |email: &str| !story.outcome.leaves.iter().any(|(other, _)| other == email);
    assignments
        .into_iter()
        .filter(|assignment| assignment.kind() == Kind::Garde)
        .find_map(|assignment| {
            let date = assignment.date?;
            let day = calendar::Day::new(date.year, date.month, date.day).ok()?;
            let person =
                story.outcome.people.values().find(|person| person.name == assignment.staff_member)?;
            let works = (10..24).contains(&day.day()) && !day.is_weekend();
            (works && is_free(&person.email)).then(|| (person.email.clone(), assignment))
        })
        .unwrap()
}

async fn ask_for_the_day(story: &Story, email: &str, assignment: &Assignment) -> Leave {
    let visitor = story.visitor(email).unwrap();
    let leave = Leave {
        leave_type: "hospitals/tilleuls/leaveTypes/cp".to_owned(),
        first_date: assignment.date,
        last_date: assignment.date,
        ..Default::default()
    };
    let request = CreateLeaveRequest {
        parent: assignment.staff_member.clone(),
        leave: Some(leave),
        request_id: uuid::Uuid::new_v4().to_string(),
        validate_only: false,
    };
    visitor.leave().create_leave(request).await.unwrap().into_inner()
}

async fn approve(story: &Story, leave: &Leave, validate_only: bool) -> Result<Leave, Status> {
    let request = ApproveLeaveRequest { validate_only, ..approval(leave) };
    Ok(story.administrator().leave().approve_leave(request).await?.into_inner())
}

fn approval(leave: &Leave) -> ApproveLeaveRequest {
    ApproveLeaveRequest {
        name: leave.name.clone(),
        etag: leave.etag.clone(),
        request_id: uuid::Uuid::new_v4().to_string(),
        ..Default::default()
    }
}

async fn analysis_is_stale(story: &Story) -> bool {
    let request = GetPlanRequest { name: story.outcome.plan.name.clone() };
    let plan = story.administrator().planning().get_plan(request).await.unwrap().into_inner();
    plan.analysis.is_some_and(|analysis| analysis.stale)
}

/// The person cannot take duties that day; an administrator allows it although there is one.
async fn takes_no_duty(story: &Story, email: &str, assignment: &Assignment) {
    let unavailability = Unavailability {
        scope: unavailability::Scope::Both.into(),
        first_date: assignment.date,
        last_date: assignment.date,
        ..Default::default()
    };
    let request = CreateUnavailabilityRequest {
        parent: assignment.staff_member.clone(),
        unavailability: Some(unavailability),
        ..Default::default()
    };
    let entered =
        story.visitor(email).unwrap().leave().create_unavailability(request).await.unwrap().into_inner();
    assert_eq!(entered.state(), unavailability::State::Pending, "it meets the garde");
    let request = ApproveUnavailabilityRequest {
        name: entered.name,
        etag: entered.etag,
        comment: String::new(),
        request_id: String::new(),
    };
    let approved = story.administrator().leave().approve_unavailability(request).await.unwrap().into_inner();
    assert_eq!(approved.state(), unavailability::State::Approved);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leave_approved_after_adoption_stops_the_publication_until_the_plan_respects_it() {
    let whole = AllInOne::start();
    let mut story = told(&whole, Step::Adopt).await;
    let (email, assignment) = garde(&story).await;
    let leave = ask_for_the_day(&story, &email, &assignment).await;
    let leave = approve(&story, &leave, false).await.unwrap();
    assert_eq!(leave.state(), State::Approved);

    let refused = story.play(Step::Publish).await.unwrap_err();
    assert!(
        ["ABSENCES_MOVED", "PLAN_HAS_HARD_VIOLATIONS"].contains(&reason(&refused).as_str()),
        "{:?} {}",
        refused.code(),
        reason(&refused)
    );

    for step in [Step::Generate, Step::Adopt, Step::Publish, Step::Read] {
        story.play(step).await.unwrap();
    }
    let held = story
        .outcome
        .assignments
        .iter()
        .find(|a| a.staff_member == assignment.staff_member && a.date == assignment.date);
    assert!(held.is_none(), "{held:?} lies under an approved leave");
}

#[tokio::test(flavor = "multi_thread")]
async fn scenario_10_a_leave_over_a_published_garde_is_refused_until_the_garde_moves() {
    let whole = AllInOne::start();
    let mut story = told(&whole, Step::Read).await;
    let (email, assignment) = garde(&story).await;
    let leave = ask_for_the_day(&story, &email, &assignment).await;
    // Leave learns of publications by event: soon, not at once.
    eventually("leave knows the published garde", || async { approve(&story, &leave, true).await.err() })
        .await;
    let refused = approve(&story, &leave, false).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::FailedPrecondition, "LEAVE_OVER_PUBLISHED_DUTY")
    );
    let details = refused.get_error_details();
    assert!(!details.precondition_failure().unwrap().violations.is_empty(), "the duty is not named");
    let request = GetLeaveRequest { name: leave.name.clone() };
    let still = story.administrator().leave().get_leave(request).await.unwrap().into_inner();
    assert_eq!((still.state(), &still.etag), (State::Pending, &leave.etag), "a refusal changes nothing");

    // Somebody else gets the garde: the search gives it away, and the publication tells leave.
    takes_no_duty(&story, &email, &assignment).await;
    for step in [Step::Generate, Step::Adopt, Step::Publish] {
        story.play(step).await.unwrap();
    }
    eventually("leave knows that the garde moved", || async { approve(&story, &leave, true).await.ok() })
        .await;
    let approved = approve(&story, &leave, false).await.unwrap();
    assert_eq!((approved.state(), approved.decision.unwrap().is_forced), (State::Approved, false));
    eventually("the plan is marked", || async { analysis_is_stale(&story).await.then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_garde_published_after_the_request_blocks_it_too_and_what_is_forced_marks_the_plan() {
    let whole = AllInOne::start();
    let mut story = told(&whole, Step::Adopt).await;
    let (email, assignment) = garde(&story).await;
    let leave = ask_for_the_day(&story, &email, &assignment).await;
    approve(&story, &leave, true).await.unwrap();
    story.play(Step::Publish).await.unwrap();
    let refused =
        eventually("leave knows the published garde", || async { approve(&story, &leave, true).await.err() })
            .await;
    assert_eq!(reason(&refused), "LEAVE_OVER_PUBLISHED_DUTY");

    let forced = ApproveLeaveRequest {
        force: true,
        comment: "Remplacement trouvé par téléphone.".to_owned(),
        ..approval(&leave)
    };
    let forced = story.administrator().leave().approve_leave(forced).await.unwrap().into_inner();
    assert_eq!((forced.state(), forced.decision.unwrap().is_forced), (State::Approved, true));
    eventually("the plan is marked", || async { analysis_is_stale(&story).await.then_some(()) }).await;
    let request = AnalyzePlanRequest { name: story.outcome.plan.name.clone() };
    let analysis = story.administrator().planning().analyze_plan(request).await.unwrap().into_inner();
    assert!(analysis.hard_match_count > 0, "the garde under the leave is told");
    let refused = story.play(Step::Publish).await.unwrap_err();
    assert_eq!(reason(&refused), "PLAN_HAS_HARD_VIOLATIONS");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_begins_no_duty_on_days_without_duties_and_an_edit_that_does_is_told() {
    let whole = AllInOne::start();
    let mut story = told(&whole, Step::ApplyTemplate).await;
    let person = story.outcome.people[DOCTOR].name.clone();
    // Every Tuesday of the month.
    let recurrence = Recurrence {
        frequency: recurrence::Frequency::Weekly.into(),
        until_date: story.outcome.plan.last_date,
        ..Default::default()
    };
    let tuesdays = Unavailability {
        scope: unavailability::Scope::Both.into(),
        first_date: story.outcome.plan.first_date,
        last_date: story.outcome.plan.first_date,
        recurrence: Some(recurrence),
        ..Default::default()
    };
    let request = CreateUnavailabilityRequest {
        parent: person.clone(),
        unavailability: Some(tuesdays),
        ..Default::default()
    };
    let visitor = story.visitor(DOCTOR).unwrap().clone();
    let entered = visitor.leave().create_unavailability(request).await.unwrap().into_inner();
    assert_eq!(entered.state(), unavailability::State::Approved, "it meets nothing");

    for step in [Step::Generate, Step::Adopt, Step::Publish, Step::Read] {
        story.play(step).await.unwrap();
    }
    let is_tuesday = |own: &Assignment| own.date.is_some_and(|date| date.day % 7 == 1);
    let is_duty = |own: &Assignment| matches!(own.kind(), Kind::Garde | Kind::Astreinte);
    let all = &story.outcome.assignments;
    let own: Vec<&Assignment> = all.iter().filter(|own| own.staff_member == person).collect();
    assert!(own.iter().any(|own| is_duty(own)), "other days have duties");
    let on_tuesdays: Vec<&&Assignment> = own.iter().filter(|own| is_tuesday(own)).collect();
    assert!(on_tuesdays.iter().all(|own| !is_duty(own)), "{on_tuesdays:?}");
    assert!(!on_tuesdays.is_empty(), "the days themselves are worked");

    let garde = all.iter().find(|own| own.kind() == Kind::Garde && is_tuesday(own)).unwrap();
    let edit = UpdateAssignmentRequest {
        assignment: Some(Assignment { name: garde.name.clone(), staff_member: person, ..Default::default() }),
        validate_only: true,
        ..Default::default()
    };
    let told = story.administrator().planning().update_assignment(edit).await.unwrap().into_inner();
    assert!(told.violations.iter().any(|own| own.rule == "G19" && own.hard), "{:?}", told.violations);

    assert!(!analysis_is_stale(&story).await);
    let request = CancelUnavailabilityRequest { name: entered.name, ..Default::default() };
    visitor.leave().cancel_unavailability(request).await.unwrap();
    eventually("the plan is marked", || async { analysis_is_stale(&story).await.then_some(()) }).await;
}
