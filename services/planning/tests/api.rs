//! Planning as a black box: a real client over the whole server stack, SQLite, a fixed clock, a staff and a leave
//! that answer from tables, and the plainest of solvers.

#![allow(clippy::unwrap_used)]

#[path = "api/access.rs"]
mod access;
#[path = "api/audit.rs"]
mod audit;
#[path = "api/certificate.rs"]
mod certificate;
#[path = "api/days_without_duties.rs"]
mod days_without_duties;
#[path = "api/equity.rs"]
mod equity;
#[path = "api/erased.rs"]
mod erased;
#[path = "api/exchanges.rs"]
mod exchanges;
#[path = "api/heavy_weeks.rs"]
mod heavy_weeks;
#[path = "api/parts.rs"]
mod parts;
#[path = "api/replacements.rs"]
mod replacements;
#[path = "api/wishes.rs"]
mod wishes;
#[path = "api/world.rs"]
mod world;

use futures::StreamExt;
use jiff::SignedDuration;
use proto::{
    leave::v1::LeaveApproved,
    operation::v1::operation,
    planning::v1::{self as pb, PlanPublished, plan::State, shift::Kind},
};
use tonic::Code;
use world::{HOSPITAL, MARS, PLAN, TRAME, World, date, fields, new_request_id, preconditions, reason};

#[tokio::test]
async fn a_plan_is_made_generated_adopted_published_counted_and_fed() {
    story(&World::new().await).await;
}

#[tokio::test]
async fn the_same_story_runs_on_postgres() {
    if let Some((world, scratch)) = World::on_postgres().await {
        story(&world).await;
        again(&world).await;
        drop(world);
        scratch.drop_database().await;
    }
}

/// What PostgreSQL does differently: leases by SKIP LOCKED, rotation, a second publication.
async fn again(world: &World) {
    world.generate(&new_request_id(), 1).await.unwrap();
    let (one, other) = tokio::join!(world.lease(), world.lease());
    assert!(one.is_some() != other.is_some(), "one holder at a time");
    world.complete(&one.or(other).unwrap()).await.unwrap();
    let proposal = world.proposals().await.pop().unwrap();
    let etag = world.plan("boss").await.unwrap().etag;
    let plan = world.adopt(&proposal.name, &etag).await.unwrap();
    world.publish(&plan.etag, false).await.unwrap();
}

async fn story(world: &World) {
    let mut tail = world.bus.tail("planning");
    let plan = world.create_plan("boss").await.unwrap();
    assert_eq!((plan.state(), plan.last_date), (State::Draft, Some(date("2027-01-31"))));
    // 20 working days after New Year: 31 gardes, 31 astreintes, 20 × (4 consultations + 4 floating + 1 closing).
    assert_eq!(plan.shift_count, 31 + 31 + 20 * 9);
    let template = world.import(TRAME).await.unwrap();
    assert_eq!(template.slot_count, 4);
    let applied = world.apply(&template.name, false).await.unwrap();
    assert_eq!((applied.created_count, applied.holiday_count, applied.closed_count), (13, 0, 1));
    let again = world.apply(&template.name, true).await.unwrap();
    assert_eq!((again.created_count, again.existing_count), (0, 13));

    let operation = world.generate("", 7).await.unwrap();
    assert!(!operation.done);
    let task = world.lease().await.unwrap();
    let text = format!("{:?}", task.problem);
    assert!(!MARS.iter().any(|name| text.contains(&format!("\"{name}\""))), "the problem names nobody");
    world.complete(&task).await.unwrap();
    let operation = world.operation(&operation.name).await;
    assert!(operation.done && matches!(operation.result, Some(operation::Result::Response(_))));

    let proposal = world.proposals().await.pop().unwrap();
    let plan = world.adopt(&proposal.name, &applied.plan.unwrap().etag).await.unwrap();
    let analysis = world.analyze(PLAN).await;
    assert_eq!(analysis.hard_match_count, 0);
    assert_eq!(analysis.score, proposal.score, "planning judges as it did when the proposal came");
    let covered: i32 = analysis.coverage.iter().map(|line| line.covered_count).sum();
    assert_eq!(analysis.shift_count, covered + i32::try_from(analysis.holes.len()).unwrap());
    assert!(analysis.holes.iter().all(|hole| hole.taker_count > 0 || !hole.obstacles.is_empty()));

    let plan = world.plan("boss").await.map(|read| (read.etag, plan.state())).unwrap();
    let published = world.publish(&plan.0, false).await.unwrap();
    assert_eq!((published.state(), published.has_unpublished_changes), (State::Published, false));
    assert_eq!(published.published_revision, format!("{PLAN}/revisions/1"));
    let event = loop {
        let envelope = tail.next().await.unwrap();
        if let Some(event) = durable::event::decode::<PlanPublished>(&envelope) {
            break event.unwrap();
        }
    };
    certificate::is_of(world, &event).await;
    let told: usize = event.people.iter().map(|person| person.changes.len()).sum();
    let assignments = world.assignments("boss", "").await;
    assert_eq!(told, assignments.len());

    let gardes = assignments.iter().filter(|own| own.kind() == Kind::Garde).count();
    assert_eq!(counted(world, "boss", "-", "gardes").await, i64::try_from(gardes).unwrap());
    feed_of(world, &assignments).await;
}

