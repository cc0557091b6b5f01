//! Leave as a black box: a real client over the whole server stack, SQLite, a fixed clock, a staff that answers
//! from a table.

#![allow(clippy::unwrap_used)]

#[path = "api/access.rs"]
mod access;
#[path = "api/arbitration.rs"]
mod arbitration;
#[path = "api/audit.rs"]
mod audit;
#[path = "api/departure.rs"]
mod departure;
#[path = "api/ledger.rs"]
mod ledger;
#[path = "api/privacy.rs"]
mod privacy;
#[path = "api/revision.rs"]
mod revision;
#[path = "api/rules.rs"]
mod rules;
#[path = "api/series.rs"]
mod series;
#[path = "api/unavailability.rs"]
mod unavailability;
#[path = "api/world.rs"]
mod world;

use chassis::Role;
use proto::{
    leave::v1::{self as pb, leave::State},
    r#type::v1::Date,
};
use tonic::Code;
use world::{Duty, HOSPITAL, World, date, leave, reason};

fn half_days(balance: &pb::Balance) -> (i32, i32, i32) {
    (balance.granted_half_days, balance.used_half_days, balance.pending_half_days)
}

#[tokio::test]
async fn a_leave_is_pending_counted_and_reserved() {
    let world = World::new().await;
    let created = world.create("ann", leave("cp", "2027-01-04", "2027-01-08")).await.unwrap();
    assert_eq!(created.state(), State::Pending);
    assert_eq!(created.counted_half_days, 10);
    assert_eq!(created.balances.iter().map(half_days).collect::<Vec<_>>(), [(100, 0, 10)]);
    let read = world.get("ann", &created.name).await.unwrap();
    assert_eq!(read.leave_type, "hospitals/chu/leaveTypes/cp");
}

#[tokio::test]
async fn approving_uses_what_was_reserved_and_cancelling_restores_it() {
    let world = World::new().await;
    let created = world.create("ann", leave("cp", "2027-01-04", "2027-01-08")).await.unwrap();
    let approved = world.approve("boss", &created, false).await.unwrap();
    assert_eq!(approved.state(), State::Approved);
    assert_eq!(approved.decision.unwrap().decider, "hospitals/chu/staffMembers/boss");
    assert_eq!(half_days(&world.balance("ann", "cp-2027").await.unwrap()), (100, 10, 0));
    let cancelled = world.cancel("ann", &created.name).await.unwrap();
    assert_eq!(cancelled.state(), State::Cancelled);
    assert_eq!(half_days(&world.balance("ann", "cp-2027").await.unwrap()), (100, 0, 0));
    let kinds = world.ledger("ann", "cp-2027").await;
    assert_eq!(kinds, [(1, 100), (2, -10), (3, 10), (4, -10), (5, 10)]);
}

#[tokio::test]
async fn of_two_approvers_the_second_gets_a_conflict() {
    let world = World::new().await;
    let created = world.create("ann", leave("cp", "2027-01-04", "2027-01-08")).await.unwrap();
    let (one, other) =
        tokio::join!(world.approve("boss", &created, false), world.approve("chief", &created, false));
    let refused = match (one, other) {
        (Ok(_), Err(status)) | (Err(status), Ok(_)) => status,
        outcome => panic!("expected one approval and one conflict: {outcome:?}"),
    };
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    assert_eq!(half_days(&world.balance("ann", "cp-2027").await.unwrap()), (100, 10, 0));
}

#[tokio::test]
async fn approving_needs_an_etag_and_a_pending_leave() {
    let world = World::new().await;
    let created = world.create("ann", leave("cp", "2027-01-04", "2027-01-08")).await.unwrap();
    let blind = pb::Leave { etag: String::new(), ..created.clone() };
    assert_eq!(reason(&world.approve("boss", &blind, false).await.unwrap_err()), "ETAG_REQUIRED");
    let approved = world.approve("boss", &created, false).await.unwrap();
    let again = world.approve("boss", &approved, false).await.unwrap_err();
    assert_eq!((again.code(), reason(&again).as_str()), (Code::FailedPrecondition, "LEAVE_NOT_PENDING"));
}

#[tokio::test]
async fn a_rejected_leave_releases_its_reservation_and_needs_a_comment() {
    let world = World::new().await;
    let created = world.create("ann", leave("cp", "2027-01-04", "2027-01-08")).await.unwrap();
    let silent = world.reject("boss", &created.name, "").await.unwrap_err();
    assert_eq!(world::fields(&silent), ["comment"]);
    let rejected = world.reject("boss", &created.name, "too many away").await.unwrap();
    assert_eq!(rejected.state(), State::Rejected);
    assert_eq!(half_days(&world.balance("ann", "cp-2027").await.unwrap()), (100, 0, 0));
}

