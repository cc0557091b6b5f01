//! Other systems of the hospital: their accounts, and the tokens they get for their certificates.

use chassis::{Peer, testing::with_token};
use jiff::SignedDuration;
use prost_types::FieldMask;
use proto::staff::v1::{self as pb, session_service_client::SessionServiceClient};
use tonic::{Code, Status};

use crate::world::{HOSPITAL, World, fields, refusal, request_id};

const IDENTITY: &str = "spiffe://mathildanesth/hospitals/north/systems/pharmacy";

fn pharmacy(roles: &[pb::Role]) -> pb::ServiceAccount {
    pb::ServiceAccount {
        display_name: "Pharmacie".into(),
        identity: IDENTITY.into(),
        roles: roles.iter().map(|role| *role as i32).collect(),
        ..Default::default()
    }
}

async fn create(world: &World, id: &str, sent: pb::ServiceAccount) -> Result<pb::ServiceAccount, Status> {
    let request = pb::CreateServiceAccountRequest {
        parent: HOSPITAL.into(),
        service_account_id: id.into(),
        service_account: Some(sent),
        request_id: request_id(),
    };
    world.staff().create_service_account(world.by_admin(request)).await.map(tonic::Response::into_inner)
}

/// What a service of the mesh, or the system itself, is answered.
async fn exchange(
    world: &World,
    caller: &'static str,
    identity: &str,
) -> Result<pb::ExchangeIdentityResponse, Status> {
    let peer = Peer::local(caller, "staff", world.local.app.clone());
    let request = pb::ExchangeIdentityRequest { identity: identity.into() };
    let answer = SessionServiceClient::new(peer).exchange_identity(request).await;
    answer.map(tonic::Response::into_inner)
}

#[tokio::test]
async fn a_system_does_what_its_roles_allow_and_nothing_is_its_own() {
    let world = World::new().await;
    let roles = [pb::Role::AnesthetistAdministrator];
    let account = create(&world, "pharmacy", pharmacy(&roles)).await.unwrap();
    for caller in ["gateway", "hospitals/north/systems/pharmacy"] {
        let exchanged = exchange(&world, caller, IDENTITY).await.unwrap();
        assert_eq!(exchanged.service_account, account.name);
        let token = exchanged.access_token.as_str();
        let skill = pb::CreateSkillRequest {
            parent: HOSPITAL.into(),
            skill_id: if caller == "gateway" { "one" } else { "other" }.into(),
            skill: Some(pb::Skill { display_name: caller.into(), ..Default::default() }),
            request_id: String::new(),
        };
        world.staff().create_skill(with_token(skill, token)).await.unwrap();
        let profession = pb::CreateProfessionRequest { parent: HOSPITAL.into(), ..Default::default() };
        let refused = world.staff().create_profession(with_token(profession, token)).await;
        assert_eq!(refusal(refused).0, Code::PermissionDenied);
        let own = pb::ListSessionsRequest { parent: HOSPITAL.into(), ..Default::default() };
        assert_eq!(
            refusal(world.sessions().list_sessions(with_token(own, token)).await).0,
            Code::PermissionDenied
        );
        let elsewhere = pb::ListSkillsRequest { parent: "hospitals/south".into(), ..Default::default() };
        let refused = world.staff().list_skills(with_token(elsewhere, token)).await;
        assert_eq!(refusal(refused).0, Code::PermissionDenied);
    }
    let request = pb::ListAuditEntriesRequest {
        parent: HOSPITAL.into(),
        filter: "action = \"skill.create\"".into(),
        ..Default::default()
    };
    let lines = world.staff().list_audit_entries(world.by_admin(request)).await.unwrap().into_inner();
    let by_system = lines.audit_entries.iter().filter(|line| line.actor == account.name);
    assert_eq!(by_system.count(), 2);
}

#[tokio::test]
async fn who_did_not_see_the_certificate_gets_no_token() {
    let world = World::new().await;
    create(&world, "pharmacy", pharmacy(&[pb::Role::NurseManager])).await.unwrap();
    for caller in ["planning", "hospitals/north/systems/laboratory"] {
        assert_eq!(refusal(exchange(&world, caller, IDENTITY).await).0, Code::PermissionDenied, "{caller}");
    }
    assert_eq!(refusal(exchange(&world, "", IDENTITY).await).0, Code::Unauthenticated);
    let peer = Peer::local("gateway", "staff", world.local.app.clone());
    let request = with_token(pb::ExchangeIdentityRequest { identity: IDENTITY.into() }, &world.admin);
    let by_person = SessionServiceClient::new(peer).exchange_identity(request).await;
    assert_eq!(refusal(by_person).0, Code::PermissionDenied, "a person, through the gateway");
}

