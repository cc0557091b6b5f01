//! What is told of decisions about leave and unavailabilities beside yes and no: what goes back, what has waited for too
//! long, what was proposed instead.

use jiff::SignedDuration;
use proto::{
    leave::v1::{LeaveEscalated, LeaveReturned, UnavailabilityChanged, unavailability::State},
    staff::v1::{Role, StaffMemberCreated},
};

use super::{
    submitted,
    world::{World, date, person},
};

fn returned(who: &str) -> LeaveReturned {
    LeaveReturned {
        leave: format!("{}/leaves/l1", person(who)),
        staff_member: person(who),
        first_date: date("2027-01-04"),
        last_date: date("2027-01-08"),
    }
}

fn changed(who: &str, state: State) -> UnavailabilityChanged {
    UnavailabilityChanged {
        unavailability: format!("{}/unavailabilities/u1", person(who)),
        staff_member: person(who),
        profession: "IADE".to_owned(),
        state: state.into(),
        first_date: date("2027-01-04"),
        last_date: date("2027-01-08"),
        until_date: date("2027-01-08"),
    }
}

pub async fn hire(world: &World, who: &str, role: Role) {
    let roles = vec![role.into()];
    let hired = StaffMemberCreated { staff_member: person(who), roles, ..Default::default() };
    world.publish("staff", &hired).await;
}

#[tokio::test]
async fn a_request_that_goes_back_is_told_to_its_requester() {
    let world = World::new().await;
    let envelope = world.envelope(&returned("ann"));
    for _ in 0..2 {
        world.send("leave", envelope.clone()).await;
    }
    let told = world.list("ann", "").await.unwrap().notifications;
    assert_eq!((told.len(), told[0].kind.as_str()), (1, "LEAVE_RETURNED"));
    assert_eq!(told[0].title, "Demande de congé à revoir");
    assert_eq!(told[0].subject, format!("{}/leaves/l1", person("ann")));
}

#[tokio::test]
async fn nobody_is_reminded_to_decide_about_what_went_back() {
    let world = World::new().await;
    world.publish("leave", &submitted("ann", "MAR")).await;
    world.publish("leave", &returned("ann")).await;
    world.publish("leave", &submitted("bob", "MAR")).await;
    world.clock.advance(SignedDuration::from_hours(48));
    // That of Bob's has come, so that Ann's would have.
    let told = world.told("staffs-boss", 3).await;
    let reminders: Vec<&str> =
        told.iter().filter(|told| told.kind == "APPROVAL_NEEDED").map(|told| told.subject.as_str()).collect();
    assert_eq!(reminders, [format!("{}/leaves/l1", person("bob"))]);
}

#[tokio::test]
async fn what_has_waited_for_too_long_is_told_to_those_who_decide_for_all() {
    let world = World::new().await;
    hire(&world, "boss", Role::AnesthetistAdministrator).await;
    hire(&world, "nurse-boss", Role::NurseAdministrator).await;
    let escalated = LeaveEscalated {
        leave: format!("{}/leaves/l1", person("cam")),
        staff_member: person("cam"),
        profession: "IADE".to_owned(),
        first_date: date("2027-01-04"),
        last_date: date("2027-01-08"),
        waiting_days: 12,
    };
    let envelope = world.envelope(&escalated);
    for _ in 0..2 {
        world.send("leave", envelope.clone()).await;
    }
    let told = world.list("boss", "").await.unwrap().notifications;
    assert_eq!((told.len(), told[0].kind.as_str()), (1, "LEAVE_ESCALATED"));
    assert!(told[0].body.ends_with("attend une décision depuis 12 jours."), "{}", told[0].body);
    for reader in ["nurse-boss", "cam"] {
        assert!(world.list(reader, "").await.unwrap().notifications.is_empty(), "{reader}");
    }
}

#[tokio::test]
async fn an_unavailability_is_told_to_whom_it_is_news() {
    let table = [
        (State::Pending, "nurse-boss", Some("UNAVAILABILITY_SUBMITTED")),
        (State::Pending, "boss", Some("UNAVAILABILITY_SUBMITTED")),
        (State::Pending, "cam", None),
        (State::Approved, "cam", Some("UNAVAILABILITY_APPROVED")),
        (State::Approved, "boss", None),
        (State::Rejected, "cam", Some("UNAVAILABILITY_REJECTED")),
        (State::Countered, "cam", Some("UNAVAILABILITY_COUNTERED")),
        (State::Cancelled, "cam", None),
        (State::Cancelled, "boss", None),
    ];
    for (state, reader, expected) in table {
        let world = World::new().await;
        hire(&world, "boss", Role::AnesthetistAdministrator).await;
        hire(&world, "nurse-boss", Role::NurseAdministrator).await;
        let envelope = world.envelope(&changed("cam", state));
        for _ in 0..2 {
            world.send("leave", envelope.clone()).await;
        }
        let told = world.list(reader, "").await.unwrap().notifications;
        let kinds: Vec<&str> = told.iter().map(|told| told.kind.as_str()).collect();
        assert_eq!(kinds, Vec::from_iter(expected), "{state:?} {reader}");
    }
}

#[tokio::test]
async fn the_steps_of_one_unavailability_are_told_each_by_itself() {
    let world = World::new().await;
    for state in [State::Countered, State::Approved] {
        world.publish("leave", &changed("cam", state)).await;
    }
    let told = world.list("cam", "").await.unwrap().notifications;
    let kinds: Vec<&str> = told.iter().map(|told| told.kind.as_str()).collect();
    assert_eq!(kinds, ["UNAVAILABILITY_APPROVED", "UNAVAILABILITY_COUNTERED"]);
    assert_eq!(told[0].subject, format!("{}/unavailabilities/u1", person("cam")));
}
