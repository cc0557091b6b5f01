//! Competing requests: their order with its reasons, and one decision about all of them.

use proto::leave::v1::{self as pb, leave::State, leave_verdict, rank::Criterion};
use tonic::Code;

use crate::{
    half_days,
    world::{self, World, leave, reason},
};

const REQUEST_ID: &str = "7b6f1a34-5c1d-4c0a-8f27-0123456789ab";

fn verdict(leave: &pb::Leave, kind: leave_verdict::Kind) -> pb::LeaveVerdict {
    let comment = if kind == leave_verdict::Kind::Reject { "two may go" } else { "" };
    pb::LeaveVerdict {
        name: leave.name.clone(),
        etag: leave.etag.clone(),
        kind: kind.into(),
        comment: comment.to_owned(),
        force: false,
    }
}

/// Three ask for Christmas week, the first of whom had it the year before.
async fn christmas(world: &World) -> Vec<pb::Leave> {
    let before = world.create("ann", leave("cp", "2025-12-22", "2025-12-24")).await.unwrap();
    world.approve("boss", &before, false).await.unwrap();
    let mut asked = Vec::new();
    for person in ["ann", "bob", "dora"] {
        asked.push(world.create(person, leave("cp", "2026-12-21", "2026-12-23")).await.unwrap());
    }
    asked
}

#[tokio::test]
async fn l14_christmas_goes_to_who_had_it_least_and_the_one_who_asked_first_is_told_why_not() {
    let world = World::new().await;
    let asked = christmas(&world).await;
    let days = ("2026-12-20", "2027-01-03");
    let ranked = world.rank("boss", "MAR", days).await.unwrap().ranked_leaves;
    let fits: Vec<bool> = ranked.iter().map(|ranked| ranked.fits).collect();
    assert_eq!(fits, [true, true, false], "a peak bears two at once");
    let last = &ranked[2];
    assert_eq!(last.leave.as_ref().unwrap().name, asked[0].name);
    let rank = last.rank.clone().unwrap();
    assert_eq!((rank.position, rank.count, rank.criterion()), (3, 3, Criterion::TimesHad));
    assert_eq!(rank.years_had, [2025]);
    for (reader, profession) in [("nurse-boss", "MAR"), ("ann", "MAR"), ("secretary", "MAR")] {
        let refused = world.rank(reader, profession, days).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{reader}");
    }

    use leave_verdict::Kind::{Approve, Reject};
    let verdicts = vec![verdict(&asked[1], Approve), verdict(&asked[2], Approve), verdict(&asked[0], Reject)];
    let request = world::verdicts(verdicts, REQUEST_ID);
    let decided = world.decide("boss", request.clone()).await.unwrap().leaves;
    let states: Vec<State> = decided.iter().map(pb::Leave::state).collect();
    assert_eq!(states, [State::Approved, State::Approved, State::Rejected]);
    assert_eq!(world.decide("boss", request).await.unwrap().leaves, decided, "told again, not done again");
    let told = world.get("ann", &asked[0].name).await.unwrap().decision.unwrap();
    assert_eq!(told.rank.as_ref().map(|rank| (rank.position, rank.count)), Some((3, 3)));
    let text = format!("{told:?}");
    assert!(!text.contains("bob") && !text.contains("dora"), "{text}");
    assert_eq!(half_days(&world.balance("ann", "cp-2026").await.unwrap()), (100, 0, 0));
    assert_eq!(half_days(&world.balance("bob", "cp-2026").await.unwrap()), (100, 6, 0));
    assert_eq!(world.check().await, Vec::<String>::new());
}

#[tokio::test]
async fn several_decisions_are_taken_or_none() {
    use leave_verdict::Kind::{Approve, Reject, Unspecified};
    let world = World::new().await;
    let asked = christmas(&world).await;
    let stale = pb::LeaveVerdict { etag: "\"9\"".to_owned(), ..verdict(&asked[2], Reject) };
    let request = world::verdicts(vec![verdict(&asked[1], Approve), stale], REQUEST_ID);
    let refused = world.decide("boss", request).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Aborted, "ETAG_MISMATCH"));
    assert_eq!(world::metadata(&refused, "decision"), "1");
    for leave in &asked {
        assert_eq!(world.get("boss", &leave.name).await.unwrap().state(), State::Pending);
    }
    assert_eq!(half_days(&world.balance("bob", "cp-2026").await.unwrap()), (100, 0, 6));

    let silent = pb::LeaveVerdict { comment: String::new(), ..verdict(&asked[0], Reject) };
    let twice = vec![verdict(&asked[1], Approve), verdict(&asked[1], Unspecified), silent];
    let refused = world.decide("boss", world::verdicts(twice, "")).await.unwrap_err();
    let fields = ["verdicts[1].kind", "verdicts[1].comment", "verdicts[1].name", "verdicts[2].comment"];
    assert_eq!(world::fields(&refused), fields);
    let nurses_only =
        world.decide("nurse-boss", world::verdicts(vec![verdict(&asked[1], Approve)], "")).await;
    assert_eq!(nurses_only.unwrap_err().code(), Code::PermissionDenied);
}

#[tokio::test]
async fn a_batch_counts_those_it_approved_before() {
    let world = World::new().await;
    // Three nurses: 30 % of them is one.
    let one = world.create("cam", leave("cp", "2027-02-01", "2027-02-05")).await.unwrap();
    let other = world.create("dan", leave("cp", "2027-02-05", "2027-02-09")).await.unwrap();
    let both = [&one, &other].map(|leave| verdict(leave, leave_verdict::Kind::Approve)).to_vec();
    let refused = world.decide("boss", world::verdicts(both, "")).await.unwrap_err();
    assert_eq!(reason(&refused), "LEAVE_QUOTA_REACHED");
    assert_eq!(world::metadata(&refused, "decision"), "1");
    assert_eq!(world.get("boss", &one.name).await.unwrap().state(), State::Pending);
}