#[tokio::test]
async fn unknown_disabled_and_expired_accounts_are_not_told_apart() {
    let world = World::new().await;
    let unknown = exchange(&world, "gateway", IDENTITY).await;
    assert_eq!(refusal(unknown), (Code::PermissionDenied, "PERMISSION_DENIED".into()));
    assert_eq!(fields(exchange(&world, "gateway", "spiffe://mathildanesth/planning").await), ["identity"]);
    // Three minutes from now.
    let end = world.clock.now() + SignedDuration::from_mins(3);
    let end = Some(proto::values::timestamp(end.as_microsecond()));
    let sent = pb::ServiceAccount { expire_time: end, ..pharmacy(&[pb::Role::NurseManager]) };
    let account = create(&world, "pharmacy", sent).await.unwrap();
    let exchanged = exchange(&world, "gateway", IDENTITY).await.unwrap();
    assert_eq!(exchanged.access_expire_time, end, "a token ends with its account");
    let update = |sent: pb::ServiceAccount| {
        world.by_admin(pb::UpdateServiceAccountRequest {
            service_account: Some(sent),
            update_mask: Some(FieldMask { paths: vec!["is_disabled".into()] }),
            request_id: request_id(),
        })
    };
    let off = pb::ServiceAccount { is_disabled: true, ..account.clone() };
    let off = world.staff().update_service_account(update(off)).await.unwrap().into_inner();
    assert_eq!(refusal(exchange(&world, "gateway", IDENTITY).await).1, "PERMISSION_DENIED");
    let on = pb::ServiceAccount { is_disabled: false, ..off };
    world.staff().update_service_account(update(on)).await.unwrap();
    assert!(exchange(&world, "gateway", IDENTITY).await.is_ok());
    world.later(SignedDuration::from_mins(3));
    assert_eq!(refusal(exchange(&world, "gateway", IDENTITY).await).1, "PERMISSION_DENIED");
}

#[tokio::test]
async fn an_identity_is_of_this_hospital_and_of_one_account() {
    let world = World::new().await;
    let roles = [pb::Role::NurseManager];
    for identity in ["spiffe://mathildanesth/hospitals/south/x", "spiffe://mathildanesth/planning", ""] {
        let sent = pb::ServiceAccount { identity: identity.into(), ..pharmacy(&roles) };
        assert_eq!(fields(create(&world, "x", sent).await), ["service_account.identity"], "{identity}");
    }
    create(&world, "pharmacy", pharmacy(&roles)).await.unwrap();
    let twice = create(&world, "other", pharmacy(&roles)).await;
    assert_eq!(refusal(twice), (Code::AlreadyExists, "NAME_TAKEN".into()));
    let all_rights = pb::ServiceAccount {
        identity: format!("{IDENTITY}-2"),
        sites: vec![format!("{HOSPITAL}/sites/none")],
        ..pharmacy(&[pb::Role::SuperAdministrator])
    };
    assert_eq!(fields(create(&world, "y", all_rights).await), ["service_account.roles"]);
    let nowhere = pb::ServiceAccount {
        identity: format!("{IDENTITY}-2"),
        sites: vec![format!("{HOSPITAL}/sites/none")],
        ..pharmacy(&roles)
    };
    assert_eq!(fields(create(&world, "y", nowhere).await), ["service_account.sites"]);
}

#[tokio::test]
async fn accounts_are_the_super_administrators() {
    let world = World::new().await;
    let anne = world.signed_in("anne", "MAR").await;
    let read = pb::ListServiceAccountsRequest { parent: HOSPITAL.into(), ..Default::default() };
    let refused = world.staff().list_service_accounts(with_token(read.clone(), &anne.access_token)).await;
    assert_eq!(refusal(refused).0, Code::PermissionDenied);
    let account = create(&world, "pharmacy", pharmacy(&[pb::Role::NurseManager])).await.unwrap();
    let delete = pb::DeleteServiceAccountRequest { name: account.name, ..Default::default() };
    world.staff().delete_service_account(world.by_admin(delete)).await.unwrap();
    let none = world.staff().list_service_accounts(world.by_admin(read)).await.unwrap().into_inner();
    assert!(none.service_accounts.is_empty());
    assert_eq!(refusal(exchange(&world, "gateway", IDENTITY).await).0, Code::PermissionDenied);
}