#[tokio::test]
async fn a_repeated_request_is_answered_and_not_done_again() {
    let world = World::new().await;
    let request_id = "2f8e7a52-8a2c-4f0e-9d0e-0123456789ab".to_owned();
    let request = |last| pb::CreateLeaveRequest {
        request_id: request_id.clone(),
        ..world::create_request("ann", leave("cp", "2027-01-04", last))
    };
    let first = world.send_create("ann", request("2027-01-08")).await.unwrap();
    let again = world.send_create("ann", request("2027-01-08")).await.unwrap();
    assert_eq!(first, again);
    let reused = world.send_create("ann", request("2027-01-07")).await.unwrap_err();
    assert_eq!(reason(&reused), "REQUEST_ID_REUSED");
    assert_eq!(world.list("ann", "").await.unwrap().leaves.len(), 1);
}

#[tokio::test]
async fn a_preview_says_what_would_happen_and_changes_nothing() {
    let world = World::new().await;
    let leave = leave("cp", "2026-12-07", "2026-12-11");
    let preview = pb::CreateLeaveRequest { validate_only: true, ..world::create_request("ann", leave) };
    let shown = world.send_create("ann", preview).await.unwrap();
    assert_eq!((shown.counted_half_days, half_days(&shown.balances[0])), (10, (100, 0, 10)));
    let kinds: Vec<_> = shown.conflicts.iter().map(pb::Conflict::kind).collect();
    assert_eq!(kinds, [pb::conflict::Kind::Notice], "two weeks are late for a month's notice");
    assert!(world.list("ann", "").await.unwrap().leaves.is_empty());
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_with_its_reason() {
    let world = World::new().await;
    let held = world.create("ann", leave("cp", "2027-01-04", "2027-01-08")).await.unwrap();
    world.approve("boss", &held, false).await.unwrap();
    let table = [
        ("ann", leave("cp", "2027-01-08", "2027-01-12"), "LEAVE_OVERLAPS"),
        ("ann", leave("cp", "2027-02-01", "2027-06-30"), "LEAVE_BALANCE_EXCEEDED"),
        ("ann", leave("rtt", "2027-02-01", "2027-02-01"), "LEAVE_BALANCE_EXCEEDED"),
        ("ann", leave("cp", "2027-01-09", "2027-01-10"), "LEAVE_NOTHING_COUNTED"),
        // A half-timer who works on Thursdays and Fridays.
        ("half", leave("cp", "2027-01-04", "2027-01-06"), "LEAVE_NOTHING_COUNTED"),
        ("gone", leave("cp", "2027-01-04", "2027-01-06"), "STAFF_MEMBER_INACTIVE"),
    ];
    for (person, leave, expected) in table {
        let refused = world.create(person, leave).await.unwrap_err();
        assert_eq!(
            (refused.code(), reason(&refused).as_str()),
            (Code::FailedPrecondition, expected),
            "{person}"
        );
    }
}

#[tokio::test]
async fn all_violations_are_told_at_once() {
    let world = World::new().await;
    let wrong = pb::Leave {
        leave_type: "hospitals/chu/leaveTypes/nap".to_owned(),
        first_date: Some(Date { year: 2027, month: 2, day: 30 }),
        last_date: None,
        comment: "x".repeat(501),
        ..pb::Leave::default()
    };
    let refused = world.create("ann", wrong).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, "FIELD_VIOLATIONS"));
    let fields = ["leave.leave_type", "leave.first_date", "leave.last_date", "leave.comment"];
    assert_eq!(world::fields(&refused), fields);
    let backwards = world.create("ann", leave("cp", "2027-01-08", "2027-01-04")).await.unwrap_err();
    assert_eq!(world::fields(&backwards), ["leave.last_date"]);
}

