//! What editors do, written down.

use proto::{
    audit::v1::{ListAuditEntriesRequest, VerifyAuditLogRequest},
    planning::v1 as pb,
};
use tonic::Code;

use crate::world::{HOSPITAL, World};

#[tokio::test]
async fn what_editors_do_is_in_the_audit_log_and_the_super_administrator_reads_it() {
    let world = World::new().await;
    world.published().await;
    let held = world.assignments("boss", "kind = GARDE").await.remove(0);
    let edit = |validate_only| pb::UpdateAssignmentRequest {
        assignment: Some(pb::Assignment { name: held.name.clone(), pinned: true, ..Default::default() }),
        validate_only,
        ..Default::default()
    };
    world.client().update_assignment(world.by("boss", edit(true))).await.unwrap();
    world.client().update_assignment(world.by("boss", edit(false))).await.unwrap();
    let parent = format!("hospitals/{HOSPITAL}/staffMembers/bob");
    for _ in 0..2 {
        let request = pb::CreateCalendarFeedRequest { parent: parent.clone(), ..Default::default() };
        world.client().create_calendar_feed(world.by("bob", request)).await.unwrap();
    }
    let request = ListAuditEntriesRequest {
        parent: format!("hospitals/{HOSPITAL}"),
        page_size: 1_000,
        ..Default::default()
    };
    let refused = world.client().list_audit_entries(world.by("boss", request.clone())).await.unwrap_err();
    assert_eq!(refused.code(), Code::PermissionDenied);
    let answer = world.client().list_audit_entries(world.by("chief", request)).await.unwrap().into_inner();
    let mut lines = answer.audit_entries;
    lines.reverse();
    let told: Vec<(&str, &str)> = (lines.iter())
        .map(|line| (line.action.as_str(), line.actor.rsplit('/').next().unwrap_or_default()))
        .collect();
    let expected = [
        ("plan.create", "boss"),
        ("template.create", "zoe"),
        ("plan.apply_template", "boss"),
        ("plan.generate", "boss"),
        ("plan.adopt_proposal", "boss"),
        ("plan.publish", "boss"),
        ("assignment.update", "boss"),
        ("calendar_feed.create", "bob"),
        ("calendar_feed.replace", "bob"),
    ];
    assert_eq!(told, expected, "previews leave none");
    let fields: Vec<_> = (lines[6].fields.iter())
        .map(|field| (field.name.as_str(), field.old_value.as_str(), field.new_value.as_str()))
        .collect();
    assert_eq!(fields, [("pinned", "false", "true")]);
    let request = VerifyAuditLogRequest { parent: format!("hospitals/{HOSPITAL}"), ..Default::default() };
    let verdict = world.client().verify_audit_log(world.by("chief", request)).await.unwrap().into_inner();
    assert!(verdict.is_whole && verdict.entry_count == 9, "{verdict:?}");
}
