//! Windows in which a service only answers questions: what is known of them, whatever comes late or dies.

#![allow(clippy::unwrap_used)]

use bus::Bus;
use chassis::{Clock, Ctx};
use durable::{Db, event, store_suite, windows};
use proto::notification::v1::{NoticeChanged, notice::Service};
use sea_orm_migration::{MigrationTrait, MigratorTrait};

struct Nothing;

impl MigratorTrait for Nothing {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Vec::new()
    }
}

fn changed(version: i64, services: &[Service]) -> NoticeChanged {
    let moment = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
    NoticeChanged {
        notice: "hospitals/chu/notices/n1".to_owned(),
        version,
        start_time: moment(1_000),
        end_time: moment(4_000_000_000),
        read_only_services: services.iter().map(|service| (*service).into()).collect(),
    }
}

/// What a leave service that starts now would know.
async fn known(db: &Db) -> usize {
    windows(db, "leave.on_notices", Service::Leave).await.unwrap().read_only.windows().len()
}

async fn hear(db: &Db, change: &NoticeChanged) {
    let consumer = windows(db, "leave.on_notices", Service::Leave).await.unwrap().consumer;
    let clock = Clock::system();
    let tx = db.begin(&Ctx::system("leave", &clock)).await.unwrap();
    let envelope = event::encode(change, "chu", &change.notice, clock.now());
    consumer.handle(&tx, &envelope).await.unwrap();
    tx.commit().await.unwrap();
}

store_suite! { Nothing;
    async fn a_window_is_known_after_a_restart_until_it_is_called_off(db) {
        assert_eq!(known(&db).await, 0);
        hear(&db, &changed(1, &[Service::Planning, Service::Leave])).await;
        assert_eq!(known(&db).await, 1);
        hear(&db, &changed(2, &[])).await;
        assert_eq!(known(&db).await, 0);
        // What comes late and twice means nothing.
        hear(&db, &changed(1, &[Service::Leave])).await;
        hear(&db, &changed(2, &[Service::Leave])).await;
        assert_eq!(known(&db).await, 0);
        hear(&db, &changed(3, &[Service::Leave])).await;
        assert_eq!(known(&db).await, 1);
    }

    async fn a_window_of_another_service_closes_nothing_here(db) {
        hear(&db, &changed(1, &[Service::Planning])).await;
        assert_eq!(known(&db).await, 0);
    }

    async fn what_is_heard_is_shown_by_the_keeper(db) {
        let leave = windows(&db, "leave.on_notices", Service::Leave).await.unwrap();
        let bus = Bus::local();
        let worker = durable::inbox::worker(&db, &bus, leave.consumer.clone(), Default::default());
        let envelope = event::encode(&changed(1, &[Service::Leave]), "chu", "n1", Clock::system().now());
        let stop = tokio_util::sync::CancellationToken::new();
        let (sent, taken) = tokio::join!(bus.publish("notification", envelope), worker.run(&stop));
        sent.unwrap();
        taken.unwrap();
        assert!(leave.read_only.windows().is_empty());
        leave.keeper.run(&stop).await.unwrap();
        assert_eq!(leave.read_only.windows().len(), 1);
    }
}
