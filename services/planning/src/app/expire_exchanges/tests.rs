//! What is late is ended once, and what is not is left alone.

use std::time::Duration;

use chassis::{Clock, Peer, config::Target};
use durable::{Db, store_suite};

use super::*;
use crate::{
    app::{Limits, board::Boards, judge::Judges, wakes::Wakes},
    domain::{
        exchange::Item,
        replacement::{Answer, Offer},
        shift::{Kind, Post as ShiftPost},
    },
    peers::Peers,
    store::migration::Migrator,
};

const H: &str = "chu";

/// Planning without neighbors, over this database.
fn app(db: &Db) -> App {
    let nowhere = |name: &str| {
        let target = Target { name: name.into(), addresses: vec!["http://127.0.0.1:1".into()] };
        Peer::connect("planning", &target, None).unwrap()
    };
    let second = Duration::from_secs(1);
    App {
        db: db.clone(),
        peers: Peers::new(nowhere("staff"), nowhere("leave")),
        wakes: Wakes::new(),
        boards: Boards::new(),
        judges: Judges::new(),
        limits: Limits { lease: second, report_interval: second, attempts_max: 3 },
    }
}

fn ctx() -> Ctx {
    Ctx::system("planning", &Clock::system())
}

fn item() -> Item {
    Item {
        shift: "s".into(),
        post: ShiftPost::Performer,
        kind: Kind::Garde,
        day: "2027-01-05".parse().unwrap(),
        part: None,
        site: "main".into(),
    }
}

fn swap(id: &str, state: State, expire_time: i64) -> Swap {
    Swap {
        hospital: H.into(),
        id: id.into(),
        plan: "p".into(),
        offered: format!("of {id}"),
        wanted: String::new(),
        offered_item: item(),
        wanted_item: None,
        proposer: "ann".into(),
        counterpart: String::new(),
        profession: "MAR".into(),
        is_give_away: false,
        state,
        findings: vec![],
        needs_approval: false,
        revision: 0,
        expire_time,
        version: 1,
        create_time: 0,
        update_time: 0,
    }
}

fn replacement(id: &str, state: Post, deadline_time: i64) -> Replacement {
    Replacement {
        hospital: H.into(),
        id: id.into(),
        plan: "p".into(),
        item: Item { shift: id.into(), ..item() },
        absent: "ann".into(),
        origin: String::new(),
        state,
        staff_member: String::new(),
        revision: 0,
        due_time: deadline_time,
        deadline_time,
        version: 1,
        create_time: 0,
        end_time: 0,
    }
}

store_suite! { Migrator;
    async fn a_swap_is_ended_by_time_alone_and_once(db) {
        let tx = db.begin(&ctx()).await.unwrap();
        let rows = [
            swap("late", State::Pending, 1),
            swap("unapproved", State::Accepted, 1),
            swap("in-time", State::Pending, i64::MAX),
            swap("done", State::Declined, 1),
        ];
        for own in &rows {
            assert!(swaps::insert(tx.conn(), own).await.unwrap());
        }
        tx.commit().await.unwrap();
        for _ in 0..2 {
            assert!(!app(&db).expire_exchanges(&ctx()).await.unwrap());
        }
        for (id, state, version) in [
            ("late", State::Expired, 2),
            ("unapproved", State::Expired, 2),
            ("in-time", State::Pending, 1),
            ("done", State::Declined, 1),
        ] {
            let now = swaps::find(db.read(), H, id).await.unwrap().unwrap();
            assert_eq!((now.state, now.version), (state, version), "{id}");
        }
        // Its duty can be offered again.
        let tx = db.begin(&ctx()).await.unwrap();
        let again = Swap { offered: "of late".into(), ..swap("again", State::Pending, i64::MAX) };
        assert!(swaps::insert(tx.conn(), &again).await.unwrap());
    }

    async fn a_post_that_nobody_took_is_given_up_and_its_offers_are_closed(db) {
        let tx = db.begin(&ctx()).await.unwrap();
        for own in [
            replacement("late", Post::Offered, 1),
            replacement("in-time", Post::Open, i64::MAX),
            replacement("filled", Post::Filled, 1),
        ] {
            assert!(replacements::insert(tx.conn(), &own).await.unwrap());
        }
        let offer = Offer {
            staff_member: "bob".into(),
            answer: Answer::Sent,
            offer_time: 0,
            expire_time: i64::MAX,
            answer_time: 0,
        };
        replacements::ask(tx.conn(), H, "late", &offer, "hash".into()).await.unwrap();
        tx.commit().await.unwrap();
        for _ in 0..2 {
            app(&db).expire_exchanges(&ctx()).await.unwrap();
        }
        for (id, state) in [("late", Post::Unfilled), ("in-time", Post::Open), ("filled", Post::Filled)] {
            let now = replacements::find(db.read(), H, id).await.unwrap().unwrap();
            assert_eq!(now.state, state, "{id}");
        }
        let offers = replacements::offers(db.read(), H, "late").await.unwrap();
        assert_eq!(offers.iter().map(|own| own.answer).collect::<Vec<_>>(), [Answer::Closed]);
        assert!(replacements::of_post(db.read(), H, "late", ShiftPost::Performer).await.unwrap().is_none());
    }

    async fn somebody_is_looked_for_once_at_a_time(db) {
        let tx = db.begin(&ctx()).await.unwrap();
        let first = replacement("one", Post::Open, i64::MAX);
        let second = Replacement { id: "two".into(), ..first.clone() };
        assert!(replacements::insert(tx.conn(), &first).await.unwrap());
        assert!(!replacements::insert(tx.conn(), &second).await.unwrap());
        let found = replacements::of_post(tx.conn(), H, "one", ShiftPost::Performer).await.unwrap();
        assert_eq!(found.map(|own| own.id).as_deref(), Some("one"));
    }
}
