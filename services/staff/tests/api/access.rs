//! What a hospital says about who may do what: set, refused, in force, told, written down, and looked at.

use chassis::testing::{eventually, with_token};
use proto::staff::v1::{self as pb, AccessRule, AccessScope, Role, access_rule::Effect, permission::Lock};
use tonic::{Code, Status};

use crate::world::{HOSPITAL, World, fields, person, refusal, request_id};

fn rule(permission: &str, role: Role, effect: Effect) -> AccessRule {
    AccessRule { permission: permission.into(), role: role.into(), effect: effect.into(), scope: None }
}

fn at(rule: AccessRule, sites: &[&str]) -> AccessRule {
    let sites = sites.iter().map(|site| format!("{HOSPITAL}/sites/{site}")).collect();
    AccessRule { scope: Some(AccessScope { sites, ..Default::default() }), ..rule }
}

fn of(rule: AccessRule, professions: &[&str]) -> AccessRule {
    let professions = professions.iter().map(|code| (*code).to_owned()).collect();
    AccessRule { scope: Some(AccessScope { professions, ..Default::default() }), ..rule }
}

fn name() -> String {
    format!("{HOSPITAL}/accessPolicy")
}

fn request(rules: Vec<AccessRule>, etag: &str) -> pb::UpdateAccessPolicyRequest {
    let policy = pb::AccessPolicy { name: name(), rules, etag: etag.into(), update_time: None };
    pb::UpdateAccessPolicyRequest {
        access_policy: Some(policy),
        request_id: request_id(),
        ..Default::default()
    }
}

async fn send(world: &World, request: pb::UpdateAccessPolicyRequest) -> Result<pb::AccessPolicy, Status> {
    world.staff().update_access_policy(world.by_admin(request)).await.map(tonic::Response::into_inner)
}

async fn set(world: &World, rules: Vec<AccessRule>) -> Result<pb::AccessPolicy, Status> {
    send(world, request(rules, "")).await
}

async fn get(world: &World) -> pb::AccessPolicy {
    let request = pb::GetAccessPolicyRequest { name: name() };
    world.staff().get_access_policy(world.by_admin(request)).await.unwrap().into_inner()
}

async fn permission(world: &World, name: &str) -> pb::Permission {
    let request =
        pb::ListPermissionsRequest { parent: HOSPITAL.into(), page_size: 1_000, ..Default::default() };
    let listed = world.staff().list_permissions(world.by_admin(request)).await.unwrap().into_inner();
    listed.permissions.into_iter().find(|own| own.permission == name).unwrap()
}

/// The ids of the people somebody is shown.
async fn people(world: &World, token: &str) -> Result<Vec<String>, Code> {
    let request = pb::ListStaffMembersRequest { parent: HOSPITAL.into(), ..Default::default() };
    let listed = world.staff().list_staff_members(with_token(request, token)).await;
    let ids = |listed: pb::ListStaffMembersResponse| {
        let people = listed.staff_members.into_iter();
        people.map(|own| own.name.rsplit('/').next().unwrap_or_default().to_owned()).collect()
    };
    listed.map(|listed| ids(listed.into_inner())).map_err(|status| status.code())
}

async fn hire(world: &World, id: &str, profession: &str, sites: &[&str]) {
    let sites = sites.iter().map(|site| format!("{HOSPITAL}/sites/{site}")).collect();
    let request = pb::CreateStaffMemberRequest {
        parent: HOSPITAL.into(),
        staff_member_id: id.into(),
        staff_member: Some(pb::StaffMember { sites, ..person(id, profession) }),
        request_id: String::new(),
    };
    world.staff().create_staff_member(world.by_admin(request)).await.unwrap();
}

