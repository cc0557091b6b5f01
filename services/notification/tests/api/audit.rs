//! The audit log of what administrators do here.

use proto::{
    audit::v1::AuditEntry,
    notification::v1::{self as pb, notice as enums},
    staff::v1::StaffMemberErased,
};
use tonic::Code;

use super::{
    approved,
    notices::{at, night},
    world::{World, person},
};

fn actions(lines: &[AuditEntry]) -> Vec<&str> {
    lines.iter().rev().map(|line| line.action.as_str()).collect()
}

#[tokio::test]
async fn what_is_done_to_a_notice_is_a_line_without_what_was_written() {
    let world = World::new().await;
    let notice = world.create_notice("boss", night()).await.unwrap();
    // The same request again is no second line.
    world.create_notice("boss", night()).await.unwrap();
    let later = pb::Notice {
        name: notice.name.clone(),
        french_text: "Camille Tilleul remplace le serveur.".to_owned(),
        end_time: at("2026-11-29T03:00:00Z"),
        ..Default::default()
    };
    let changed = world.update_notice(later, &["french_text", "end_time"]).await.unwrap();
    world.cancel_notice(&notice.name, &notice.etag).await.unwrap_err();
    world.cancel_notice(&notice.name, &changed.etag).await.unwrap();

    let lines = world.audit_entries("").await.unwrap();
    assert_eq!(actions(&lines), ["notice.create", "notice.update", "notice.cancel"]);
    assert!(lines.iter().all(|line| line.resource == notice.name && line.actor == person("boss")));
    let fields: Vec<(&str, &str)> =
        lines[1].fields.iter().map(|field| (field.name.as_str(), field.new_value.as_str())).collect();
    assert_eq!(fields, [("end_time", "2026-11-29T03:00:00Z"), ("french_text", "")]);
    assert!(!format!("{lines:?}").contains("Camille"));
    let verdict = world.verify_audit_log().await.unwrap();
    assert!(verdict.is_whole, "{}", verdict.finding);
    assert_eq!(verdict.entry_count, 3);
}

#[tokio::test]
async fn what_was_refused_is_no_line() {
    let world = World::new().await;
    let closed = enums::Category::General.into();
    world.create_notice("boss", pb::Notice { category: closed, ..night() }).await.unwrap_err();
    assert!(world.audit_entries("").await.unwrap().is_empty());
}

#[tokio::test]
async fn that_a_person_was_forgotten_is_a_line_by_their_id() {
    let world = World::new().await;
    world.publish("leave", &approved("ann")).await;
    world.publish("staff", &StaffMemberErased { staff_member: person("ann") }).await;
    let lines = world.audit_entries("action = personal_data.erase").await.unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!((&lines[0].resource, lines[0].actor.as_str()), (&person("ann"), "services/notification"));
}

#[tokio::test]
async fn the_log_is_for_the_administrator_alone() {
    let world = World::new().await;
    let denied = world.audit_entries_as(&[chassis::Role::AnesthetistAdministrator]).await.unwrap_err();
    assert_eq!(denied.code(), Code::PermissionDenied);
}