/// What everybody of `who` did of one counter in January.
async fn counted(world: &World, reader: &str, who: &str, counter: &str) -> i64 {
    let request = pb::ListCountersRequest {
        parent: format!("hospitals/{HOSPITAL}/staffMembers/{who}"),
        first_date: Some(date("2027-01-01")),
        last_date: Some(date("2027-01-31")),
        page_size: 1_000,
        ..Default::default()
    };
    let answer = world.client().list_counters(world.by(reader, request)).await.unwrap().into_inner();
    let tail = format!("/counters/{counter}");
    answer.counters.iter().filter(|own| own.name.ends_with(&tail)).map(|own| own.quantity).sum()
}

/// Bob's feed holds each of Bob's duties once, and is not sent twice.
async fn feed_of(world: &World, assignments: &[pb::Assignment]) {
    let parent = format!("hospitals/{HOSPITAL}/staffMembers/bob");
    let request = pb::CreateCalendarFeedRequest { parent: parent.clone(), ..Default::default() };
    let feed =
        world.client().create_calendar_feed(world.by("bob", request.clone())).await.unwrap().into_inner();
    let read = pb::ReadCalendarFeedRequest { token: feed.token.clone(), etag: String::new() };
    let answer = world.client().read_calendar_feed(read.clone()).await.unwrap().into_inner();
    let text = String::from_utf8(answer.content).unwrap();
    let own = assignments.iter().filter(|own| own.staff_member == parent).count();
    assert!(own > 0);
    assert_eq!(text.matches("BEGIN:VEVENT").count(), own);
    let again = pb::ReadCalendarFeedRequest { etag: answer.etag.clone(), ..read.clone() };
    let again = world.client().read_calendar_feed(again).await.unwrap().into_inner();
    assert!(again.content.is_empty() && again.etag == answer.etag);
    let other = world.client().create_calendar_feed(world.by("ann", request)).await.unwrap_err();
    assert_eq!(other.code(), Code::PermissionDenied);
    let request = pb::CreateCalendarFeedRequest { parent, ..Default::default() };
    world.client().create_calendar_feed(world.by("bob", request)).await.unwrap();
    let old = world.client().read_calendar_feed(read).await.unwrap_err();
    assert_eq!(old.code(), Code::NotFound, "rotating ends the old secret");
}

#[tokio::test]
async fn a_trame_that_names_a_closed_room_is_refused_with_its_line() {
    let world = World::new().await;
    let closed = TRAME.replace("3,,MORNING,main,2,s1,,", "3,,MORNING,main,3,s1,,\n4,,NOON,main,9,s1,,");
    let refused = world.import(&closed).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "IMPORT_INVALID"));
    assert_eq!(fields(&refused), ["trame.csv:4:room", "trame.csv:5:day_part", "trame.csv:5:room"]);
    let request = pb::ListTemplatesRequest { parent: format!("hospitals/{HOSPITAL}"), ..Default::default() };
    let templates = world.client().list_templates(world.by("boss", request)).await.unwrap().into_inner();
    assert!(templates.templates.is_empty(), "nothing was written");
}

#[tokio::test]
async fn a_plan_without_staff_is_refused() {
    let world = World::new().await;
    let request = world.plan_request("january", "empty");
    let refused = world.client().create_plan(world.by("boss", request)).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::FailedPrecondition, "PLAN_WITHOUT_STAFF"));
}

