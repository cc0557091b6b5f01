//! Professions as the hospital speaks of them: what it begins with, its own over them, and who has which.

use chassis::testing::with_token;
use prost_types::FieldMask;
use proto::staff::v1 as pb;
use tonic::{Code, Status};

use crate::world::{HOSPITAL, World, fields, person, refusal, request_id};

async fn list(world: &World) -> Vec<pb::Profession> {
    let request = pb::ListProfessionsRequest { parent: HOSPITAL.into(), ..Default::default() };
    world.staff().list_professions(world.by_admin(request)).await.unwrap().into_inner().professions
}

async fn create(world: &World, id: &str, base: &str, label: &str) -> Result<pb::Profession, Status> {
    let request = pb::CreateProfessionRequest {
        parent: HOSPITAL.into(),
        profession_id: id.into(),
        profession: Some(pb::Profession {
            base: base.into(),
            display_name: label.into(),
            ..Default::default()
        }),
        request_id: request_id(),
    };
    world.staff().create_profession(world.by_admin(request)).await.map(tonic::Response::into_inner)
}

async fn update(world: &World, profession: pb::Profession, path: &str) -> Result<pb::Profession, Status> {
    let request = pb::UpdateProfessionRequest {
        profession: Some(profession),
        update_mask: Some(FieldMask { paths: vec![path.into()] }),
        request_id: request_id(),
    };
    world.staff().update_profession(world.by_admin(request)).await.map(tonic::Response::into_inner)
}

async fn delete(world: &World, name: &str) -> Result<(), Status> {
    let request = pb::DeleteProfessionRequest { name: name.into(), ..Default::default() };
    world.staff().delete_profession(world.by_admin(request)).await.map(tonic::Response::into_inner)
}

/// Somebody of a profession.
async fn hire(world: &World, id: &str, code: &str, own: &str) -> Result<pb::StaffMember, Status> {
    let request = pb::CreateStaffMemberRequest {
        parent: HOSPITAL.into(),
        staff_member_id: id.into(),
        staff_member: Some(pb::StaffMember { own_profession: own.into(), ..person(id, code) }),
        request_id: String::new(),
    };
    world.staff().create_staff_member(world.by_admin(request)).await.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn a_hospital_begins_with_three_professions_and_shows_them_as_it_likes() {
    let world = World::new().await;
    let all = list(&world).await;
    let bases: Vec<_> = all.iter().map(|own| (own.name.rsplit('/').next().unwrap(), &own.base)).collect();
    assert_eq!(
        bases,
        [("iade", &"IADE".to_owned()), ("mar", &"MAR".to_owned()), ("secretary", &"SECRETARY".to_owned())]
    );
    let shown = pb::Profession { display_name: "Anesthésiste".into(), ..all[1].clone() };
    let shown = update(&world, shown, "display_name").await.unwrap();
    assert_eq!((shown.display_name.as_str(), shown.color.as_str()), ("Anesthésiste", "#1d4ed8"));
    let moved = update(&world, pb::Profession { base: "IADE".into(), ..shown.clone() }, "base").await;
    assert_eq!(moved.unwrap_err().code(), Code::InvalidArgument);
    let red = update(&world, pb::Profession { color: "red".into(), ..shown }, "color").await;
    assert_eq!(fields(red), ["profession.color"]);
    let same = create(&world, "nurses", "IADE", "infirmiers anesthesistes").await;
    assert_eq!(refusal(same), (Code::AlreadyExists, "NAME_TAKEN".into()));
    assert_eq!(fields(create(&world, "x", "mar", "").await), ["profession.base", "profession.display_name"]);
}

#[tokio::test]
async fn who_has_a_profession_of_the_hospitals_own_is_its_base_to_everybody_else() {
    let world = World::new().await;
    let own = create(&world, "mar-pediatrie", "MAR", "Anesthésiste pédiatrique").await.unwrap();
    let anne = hire(&world, "anne", "MAR", &own.name).await.unwrap();
    assert_eq!((anne.profession.as_str(), &anne.own_profession), ("MAR", &own.name));
    assert_eq!(anne.roles, [pb::Role::Anesthetist as i32]);
    assert_eq!(fields(hire(&world, "ben", "IADE", &own.name).await), ["staff_member.own_profession"]);
    let unknown = format!("{HOSPITAL}/professions/none");
    assert_eq!(fields(hire(&world, "ben", "MAR", &unknown).await), ["staff_member.own_profession"]);
    let changed = pb::UpdateStaffMemberRequest {
        staff_member: Some(pb::StaffMember { profession: "IADE".into(), ..anne }),
        update_mask: Some(FieldMask { paths: vec!["profession".into()] }),
        request_id: String::new(),
    };
    let changed = world.staff().update_staff_member(world.by_admin(changed)).await;
    assert_eq!(fields(changed), ["staff_member.own_profession"]);
}

#[tokio::test]
async fn a_retired_profession_is_kept_by_who_has_it_and_one_that_somebody_has_is_not_deleted() {
    let world = World::new().await;
    let own = create(&world, "mar-pediatrie", "MAR", "Anesthésiste pédiatrique").await.unwrap();
    let anne = hire(&world, "anne", "MAR", &own.name).await.unwrap();
    let retired = pb::Profession { is_retired: true, ..own.clone() };
    update(&world, retired, "is_retired").await.unwrap();
    assert_eq!(fields(hire(&world, "ben", "MAR", &own.name).await), ["staff_member.own_profession"]);
    let phone = pb::UpdateStaffMemberRequest {
        staff_member: Some(pb::StaffMember { phone_number: "06".into(), ..anne }),
        update_mask: Some(FieldMask { paths: vec!["phone_number".into()] }),
        request_id: String::new(),
    };
    assert!(world.staff().update_staff_member(world.by_admin(phone)).await.is_ok());
    assert_eq!(refusal(delete(&world, &own.name).await).1, "RESOURCE_IN_USE");
    hire(&world, "ida", "IADE", "").await.unwrap();
    let iade = format!("{HOSPITAL}/professions/iade");
    assert_eq!(refusal(delete(&world, &iade).await).1, "RESOURCE_IN_USE", "by the code of it");
    delete(&world, &format!("{HOSPITAL}/professions/secretary")).await.unwrap();
    assert_eq!(list(&world).await.len(), 3);
}

#[tokio::test]
async fn everybody_reads_professions_and_the_super_administrator_writes_them() {
    let world = World::new().await;
    let anne = world.signed_in("anne", "MAR").await;
    let read = pb::ListProfessionsRequest { parent: HOSPITAL.into(), ..Default::default() };
    assert!(world.staff().list_professions(with_token(read, &anne.access_token)).await.is_ok());
    let write = pb::CreateProfessionRequest { parent: HOSPITAL.into(), ..Default::default() };
    let refused = world.staff().create_profession(with_token(write, &anne.access_token)).await;
    assert_eq!(refusal(refused).0, Code::PermissionDenied);
}