#[tokio::test]
async fn scenario_10_a_leave_over_a_published_garde_is_not_approved() {
    let world = World::new().await;
    let created = world.create("ann", leave("cp", "2027-01-04", "2027-01-08")).await.unwrap();
    let garde = Duty { person: "ann", shift: "garde-6", day: "2027-01-06" };
    world.publish_plan(&garde, true).await;
    let refused = world.approve("boss", &created, false).await.unwrap_err();
    assert_eq!(
        (refused.code(), reason(&refused).as_str()),
        (Code::FailedPrecondition, "LEAVE_OVER_PUBLISHED_DUTY")
    );
    let subjects = world::preconditions(&refused);
    assert_eq!(subjects, ["hospitals/chu/plans/p1/shifts/garde-6"]);
    assert_eq!(world.get("boss", &created.name).await.unwrap().state(), State::Pending);

    world.publish_plan(&garde, false).await;
    let approved = world.approve("boss", &created, false).await.unwrap();
    assert!(!approved.decision.unwrap().is_forced);
}

#[tokio::test]
async fn a_garde_that_moved_to_another_shift_is_forgotten_with_it() {
    let world = World::new().await;
    let created = world.create("ann", leave("cp", "2027-01-04", "2027-01-08")).await.unwrap();
    world.publish_plan(&Duty { person: "ann", shift: "garde-6", day: "2027-01-06" }, true).await;
    let moved = Duty { person: "ann", shift: "garde-6-again", day: "2027-01-06" };
    world.publish_move(&moved, "garde-6").await;
    let refused = world.approve("boss", &created, false).await.unwrap_err();
    assert_eq!(world::preconditions(&refused), ["hospitals/chu/plans/p1/shifts/garde-6-again"]);
    world.publish_plan(&moved, false).await;
    world.approve("boss", &created, false).await.unwrap();
}

#[tokio::test]
async fn an_older_revision_that_comes_late_changes_nothing_a_newer_one_told() {
    let world = World::new().await;
    let created = world.create("ann", leave("cp", "2027-01-04", "2027-01-08")).await.unwrap();
    let given = Duty { person: "ann", shift: "garde-6", day: "2027-01-06" };
    let taken = Duty { person: "ann", shift: "garde-7", day: "2027-01-07" };
    let (older, newer) = (world.next_revision(), world.next_revision());
    world.publish_late(&given, true, newer).await;
    world.publish_late(&given, false, older).await;
    world.publish_late(&taken, false, newer).await;
    world.publish_late(&taken, true, older).await;
    let refused = world.approve("boss", &created, false).await.unwrap_err();
    assert_eq!(world::preconditions(&refused), ["hospitals/chu/plans/p1/shifts/garde-6"]);
    world.publish_plan(&given, false).await;
    world.approve("boss", &created, false).await.unwrap();
}

#[tokio::test]
async fn forcing_needs_the_permission_and_is_recorded() {
    let world = World::new().await;
    let created = world.create("cam", leave("cp", "2027-01-04", "2027-01-08")).await.unwrap();
    world.publish_plan(&Duty { person: "cam", shift: "garde-6", day: "2027-01-06" }, true).await;
    let denied = world.approve("nurse-boss", &created, true).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
    let forced = world.approve("boss", &created, true).await.unwrap();
    assert!(forced.decision.unwrap().is_forced);
}

#[tokio::test]
async fn a_profession_keeps_its_minimum() {
    let world = World::new().await;
    // Three nurses: 30 % of them is one.
    let first = world.create("cam", leave("cp", "2027-01-04", "2027-01-08")).await.unwrap();
    let second = world.create("dan", leave("cp", "2027-01-08", "2027-01-12")).await.unwrap();
    world.approve("boss", &first, false).await.unwrap();
    let refused = world.approve("boss", &second, false).await.unwrap_err();
    assert_eq!(reason(&refused), "LEAVE_QUOTA_REACHED");
}

#[tokio::test]
async fn a_nurse_administrator_decides_about_nurses_and_not_at_the_last_minute() {
    let world = World::new().await;
    let anesthetist = world.create("ann", leave("cp", "2027-01-04", "2027-01-08")).await.unwrap();
    let nurse = world.create("cam", leave("cp", "2027-01-04", "2027-01-08")).await.unwrap();
    let late = world.create("dan", leave("cp", "2026-12-01", "2026-12-02")).await.unwrap();
    for (leave, expected) in
        [(&anesthetist, Some(Code::PermissionDenied)), (&nurse, None), (&late, Some(Code::PermissionDenied))]
    {
        let outcome = world.approve("nurse-boss", leave, false).await;
        assert_eq!(outcome.err().map(|status| status.code()), expected, "{}", leave.name);
    }
}

#[tokio::test]
async fn who_is_ill_is_away_at_once() {
    let world = World::new().await;
    let ill = world.create("ann", leave("mal", "2026-11-23", "2026-11-25")).await.unwrap();
    assert_eq!((ill.state(), ill.counted_half_days), (State::Approved, 6));
}

