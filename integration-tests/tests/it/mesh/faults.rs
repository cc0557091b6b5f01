//! The short form of the fault matrix: what needs no more than PostgreSQL and Redis, at a pace that any machine keeps.
//! How long anything takes is measured by `scripts/faults`, not here.

use std::time::Duration;

use integration_tests::{
    backends::Backends,
    faults::{Arena, Pace, short, table},
};

const PACE: Pace = Pace {
    rate: 25,
    before: Duration::from_secs(1),
    after: Duration::from_secs(3),
    seed: 7,
    is_hurried: true,
    judges_gaps: false,
};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_doubled_or_refused_whatever_dies() {
    let arena = Arena::open_on(Backends::start, None, PACE.seed).await.unwrap();
    let mut missed = vec![];
    for fault in short::<Backends>() {
        let report = arena.run(&fault, PACE).await.unwrap();
        println!("{} {}\n{}", fault.number, fault.title, table::details(&report));
        missed.extend(report.misses.iter().map(|miss| format!("{}: {miss}", fault.number)));
    }
    arena.close().await.unwrap();
    assert_eq!(missed, Vec::<String>::new());
}
