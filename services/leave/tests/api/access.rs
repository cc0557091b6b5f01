//! What a hospital says about who may do what, in force here by event.

use chassis::testing::eventually;
use proto::staff::v1::{AccessRule, AccessScope, Role, access_rule::Effect};
use tonic::Code;

use crate::world::{World, leave};

fn rule(permission: &str, role: Role, effect: Effect, professions: &[&str]) -> AccessRule {
    let professions = professions.iter().map(|code| (*code).to_owned()).collect();
    let scope = AccessScope { professions, ..Default::default() };
    let (role, effect) = (role.into(), effect.into());
    AccessRule { permission: permission.into(), role, effect, scope: Some(scope) }
}

/// How many leaves of everybody somebody is shown.
async fn seen(world: &World, reader: &str) -> Option<usize> {
    world.list_all(reader, "").await.ok().map(|listed| listed.leaves.len())
}

async fn sees(world: &World, reader: &str, expected: Option<usize>) {
    let is_so = async || (seen(world, reader).await == expected).then_some(());
    eventually(&format!("{reader} sees {expected:?}"), is_so).await;
}

#[tokio::test]
async fn a_nurse_administrator_decides_about_nurses_unless_the_hospital_says_more() {
    let world = World::new().await;
    let anesthetist = world.create("ann", leave("cp", "2027-02-01", "2027-02-05")).await.unwrap();
    let nurse = world.create("cam", leave("cp", "2027-03-01", "2027-03-05")).await.unwrap();
    let refused = world.approve("nurse-boss", &anesthetist, false).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied, "by the table");
    world.approve("nurse-boss", &nurse, false).await.unwrap();

    let both = rule("leaves.approve", Role::NurseAdministrator, Effect::Allowed, &["MAR", "IADE"]);
    // Nobody is given the reasons, whatever an event says.
    let reasons = rule("leaves.read_reason", Role::NurseAdministrator, Effect::Allowed, &[]);
    world.govern(1, vec![both, reasons]).await;
    let approved = async || world.approve("nurse-boss", &anesthetist, false).await.ok();
    let approved = eventually("the hospital's word holds", approved).await;
    assert_eq!((approved.leave_type.as_str(), approved.comment.as_str()), ("", ""), "why is not theirs");
    // Who filters by type is told of nurses only.
    assert_eq!(world.list_all("nurse-boss", "leave_type=cp").await.unwrap().leaves.len(), 1);
    assert_eq!(seen(&world, "nurse-boss").await, Some(2));
}

#[tokio::test]
async fn a_secretary_is_shown_the_leave_of_the_professions_that_are_left_to_her() {
    let world = World::new().await;
    let anesthetist = world.create("ann", leave("cp", "2027-02-01", "2027-02-05")).await.unwrap();
    let nurse = world.create("cam", leave("cp", "2027-03-01", "2027-03-05")).await.unwrap();
    sees(&world, "secretary", Some(2)).await;

    world.govern(1, vec![rule("leaves.read", Role::Secretary, Effect::Withdrawn, &["MAR"])]).await;
    sees(&world, "secretary", Some(1)).await;
    assert_eq!(world.get("secretary", &anesthetist.name).await.unwrap_err().code(), Code::PermissionDenied);
    assert!(world.get("secretary", &nurse.name).await.is_ok());
    // What is one's own stays so, and so does what others have.
    assert!(world.get("ann", &anesthetist.name).await.is_ok());
    sees(&world, "boss", Some(2)).await;

    world.govern(2, vec![rule("leaves.read", Role::Secretary, Effect::Withdrawn, &[])]).await;
    sees(&world, "secretary", None).await;
    world.govern(3, vec![]).await;
    sees(&world, "secretary", Some(2)).await;
}

#[tokio::test]
async fn a_withdrawal_binds_administrators_too_and_changes_nothing_by_itself() {
    let world = World::new().await;
    let asked = world.create("ann", leave("cp", "2027-02-01", "2027-02-05")).await.unwrap();
    let rules = [Role::AnesthetistAdministrator, Role::NurseAdministrator]
        .map(|role| rule("leaves.approve", role, Effect::Withdrawn, &[]));
    world.govern(1, rules.to_vec()).await;
    let days = ("2027-02-01", "2027-02-28");
    let holds = async || world.rank("boss", "MAR", days).await.is_err().then_some(());
    eventually("the withdrawal holds", holds).await;
    let refused = world.reject("boss", &asked.name, "no").await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    assert_eq!(world.get("ann", &asked.name).await.unwrap().state, asked.state, "nothing changed");
    world.approve("chief", &asked, false).await.unwrap();
}
