//! Why somebody is away is theirs and the deciders': looked for in everything that others can read, and in every event.

use prost::Message;
use proto::leave::v1::{self as pb, leave_verdict};

use crate::world::{self, World, leave};

/// What the requester writes, what the decider answers, and the types: nobody else reads any of it.
const SECRETS: [&str; 4] = ["xyzzy", "plugh", "leaveTypes/", "special"];

#[tokio::test]
async fn a_reason_for_absence_is_in_no_answer_to_others_and_in_no_event() {
    let world = World::new().await;
    let mut tail = world.bus.tail("leave");
    let with = |leave: pb::Leave| pb::Leave { comment: "xyzzy".to_owned(), ..leave };
    let special = world.create("ann", with(leave("special", "2027-01-04", "2027-01-05"))).await.unwrap();
    let verdict = pb::LeaveVerdict {
        name: special.name.clone(),
        etag: special.etag.clone(),
        kind: leave_verdict::Kind::Approve.into(),
        comment: "plugh".to_owned(),
        force: false,
    };
    world.decide("boss", world::verdicts(vec![verdict], "")).await.unwrap();
    let returned = world.create("ann", with(leave("special", "2027-01-06", "2027-01-06"))).await.unwrap();
    world.give_back("boss", &returned.name, "plugh").await.unwrap();
    let rejected = world.create("ann", with(leave("special", "2027-01-07", "2027-01-07"))).await.unwrap();
    world.reject("boss", &rejected.name, "plugh").await.unwrap();
    let waiting = world.create("ann", with(leave("special", "2027-01-08", "2027-01-08"))).await.unwrap();
    let cancelled = world.create("ann", with(leave("special", "2027-01-11", "2027-01-11"))).await.unwrap();
    world.cancel("ann", &cancelled.name).await.unwrap();
    let all = [&special, &returned, &rejected, &waiting, &cancelled];

    for reader in ["bob", "cam", "secretary", "nurse-boss"] {
        let mut read =
            vec![world.absences(reader, world::HOSPITAL).await.map(|answer| format!("{answer:?}"))];
        read.push(world.list_all(reader, "").await.map(|answer| format!("{answer:?}")));
        read.push(
            world.rank(reader, "MAR", ("2027-01-01", "2027-01-31")).await.map(|answer| format!("{answer:?}")),
        );
        for leave in all {
            read.push(world.get(reader, &leave.name).await.map(|answer| format!("{answer:?}")));
        }
        read.extend(world.balances_read_by(reader, "ann", "cp-2027").await);
        for text in read.into_iter().map(|answer| answer.unwrap_or_else(|status| format!("{status:?}"))) {
            let found = SECRETS.iter().find(|secret| text.contains(**secret));
            assert!(found.is_none(), "{reader} reads {found:?} in {text}");
        }
    }
    assert!(format!("{:?}", world.get("boss", &waiting.name).await.unwrap()).contains("xyzzy"));

    // Everything happened already: one event for each step.
    for _ in 0..9 {
        let event = tail.next().await.unwrap();
        let bytes = event.encode_to_vec();
        let found = SECRETS
            .iter()
            .find(|secret| bytes.windows(secret.len()).any(|window| window == secret.as_bytes()));
        assert!(found.is_none(), "an event has {found:?}");
    }
}

#[tokio::test]
async fn a_nurse_administrator_reads_the_balances_of_nurses_only() {
    let world = World::new().await;
    let of_nurse = world.balances_read_by("nurse-boss", "cam", "cp-2026").await;
    let may: Vec<bool> = of_nurse.iter().map(Result::is_ok).collect();
    assert_eq!(may, [true, true, true, false], "not everybody's");
    let of_anesthetist = world.balances_read_by("nurse-boss", "ann", "cp-2026").await;
    assert!(of_anesthetist.iter().all(Result::is_err));
    assert!(world.balances_read_by("boss", "ann", "cp-2026").await.iter().all(Result::is_ok));
}