#[tokio::test]
async fn all_wrong_fields_of_a_plan_are_named_at_once() {
    let world = World::new().await;
    let mut request = world.plan_request("Nope!", "main");
    request.plan = Some(pb::Plan { last_date: Some(date("2026-12-01")), ..Default::default() });
    let refused = world.client().create_plan(world.by("boss", request)).await.unwrap_err();
    assert_eq!(reason(&refused), "FIELD_VIOLATIONS");
    assert_eq!(fields(&refused), ["plan_id", "plan.first_date", "plan.sites"]);
}

#[tokio::test]
async fn two_plans_do_not_share_a_site_on_a_day() {
    let world = World::new().await;
    world.create_plan("boss").await.unwrap();
    let request = world.plan_request("again", "main");
    let refused = world.client().create_plan(world.by("boss", request)).await.unwrap_err();
    assert_eq!(reason(&refused), "PLAN_OVERLAPS");
}

#[tokio::test]
async fn of_two_plans_created_at_once_for_one_site_one_is_refused() {
    let Some((world, _scratch)) = World::on_postgres().await else { return };
    let create = async |id: &str| {
        let request = world.plan_request(id, "main");
        world.client().create_plan(world.by("boss", request)).await
    };
    let (one, other) = tokio::join!(create("one"), create("other"));
    let refused = [one, other].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert_eq!(refused.iter().map(reason).collect::<Vec<_>>(), ["PLAN_OVERLAPS"]);
}

#[tokio::test]
async fn a_page_token_of_another_query_is_refused_and_pages_see_each_shift_once() {
    let world = World::new().await;
    let plan = world.create_plan("boss").await.unwrap();
    let mut request = pb::ListShiftsRequest { parent: PLAN.into(), page_size: 70, ..Default::default() };
    let mut seen = std::collections::BTreeSet::new();
    let mut token = String::new();
    loop {
        request.page_token.clone_from(&token);
        let page = world.client().list_shifts(world.by("boss", request.clone())).await.unwrap().into_inner();
        seen.extend(page.shifts.into_iter().map(|shift| shift.name));
        if page.next_page_token.is_empty() {
            break;
        }
        token = page.next_page_token;
    }
    assert_eq!(i32::try_from(seen.len()).unwrap(), plan.shift_count);
    let other = pb::ListShiftsRequest { filter: "kind = GARDE".into(), page_token: token, ..request };
    let refused = world.client().list_shifts(world.by("boss", other)).await.unwrap_err();
    assert_eq!(reason(&refused), "PAGE_TOKEN_INVALID");
    assert_eq!(world.shifts("kind = GARDE AND date = \"2027-01-05\"").await.len(), 1);
}

#[tokio::test]
async fn a_repeated_request_makes_one_operation_and_a_reused_id_is_refused() {
    let world = World::new().await;
    world.planned().await;
    let id = new_request_id();
    let first = world.generate(&id, 1).await.unwrap();
    let again = world.generate(&id, 1).await.unwrap();
    assert_eq!(first.name, again.name);
    let reused = world.generate(&id, 2).await.unwrap_err();
    assert_eq!(reason(&reused), "REQUEST_ID_REUSED");
    let second = world.generate("", 1).await.unwrap_err();
    assert_eq!((second.code(), reason(&second).as_str()), (Code::Aborted, "GENERATION_RUNNING"));
}

#[tokio::test]
async fn a_search_without_an_end_is_refused() {
    let world = World::new().await;
    let request = pb::GeneratePlanRequest { name: PLAN.into(), step_limit: u64::MAX, ..Default::default() };
    let refused = world.client().generate_plan(world.by("boss", request)).await.unwrap_err();
    assert_eq!(world::fields(&refused), ["step_limit"]);
}

