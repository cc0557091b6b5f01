//! What is written down of decisions and administrative changes, and who reads it.

use proto::leave::v1::{self as pb, unavailability::Scope};
use tonic::Code;

use crate::world::{Duty, World, date, leave};

/// What nobody may find in the log: the type of a leave and what people wrote.
const SECRETS: [&str; 4] = ["xyzzy", "plugh", "needed", "special"];

#[tokio::test]
async fn a_decision_is_a_line_that_tells_neither_type_nor_text() {
    let world = World::new().await;
    let special = async |first: &str, last: &str| {
        let asked = pb::Leave { comment: "xyzzy".to_owned(), ..leave("special", first, last) };
        world.create("ann", asked).await.unwrap()
    };
    let granted = special("2027-01-04", "2027-01-05").await;
    world.approve("boss", &granted, false).await.unwrap();
    let refused = special("2027-01-06", "2027-01-06").await;
    world.reject("boss", &refused.name, "plugh").await.unwrap();
    let returned = special("2027-01-07", "2027-01-07").await;
    world.give_back("boss", &returned.name, "plugh").await.unwrap();
    world.publish_plan(&Duty { person: "ann", shift: "garde-12", day: "2027-01-12" }, true).await;
    let over_garde = special("2027-01-12", "2027-01-12").await;
    world.approve("boss", &over_garde, false).await.unwrap_err();
    world.approve("boss", &over_garde, true).await.unwrap();
    world.approve("chief", &over_garde, true).await.unwrap_err();
    world.cancel("ann", &granted.name).await.unwrap();

    let lines = world.audit("chief", "").await.unwrap();
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line.action.as_str(), line.actor.rsplit('/').next().unwrap(), line.resource.as_str()))
        .collect();
    let expected = [
        ("leave.approve", "boss", granted.name.as_str()),
        ("leave.reject", "boss", refused.name.as_str()),
        ("leave.return", "boss", returned.name.as_str()),
        ("leave.force", "boss", over_garde.name.as_str()),
        ("leave.cancel", "ann", granted.name.as_str()),
    ];
    assert_eq!(told, expected, "neither what is asked for, nor what is refused to the asker");
    let fields: Vec<_> = lines[3]
        .fields
        .iter()
        .map(|field| (field.name.as_str(), field.old_value.as_str(), field.new_value.as_str()))
        .collect();
    assert_eq!(fields, [("state", "PENDING", "APPROVED"), ("decision.comment", "", "")]);
    let all = format!("{lines:?}");
    assert!(SECRETS.iter().all(|secret| !all.contains(secret)), "{all}");
}

#[tokio::test]
async fn balances_years_the_policy_holidays_and_days_without_duties_leave_lines_too() {
    let world = World::new().await;
    world.adjust("boss", "cp-2027", 4, "plugh").await.unwrap();
    world.transfer("boss", ("ann", "cp-2026", "recup-2026"), 2, true).await.unwrap();
    world.transfer("boss", ("ann", "cp-2026", "recup-2026"), 2, false).await.unwrap();
    world.close_year("boss", 2025, true).await.unwrap();
    world.close_year("boss", 2025, false).await.unwrap();
    let policy = pb::LeavePolicy { last_minute_days: 9, ..world.policy("boss").await.unwrap() };
    world.update_policy(policy, &["last_minute_days"]).await.unwrap();
    world.load_holidays(false).await.unwrap();
    world.publish_plan(&Duty { person: "ann", shift: "garde-12", day: "2027-01-12" }, true).await;
    let wish = pb::Unavailability {
        scope: Scope::Both.into(),
        first_date: Some(date("2027-01-12")),
        last_date: Some(date("2027-01-12")),
        comment: "xyzzy".to_owned(),
        ..Default::default()
    };
    let entered = world.unavailable("ann", wish).await.unwrap();
    world.approve_unavailabilities("boss", &[entered]).await.unwrap();

    let lines = world.audit("chief", "").await.unwrap();
    let actions: Vec<&str> = lines.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(
        actions,
        [
            "balance.adjust",
            "balance.transfer",
            "leave_year.close",
            "leave_policy.update",
            "holidays.load",
            "unavailability.approve"
        ],
        "previews leave none"
    );
    let changed = &lines[3].fields;
    assert_eq!((changed.len(), changed[0].name.as_str()), (1, "last_minute_days"));
    assert_eq!(changed[0].new_value, "9");
    let all = format!("{lines:?}");
    assert!(SECRETS.iter().all(|secret| !all.contains(secret)), "{all}");

    let some = world.audit("chief", "action = \"balance.adjust\"").await.unwrap();
    assert_eq!(some.len(), 1);
    for reader in ["boss", "nurse-boss", "secretary", "ann"] {
        assert_eq!(world.audit(reader, "").await.unwrap_err().code(), Code::PermissionDenied, "{reader}");
    }
    let verdict = world.verify_audit("chief").await.unwrap();
    assert!(verdict.is_whole && verdict.entry_count == 6, "{verdict:?}");
    assert_eq!(world.verify_audit("boss").await.unwrap_err().code(), Code::PermissionDenied);
}
