//! What a hospital says about who may do what, in force here by event.

use chassis::testing::eventually;
use proto::{
    planning::v1 as pb,
    staff::v1::{AccessRule, AccessScope, Role, access_rule::Effect},
};
use tonic::{Code, Response};

use crate::world::{Answer, HOSPITAL, PLAN, TRAME, World};

fn rule(permission: &str, role: Role, effect: Effect, sites: &[&str]) -> AccessRule {
    let site = |id: &&str| format!("hospitals/{HOSPITAL}/sites/{id}");
    let scope = AccessScope { sites: sites.iter().map(site).collect(), ..Default::default() };
    let (role, effect) = (role.into(), effect.into());
    AccessRule { permission: permission.into(), role, effect, scope: Some(scope) }
}

async fn listed(world: &World, reader: &str) -> Answer<Vec<String>> {
    let request = pb::ListPlansRequest { parent: format!("hospitals/{HOSPITAL}"), ..Default::default() };
    let answer = world.client().list_plans(world.by(reader, request)).await?;
    Ok(answer.into_inner().plans.into_iter().map(|plan| plan.name).collect())
}

async fn assignments(world: &World, reader: &str, parent: &str) -> Result<usize, Code> {
    let request = pb::ListAssignmentsRequest { parent: parent.into(), ..Default::default() };
    let answer = world.client().list_assignments(world.by(reader, request)).await;
    answer.map(|all| all.into_inner().assignments.len()).map_err(|status| status.code())
}

async fn templates(world: &World, reader: &str) -> Answer<pb::ListTemplatesResponse> {
    let request = pb::ListTemplatesRequest { parent: format!("hospitals/{HOSPITAL}"), ..Default::default() };
    world.client().list_templates(world.by(reader, request)).await.map(Response::into_inner)
}

/// Waits until somebody is refused, or is not refused any more, to read the plan.
async fn reads(world: &World, reader: &str, expected: bool) {
    let is_so = async || (world.plan(reader).await.is_ok() == expected).then_some(());
    eventually(&format!("{reader} reads the plan: {expected}"), is_so).await;
}

#[tokio::test]
async fn a_nurse_manager_of_one_site_reads_the_plans_of_that_site_only() {
    let world = World::new().await;
    world.published().await;
    reads(&world, "manager", true).await;
    let manager = |sites: &[&str]| vec![rule("plans.read", Role::NurseManager, Effect::Allowed, sites)];

    world.govern(1, manager(&["annex"])).await;
    reads(&world, "manager", false).await;
    assert_eq!(world.plan("manager").await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(assignments(&world, "manager", PLAN).await, Err(Code::PermissionDenied));
    assert_eq!(listed(&world, "manager").await.unwrap(), Vec::<String>::new());
    // Another role reads as before.
    assert_eq!(listed(&world, "zoe").await.unwrap(), [PLAN]);

    world.govern(2, manager(&["annex", "main"])).await;
    reads(&world, "manager", true).await;
    assert_eq!(listed(&world, "manager").await.unwrap(), [PLAN]);
    assert!(assignments(&world, "manager", PLAN).await.unwrap() > 0);
    let everywhere = format!("hospitals/{HOSPITAL}/plans/-");
    assert_eq!(assignments(&world, "manager", &everywhere).await, Err(Code::PermissionDenied));

    // Without a rule the table holds again.
    world.govern(3, vec![]).await;
    let all = async || assignments(&world, "manager", &everywhere).await.ok();
    eventually("the manager reads everywhere", all).await;
}

#[tokio::test]
async fn a_secretary_is_given_the_plans_of_a_site_and_loses_the_template() {
    let world = World::new().await;
    world.create_plan("boss").await.unwrap();
    let template = world.import(TRAME).await.unwrap();
    assert_eq!(world.plan("zoe").await.unwrap_err().code(), Code::NotFound, "it was never published");

    let given = rule("plans.edit", Role::Secretary, Effect::Allowed, &["main"]);
    let taken = rule("templates.edit", Role::Secretary, Effect::Withdrawn, &["main"]);
    world.govern(1, vec![given, taken]).await;
    reads(&world, "zoe", true).await;
    assert_eq!(listed(&world, "zoe").await.unwrap(), [PLAN]);
    let apply =
        pb::ApplyTemplateRequest { name: PLAN.into(), template: template.name.clone(), ..Default::default() };
    world.client().apply_template(world.by("zoe", apply)).await.unwrap();
    let elsewhere = world.plan_request("february", "annex");
    let refused = world.client().create_plan(world.by("zoe", elsewhere)).await;
    assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);

    // She goes on reading templates, and changes none of that site.
    assert_eq!(templates(&world, "zoe").await.unwrap().templates.len(), 1);
    let delete = pb::DeleteTemplateRequest { name: template.name.clone(), ..Default::default() };
    let refused = world.client().delete_template(world.by("zoe", delete.clone())).await;
    assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(world.import(TRAME).await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(templates(&world, "boss").await.unwrap().templates.len(), 1, "nothing changed");
    world.client().delete_template(world.by("boss", delete)).await.unwrap();
}

#[tokio::test]
async fn a_policy_that_comes_late_means_nothing_and_what_is_locked_stays_so() {
    let world = World::new().await;
    world.published().await;
    let withdrawn = || rule("plans.read", Role::NurseManager, Effect::Withdrawn, &[]);
    let opened =
        || AccessRule { permission: "audit.read".into(), ..rule("", Role::Secretary, Effect::Allowed, &[]) };
    world.govern(2, vec![withdrawn(), opened()]).await;
    reads(&world, "manager", false).await;
    world.govern(1, vec![]).await;
    world.govern(2, vec![]).await;
    // The newest one is in force for a service that starts now, too.
    let another = world.another(jiff::SignedDuration::ZERO).await;
    assert_eq!(another.plan("manager").await.unwrap_err().code(), Code::PermissionDenied);
    assert!(another.plan("zoe").await.is_ok());
    let log = proto::audit::v1::ListAuditEntriesRequest {
        parent: format!("hospitals/{HOSPITAL}"),
        ..Default::default()
    };
    let refused = another.client().list_audit_entries(another.by("zoe", log)).await;
    assert_eq!(refused.unwrap_err().code(), Code::PermissionDenied);
}