#[tokio::test]
async fn a_lost_task_is_leased_again_and_its_old_holder_is_fenced_off() {
    let world = World::new().await;
    world.planned().await;
    let operation = world.generate("", 1).await.unwrap();
    let first = world.lease().await.unwrap();
    assert!(world.lease().await.is_none(), "one holder at a time");
    let checkpoint = pb::SaveCheckpointRequest {
        name: first.name.clone(),
        attempt: first.attempt,
        roster: world::solve(&first).roster,
        spent: Some(pb::TaskSpent { steps: 70, ..Default::default() }),
    };
    world.tasks().save_checkpoint(checkpoint.clone()).await.unwrap();
    world.let_leases_run_out().await;
    let second = world.lease().await.unwrap();
    assert_eq!((first.attempt, second.attempt), (1, 2));
    assert_eq!(second.warm_start, checkpoint.roster, "the next attempt starts where the last one was");
    assert_eq!(second.spent.as_ref().unwrap().steps, 70, "and has the rest of the budget");
    for refused in [
        world.complete(&first).await.unwrap_err(),
        world.tasks().save_checkpoint(checkpoint).await.unwrap_err(),
    ] {
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Aborted, "TASK_LOST"));
    }
    world.complete(&second).await.unwrap();
    world.complete(&second).await.unwrap();
    assert_eq!(world.proposals().await.len(), 1, "completing twice makes one proposal");
    assert!(world.operation(&operation.name).await.done);
    assert!(world.lease().await.is_none());
}

/// Fault 12 of the reliability matrix, for planning's instances.
async fn clocks(world: &World) {
    let operation = world.generate("", 1).await.unwrap();
    let task = world.lease().await.unwrap();
    let ahead = world.another(SignedDuration::from_hours(1)).await;
    assert!(ahead.lease().await.is_none(), "a running task is not stolen");
    let request = pb::CancelOperationRequest { name: operation.name.clone() };
    let asked = ahead.client().cancel_operation(ahead.by("boss", request)).await.unwrap().into_inner();
    assert!(!asked.done, "nor taken for one whose solver is gone");
    let report = pb::ReportProgressRequest { name: task.name.clone(), attempt: 1, ..Default::default() };
    let renewed = ahead.tasks().report_progress(report).await.unwrap().into_inner();
    let behind = world.another(SignedDuration::from_hours(-1)).await;
    let report = pb::ReportProgressRequest { name: task.name.clone(), attempt: 1, ..Default::default() };
    let again = behind.tasks().report_progress(report).await.unwrap().into_inner();
    let [first, second] = [renewed, again].map(|own| own.lease_expire_time.unwrap().seconds);
    assert!((0..600).contains(&(second - first)), "leases are counted by one clock: {first} {second}");
    world.let_leases_run_out().await;
    assert_eq!(behind.lease().await.map(|task| task.attempt), None, "it was cancelled");
    assert!(world.operation(&operation.name).await.done);
}

#[tokio::test]
async fn instances_whose_clocks_differ_agree_on_who_has_a_task() {
    let world = World::new().await;
    world.planned().await;
    clocks(&world).await;
}

#[tokio::test]
async fn instances_whose_clocks_differ_agree_on_postgres_too() {
    if let Some((world, scratch)) = World::on_postgres().await {
        world.planned().await;
        clocks(&world).await;
        drop(world);
        scratch.drop_database().await;
    }
}

#[tokio::test]
async fn nothing_a_former_holder_writes_changes_anything() {
    let world = World::new().await;
    world.planned().await;
    let operation = world.generate("", 1).await.unwrap();
    let former = world.lease().await.unwrap();
    world.let_leases_run_out().await;
    let holder = world.lease().await.unwrap();
    let before = world.operation(&operation.name).await;
    let report = pb::ReportProgressRequest {
        name: former.name.clone(),
        attempt: former.attempt,
        progress_percent: 99,
        steps: 7,
        ..Default::default()
    };
    let checkpoint = pb::SaveCheckpointRequest {
        name: former.name.clone(),
        attempt: former.attempt,
        roster: world::solve(&former).roster,
        spent: None,
    };
    let division = pb::DivideTaskRequest {
        name: former.name.clone(),
        attempt: former.attempt,
        roster: world::solve(&former).roster,
        parts: vec![pb::divide_task_request::Part::default()],
        ..Default::default()
    };
    for refused in [
        world.tasks().report_progress(report).await.unwrap_err(),
        world.tasks().save_checkpoint(checkpoint).await.unwrap_err(),
        world.tasks().divide_task(division).await.unwrap_err(),
        world.complete(&former).await.unwrap_err(),
    ] {
        assert_eq!(reason(&refused), "TASK_LOST");
    }
    let after = world.operation(&operation.name).await;
    assert_eq!((after.done, after.metadata), (before.done, before.metadata));
    assert!(world.proposals().await.is_empty());
    world.let_leases_run_out().await;
    let next = world.lease().await.unwrap();
    assert_eq!((next.attempt, &next.warm_start, next.part), (3, &holder.warm_start, None));
}

