//! Bad input through the front door: a clear typed error in the caller's terms, and nothing is changed.

use mathildanesth::demo::{
    self,
    department::Department,
    story::{Step, Story},
    visitor::Visitor,
};
use proto::{
    leave::v1::{CreateLeaveRequest, Leave, ListLeavesRequest},
    planning::v1::{
        CreatePlanRequest, GeneratePlanRequest, ImportTemplateRequest, ListPlansRequest, ListShiftsRequest,
        Plan,
    },
    staff::v1::{
        GetRoomRequest, ImportDepartmentRequest, ImportFile, ListStaffMembersRequest, ListSurgeonsRequest,
        Room, UpdateRoomRequest, import_file::Kind,
    },
    r#type::v1::Date,
};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{AllInOne, PATIENCE, play};

const HOSPITAL: &str = "hospitals/tilleuls";

/// The code, the reason and the fields of a refusal.
fn refusal(status: Status) -> (Code, String, Vec<String>) {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.clone()).unwrap_or_default();
    let fields =
        details.bad_request().map(|bad| bad.field_violations.iter().map(|v| v.field.clone()).collect());
    (status.code(), reason, fields.unwrap_or_default())
}

fn date(year: i32, month: i32, day: i32) -> Option<Date> {
    Some(Date { year, month, day })
}

async fn import(visitor: &Visitor, kind: Kind, name: &str, content: &str) -> Result<(), Status> {
    let file =
        ImportFile { kind: kind.into(), file_name: name.to_owned(), content: content.as_bytes().to_vec() };
    let request = ImportDepartmentRequest {
        parent: HOSPITAL.to_owned(),
        files: vec![file],
        request_id: uuid::Uuid::new_v4().to_string(),
        validate_only: false,
    };
    visitor.staff().import_department(request).await.map(drop)
}

