//! Heavy weeks: a hint for planners that refuses nothing.

use proto::planning::v1::{self as pb, heavy_week::Reason};
use tonic::Code;

use crate::world::{HOSPITAL, PLAN, World, date};

async fn heavy_weeks(world: &World) -> Vec<pb::HeavyWeek> {
    let request = pb::ListHeavyWeeksRequest { parent: PLAN.into(), ..Default::default() };
    world.client().list_heavy_weeks(world.by("boss", request)).await.unwrap().into_inner().heavy_weeks
}

#[tokio::test]
async fn a_heavy_week_is_hinted_at_to_planners_and_stops_no_publication() {
    let world = World::new().await;
    world.planned().await;
    assert!(heavy_weeks(&world).await.is_empty(), "nobody has anything");
    for day in ["2027-01-04", "2027-01-08"] {
        let shift = world.shifts(&format!("kind = GARDE AND date = \"{day}\"")).await.remove(0);
        world.assign(&shift.name, "gus", false).await.unwrap();
    }
    assert!(heavy_weeks(&world).await.is_empty(), "two gardes a week are below the thresholds");
    let request = pb::UpdateRuleSetRequest {
        rule_set: Some(pb::RuleSet {
            name: format!("hospitals/{HOSPITAL}/ruleSets/default"),
            fatigue: Some(pb::FatiguePolicy {
                threshold: Some(30),
                high_threshold: Some(45),
                ..Default::default()
            }),
            ..Default::default()
        }),
        update_mask: None,
    };
    let set = world.client().update_rule_set(world.by("chief", request)).await.unwrap().into_inner();
    assert_eq!(set.fatigue.unwrap().garde, Some(30));
    let weeks = heavy_weeks(&world).await;
    // 30 for Monday's garde and its rest, 15 off on Wednesday and on Thursday, 30 again on Friday.
    let told: Vec<_> = (weeks.iter())
        .map(|own| {
            (own.staff_member.as_str(), own.monday, own.reasons().collect::<Vec<_>>(), own.fatigue_points)
        })
        .collect();
    let gus = format!("hospitals/{HOSPITAL}/staffMembers/gus");
    assert_eq!(told[0], (gus.as_str(), Some(date("2027-01-04")), vec![Reason::Fatigue], 30));
    let analysis = world.analyze(PLAN).await;
    assert_eq!(analysis.hard_match_count, 0, "a hint is no breach");
    let etag = world.plan("boss").await.unwrap().etag;
    world.publish(&etag, false).await.unwrap();
    for reader in ["gus", "zoe"] {
        let request = pb::ListHeavyWeeksRequest { parent: PLAN.into(), ..Default::default() };
        let denied = world.client().list_heavy_weeks(world.by(reader, request)).await.unwrap_err();
        assert_eq!(denied.code(), Code::PermissionDenied, "{reader}");
    }
}