#[tokio::test]
async fn a_watcher_sees_progress_and_the_end() {
    let world = World::new().await;
    world.planned().await;
    let operation = world.generate("", 1).await.unwrap();
    let request = pb::WatchOperationRequest { name: operation.name, ..Default::default() };
    let mut stream = world.client().watch_operation(world.by("boss", request)).await.unwrap().into_inner();
    assert!(!stream.next().await.unwrap().unwrap().done);
    let task = world.lease().await.unwrap();
    let progress = pb::ReportProgressRequest {
        name: task.name.clone(),
        attempt: task.attempt,
        progress_percent: 40,
        best_score: None,
        steps: 10,
        ..Default::default()
    };
    assert!(!world.tasks().report_progress(progress).await.unwrap().into_inner().cancelled);
    world.complete(&task).await.unwrap();
    let mut last = None;
    while let Some(message) = stream.next().await {
        last = Some(message.unwrap());
    }
    assert!(last.unwrap().done);
}

#[tokio::test]
async fn a_cancelled_generation_stops_and_frees_the_plan() {
    let world = World::new().await;
    world.planned().await;
    let operation = world.generate("", 1).await.unwrap();
    let request = pb::CancelOperationRequest { name: operation.name.clone() };
    let ended =
        world.client().cancel_operation(world.by("boss", request.clone())).await.unwrap().into_inner();
    assert!(ended.done && matches!(ended.result, Some(operation::Result::Error(_))));
    let twice = world.client().cancel_operation(world.by("boss", request)).await.unwrap_err();
    assert_eq!(reason(&twice), "OPERATION_DONE");
    let second = world.generate("", 1).await.unwrap();
    let task = world.lease().await.unwrap();
    let request = pb::CancelOperationRequest { name: second.name };
    assert!(!world.client().cancel_operation(world.by("boss", request)).await.unwrap().into_inner().done);
    let progress = pb::ReportProgressRequest { name: task.name, attempt: 1, ..Default::default() };
    assert!(world.tasks().report_progress(progress).await.unwrap().into_inner().cancelled);
}

#[tokio::test]
async fn a_generation_whose_solver_is_gone_is_cancelled_at_once() {
    let world = World::new().await;
    world.planned().await;
    let operation = world.generate("", 1).await.unwrap();
    let lost = world.lease().await.unwrap();
    world.let_leases_run_out().await;
    let request = pb::CancelOperationRequest { name: operation.name };
    assert!(world.client().cancel_operation(world.by("boss", request)).await.unwrap().into_inner().done);
    world.complete(&lost).await.unwrap();
    assert!(world.proposals().await.is_empty(), "what comes too late is dropped");
    assert!(world.lease().await.is_none());
    world.generate("", 1).await.unwrap();
}

#[tokio::test]
async fn adopting_and_publishing_need_the_version_that_was_seen() {
    let world = World::new().await;
    let plan = world.planned().await;
    let proposal = world.generated().await;
    assert_eq!(reason(&world.adopt(&proposal.name, "").await.unwrap_err()), "ETAG_REQUIRED");
    let stale = world.adopt(&proposal.name, "\"1\"").await.unwrap_err();
    assert_eq!((stale.code(), reason(&stale).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    let adopted = world.adopt(&proposal.name, &plan.etag).await.unwrap();
    assert_eq!(reason(&world.publish("", false).await.unwrap_err()), "ETAG_REQUIRED");
    assert_eq!(reason(&world.publish(&plan.etag, false).await.unwrap_err()), "ETAG_MISMATCH");
    let preview = world.publish(&adopted.etag, true).await.unwrap();
    assert_eq!(preview.state(), State::Draft, "a preview changes nothing");
    world.publish(&adopted.etag, false).await.unwrap();
}

#[tokio::test]
async fn a_proposal_is_stale_once_the_shifts_moved() {
    let world = World::new().await;
    world.planned().await;
    let proposal = world.generated().await;
    let garde = world.shifts("kind = GARDE").await.remove(0);
    let request = pb::DeleteShiftRequest { name: garde.name };
    world.client().delete_shift(world.by("boss", request)).await.unwrap();
    let etag = world.plan("boss").await.unwrap().etag;
    assert_eq!(reason(&world.adopt(&proposal.name, &etag).await.unwrap_err()), "PROPOSAL_STALE");
}

#[tokio::test]
async fn an_edit_that_breaks_a_rule_is_told_and_not_published() {
    let world = World::new().await;
    world.planned().await;
    // Ann is away on the 12th.
    let garde = world.shifts("kind = GARDE AND date = \"2027-01-12\"").await.remove(0);
    let preview = world.assign(&garde.name, "ann", true).await.unwrap();
    assert!(preview.violations.iter().any(|own| own.hard && own.rule == "A1"), "{:?}", preview.violations);
    assert!(world.assignments("boss", "").await.is_empty(), "a preview changes nothing");
    world.assign(&garde.name, "ann", false).await.unwrap();
    let taken = world.assign(&garde.name, "bob", false).await.unwrap_err();
    assert_eq!((taken.code(), reason(&taken).as_str()), (Code::AlreadyExists, "NAME_TAKEN"));
    let etag = world.plan("boss").await.unwrap().etag;
    let refused = world.publish(&etag, false).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::FailedPrecondition, "PLAN_HAS_HARD_VIOLATIONS")
    );
    assert!(preconditions(&refused).contains(&"A1".to_owned()));
    let free = world.assign(&world.shifts("kind = GARDE").await[2].name, "bob", true).await.unwrap();
    assert!(!free.violations.iter().any(|own| own.hard), "{:?}", free.violations);
}