#[tokio::test]
async fn nobody_sees_why_a_colleague_is_away() {
    let world = World::new().await;
    let created = world.create("ann", leave("cp", "2027-01-04", "2027-01-08")).await.unwrap();
    let approved = world.approve("boss", &created, false).await.unwrap();
    assert_eq!(world.get("bob", &approved.name).await.unwrap_err().code(), Code::PermissionDenied);
    for reader in ["secretary", "nurse-boss"] {
        let seen = world.get(reader, &approved.name).await.unwrap();
        assert_eq!((seen.leave_type.as_str(), seen.comment.as_str()), ("", ""), "{reader}");
    }
    let probing = world.list_all("secretary", "leave_type = cp").await.unwrap_err();
    assert_eq!(probing.code(), Code::PermissionDenied, "a filter tells the type too");
    let nurses_only = world.list_all("nurse-boss", "leave_type = cp").await.unwrap();
    assert!(nurses_only.leaves.is_empty());
    assert_eq!(world.list_all("boss", "leave_type = cp").await.unwrap().leaves.len(), 1);
    let absences = world.absences("bob", HOSPITAL).await.unwrap();
    let absence = pb::Absence {
        staff_member: "hospitals/chu/staffMembers/ann".to_owned(),
        first_date: Some(date("2027-01-04")),
        first_part: 1,
        last_date: Some(date("2027-01-08")),
        last_part: 2,
    };
    assert_eq!(absences.absences, [absence]);
}

#[tokio::test]
async fn the_version_of_absences_moves_with_them() {
    let world = World::new().await;
    let empty = world.absences("bob", HOSPITAL).await.unwrap().version;
    let created = world.create("ann", leave("cp", "2027-01-04", "2027-01-08")).await.unwrap();
    assert_eq!(world.absences("bob", HOSPITAL).await.unwrap().version, empty, "pending is not away");
    world.approve("boss", &created, false).await.unwrap();
    assert_ne!(world.absences("bob", HOSPITAL).await.unwrap().version, empty);
}

