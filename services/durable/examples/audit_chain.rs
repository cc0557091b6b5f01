//! What the chain of an audit log costs those who write at once in one hospital, on the PostgreSQL server that
//! `MATHILDANESTH_TEST_POSTGRES` names.

#![allow(clippy::unwrap_used, reason = "a measurement")]

use std::time::{Duration, Instant};

use chassis::{Clock, Ctx};
use durable::{Db, audit::Change};
use proto::leave::v1::LeaveRejected;
use sea_orm::ConnectionTrait;
use sea_orm_migration::{MigrationTrait, MigratorTrait};

struct Nothing;

impl MigratorTrait for Nothing {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Vec::new()
    }
}

/// As many as the scratch database has connections.
const WRITERS: usize = 4;
const LONG: Duration = Duration::from_secs(10);
/// What a use case does before it commits.
const WORK: &str = "SELECT pg_sleep(0.005)";

/// Writes a second, with lines of the hospital that a writer writes to, if any.
async fn measure(db: &Db, hospital: fn(usize) -> Option<String>) -> f64 {
    let begun = Instant::now();
    let writers = (0..WRITERS).map(|writer| {
        let (db, hospital) = (db.clone(), hospital(writer));
        tokio::spawn(async move {
            let mut count = 0;
            while begun.elapsed() < LONG {
                let tx = db.begin(&Ctx::system("leave", &Clock::system())).await.unwrap();
                tx.conn().execute_unprepared(WORK).await.unwrap();
                tx.publish("leave", &LeaveRejected::default(), "h", "leave").await.unwrap();
                if let Some(hospital) = &hospital {
                    tx.audit(
                        Change::of(hospital, "leave.reject", "leave").value("state", "PENDING", "REJECTED"),
                    );
                }
                tx.commit().await.unwrap();
                count += 1;
            }
            count
        })
    });
    let mut count = 0;
    for writer in writers.collect::<Vec<_>>() {
        count += writer.await.unwrap();
    }
    f64::from(count) / begun.elapsed().as_secs_f64()
}

#[tokio::main]
async fn main() {
    let scratch =
        durable::testing::scratch(Nothing).await.expect("MATHILDANESTH_TEST_POSTGRES names a server");
    let without = measure(&scratch.db, |_| None).await;
    let apart = measure(&scratch.db, |writer| Some(format!("h{writer}"))).await;
    let together = measure(&scratch.db, |_| Some("h".to_owned())).await;
    scratch.drop_database().await;
    println!("{WRITERS} writers at once, 5 ms of work before each commit, PostgreSQL");
    println!("  without an audit log       {without:>8.0} writes/s");
    println!("  each in its own hospital   {apart:>8.0} writes/s");
    println!("  all in one hospital        {together:>8.0} writes/s");
    println!("figure audit_one_hospital_writes_per_s {together:.0} 1/s");
}