#[tokio::test]
async fn scenario_21_of_two_planners_who_edit_the_same_half_day_the_second_gets_a_conflict() {
    let world = World::new().await;
    world.planned().await;
    let garde = world.shifts("kind = GARDE").await.remove(3);
    let first = world.assign(&garde.name, "bob", false).await.unwrap();
    let edit = |person: &str| pb::UpdateAssignmentRequest {
        assignment: Some(pb::Assignment {
            name: first.name.clone(),
            staff_member: format!("hospitals/{HOSPITAL}/staffMembers/{person}"),
            etag: first.etag.clone(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let moved = world.client().update_assignment(world.by("boss", edit("cas"))).await.unwrap().into_inner();
    assert!(moved.staff_member.ends_with("/cas"));
    let late = world.client().update_assignment(world.by("chief", edit("dee"))).await.unwrap_err();
    assert_eq!((late.code(), reason(&late).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    let pin = pb::UpdateAssignmentRequest {
        assignment: Some(pb::Assignment { name: first.name.clone(), pinned: true, ..Default::default() }),
        ..Default::default()
    };
    let pinned = world.client().update_assignment(world.by("boss", pin)).await.unwrap().into_inner();
    assert!(pinned.pinned && pinned.staff_member == moved.staff_member);
    let proposal = world.generated().await;
    let etag = world.plan("boss").await.unwrap().etag;
    world.adopt(&proposal.name, &etag).await.unwrap();
    let kept = world.assignments("boss", "kind = GARDE").await;
    assert!(kept.iter().any(|own| own.name == first.name && own.staff_member == moved.staff_member));
}

#[tokio::test]
async fn a_publication_is_refused_when_absences_moved_since_the_analysis() {
    let world = World::new().await;
    world.planned().await;
    let proposal = world.generated().await;
    let etag = world.plan("boss").await.unwrap().etag;
    let plan = world.adopt(&proposal.name, &etag).await.unwrap();
    assert!(!plan.analysis.unwrap().stale);
    world.move_absences();
    assert_eq!(reason(&world.publish(&plan.etag, false).await.unwrap_err()), "ABSENCES_MOVED");
    world.analyze(PLAN).await;
    let etag = world.plan("boss").await.unwrap().etag;
    world.publish(&etag, false).await.unwrap();
}

#[tokio::test]
async fn an_approved_leave_makes_the_analysis_stale() {
    let world = World::new().await;
    world.planned().await;
    world.analyze(PLAN).await;
    let event = LeaveApproved {
        first_date: Some(date("2027-01-20")),
        last_date: Some(date("2027-02-02")),
        ..Default::default()
    };
    let envelope = durable::event::encode(&event, HOSPITAL, "leave", world.clock.now());
    chassis::testing::eventually("the event is taken", async || {
        world.bus.publish("leave", envelope.clone()).await.ok()
    })
    .await;
    assert!(world.plan("boss").await.unwrap().analysis.unwrap().stale);
}

#[tokio::test]
async fn a_late_notice_of_a_leave_that_was_read_already_refuses_no_publication() {
    let world = World::new().await;
    world.planned().await;
    let proposal = world.generated().await;
    let etag = world.plan("boss").await.unwrap().etag;
    let plan = world.adopt(&proposal.name, &etag).await.unwrap();
    let event = LeaveApproved {
        first_date: Some(date("2027-01-20")),
        last_date: Some(date("2027-02-02")),
        ..Default::default()
    };
    let envelope = durable::event::encode(&event, HOSPITAL, "leave", world.clock.now());
    // Whether it comes before, in the midst or after: absences are as they were when the plan was judged.
    let (published, _) = tokio::join!(world.publish(&plan.etag, false), world.bus.publish("leave", envelope));
    published.unwrap();
}

#[tokio::test]
async fn people_see_the_publication_and_editors_the_head() {
    let world = World::new().await;
    world.planned().await;
    assert_eq!(
        world.plan("bob").await.unwrap_err().code(),
        Code::NotFound,
        "a draft exists for editors only"
    );
    let proposal = world.generated().await;
    let etag = world.plan("boss").await.unwrap().etag;
    let plan = world.adopt(&proposal.name, &etag).await.unwrap();
    world.publish(&plan.etag, false).await.unwrap();
    let before = world.assignments("bob", "").await;
    let first = before[0].clone();
    let request = pb::DeleteAssignmentRequest { name: first.name.clone(), etag: String::new() };
    world.client().delete_assignment(world.by("boss", request)).await.unwrap();
    assert_eq!(world.assignments("bob", "").await, before);
    assert_eq!(world.assignments("boss", "").await.len(), before.len() - 1);
    assert!(world.plan("bob").await.unwrap().has_unpublished_changes);
    let mine = format!("staff_member = \"{}\"", first.staff_member);
    assert!(world.assignments("bob", &mine).await.iter().all(|own| own.staff_member == first.staff_member));
}

#[tokio::test]
async fn a_second_publication_tells_only_those_concerned_and_corrects_the_ledger() {
    let world = World::new().await;
    let plan = world.published().await;
    let gardes = counted(&world, "boss", "-", "gardes").await;
    let garde = world.assignments("boss", "kind = GARDE").await.remove(0);
    let request = pb::DeleteAssignmentRequest { name: garde.name, etag: String::new() };
    world.client().delete_assignment(world.by("boss", request)).await.unwrap();
    let mut tail = world.bus.tail("planning");
    let etag = world.plan("boss").await.unwrap().etag;
    let again = world.publish(&etag, false).await.unwrap();
    assert_ne!(plan.published_revision, again.published_revision);
    let event = loop {
        let envelope = tail.next().await.unwrap();
        if let Some(event) = durable::event::decode::<PlanPublished>(&envelope) {
            break event.unwrap();
        }
    };
    let told: Vec<&str> = event.people.iter().map(|person| person.staff_member.as_str()).collect();
    assert_eq!(told, [garde.staff_member.as_str()]);
    assert_eq!(counted(&world, "boss", "-", "gardes").await, gardes - 1);
    let first = world.analyze(&format!("{PLAN}/revisions/1")).await;
    assert_eq!(first.hard_match_count, 0, "a revision can be judged again");
}

#[tokio::test]
async fn holidays_loaded_between_two_publications_count_both_ways() {
    let world = World::new().await;
    world.published().await;
    let all = counted(&world, "boss", "-", "gardes").await;
    let saturdays = counted(&world, "boss", "-", "gardes-saturday").await;
    let holidays = counted(&world, "boss", "-", "gardes-holiday").await;
    assert!(saturdays > 0);
    world.load_holidays();
    for garde in world.assignments("boss", "kind = GARDE AND date = \"2027-01-09\"").await {
        let request = pb::DeleteAssignmentRequest { name: garde.name, etag: String::new() };
        world.client().delete_assignment(world.by("boss", request)).await.unwrap();
    }
    let etag = world.plan("boss").await.unwrap().etag;
    world.publish(&etag, false).await.unwrap();
    assert_eq!(counted(&world, "boss", "-", "gardes").await, all - 1);
    assert_eq!(counted(&world, "boss", "-", "gardes-saturday").await, 0, "no line is left over");
    assert_eq!(counted(&world, "boss", "-", "gardes-holiday").await, holidays + saturdays - 1);
}

#[tokio::test]
async fn permissions_follow_the_table() {
    let world = World::new().await;
    for person in ["bob", "zoe", "locum"] {
        assert_eq!(world.create_plan(person).await.unwrap_err().code(), Code::PermissionDenied, "{person}");
    }
    world.create_plan("chief").await.unwrap();
    let stranger = world.by_stranger(pb::GetPlanRequest { name: PLAN.into() });
    assert_eq!(world.client().get_plan(stranger).await.unwrap_err().code(), Code::PermissionDenied);
    let nobody = world.stranger().get_plan(pb::GetPlanRequest { name: PLAN.into() }).await.unwrap_err();
    assert_eq!(nobody.code(), Code::Unauthenticated);
    let lease = pb::LeaseTaskRequest { worker: "x".into() };
    let person = world.tasks_as_gateway().lease_task(world.by("chief", lease.clone())).await.unwrap_err();
    assert_eq!(person.code(), Code::PermissionDenied, "only solvers lease tasks");
    assert!(world.tasks_as_gateway().lease_task(lease).await.is_err());
    let own = pb::ListCountersRequest {
        parent: format!("hospitals/{HOSPITAL}/staffMembers/ann"),
        first_date: Some(date("2027-01-01")),
        last_date: Some(date("2027-01-31")),
        ..Default::default()
    };
    world.client().list_counters(world.by("ann", own.clone())).await.unwrap();
    let other = world.client().list_counters(world.by("bob", own)).await.unwrap_err();
    assert_eq!(other.code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_rule_set_is_checked_and_versioned() {
    let world = World::new().await;
    let name = format!("hospitals/{HOSPITAL}/ruleSets/default");
    let setting = |rule: &str, value| pb::rule_set::Setting {
        rule: rule.into(),
        parameters: [("garde_gap_min".to_owned(), value)].into(),
        ..Default::default()
    };
    let request = |setting| pb::UpdateRuleSetRequest {
        rule_set: Some(pb::RuleSet { name: name.clone(), settings: vec![setting], ..Default::default() }),
        update_mask: None,
    };
    let unknown =
        world.client().update_rule_set(world.by("chief", request(setting("Z9", 4)))).await.unwrap_err();
    assert_eq!(reason(&unknown), "RULE_UNKNOWN");
    let wrong =
        world.client().update_rule_set(world.by("chief", request(setting("G8", 99)))).await.unwrap_err();
    assert_eq!(fields(&wrong), ["rule_set.settings[0].parameters[garde_gap_min]"]);
    let boss = world.client().update_rule_set(world.by("boss", request(setting("G8", 4)))).await.unwrap_err();
    assert_eq!(boss.code(), Code::PermissionDenied);
    let set = world
        .client()
        .update_rule_set(world.by("chief", request(setting("G8", 4))))
        .await
        .unwrap()
        .into_inner();
    assert_eq!((set.etag.as_str(), set.settings.len(), set.needs.len()), ("\"1\"", 1, 7));
    let request =
        pb::ListRulesRequest { parent: format!("hospitals/{HOSPITAL}"), page_size: 10, ..Default::default() };
    let rules = world.client().list_rules(world.by("bob", request)).await.unwrap().into_inner();
    assert_eq!((rules.rules.len(), rules.next_page_token.is_empty()), (10, false));
}

#[tokio::test]
async fn a_broken_neighbor_is_unavailable_and_nothing_is_written() {
    let world = World::new().await;
    world.planned().await;
    world.break_neighbors();
    let refused = world.generate("", 1).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Unavailable, "PEER_UNAVAILABLE"));
    assert!(world.lease().await.is_none());
}

#[tokio::test]
async fn only_a_draft_is_deleted_and_only_a_publication_archived() {
    let world = World::new().await;
    let plan = world.published().await;
    let delete = pb::DeletePlanRequest { name: PLAN.into(), etag: String::new() };
    let refused = world.client().delete_plan(world.by("boss", delete.clone())).await.unwrap_err();
    assert_eq!(reason(&refused), "PLAN_NOT_DRAFT");
    let archive = pb::ArchivePlanRequest { name: PLAN.into(), etag: plan.etag, ..Default::default() };
    let archived = world.client().archive_plan(world.by("boss", archive)).await.unwrap().into_inner();
    assert_eq!(archived.state(), State::Archived);
    assert_eq!(reason(&world.generate("", 1).await.unwrap_err()), "PLAN_ARCHIVED");
    let other = World::new().await;
    other.planned().await;
    other.client().delete_plan(other.by("boss", delete)).await.unwrap();
    assert_eq!(other.plan("boss").await.unwrap_err().code(), Code::NotFound);
}