#[tokio::test]
async fn a_hospital_that_says_nothing_goes_by_the_tables() {
    let world = World::new().await;
    let policy = get(&world).await;
    assert_eq!((policy.rules.len(), policy.etag.as_str(), policy.update_time), (0, "\"0\"", None));
    let approve = permission(&world, "leaves.approve").await;
    assert_eq!((approve.services.as_slice(), approve.lock()), (&["leave".to_owned()][..], Lock::Open));
    assert!(approve.has_professions && !approve.has_sites && !approve.includes_self);
    let roles: Vec<(Role, &[String])> =
        approve.roles.iter().map(|own| (own.role(), own.allowed_scopes[0].professions.as_slice())).collect();
    let nurses = ["IADE".to_owned()];
    assert_eq!(
        roles,
        [
            (Role::SuperAdministrator, &[][..]),
            (Role::AnesthetistAdministrator, &[]),
            (Role::NurseAdministrator, &nurses)
        ]
    );
    assert!(approve.roles.iter().all(|own| own.default_scopes == own.allowed_scopes));
    let audit = permission(&world, "audit.read").await;
    assert_eq!((audit.services.len(), audit.lock()), (4, Lock::Fixed));
}

#[tokio::test]
async fn permissions_come_in_pages() {
    let world = World::new().await;
    let (mut names, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListPermissionsRequest { parent: HOSPITAL.into(), page_size: 7, page_token };
        let page = world.staff().list_permissions(world.by_admin(request)).await.unwrap().into_inner();
        names.extend(page.permissions.into_iter().map(|own| own.permission));
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert!(names.len() > 40 && names.is_sorted_by(|one, other| one < other), "{names:?}");
}

#[tokio::test]
async fn a_nurse_manager_is_shown_the_people_of_a_site_and_of_a_profession() {
    let world = World::new().await;
    world.site("a").await;
    world.site("b").await;
    for (id, profession, sites) in [
        ("ann", "MAR", &["a"][..]),
        ("ben", "IADE", &["b"]),
        ("cam", "IADE", &["a", "b"]),
        ("dan", "MAR", &[]),
    ] {
        hire(&world, id, profession, sites).await;
    }
    // A nurse by profession, so that the role is the profession's own.
    let nurse = world.signed_in("nina", "IADE").await;
    let token = nurse.access_token.as_str();
    let all = people(&world, token).await.unwrap();
    assert_eq!(all.len(), 6, "{all:?}");

    let read = |effect| rule("staff_members.read", Role::NurseAnesthetist, effect);
    set(&world, vec![at(read(Effect::Allowed), &["a"])]).await.unwrap();
    let shown = async |expected: &[&str]| {
        let is_so = async || (people(&world, token).await.ok()? == expected).then_some(());
        eventually(&format!("{expected:?} are shown"), is_so).await;
    };
    shown(&["ann", "cam", "nina"]).await;
    let one = async |id: &str| {
        let request = pb::GetStaffMemberRequest { name: format!("{HOSPITAL}/staffMembers/{id}") };
        world.staff().get_staff_member(with_token(request, token)).await.map_err(|status| status.code())
    };
    assert!(one("ann").await.is_ok());
    assert_eq!(one("ben").await.unwrap_err(), Code::PermissionDenied);
    assert!(one("nina").await.is_ok(), "oneself, whatever the rules");

    set(&world, vec![at(read(Effect::Allowed), &["a"]), of(read(Effect::Withdrawn), &["MAR"])])
        .await
        .unwrap();
    shown(&["cam", "nina"]).await;
    set(&world, vec![]).await.unwrap();
    eventually("the table holds again", async || (people(&world, token).await.ok()? == all).then_some(()))
        .await;
}

#[tokio::test]
async fn a_role_is_given_the_sites_that_its_people_belong_to_and_no_others() {
    let world = World::new().await;
    world.site("a").await;
    world.site("b").await;
    hire(&world, "zoe", "SECRETARY", &["a"]).await;
    let temporary = world.reset(&format!("{HOSPITAL}/staffMembers/zoe"), "").await.unwrap();
    let mut sign_in = crate::world::sign_in("zoe@north.fr", &temporary);
    sign_in.new_password = crate::world::PASSWORD.into();
    let token = world.sessions().create_session(sign_in).await.unwrap().into_inner().access_token;
    let rename = async |site: &str| {
        let site = pb::Site {
            name: format!("{HOSPITAL}/sites/{site}"),
            display_name: format!("Bâtiment {site}"),
            ..Default::default()
        };
        let request =
            pb::UpdateSiteRequest { site: Some(site), request_id: request_id(), ..Default::default() };
        world.sites().update_site(with_token(request, &token)).await.map_err(|status| status.code())
    };
    assert_eq!(rename("a").await.unwrap_err(), Code::PermissionDenied);
    let own = AccessScope { includes_own_sites: true, ..Default::default() };
    let write = AccessRule { scope: Some(own), ..rule("sites.write", Role::Secretary, Effect::Allowed) };
    set(&world, vec![write]).await.unwrap();
    eventually("the site is hers to change", async || rename("a").await.ok()).await;
    assert_eq!(rename("b").await.unwrap_err(), Code::PermissionDenied);
    let new = pb::CreateSiteRequest {
        parent: HOSPITAL.into(),
        site_id: "c".into(),
        site: Some(pb::Site { display_name: "C".into(), ..Default::default() }),
        request_id: String::new(),
    };
    let refused = world.sites().create_site(with_token(new, &token)).await;
    assert_eq!(refusal(refused).0, Code::PermissionDenied);
}

#[tokio::test]
async fn what_cannot_hold_is_refused_with_its_reason_and_changes_nothing() {
    let world = World::new().await;
    world.site("a").await;
    let kept = vec![at(rule("plans.read", Role::NurseManager, Effect::Allowed), &["a"])];
    let before = set(&world, kept).await.unwrap();
    use Effect::{Allowed, Withdrawn};
    let good = || rule("plans.read", Role::Secretary, Withdrawn);
    for (bad, reason, field) in [
        (rule("plans.reed", Role::Secretary, Allowed), "PERMISSION_UNKNOWN", "permission"),
        (rule("leaves.read_reason", Role::Secretary, Allowed), "PERMISSION_LOCKED", "permission"),
        (rule("leaves.read_reason", Role::NurseAdministrator, Allowed), "PERMISSION_LOCKED", "permission"),
        (rule("audit.read", Role::AnesthetistAdministrator, Allowed), "PERMISSION_LOCKED", "permission"),
        (rule("audit.read", Role::SuperAdministrator, Withdrawn), "PERMISSION_LOCKED", "permission"),
        (rule("tasks.run", Role::SuperAdministrator, Allowed), "PERMISSION_LOCKED", "permission"),
        (rule("access_policy.write", Role::Secretary, Allowed), "PERMISSION_LOCKED", "permission"),
        (rule("access_policy.write", Role::SuperAdministrator, Withdrawn), "ADMINISTRATOR_SHUT_OUT", "role"),
        (rule("roles.grant", Role::SuperAdministrator, Withdrawn), "ADMINISTRATOR_SHUT_OUT", "role"),
        (
            at(rule("staff_members.write", Role::SuperAdministrator, Allowed), &["a"]),
            "ADMINISTRATOR_SHUT_OUT",
            "role",
        ),
        (at(rule("rules.edit", Role::Secretary, Allowed), &["a"]), "ACCESS_SCOPE_UNFIT", "scope"),
        (of(rule("plans.read", Role::Secretary, Allowed), &["MAR"]), "ACCESS_SCOPE_UNFIT", "scope"),
        (at(rule("plans.edit", Role::Secretary, Allowed), &["z"]), "ACCESS_SCOPE_UNKNOWN", "scope.sites"),
        (
            of(rule("leaves.read", Role::Secretary, Allowed), &["X"]),
            "ACCESS_SCOPE_UNKNOWN",
            "scope.professions",
        ),
        (rule("plans.read", Role::Unspecified, Allowed), "FIELD_VIOLATIONS", "role"),
        (rule("plans.read", Role::Secretary, Effect::Unspecified), "FIELD_VIOLATIONS", "effect"),
    ] {
        let told = format!("{bad:?}");
        let refused = || set(&world, vec![good(), bad.clone()]);
        assert_eq!(refusal(refused().await), (Code::InvalidArgument, reason.into()), "{told}");
        assert_eq!(fields(refused().await), [format!("access_policy.rules[1].{field}")], "{told}");
    }
    assert_eq!(fields(set(&world, vec![good(), good()]).await), ["access_policy.rules"]);
    let elsewhere = AccessScope { sites: vec!["hospitals/south/sites/a".into()], ..Default::default() };
    let elsewhere = AccessRule { scope: Some(elsewhere), ..rule("plans.read", Role::Secretary, Allowed) };
    assert_eq!(fields(set(&world, vec![elsewhere]).await), ["access_policy.rules[0].scope.sites"]);
    let trial = pb::UpdateAccessPolicyRequest { validate_only: true, ..request(vec![good()], "") };
    assert_eq!(send(&world, trial).await.unwrap().rules, [good()], "a trial");
    assert_eq!(get(&world).await, before);
    // A site that a rule names stays.
    let delete = pb::DeleteSiteRequest { name: format!("{HOSPITAL}/sites/a"), ..Default::default() };
    let refused = world.sites().delete_site(world.by_admin(delete)).await;
    assert_eq!(refusal(refused).1, "RESOURCE_IN_USE");
}

#[tokio::test]
async fn super_administrators_set_it_once_against_the_version_they_saw() {
    let world = World::new().await;
    let first = request(vec![rule("rules.edit", Role::AnesthetistAdministrator, Effect::Allowed)], "\"0\"");
    let set = send(&world, first.clone()).await.unwrap();
    assert_eq!(set.etag, "\"1\"");
    assert_eq!(send(&world, first).await.unwrap(), set, "the same request, the same answer");
    let stale = request(vec![], "\"0\"");
    assert_eq!(refusal(send(&world, stale).await), (Code::Aborted, "ETAG_MISMATCH".into()));
    let again = send(&world, request(set.rules.clone(), &set.etag)).await.unwrap();
    assert_eq!((again.etag.as_str(), &again.rules), ("\"2\"", &set.rules), "told again all the same");

    let edit = permission(&world, "rules.edit").await;
    let own = edit.roles.iter().find(|own| own.role() == Role::AnesthetistAdministrator).unwrap();
    assert_eq!((own.default_scopes.len(), own.allowed_scopes.len(), own.withdrawn_scopes.len()), (0, 1, 0));

    let anne = world.signed_in("anne", "MAR").await;
    let read = pb::GetAccessPolicyRequest { name: name() };
    let refused = world.staff().get_access_policy(with_token(read, &anne.access_token)).await;
    assert_eq!(refusal(refused).0, Code::PermissionDenied);
    let write = with_token(request(vec![], ""), &anne.access_token);
    assert_eq!(refusal(world.staff().update_access_policy(write).await).0, Code::PermissionDenied);
}

#[tokio::test]
async fn it_is_told_whole_and_written_down_rule_by_rule() {
    let world = World::new().await;
    world.site("a").await;
    let mut tail = world.bus.tail("staff");
    let narrow = at(rule("plans.read", Role::NurseManager, Effect::Allowed), &["a"]);
    let taken = rule("plans.edit", Role::AnesthetistAdministrator, Effect::Withdrawn);
    set(&world, vec![narrow.clone(), taken.clone()]).await.unwrap();
    set(&world, vec![taken.clone()]).await.unwrap();
    let mut told = vec![];
    while told.len() < 2 {
        let event = tail.next().await.unwrap();
        if let Some(changed) = durable::event::decode::<pb::AccessPolicyChanged>(&event) {
            told.push(changed.unwrap());
        }
    }
    assert_eq!(told[0].rules, [narrow, taken.clone()]);
    assert_eq!(told[1].rules, [taken]);
    assert!(told[0].version < told[1].version, "one clock reading, two versions: {told:?}");

    let request = pb::ListAuditEntriesRequest {
        parent: HOSPITAL.into(),
        filter: "action = \"access_policy.update\"".into(),
        ..Default::default()
    };
    let log = world.staff().list_audit_entries(world.by_admin(request)).await.unwrap().into_inner();
    let lines: Vec<Vec<(String, String)>> = log
        .audit_entries
        .into_iter()
        .rev()
        .map(|line| line.fields.into_iter().map(|field| (field.old_value, field.new_value)).collect())
        .collect();
    let (narrow, taken) =
        ("Allowed plans.read to NurseManager at a", "Withdrawn plans.edit to AnesthetistAdministrator");
    let line = |old: &str, new: &str| (old.to_owned(), new.to_owned());
    assert_eq!(lines, [vec![line("", narrow), line("", taken)], vec![line(narrow, "")]]);
}
