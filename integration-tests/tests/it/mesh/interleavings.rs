//! Leave against publication: whichever comes first, no approved leave lies under a published duty unseen.

use chassis::testing::eventually;
use mathildanesth::demo::{
    self,
    story::{Step, Story},
};
use proto::{
    leave::v1::{ApproveLeaveRequest, CreateLeaveRequest, Leave, leave::State},
    planning::v1::{Assignment, ListAssignmentsRequest, shift::Kind},
};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{AllInOne, PATIENCE, play};

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
    let request = ApproveLeaveRequest {
        name: leave.name.clone(),
        etag: leave.etag.clone(),
        request_id: uuid::Uuid::new_v4().to_string(),
        validate_only,
        ..Default::default()
    };
    Ok(story.administrator().leave().approve_leave(request).await?.into_inner())
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
    let story = told(&whole, Step::Read).await;
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
}