#[tokio::test]
async fn another_hospital_and_nobody_are_kept_out() {
    let world = World::new().await;
    let other = world.absences("bob", "strasbourg").await.unwrap_err();
    assert_eq!(other.code(), Code::PermissionDenied);
    let request = world::absences_request(HOSPITAL);
    let nobody = world.stranger().list_absences(request).await.unwrap_err();
    assert_eq!(nobody.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn scenario_18_good_friday_counts_as_a_holiday_in_alsace_only() {
    let world = World::new().await;
    let good_friday = || leave("cp", "2027-03-26", "2027-03-26");
    let here = world.create("ann", good_friday()).await.unwrap();
    assert_eq!(here.counted_half_days, 2);
    let world = World::new().await;
    let loaded = world.load_holidays(true).await.unwrap();
    assert_eq!((loaded.created_count, loaded.holidays.len()), (13, 13));
    assert_eq!(world.load_holidays(true).await.unwrap().created_count, 0);
    let refused = world.create("ann", good_friday()).await.unwrap_err();
    assert_eq!(reason(&refused), "LEAVE_NOTHING_COUNTED");
}

#[tokio::test]
async fn a_bad_file_of_school_holidays_changes_nothing() {
    let world = World::new().await;
    let good = "name,first_date,last_date,zone\nNoël,2026-12-19,2027-01-03,A\n";
    let bad = "name,first_date,last_date,zone\nNoël,2026-12-19,2027-01-03,A\nHiver,2027-02-30,2027-03-01,Z\n";
    let refused = world.import(bad).await.unwrap_err();
    assert_eq!(reason(&refused), "IMPORT_INVALID");
    assert_eq!(world::fields(&refused), ["holidays.csv:3:first_date", "holidays.csv:3:zone"]);
    let counts = |answer: pb::ImportSchoolHolidaysResponse| (answer.created_count, answer.unchanged_count);
    assert_eq!(counts(world.import(good).await.unwrap()), (1, 0));
    assert_eq!(counts(world.import(good).await.unwrap()), (0, 1));
}

#[tokio::test]
async fn a_page_token_of_another_query_is_refused() {
    let world = World::new().await;
    for day in ["2027-01-04", "2027-01-05", "2027-01-06"] {
        world.create("ann", leave("cp", day, day)).await.unwrap();
    }
    let page = |filter: &str, page_token: &str| pb::ListLeavesRequest {
        parent: "hospitals/chu/staffMembers/ann".to_owned(),
        page_size: 2,
        filter: filter.to_owned(),
        page_token: page_token.to_owned(),
    };
    let first = world.send_list("ann", page("", "")).await.unwrap();
    assert_eq!(first.leaves.len(), 2);
    let second = world.send_list("ann", page("", &first.next_page_token)).await.unwrap();
    assert_eq!((second.leaves.len(), second.next_page_token.as_str()), (1, ""));
    let other = world.send_list("ann", page("state = PENDING", &first.next_page_token)).await.unwrap_err();
    assert_eq!(reason(&other), "PAGE_TOKEN_INVALID");
    let unread = world.send_list("ann", page("shoe_size = 43", "")).await.unwrap_err();
    assert_eq!(reason(&unread), "FILTER_INVALID");
}

#[tokio::test]
async fn an_adjustment_is_a_line_with_a_reason() {
    let world = World::new().await;
    let adjusted = world.adjust("boss", "recup-2026", 4, "worked on Sunday").await.unwrap();
    assert_eq!(adjusted.remaining_half_days, 4);
    let below = world.adjust("boss", "recup-2026", -5, "typing error").await.unwrap_err();
    assert_eq!(reason(&below), "LEAVE_BALANCE_EXCEEDED");
    assert_eq!(
        world.adjust("ann", "recup-2026", 4, "please").await.unwrap_err().code(),
        Code::PermissionDenied
    );
    let unknown = world.adjust("boss", "mal-2026", 4, "x").await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
}

#[tokio::test]
async fn the_policy_changes_by_mask_and_version() {
    let world = World::new().await;
    let policy = world.policy("bob").await.unwrap();
    assert_eq!(policy.absent_percentage_max, 30);
    let zone = pb::LeavePolicy { school_zone: "B".to_owned(), ..policy.clone() };
    let changed = world.update_policy(zone.clone(), &["school_zone"]).await.unwrap();
    assert_eq!((changed.school_zone.as_str(), changed.absent_percentage_max), ("B", 30));
    assert_eq!(reason(&world.update_policy(zone, &["school_zone"]).await.unwrap_err()), "ETAG_MISMATCH");
    let wrong = pb::LeavePolicy { etag: String::new(), absent_percentage_max: 130, ..changed };
    let refused = world.update_policy(wrong, &["absent_percentage_max"]).await.unwrap_err();
    assert_eq!(world::fields(&refused), ["leave_policy.absent_percentage_max"]);
}

#[tokio::test]
async fn a_person_cancels_alone_only_with_notice() {
    let world = World::new().await;
    let soon = world.create("ann", leave("cp", "2026-12-07", "2026-12-08")).await.unwrap();
    world.approve("boss", &soon, false).await.unwrap();
    assert_eq!(world.cancel("ann", &soon.name).await.unwrap_err().code(), Code::PermissionDenied);
    world.cancel("boss", &soon.name).await.unwrap();
    let over = world.cancel("boss", &soon.name).await.unwrap_err();
    assert_eq!(reason(&over), "LEAVE_NOT_CANCELLABLE");
}

#[tokio::test]
async fn without_staff_nothing_is_guessed() {
    let world = World::new().await;
    world.break_staff();
    let refused = world.create("ann", leave("cp", "2027-01-04", "2027-01-08")).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
}

#[tokio::test]
async fn leave_events_say_who_and_when_but_not_why() {
    let world = World::new().await;
    let mut tail = world.bus.tail("leave");
    let created = world.create("ann", leave("mal", "2026-11-23", "2026-11-25")).await.unwrap();
    let event = tail.next().await.unwrap();
    assert_eq!((event.hospital.as_str(), event.subject.as_str()), (HOSPITAL, created.name.as_str()));
    let approved = durable::event::decode::<pb::LeaveApproved>(&event).unwrap().unwrap();
    assert_eq!(approved.staff_member, "hospitals/chu/staffMembers/ann");
    assert!(!format!("{approved:?}").contains("mal"));
}

#[tokio::test]
async fn roles_are_needed_as_the_table_says() {
    let world = World::new().await;
    let created = world.create("ann", leave("cp", "2027-01-04", "2027-01-08")).await.unwrap();
    for role in Role::ALL {
        let may = matches!(role, Role::SuperAdministrator | Role::AnesthetistAdministrator);
        let refused = world.preview_approval_as(role, &created).await.err().map(|status| status.code());
        assert_eq!(refused, (!may).then_some(Code::PermissionDenied), "{role:?}");
    }
}
