//! The audit log of everything above.

use chassis::testing::with_token;
use proto::{audit::v1::AuditEntry, staff::v1 as pb};
use sea_orm::ConnectionTrait;
use tonic::Code;

use crate::world::{HOSPITAL, PASSWORD, World, fields, refusal, request_id};

async fn log(world: &World, filter: &str) -> Vec<AuditEntry> {
    let request = pb::ListAuditEntriesRequest {
        parent: HOSPITAL.into(),
        filter: filter.into(),
        page_size: 1_000,
        ..Default::default()
    };
    let list = world.staff().list_audit_entries(world.by_admin(request)).await.unwrap();
    list.into_inner().audit_entries
}

fn verify() -> pb::VerifyAuditLogRequest {
    pb::VerifyAuditLogRequest { parent: HOSPITAL.into(), ..Default::default() }
}

#[tokio::test]
async fn every_change_of_a_person_is_a_line_that_names_fields_and_no_personal_value() {
    let world = World::new().await;
    let anne = world.signed_in("anne", "MAR").await;
    let site = world.site("main").await;
    let sent = pb::StaffMember {
        name: anne.staff_member.clone(),
        family_name: "Secret-Nom".into(),
        phone_number: "06 00 00 00 00".into(),
        sites: vec![site.name.clone()],
        ..Default::default()
    };
    let update = pb::UpdateStaffMemberRequest { staff_member: Some(sent), ..Default::default() };
    world.staff().update_staff_member(world.by_admin(update)).await.unwrap();
    let revoke = pb::RevokeSessionRequest { name: anne.name.clone(), request_id: request_id() };
    world.sessions().revoke_session(world.by_admin(revoke)).await.unwrap();

    let of_anne = log(&world, &format!("resource = \"{}\"", anne.staff_member)).await;
    let actions: Vec<&str> = of_anne.iter().rev().map(|entry| entry.action.as_str()).collect();
    let account = ["account.reset_password", "account.change_password"];
    assert_eq!(actions, ["staff_member.create", account[0], account[1], "staff_member.update"]);
    let changed = &of_anne[0].fields;
    let names: Vec<&str> = changed.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["family_name", "phone_number", "sites"]);
    assert_eq!(changed[2].new_value, "[\"main\"]");
    assert!(of_anne.iter().all(|entry| entry.actor.starts_with(HOSPITAL)), "{of_anne:?}");
    let sessions = log(&world, &format!("resource = \"{}\"", anne.name)).await;
    let actions: Vec<&str> = sessions.iter().rev().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["session.create", "session.end"]);
    assert_eq!(sessions[1].actor, anne.staff_member, "who signed in");

    let everything = format!("{:?}", log(&world, "").await);
    for personal in ["Secret-Nom", "06 00", "anne@north.fr", "Roux", PASSWORD] {
        assert!(!everything.contains(personal), "{personal} is in the log");
    }
}

#[tokio::test]
async fn what_was_refused_or_repeated_leaves_no_second_line() {
    let world = World::new().await;
    let before = log(&world, "").await.len();
    let request = pb::CreateSiteRequest {
        parent: HOSPITAL.into(),
        site_id: "main".into(),
        site: Some(pb::Site { display_name: "Nord".into(), ..Default::default() }),
        request_id: request_id(),
    };
    for _ in 0..2 {
        world.sites().create_site(world.by_admin(request.clone())).await.unwrap();
    }
    let taken = pb::CreateSiteRequest { request_id: String::new(), ..request };
    assert_eq!(refusal(world.sites().create_site(world.by_admin(taken)).await).1, "NAME_TAKEN");
    assert_eq!(log(&world, "").await.len(), before + 1);
}

#[tokio::test]
async fn the_log_is_walked_and_a_hash_kept_elsewhere_proves_it() {
    let world = World::new().await;
    world.site("main").await;
    let verdict = world.staff().verify_audit_log(world.by_admin(verify())).await.unwrap().into_inner();
    assert!(verdict.is_whole && verdict.entry_count > 0, "{verdict:?}");
    let known = pb::VerifyAuditLogRequest {
        known_number: verdict.entry_count,
        known_hash: verdict.head_hash.clone(),
        ..verify()
    };
    world.site("second").await;
    let still = world.staff().verify_audit_log(world.by_admin(known.clone())).await.unwrap().into_inner();
    assert!(still.is_whole && still.entry_count == verdict.entry_count + 1);
    let other = pb::VerifyAuditLogRequest { known_hash: vec![7; 32], ..known };
    let broken = world.staff().verify_audit_log(world.by_admin(other)).await.unwrap().into_inner();
    assert_eq!((broken.is_whole, broken.broken_number), (false, verdict.entry_count));
    let wrong = pb::VerifyAuditLogRequest { known_hash: vec![7], known_number: 0, ..verify() };
    let wrong = world.staff().verify_audit_log(world.by_admin(wrong)).await;
    assert_eq!(fields(wrong), ["known_number", "known_hash"]);

    let refused = world.db.begin(&chassis::Ctx::system("staff", &world.clock)).await.unwrap();
    assert!(refused.conn().execute_unprepared("DELETE FROM audit_entry").await.is_err());
}

#[tokio::test]
async fn the_log_is_read_by_the_super_administrator_only() {
    let world = World::new().await;
    let anne = world.signed_in("anne", "MAR").await;
    let request = pb::ListAuditEntriesRequest { parent: HOSPITAL.into(), ..Default::default() };
    let result = world.staff().list_audit_entries(with_token(request, &anne.access_token)).await;
    assert_eq!(refusal(result).0, Code::PermissionDenied);
    let result = world.staff().verify_audit_log(with_token(verify(), &anne.access_token)).await;
    assert_eq!(refusal(result).0, Code::PermissionDenied);
}
