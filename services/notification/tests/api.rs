//! Notification as a black box: events go in by the bus, a real client reads over the whole server stack.

#![allow(clippy::unwrap_used)]

#[path = "api/audit.rs"]
mod audit;
#[path = "api/decisions.rs"]
mod decisions;
#[path = "api/erasure.rs"]
mod erasure;
#[path = "api/exchanges.rs"]
mod exchanges;
#[path = "api/notices.rs"]
mod notices;
#[path = "api/preferences.rs"]
mod preferences;
#[path = "api/receiver.rs"]
mod receiver;
#[path = "api/reminders.rs"]
mod reminders;
#[path = "api/traffic.rs"]
mod traffic;
#[path = "api/webhooks.rs"]
mod webhooks;
#[path = "api/world.rs"]
mod world;

use proto::{
    leave::v1::{LeaveApproved, LeaveCancelled, LeaveRejected, LeaveSubmitted},
    notification::v1 as pb,
    planning::v1::{DutyChange, PersonChanges, PlanPublished, duty_change::Change, shift::Kind},
    staff::v1::{Role, StaffMemberCreated, StaffMemberDeactivated},
};
use tonic::Code;
use world::{HOSPITAL, World, date, person};

fn submitted(who: &str, profession: &str) -> LeaveSubmitted {
    LeaveSubmitted {
        leave: format!("{}/leaves/l1", person(who)),
        staff_member: person(who),
        profession: profession.to_owned(),
        first_date: date("2027-01-04"),
        last_date: date("2027-01-08"),
        ..Default::default()
    }
}

fn approved(who: &str) -> LeaveApproved {
    LeaveApproved {
        leave: format!("{}/leaves/l1", person(who)),
        staff_member: person(who),
        first_date: date("2027-01-04"),
        last_date: date("2027-01-08"),
        ..Default::default()
    }
}

fn cancelled(who: &str, actor: &str, was_approved: bool) -> LeaveCancelled {
    LeaveCancelled {
        leave: format!("{}/leaves/l1", person(who)),
        staff_member: person(who),
        profession: "MAR".to_owned(),
        first_date: date("2027-01-04"),
        last_date: date("2027-01-08"),
        was_approved,
        actor: person(actor),
        ..Default::default()
    }
}

fn kinds(listed: &pb::ListNotificationsResponse) -> Vec<&str> {
    listed.notifications.iter().map(|notification| notification.kind.as_str()).collect()
}

#[tokio::test]
async fn the_requester_is_told_in_their_language() {
    let world = World::new().await;
    world.publish("leave", &approved("ann")).await;
    let french = world.list("ann", "").await.unwrap();
    assert_eq!(french.unread_count, 1);
    assert_eq!(french.notifications[0].title, "Congé accepté");
    assert_eq!(french.notifications[0].priority(), pb::notification::Priority::High);
    assert_eq!(french.notifications[0].subject, format!("{}/leaves/l1", person("ann")));
    let english = world.list_in("en-GB", "ann").await.unwrap();
    let body = "Your leave from 4 January 2027 to 8 January 2027 is approved.";
    assert_eq!(english.notifications[0].body, body);
    assert!(world.list("bob", "").await.unwrap().notifications.is_empty());
}

#[tokio::test]
async fn an_event_delivered_twice_is_told_once() {
    let world = World::new().await;
    let envelope = world.envelope(&approved("ann"));
    world.send("leave", envelope.clone()).await;
    world.send("leave", envelope).await;
    assert_eq!(world.list("ann", "").await.unwrap().notifications.len(), 1);
}

#[tokio::test]
async fn a_request_is_told_to_those_who_decide_about_its_profession() {
    let world = World::new().await;
    let hire = |who: &str, role: Role| StaffMemberCreated {
        staff_member: person(who),
        roles: vec![role.into()],
        ..Default::default()
    };
    world.publish("staff", &hire("boss", Role::AnesthetistAdministrator)).await;
    world.publish("staff", &hire("old-boss", Role::SuperAdministrator)).await;
    world.publish("staff", &hire("nurse-boss", Role::NurseAdministrator)).await;
    world.publish("staff", &hire("ann", Role::Anesthetist)).await;
    let gone = StaffMemberDeactivated { staff_member: person("old-boss"), ..Default::default() };
    world.publish("staff", &gone).await;
    world.publish("leave", &submitted("ann", "MAR")).await;
    world.publish("leave", &submitted("cam", "IADE")).await;
    for (who, expected) in [("boss", 2), ("nurse-boss", 1), ("old-boss", 0), ("ann", 0)] {
        assert_eq!(
            world.list(who, "kind = LEAVE_SUBMITTED").await.unwrap().notifications.len(),
            expected,
            "{who}"
        );
    }
}

#[tokio::test]
async fn a_hospital_of_which_no_event_told_is_asked_from_staff() {
    let world = World::new().await;
    world.publish("leave", &submitted("ann", "MAR")).await;
    assert_eq!(world.list("staffs-boss", "").await.unwrap().notifications.len(), 1);
}

