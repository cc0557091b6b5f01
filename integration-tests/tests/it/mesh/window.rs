//! Maintenance on the whole system: in its window the named services answer questions only, whatever dies meanwhile.

use chassis::testing::eventually;
use jiff::{SignedDuration, Timestamp};
use mathildanesth::demo::{
    self,
    visitor::{Login, Visitor},
};
use proto::{
    leave::v1::{GetLeavePolicyRequest, LeavePolicy, UpdateLeavePolicyRequest},
    notification::v1::{
        CancelNoticeRequest, CreateNoticeRequest, GetBannerRequest, ListNotificationsRequest, Notice,
        notice::{Category, Service, Severity, State},
    },
    planning::v1::{CreatePlanRequest, ListPlansRequest},
    staff::v1::ListStaffMembersRequest,
};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::{AllInOne, PATIENCE};

const HOSPITAL: &str = "hospitals/tilleuls";

fn proto(moment: Timestamp) -> Option<prost_types::Timestamp> {
    Some(prost_types::Timestamp { seconds: moment.as_second(), nanos: 0 })
}

fn login() -> Login {
    Login {
        hospital: HOSPITAL.to_owned(),
        email: demo::ADMINISTRATOR.to_owned(),
        password: demo::PASSWORD.to_owned(),
    }
}

async fn announce(visitor: &Visitor) -> Notice {
    let now = Timestamp::now();
    let notice = Notice {
        category: Category::Maintenance.into(),
        severity: Severity::Critical.into(),
        french_text: "Mise à jour de la base des congés.".to_owned(),
        start_time: proto(now - SignedDuration::from_secs(60)),
        end_time: proto(now + SignedDuration::from_hours(2)),
        read_only_services: vec![Service::Leave.into()],
        ..Default::default()
    };
    let (parent, notice) = (HOSPITAL.to_owned(), Some(notice));
    let request_id = uuid::Uuid::new_v4().to_string();
    let request = CreateNoticeRequest { parent, notice, request_id, ..Default::default() };
    visitor.notifications().create_notice(request).await.unwrap().into_inner()
}

async fn change_leave(visitor: &Visitor) -> Result<(), Status> {
    let name = format!("{HOSPITAL}/leavePolicy");
    let policy = LeavePolicy { name, absent_percentage_max: 40, ..Default::default() };
    let request = UpdateLeavePolicyRequest { leave_policy: Some(policy), ..Default::default() };
    visitor.leave().update_leave_policy(request).await.map(drop)
}

/// Until when the refusal says that leave is closed.
async fn refusal(visitor: &Visitor) -> Status {
    eventually("leave is closed", async || change_leave(visitor).await.err()).await
}

fn is_a_clear_refusal(status: &Status) {
    let details = status.get_error_details();
    assert_eq!(status.code(), Code::FailedPrecondition, "{status}");
    assert_eq!(details.error_info().unwrap().reason, "READ_ONLY_WINDOW");
    let wait = details.retry_info().unwrap().retry_delay.unwrap();
    assert!((6_900..=7_200).contains(&wait.as_secs()), "{wait:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_window_leave_answers_questions_only_and_remembers_it() {
    let mut whole = AllInOne::start();
    let visitor = Visitor::new(&whole.address(), None, PATIENCE).unwrap().sign_in(&login()).await.unwrap();
    change_leave(&visitor).await.unwrap();
    let notice = announce(&visitor).await;
    assert_eq!(notice.state(), State::Active);
    is_a_clear_refusal(&refusal(&visitor).await);

    let people = ListStaffMembersRequest { parent: HOSPITAL.to_owned(), ..Default::default() };
    let people = visitor.staff().list_staff_members(people).await.unwrap().into_inner().staff_members;
    let told = async || {
        let request = ListNotificationsRequest { parent: people[0].name.clone(), ..Default::default() };
        let listed = visitor.notifications().list_notifications(request).await.unwrap().into_inner();
        listed.notifications.into_iter().find(|told| told.kind == "MAINTENANCE")
    };
    assert_eq!(eventually("people are told", told).await.subject, notice.name);
    let banner = GetBannerRequest { name: format!("{HOSPITAL}/banner") };
    assert_eq!(
        visitor.notifications().get_banner(banner).await.unwrap().into_inner().notices[0].name,
        notice.name
    );

    whole.die_and_come_back();
    // What was announced before is in force with the first answer.
    let visitor = Visitor::new(&whole.address(), None, PATIENCE).unwrap().sign_in(&login()).await.unwrap();
    is_a_clear_refusal(&change_leave(&visitor).await.unwrap_err());
    let policy = GetLeavePolicyRequest { name: format!("{HOSPITAL}/leavePolicy") };
    assert_eq!(
        visitor.leave().get_leave_policy(policy).await.unwrap().into_inner().absent_percentage_max,
        40
    );
    // Another service is as open as ever: its refusal is its own.
    let plans = ListPlansRequest { parent: HOSPITAL.to_owned(), ..Default::default() };
    visitor.planning().list_plans(plans).await.unwrap();
    let plan = CreatePlanRequest { parent: HOSPITAL.to_owned(), ..Default::default() };
    assert_eq!(visitor.planning().create_plan(plan).await.unwrap_err().code(), Code::InvalidArgument);

    let request = CancelNoticeRequest { name: notice.name, ..Default::default() };
    visitor.notifications().cancel_notice(request).await.unwrap();
    eventually("leave is open again", async || change_leave(&visitor).await.ok()).await;
}
