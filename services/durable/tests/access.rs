//! What hospitals say about who may do what: what is known of it, whatever comes late or dies.

#![allow(clippy::unwrap_used)]

use bus::Bus;
use chassis::{
    Clock, Ctx,
    access::{Access, Overrides, PLANNING, Scope},
};
use durable::{Db, event, policies, store_suite};
use proto::staff::v1::{AccessPolicyChanged, AccessRule, AccessScope, Role, access_rule::Effect};
use sea_orm_migration::{MigrationTrait, MigratorTrait};

struct Nothing;

impl MigratorTrait for Nothing {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Vec::new()
    }
}

fn changed(version: i64, sites: &[&str]) -> AccessPolicyChanged {
    let scope = AccessScope {
        sites: sites.iter().map(|site| format!("hospitals/chu/sites/{site}")).collect(),
        ..AccessScope::default()
    };
    let rule = |role: i32| AccessRule {
        permission: "plans.read".to_owned(),
        role,
        effect: Effect::Allowed.into(),
        scope: Some(scope.clone()),
    };
    // The second is of a version to come.
    let rules = if sites.is_empty() { vec![] } else { vec![rule(Role::NurseManager.into()), rule(4_711)] };
    AccessPolicyChanged { access_policy: "hospitals/chu/accessPolicy".to_owned(), version, rules }
}

/// The sites at which nurse managers read plans; none if they do everywhere.
fn sites(access: &Access) -> Vec<String> {
    let overrides = access.of_hospital("chu");
    let grant = PLANNING.0.iter().find(|grant| grant.permission == "plans.read").unwrap();
    let (allowed, _) = Overrides::in_force(overrides.as_deref(), grant, chassis::Role::NurseManager);
    let [Scope { sites, .. }] = allowed else { panic!("{allowed:?}") };
    sites.clone()
}

/// What a planning service that starts now would know.
async fn known(db: &Db) -> Vec<String> {
    sites(&policies(db, "planning.on_access_policies").await.unwrap().access)
}

async fn hear(db: &Db, change: &AccessPolicyChanged) {
    let consumer = policies(db, "planning.on_access_policies").await.unwrap().consumer;
    let clock = Clock::system();
    let tx = db.begin(&Ctx::system("planning", &clock)).await.unwrap();
    let envelope = event::encode(change, "chu", &change.access_policy, clock.now());
    assert!(consumer.concerns(&envelope));
    consumer.handle(&tx, &envelope).await.unwrap();
    tx.commit().await.unwrap();
}

store_suite! { Nothing;
    async fn the_newest_policy_is_known_after_a_restart_whatever_comes_late(db) {
        assert!(known(&db).await.is_empty());
        hear(&db, &changed(2, &["a"])).await;
        assert_eq!(known(&db).await, ["a"]);
        hear(&db, &changed(1, &["b"])).await;
        hear(&db, &changed(2, &["b"])).await;
        assert_eq!(known(&db).await, ["a"]);
        hear(&db, &changed(3, &["a", "b"])).await;
        assert_eq!(known(&db).await, ["a", "b"]);
        // Without rules the tables hold; what is older than that means nothing either.
        hear(&db, &changed(4, &[])).await;
        hear(&db, &changed(3, &["a"])).await;
        assert!(known(&db).await.is_empty());
    }

    async fn what_is_heard_is_shown_by_the_keeper(db) {
        let planning = policies(&db, "planning.on_access_policies").await.unwrap();
        let bus = Bus::local();
        let worker = durable::inbox::worker(&db, &bus, planning.consumer.clone(), Default::default());
        let change = changed(1, &["a"]);
        let envelope = event::encode(&change, "chu", &change.access_policy, Clock::system().now());
        let stop = tokio_util::sync::CancellationToken::new();
        let (sent, taken) = tokio::join!(bus.publish("staff", envelope), worker.run(&stop));
        sent.unwrap();
        taken.unwrap();
        assert!(sites(&planning.access).is_empty());
        planning.keeper.run(&stop).await.unwrap();
        assert_eq!(sites(&planning.access), ["a"]);
        assert!(planning.access.of_hospital("elsewhere").is_none());
    }
}
