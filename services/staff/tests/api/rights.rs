//! What people may ask about their own data, and what dates bring about.

use chassis::testing::{eventually, with_token};
use jiff::SignedDuration;
use proto::{staff::v1 as pb, r#type::v1::Date};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;
use tonic::Code;

use crate::world::{ADMIN, HOSPITAL, PASSWORD, World, person, refusal, request_id};

const PERSONAL: [&str; 4] = ["Anne", "Roux", "anne@north.fr", "06 11 22 33 44"];

async fn copy(world: &World, name: &str, token: &str) -> Result<Value, tonic::Status> {
    let request = pb::ExportPersonalDataRequest { name: name.into() };
    let file = world.staff().export_personal_data(with_token(request, token)).await?.into_inner();
    assert_eq!(file.media_type, "application/json");
    Ok(serde_json::from_slice(&file.content).unwrap())
}

async fn get(world: &World, name: &str) -> pb::StaffMember {
    let request = pb::GetStaffMemberRequest { name: name.into() };
    world.staff().get_staff_member(world.by_admin(request)).await.unwrap().into_inner()
}

/// Everything this service's database holds, as text.
async fn everything(world: &World) -> String {
    let mut all = String::new();
    let read = world.db.read();
    let tables = ["resource", "account", "session", "attempt", "request", "audit_entry", "milestone"];
    for table in tables {
        let columns = match table {
            "resource" => "natural_key || ' ' || COALESCE(second_key, '') || ' ' || value",
            "account" => "staff_member || ' ' || password_hash",
            "session" => "staff_member || ' ' || user_agent",
            "attempt" => "login",
            "request" => "COALESCE(response, '')",
            "audit_entry" => "actor || ' ' || resource || ' ' || fields",
            _ => "key",
        };
        let sql = format!("SELECT {columns} AS line FROM {table}");
        for row in read.query_all_raw(Statement::from_string(world.db.backend(), sql)).await.unwrap() {
            all.push_str(&row.try_get::<String>("", "line").unwrap());
            all.push('\n');
        }
    }
    all
}

async fn with_phone(world: &World, name: &str, token: &str) -> Result<pb::StaffMember, tonic::Status> {
    let sent =
        pb::StaffMember { name: name.into(), phone_number: "06 11 22 33 44".into(), ..Default::default() };
    let request = pb::UpdateStaffMemberRequest {
        staff_member: Some(sent),
        request_id: request_id(),
        ..Default::default()
    };
    let answer = world.staff().update_staff_member(with_token(request, token)).await;
    answer.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn a_person_gets_a_copy_of_everything_but_secrets_and_others() {
    let world = World::new().await;
    let anne = world.signed_in("anne", "MAR").await;
    let bruno = world.signed_in("bruno", "IADE").await;
    let pair = pb::CreateIncompatibilityRequest {
        parent: HOSPITAL.into(),
        incompatibility: Some(pb::Incompatibility {
            staff_member: anne.staff_member.clone(),
            other: bruno.staff_member.clone(),
            level: pb::incompatibility::Level::Strict as i32,
            reason: "a quarrel of old".into(),
            ..Default::default()
        }),
        request_id: String::new(),
    };
    world.staff().create_incompatibility(world.by_admin(pair)).await.unwrap();
    let own = copy(&world, &anne.staff_member, &anne.access_token).await.unwrap();
    assert_eq!(own["staff_member"]["value"]["email"], "anne@north.fr");
    assert_eq!(own["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(own["incompatibilities"].as_array().unwrap().len(), 1);
    assert_eq!(own["audit_entries_are_complete"], true);
    let text = own.to_string();
    for secret in ["argon2", "a quarrel of old", "staffMembers/bruno", "seed", "hash"] {
        assert!(!text.contains(secret), "{secret} is in the copy");
    }
    let result = copy(&world, &anne.staff_member, &bruno.access_token).await;
    assert_eq!(refusal(result).0, Code::PermissionDenied);
    let by_admin = copy(&world, &anne.staff_member, &world.admin).await.unwrap();
    let actions = by_admin["audit_entries"].as_array().unwrap();
    assert!(actions.iter().any(|line| line["action"] == "personal_data.export"), "the first one is noted");
    let none = copy(&world, &format!("{HOSPITAL}/staffMembers/none"), &world.admin).await;
    assert_eq!(refusal(none).1, "NOT_FOUND");
}

#[tokio::test]
async fn everybody_corrects_their_own_data_but_neither_login_nor_rights() {
    let world = World::new().await;
    let anne = world.signed_in("anne", "MAR").await;
    let bruno = world.signed_in("bruno", "IADE").await;
    let corrected = with_phone(&world, &anne.staff_member, &anne.access_token).await.unwrap();
    assert_eq!(corrected.phone_number, "06 11 22 33 44");
    let result = with_phone(&world, &anne.staff_member, &bruno.access_token).await;
    assert_eq!(refusal(result).0, Code::PermissionDenied);
    for (field, sent) in [
        ("email", pb::StaffMember { email: "other@north.fr".into(), ..Default::default() }),
        ("roles", pb::StaffMember { roles: vec![1], ..Default::default() }),
        ("profession", pb::StaffMember { profession: "IADE".into(), ..Default::default() }),
        ("is_locum", pb::StaffMember { is_locum: true, ..Default::default() }),
    ] {
        let request = pb::UpdateStaffMemberRequest {
            staff_member: Some(pb::StaffMember { name: anne.staff_member.clone(), ..sent }),
            update_mask: Some(prost_types::FieldMask { paths: vec![field.into()] }),
            request_id: String::new(),
        };
        let result = world.staff().update_staff_member(with_token(request, &anne.access_token)).await;
        assert_eq!(refusal(result).0, Code::PermissionDenied, "{field}");
    }
}

#[tokio::test]
async fn whoever_is_forgotten_is_found_nowhere_and_can_neither_sign_in_nor_come_back() {
    let world = World::new().await;
    let anne = world.signed_in("anne", "MAR").await;
    with_phone(&world, &anne.staff_member, &world.admin).await.unwrap();
    let erase = |etag: &str| pb::EraseStaffMemberRequest {
        name: anne.staff_member.clone(),
        etag: etag.into(),
        request_id: request_id(),
    };
    let etag = get(&world, &anne.staff_member).await.etag;
    let active = world.staff().erase_staff_member(world.by_admin(erase(&etag))).await;
    assert_eq!(refusal(active), (Code::FailedPrecondition, "STAFF_MEMBER_ACTIVE".into()));
    let leave = pb::DeactivateStaffMemberRequest { name: anne.staff_member.clone(), ..Default::default() };
    let gone = world.staff().deactivate_staff_member(world.by_admin(leave)).await.unwrap().into_inner();
    assert_eq!(refusal(world.staff().erase_staff_member(world.by_admin(erase(""))).await).1, "ETAG_REQUIRED");
    let stale = world.staff().erase_staff_member(world.by_admin(erase(&etag))).await;
    assert_eq!(refusal(stale).1, "ETAG_MISMATCH");

    let request = erase(&gone.etag);
    let erased =
        world.staff().erase_staff_member(world.by_admin(request.clone())).await.unwrap().into_inner();
    assert!(erased.erase_time.is_some() && erased.profession == "MAR", "{erased:?}");
    let again = world.staff().erase_staff_member(world.by_admin(request)).await.unwrap().into_inner();
    assert_eq!(again, erased, "a repeated request is answered as before");
    let all = everything(&world).await;
    for personal in PERSONAL {
        assert!(!all.contains(personal), "{personal} is still kept");
    }
    assert!(world.sign_in("anne@north.fr", PASSWORD).await.is_err());
    assert!(world.refresh(&anne.refresh_token, "").await.is_err());
    let back = pb::ActivateStaffMemberRequest { name: anne.staff_member.clone(), ..Default::default() };
    let back = world.staff().activate_staff_member(world.by_admin(back)).await;
    assert_eq!(refusal(back), (Code::FailedPrecondition, "STAFF_MEMBER_ERASED".into()));
    let result = with_phone(&world, &anne.staff_member, &world.admin).await;
    assert_eq!(refusal(result).1, "STAFF_MEMBER_ERASED");
    // The address is free, and what others refer to is there.
    world.sign_in(ADMIN, PASSWORD).await.unwrap();
    let anew = pb::CreateStaffMemberRequest {
        parent: HOSPITAL.into(),
        staff_member_id: "anew".into(),
        staff_member: Some(person("anne", "MAR")),
        request_id: String::new(),
    };
    assert!(world.staff().create_staff_member(world.by_admin(anew)).await.is_ok());
    let told: i64 = count(&world, "mathildanesth.staff.v1.StaffMemberErased").await;
    assert_eq!(told, 1);
}

async fn count(world: &World, kind: &str) -> i64 {
    let sql = format!("SELECT COUNT(*) AS found FROM outbox WHERE kind = '{kind}'");
    let row = world.db.read().query_one_raw(Statement::from_string(world.db.backend(), sql)).await.unwrap();
    row.unwrap().try_get("", "found").unwrap()
}

#[tokio::test]
async fn whoever_leaves_later_works_until_the_last_day_and_is_signed_out_after_it() {
    let mut world = World::new().await;
    let anne = world.signed_in("anne", "MAR").await;
    let leave = pb::DeactivateStaffMemberRequest {
        name: anne.staff_member.clone(),
        last_date: Some(Date { year: 2026, month: 11, day: 30 }),
        ..Default::default()
    };
    let leaving = world.staff().deactivate_staff_member(world.by_admin(leave)).await.unwrap().into_inner();
    assert_eq!(leaving.state, pb::staff_member::State::Active as i32);
    assert_eq!(count(&world, "mathildanesth.staff.v1.StaffMemberDeparting").await, 1);
    assert_eq!(count(&world, "mathildanesth.staff.v1.StaffMemberDeactivated").await, 0);
    // The 30th, late at night in Paris.
    world.later(SignedDuration::from_hours(7 * 24 + 13));
    world.restart().await;
    let session = world.sign_in("anne@north.fr", PASSWORD).await.unwrap();
    // An hour and a half later it is the next day there.
    world.later(SignedDuration::from_mins(90));
    world.restart().await;
    eventually("the person has left", || async {
        (count(&world, "mathildanesth.staff.v1.StaffMemberDeactivated").await == 1).then_some(())
    })
    .await;
    world.admin = world.sign_in(ADMIN, PASSWORD).await.unwrap().access_token;
    let gone = get(&world, &anne.staff_member).await;
    assert_eq!(gone.state, pb::staff_member::State::Inactive as i32);
    assert_eq!(gone.last_date, Some(Date { year: 2026, month: 11, day: 30 }));
    assert!(world.refresh(&session.refresh_token, "").await.is_err());
    world.restart().await;
    assert_eq!(count(&world, "mathildanesth.staff.v1.StaffMemberDeactivated").await, 1, "once");
}

#[tokio::test]
async fn it_is_told_once_before_and_once_after_a_skill_runs_out() {
    let mut world = World::new().await;
    let grant = pb::SkillGrant {
        skill: format!("{HOSPITAL}/skills/supervise-endoscopy"),
        first_date: None,
        last_date: Some(Date { year: 2027, month: 1, day: 15 }),
    };
    let request = pb::CreateStaffMemberRequest {
        parent: HOSPITAL.into(),
        staff_member_id: "anne".into(),
        staff_member: Some(pb::StaffMember { skills: vec![grant], ..person("anne", "MAR") }),
        request_id: String::new(),
    };
    world.staff().create_staff_member(world.by_admin(request)).await.unwrap();
    let (expiring, expired) = ("mathildanesth.staff.v1.SkillExpiring", "mathildanesth.staff.v1.SkillExpired");
    assert_eq!(count(&world, expiring).await, 0);
    world.later(SignedDuration::from_hours(24 * 24));
    for _ in 0..2 {
        world.restart().await;
        eventually("it is told", || async { (count(&world, expiring).await == 1).then_some(()) }).await;
    }
    world.later(SignedDuration::from_hours(24 * 30));
    for _ in 0..2 {
        world.restart().await;
        eventually("it is told", || async { (count(&world, expired).await == 1).then_some(()) }).await;
    }
    assert_eq!((count(&world, expiring).await, count(&world, expired).await), (1, 1));
}