#[tokio::test]
async fn a_cancellation_is_told_to_whom_it_is_news() {
    let table = [
        (cancelled("ann", "boss", true), "ann", 1),
        (cancelled("ann", "ann", true), "ann", 0),
        (cancelled("ann", "ann", true), "staffs-boss", 1),
        (cancelled("ann", "ann", false), "staffs-boss", 0),
    ];
    for (event, reader, expected) in table {
        let world = World::new().await;
        world.publish("leave", &event).await;
        assert_eq!(world.list(reader, "").await.unwrap().notifications.len(), expected, "{event:?} {reader}");
    }
}

#[tokio::test]
async fn a_publication_is_told_to_those_whose_duties_changed() {
    let world = World::new().await;
    let change = |change: Change, kind: Kind, day| DutyChange {
        change: change.into(),
        kind: kind.into(),
        date: date(day),
        ..Default::default()
    };
    let changes = vec![
        change(Change::Added, Kind::Garde, "2027-01-04"),
        change(Change::Added, Kind::Garde, "2027-01-14"),
        change(Change::Removed, Kind::Theatre, "2027-01-05"),
    ];
    let published = PlanPublished {
        plan: format!("hospitals/{HOSPITAL}/plans/p1"),
        first_date: date("2027-01-01"),
        last_date: date("2027-01-31"),
        people: vec![
            PersonChanges { staff_member: person("ann"), changes },
            PersonChanges { staff_member: person("bob"), changes: vec![] },
        ],
        ..Default::default()
    };
    world.publish("planning", &published).await;
    let told = world.list("ann", "").await.unwrap();
    assert_eq!(
        told.notifications[0].body,
        "Le planning du 1er janvier 2027 au 31 janvier 2027 est publié. Pour vous : 2 gardes ajoutées, 1 demi-journée retirée."
    );
    assert!(world.list("bob", "").await.unwrap().notifications.is_empty());
}

#[tokio::test]
async fn reading_counts_down_and_can_be_repeated() {
    let world = World::new().await;
    let rejected = LeaveRejected {
        leave: format!("{}/leaves/l2", person("ann")),
        staff_member: person("ann"),
        first_date: date("2027-02-01"),
        last_date: date("2027-02-01"),
    };
    world.publish("leave", &approved("ann")).await;
    world.publish("leave", &rejected).await;
    let listed = world.list("ann", "").await.unwrap();
    assert_eq!(kinds(&listed), ["LEAVE_REJECTED", "LEAVE_APPROVED"]);
    let first = vec![listed.notifications[0].name.clone()];
    assert_eq!(world.read("ann", first.clone()).await.unwrap().unread_count, 1);
    assert_eq!(world.read("ann", first).await.unwrap().unread_count, 1);
    assert_eq!(kinds(&world.list("ann", "is_read = false").await.unwrap()), ["LEAVE_APPROVED"]);
    assert_eq!(world.read("ann", vec![]).await.unwrap().unread_count, 0);
    let unknown = format!("{}/notifications/none", person("ann"));
    assert_eq!(world.read("ann", vec![unknown]).await.unwrap_err().code(), Code::NotFound);
    let foreign = format!("{}/notifications/none", person("bob"));
    assert_eq!(world.read("ann", vec![foreign]).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_stream_says_what_is_new_and_resumes_where_it_was() {
    let world = World::new().await;
    world.publish("leave", &approved("ann")).await;
    let mut stream = world.watch("ann", "").await.unwrap();
    let greeting = stream.message().await.unwrap().unwrap();
    assert_eq!((greeting.notification, greeting.unread_count), (None, 1));
    world.publish("leave", &cancelled("ann", "boss", true)).await;
    let news = stream.message().await.unwrap().unwrap();
    assert_eq!(news.notification.unwrap().kind, "LEAVE_CANCELLED");
    drop(stream);

    world.publish("leave", &approved("ann")).await;
    let mut resumed = world.watch("ann", &greeting.resume_token).await.unwrap();
    let mut kinds = Vec::new();
    for _ in 0..2 {
        kinds.push(resumed.message().await.unwrap().unwrap().notification.unwrap().kind);
    }
    assert_eq!(kinds, ["LEAVE_CANCELLED", "LEAVE_APPROVED"]);
    let wrong = world.watch("ann", "yesterday").await.unwrap_err();
    assert_eq!(wrong.code(), Code::InvalidArgument);
}

#[tokio::test]
async fn nobody_reads_what_another_was_told() {
    let world = World::new().await;
    world.publish("leave", &approved("ann")).await;
    let name = world.list("ann", "").await.unwrap().notifications[0].name.clone();
    assert_eq!(world.get("ann", &name).await.unwrap().name, name);
    for reader in ["bob", "boss"] {
        assert_eq!(world.get(reader, &name).await.unwrap_err().code(), Code::PermissionDenied);
        let watching = world.watch_of(reader, "ann").await.unwrap_err();
        assert_eq!(watching.code(), Code::PermissionDenied);
    }
    let absent = format!("{}/notifications/none", person("ann"));
    assert_eq!(world.get("ann", &absent).await.unwrap_err().code(), Code::NotFound);
}
