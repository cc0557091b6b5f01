//! Locums: the half-days that they declare, and what they are kept from.

use chassis::testing::with_token;
use prost_types::FieldMask;
use proto::{
    staff::v1 as pb,
    r#type::v1::{Date, DayPart},
};
use tonic::{Code, Status};

use crate::world::{HOSPITAL, PASSWORD, World, fields, person, refusal, request_id, sign_in};

fn stretch(first: i32, last: i32) -> pb::Availability {
    let date = |day| Some(Date { year: 2027, month: 1, day });
    pb::Availability {
        first_date: date(first),
        first_part: DayPart::Morning.into(),
        last_date: date(last),
        last_part: DayPart::Morning.into(),
    }
}

/// A locum who has signed in.
async fn signed_in(world: &World) -> pb::Session {
    let request = pb::CreateStaffMemberRequest {
        parent: HOSPITAL.into(),
        staff_member_id: "remy".into(),
        staff_member: Some(pb::StaffMember { is_locum: true, ..person("remy", "MAR") }),
        request_id: String::new(),
    };
    let locum = world.staff().create_staff_member(world.by_admin(request)).await.unwrap().into_inner();
    assert_eq!(locum.roles, [pb::Role::Locum as i32]);
    let temporary = world.reset(&locum.name, "").await.unwrap();
    let mut request = sign_in(&locum.email, &temporary);
    request.new_password = PASSWORD.into();
    world.sessions().create_session(request).await.unwrap().into_inner()
}

async fn update(
    world: &World,
    token: &str,
    sent: pb::StaffMember,
    path: &str,
) -> Result<pb::StaffMember, Status> {
    let request = pb::UpdateStaffMemberRequest {
        staff_member: Some(sent),
        update_mask: Some(FieldMask { paths: vec![path.into()] }),
        request_id: request_id(),
    };
    world.staff().update_staff_member(with_token(request, token)).await.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn a_locum_declares_half_days_and_an_administrator_does_too() {
    let world = World::new().await;
    let remy = signed_in(&world).await;
    let named = |availabilities| pb::StaffMember {
        name: remy.staff_member.clone(),
        availabilities,
        ..Default::default()
    };
    let own = vec![stretch(4, 8)];
    let first = update(&world, &remy.access_token, named(own.clone()), "availabilities").await.unwrap();
    assert_eq!(first.availabilities, own);
    let both = vec![stretch(4, 8), stretch(11, 15)];
    let told = update(&world, &world.admin, named(both.clone()), "availabilities").await.unwrap();
    assert_eq!(told.availabilities, both);
    let stale = pb::StaffMember { etag: first.etag, ..named(vec![]) };
    let stale = update(&world, &remy.access_token, stale, "availabilities").await;
    assert_eq!(refusal(stale), (Code::Aborted, "ETAG_MISMATCH".into()));
    let none = update(&world, &remy.access_token, named(vec![]), "availabilities").await.unwrap();
    assert!(none.availabilities.is_empty());
}

#[tokio::test]
async fn what_a_locum_is_kept_from_is_written_by_administrators() {
    let world = World::new().await;
    let remy = signed_in(&world).await;
    let specialty = pb::CreateSpecialtyRequest {
        parent: HOSPITAL.into(),
        specialty: Some(pb::Specialty { display_name: "Urologie".into(), ..Default::default() }),
        ..Default::default()
    };
    let urology = world.staff().create_specialty(world.by_admin(specialty)).await.unwrap().into_inner();
    let named = pb::StaffMember { name: remy.staff_member.clone(), ..Default::default() };
    let activities = vec![pb::Activity::Garde as i32, pb::Activity::Supervision as i32];
    let sent = pb::StaffMember { excluded_activities: activities.clone(), ..named.clone() };
    let own = update(&world, &remy.access_token, sent.clone(), "excluded_activities").await;
    assert_eq!(refusal(own).0, Code::PermissionDenied);
    let told = update(&world, &world.admin, sent, "excluded_activities").await.unwrap();
    assert_eq!(told.excluded_activities, activities);
    let sent = pb::StaffMember { excluded_specialties: vec![urology.name.clone()], ..named.clone() };
    let told = update(&world, &world.admin, sent, "excluded_specialties").await.unwrap();
    assert_eq!(told.excluded_specialties, [urology.name]);
    let unknown = format!("{HOSPITAL}/specialties/none");
    let sent = pb::StaffMember { excluded_specialties: vec![unknown], ..named.clone() };
    let refused = update(&world, &world.admin, sent, "excluded_specialties").await;
    assert_eq!(fields(refused), ["staff_member.excluded_specialties"]);
    let sent = pb::StaffMember { excluded_activities: vec![99], ..named };
    let refused = update(&world, &world.admin, sent, "excluded_activities").await;
    assert_eq!(fields(refused), ["staff_member.excluded_activities"]);
}

#[tokio::test]
async fn nobody_but_a_locum_declares_when_they_are_there() {
    let world = World::new().await;
    let anne = world.signed_in("anne", "MAR").await;
    let named = pb::StaffMember { name: anne.staff_member.clone(), ..Default::default() };
    let sent = pb::StaffMember { availabilities: vec![stretch(4, 8)], ..named.clone() };
    let own = update(&world, &anne.access_token, sent.clone(), "availabilities").await;
    assert_eq!(fields(own), ["staff_member.availabilities"]);
    let refused = update(&world, &world.admin, sent, "availabilities").await;
    assert_eq!(fields(refused), ["staff_member.availabilities"]);
    let backwards = pb::StaffMember { is_locum: true, availabilities: vec![stretch(8, 4)], ..named };
    let refused = update(&world, &world.admin, backwards, "*").await;
    assert!(fields(refused).contains(&"staff_member.availabilities".to_owned()));
}