async fn people(visitor: &Visitor) -> usize {
    let request =
        ListStaffMembersRequest { parent: HOSPITAL.to_owned(), page_size: 1000, ..Default::default() };
    visitor.staff().list_staff_members(request).await.unwrap().into_inner().staff_members.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_file_names_line_and_column_and_changes_nothing() {
    let whole = AllInOne::start();
    let mut story = Story::new(demo::setting(&play(), &whole.address(), None, PATIENCE).unwrap(), |_| ());
    story.play(Step::ImportDepartment).await.unwrap();
    let visitor = story.administrator();
    let before = people(visitor).await;
    let header = "email,given_name,family_name,profession,first_date";
    let contracts = "email,first_date,last_date,percentage,work_pattern";
    let cases: [(&str, Kind, &str, String, &[&str]); 6] = [
        (
            "an unknown column",
            Kind::StaffMembers,
            "p.csv",
            format!("{header},shoe_size\na@x.example,A,B,MAR,2026-01-01,43\n"),
            &["p.csv:1:shoe_size"],
        ),
        (
            "a date that does not exist",
            Kind::StaffMembers,
            "p.csv",
            format!("{header}\na@x.example,A,B,MAR,2026-02-30\n"),
            &["p.csv:2:first_date"],
        ),
        (
            "one person twice",
            Kind::StaffMembers,
            "p.csv",
            format!("{header}\na@x.example,A,B,MAR,2026-01-01\nA@x.example,A,C,MAR,2026-01-01\n"),
            &["p.csv:3:email"],
        ),
        (
            "130 %",
            Kind::Contracts,
            "c.csv",
            format!("{contracts}\nmar01@tilleuls.example,2031-01-01,2031-12-31,130,FULL_TIME\n"),
            &["c.csv:2:percentage"],
        ),
        (
            "overlapping contracts",
            Kind::Contracts,
            "c.csv",
            format!("{contracts}\nmar01@tilleuls.example,2026-06-01,2026-07-01,100,FULL_TIME\n"),
            &["c.csv:2:first_date"],
        ),
        (
            "several at once",
            Kind::StaffMembers,
            "p.csv",
            format!("{header}\na@x.example,A,B,MAR,soon\nb@x.example,,B,MAR,31/12/2026\n"),
            &["p.csv:2:first_date", "p.csv:3:given_name", "p.csv:3:first_date"],
        ),
    ];
    for (what, kind, name, content, fields) in cases {
        let (code, reason, found) = refusal(import(visitor, kind, name, &content).await.unwrap_err());
        assert_eq!((code, reason.as_str()), (Code::InvalidArgument, "IMPORT_INVALID"), "{what}");
        for field in fields {
            assert!(found.iter().any(|f| f == field), "{what}: {field} is not among {found:?}");
        }
    }
    assert_eq!(people(visitor).await, before, "a refused file changed something");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leave_that_ends_before_it_begins_is_refused() {
    let whole = AllInOne::start();
    let mut story = Story::new(demo::setting(&play(), &whole.address(), None, PATIENCE).unwrap(), |_| ());
    for step in [Step::ImportDepartment, Step::SignIn, Step::LoadHolidays] {
        story.play(step).await.unwrap();
    }
    let email = "mar02@tilleuls.example";
    let (visitor, person) = (story.visitor(email).unwrap(), story.outcome.people[email].name.clone());
    let leave = Leave {
        leave_type: format!("{HOSPITAL}/leaveTypes/cp"),
        first_date: date(2026, 12, 18),
        last_date: date(2026, 12, 14),
        ..Default::default()
    };
    let request = CreateLeaveRequest {
        parent: person.clone(),
        leave: Some(leave),
        request_id: uuid::Uuid::new_v4().to_string(),
        validate_only: false,
    };
    let (code, reason, fields) = refusal(visitor.leave().create_leave(request).await.unwrap_err());
    assert_eq!((code, reason.as_str()), (Code::InvalidArgument, "FIELD_VIOLATIONS"));
    assert!(fields.iter().any(|field| field == "leave.last_date"), "{fields:?}");
    let list = ListLeavesRequest { parent: person, ..Default::default() };
    assert!(visitor.leave().list_leaves(list).await.unwrap().into_inner().leaves.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_without_staff_and_a_closed_room_are_refused() {
    let whole = AllInOne::start();
    let mut story = Story::new(demo::setting(&play(), &whole.address(), None, PATIENCE).unwrap(), |_| ());
    story.play(Step::ImportDepartment).await.unwrap();
    let visitor = story.administrator();

    // The department's contracts begin in 2025.
    let plan = Plan {
        first_date: date(2024, 3, 1),
        sites: vec![format!("{HOSPITAL}/sites/tilleuls")],
        ..Default::default()
    };
    let create = CreatePlanRequest {
        parent: HOSPITAL.to_owned(),
        plan: Some(plan),
        request_id: uuid::Uuid::new_v4().to_string(),
        ..Default::default()
    };
    let refused = match visitor.planning().create_plan(create).await {
        Err(status) => status,
        Ok(plan) => {
            let generate = GeneratePlanRequest {
                name: plan.into_inner().name,
                request_id: uuid::Uuid::new_v4().to_string(),
                ..Default::default()
            };
            visitor.planning().generate_plan(generate).await.unwrap_err()
        }
    };
    let (code, reason, _) = refusal(refused);
    assert_eq!((code, reason.as_str()), (Code::FailedPrecondition, "PLAN_WITHOUT_STAFF"));

    let name = format!("{HOSPITAL}/sites/tilleuls/sectors/septique/rooms/salle-9");
    let room = visitor.sites().get_room(GetRoomRequest { name }).await.unwrap().into_inner();
    let closed = Room { is_closed: true, ..room };
    let update = UpdateRoomRequest {
        room: Some(closed),
        update_mask: Some(prost_types::FieldMask { paths: vec!["is_closed".to_owned()] }),
        ..Default::default()
    };
    visitor.sites().update_room(update).await.unwrap();
    let import = ImportTemplateRequest {
        parent: HOSPITAL.to_owned(),
        display_name: "Trame".to_owned(),
        file_name: "trame.csv".to_owned(),
        content: Department::synthetic(7).unwrap().trame,
        request_id: uuid::Uuid::new_v4().to_string(),
        validate_only: false,
    };
    let (code, reason, fields) = refusal(visitor.planning().import_template(import).await.unwrap_err());
    assert_eq!((code, reason.as_str()), (Code::InvalidArgument, "IMPORT_INVALID"));
    assert!(!fields.is_empty() && fields.iter().all(|field| field.ends_with(":room")), "{fields:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_ten_mebibytes_a_foreign_page_token_and_bad_tokens_are_refused() {
    let whole = AllInOne::start();
    let mut story = Story::new(demo::setting(&play(), &whole.address(), None, PATIENCE).unwrap(), |_| ());
    story.play(Step::ImportDepartment).await.unwrap();
    let visitor = story.administrator();

    let heavy = import(visitor, Kind::Sites, "sites.csv", &"x".repeat(10 * 1024 * 1024)).await.unwrap_err();
    let (code, reason, _) = refusal(heavy);
    assert_eq!((code, reason.as_str()), (Code::ResourceExhausted, "MESSAGE_TOO_LARGE"));

    let surgeons = ListSurgeonsRequest { parent: HOSPITAL.to_owned(), page_size: 5, ..Default::default() };
    let page_token = visitor.staff().list_surgeons(surgeons).await.unwrap().into_inner().next_page_token;
    let members = ListStaffMembersRequest {
        parent: HOSPITAL.to_owned(),
        page_size: 5,
        page_token: page_token.clone(),
        ..Default::default()
    };
    let (code, reason, _) = refusal(visitor.staff().list_staff_members(members).await.unwrap_err());
    assert_eq!((code, reason.as_str()), (Code::InvalidArgument, "PAGE_TOKEN_INVALID"));
    let plans = ListPlansRequest { parent: HOSPITAL.to_owned(), page_token, ..Default::default() };
    let (code, reason, _) = refusal(visitor.planning().list_plans(plans).await.unwrap_err());
    assert_eq!((code, reason.as_str()), (Code::InvalidArgument, "PAGE_TOKEN_INVALID"));

    let stranger = visitor.with_token("not.a.token").unwrap();
    let list = ListShiftsRequest { parent: format!("{HOSPITAL}/plans/x"), ..Default::default() };
    let (code, reason, _) = refusal(stranger.planning().list_shifts(list).await.unwrap_err());
    assert_eq!((code, reason.as_str()), (Code::Unauthenticated, "TOKEN_INVALID"));
}
