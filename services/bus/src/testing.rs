//! What every transport must do. Each check takes a fresh bus; topics are unique, so they may share a Redis.
//! And what a transport is made of, for simulated ones.

use std::{sync::Arc, time::Duration};

use proto::event::v1::Envelope;
use tokio::time::timeout;
use uuid::Uuid;

use crate::{Bus, Delivery, Mark, Queue};
pub use crate::{
    delivery::Source,
    member::{Acknowledge, Entry, Member, READ_COUNT, Stream, Which},
    transport::Transport,
};

/// The variable that names a Redis for tests: `redis://127.0.0.1:6379`.
pub const REDIS: &str = "MATHILDANESTH_TEST_REDIS";

/// How long anything may take here before it counts as not happening.
const PATIENCE: Duration = Duration::from_secs(10);

/// A bus over another transport.
pub fn over(transport: Arc<dyn Transport>) -> Bus {
    Bus { transport }
}

/// An event with this subject.
pub fn event(subject: &str) -> Envelope {
    Envelope { id: Uuid::now_v7().to_string(), subject: subject.to_owned(), ..Envelope::default() }
}

async fn next(queue: &mut Queue) -> Delivery {
    timeout(PATIENCE, queue.next()).await.expect("an event arrives").expect("the bus answers")
}

fn topic() -> String {
    format!("test-{}", Uuid::now_v7())
}

/// Runs all checks.
pub async fn bus_suite(bus: &Bus) {
    each_group_sees_each_event_in_order(bus).await;
    members_of_a_group_share_the_events(bus).await;
    an_event_that_was_dropped_comes_again_first(bus).await;
    events_in_hand_are_acknowledged_together(bus).await;
    a_tail_hears_only_what_is_new(bus).await;
    the_greatest_mark_counts_until_it_expires(bus).await;
    a_mark_is_open_until_the_last_one_who_owes_has_left_the_value(bus).await;
    bus.probe().check().await.expect("a bus that works is ready");
    let epoch = bus.epoch().await.expect("a bus that works has an epoch");
    assert_eq!(bus.epoch().await.expect("still"), epoch, "the epoch stays while the memory does");
}

async fn each_group_sees_each_event_in_order(bus: &Bus) {
    let topic = topic();
    let (mut one, mut other) = (bus.queue(&topic, "one"), bus.queue(&topic, "other"));
    let consume = async |queue: &mut Queue| {
        let mut subjects = Vec::new();
        for _ in 0..3 {
            let delivery = next(queue).await;
            subjects.push(delivery.envelope.subject.clone());
            delivery.ack().await.expect("acknowledged");
        }
        subjects
    };
    let events = ["a", "b", "c"].map(event).to_vec();
    let (sent, first, second) =
        tokio::join!(bus.publish_all(&topic, events), consume(&mut one), consume(&mut other));
    sent.expect("sent");
    assert_eq!(first, ["a", "b", "c"]);
    assert_eq!(second, ["a", "b", "c"]);
}

async fn members_of_a_group_share_the_events(bus: &Bus) {
    let topic = topic();
    let (mut one, mut other) = (bus.queue(&topic, "group"), bus.queue(&topic, "group"));
    let publish = bus.publish_all(&topic, vec![event("a")]);
    let consume = async {
        // Only one of the two gets it.
        let delivery = tokio::select! { got = next(&mut one) => got, got = next(&mut other) => got };
        assert_eq!(delivery.envelope.subject, "a");
        delivery.ack().await.expect("acknowledged");
    };
    let (sent, ()) = tokio::join!(publish, consume);
    sent.expect("sent");
    let rest = Duration::from_millis(50);
    let again = async {
        tokio::select! { got = one.next() => got, got = other.next() => got }
    };
    assert!(timeout(rest, again).await.is_err(), "an acknowledged event does not come again");
}

async fn an_event_that_was_dropped_comes_again_first(bus: &Bus) {
    let topic = topic();
    let mut queue = bus.queue(&topic, "group");
    let publish = bus.publish_all(&topic, ["a", "b"].map(event).to_vec());
    let consume = async {
        drop(next(&mut queue).await);
        let mut subjects = Vec::new();
        for _ in 0..2 {
            let delivery = next(&mut queue).await;
            subjects.push(delivery.envelope.subject.clone());
            delivery.ack().await.expect("acknowledged");
        }
        assert_eq!(subjects, ["a", "b"]);
    };
    let (sent, ()) = tokio::join!(publish, consume);
    sent.expect("sent");
}

async fn events_in_hand_are_acknowledged_together(bus: &Bus) {
    let topic = topic();
    let mut queue = bus.queue(&topic, "one");
    let events: Vec<Envelope> = ["a", "b", "c", "d"].into_iter().map(event).collect();
    let publish = bus.publish_all(&topic, events.clone());
    let consume = async {
        let first = next(&mut queue).await;
        assert_eq!(first.envelope.subject, "a");
        first.ack().await.expect("acknowledged");
        // A transport may hold nothing in hand; what it holds are the next ones, in their order.
        let upcoming = queue.upcoming();
        assert!(events.iter().skip(1).zip(&upcoming).all(|(event, next)| event.id == next.id));
        let skipped = queue.skip(&[events[2].id.clone()].into()).await.expect("acknowledged");
        assert_eq!(skipped, usize::from(upcoming.contains(&events[2])));
        let mut left = vec![];
        for _ in 0..3 - skipped {
            let delivery = next(&mut queue).await;
            left.push(delivery.envelope.subject.clone());
            delivery.ack().await.expect("acknowledged");
        }
        assert_eq!(left, if skipped == 1 { vec!["b", "d"] } else { vec!["b", "c", "d"] });
    };
    let (sent, ()) = tokio::join!(publish, consume);
    sent.expect("sent");
}

async fn a_tail_hears_only_what_is_new(bus: &Bus) {
    let topic = topic();
    bus.publish(&topic, event("before")).await.expect("sent");
    let mut tail = bus.tail(&topic);
    let heard = async {
        let mut beat = tokio::time::interval(Duration::from_millis(20));
        loop {
            tokio::select! {
                // A tail over the network begins a moment after it was asked for.
                _ = beat.tick() => bus.publish(&topic, event("new")).await.expect("sent"),
                heard = tail.next() => break heard,
            }
        }
    };
    let heard = timeout(PATIENCE, heard).await.expect("the tail hears something");
    assert_eq!(heard.expect("the bus is there").subject, "new");
}

async fn the_greatest_mark_counts_until_it_expires(bus: &Bus) {
    let (hour, soon) = (Duration::from_secs(3_600), Duration::from_millis(1));
    let [kept, gone] = [topic(), topic()];
    for value in ["1", "3", "2"] {
        bus.leave_mark(&kept, value, hour).await.expect("left");
    }
    bus.leave_mark(&gone, "1", soon).await.expect("left");
    // A memory that begins with the first question knows nothing for as long as marks are kept.
    let find = async |name: &str, expected: Mark| {
        while bus.find_mark(name, soon).await.expect("found") != expected {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, find(&kept, Mark::At("3".to_owned()))).await.expect("the greatest");
    timeout(PATIENCE, find(&gone, Mark::None)).await.expect("an expired mark is none");
}

async fn a_mark_is_open_until_the_last_one_who_owes_has_left_the_value(bus: &Bus) {
    let (hour, soon) = (Duration::from_secs(3_600), Duration::from_millis(1));
    let name = topic();
    bus.leave_mark(&name, "1", hour).await.expect("left");
    for token in ["a", "b"] {
        bus.open_mark(&name, token, hour).await.expect("opened");
    }
    let find = async |expected: Mark| {
        while bus.find_mark(&name, soon).await.expect("found") == Mark::Unknown {
            tokio::task::yield_now().await;
        }
        assert_eq!(bus.find_mark(&name, soon).await.expect("found"), expected);
    };
    find(Mark::Open).await;
    bus.close_mark(&name, "a", "3", hour).await.expect("closed");
    find(Mark::Open).await;
    bus.close_mark(&name, "b", "2", hour).await.expect("closed");
    find(Mark::At("3".to_owned())).await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Config, Error};

    #[tokio::test]
    async fn the_local_bus_passes_the_suite() {
        bus_suite(&Bus::local()).await;
    }

    #[tokio::test]
    async fn redis_passes_the_suite() {
        let Ok(url) = std::env::var(REDIS) else { return };
        bus_suite(&Bus::connect(&redis(&url)).await.unwrap()).await;
    }

    fn redis(url: &str) -> Config {
        Config {
            url: chassis::config::Secret::new(url.to_owned()),
            prefix: format!("test-{}", Uuid::now_v7()),
            block_ms: 100,
            claim_idle_ms: 0,
            ..Config::default()
        }
    }

    #[tokio::test]
    async fn what_a_dead_consumer_held_is_taken_over() {
        let Ok(url) = std::env::var(REDIS) else { return };
        let bus = Bus::connect(&redis(&url)).await.unwrap();
        bus.publish("topic", event("a")).await.unwrap();
        let mut dead = bus.queue("topic", "group");
        let held = next(&mut dead).await;
        let mut heir = bus.queue("topic", "group");
        assert_eq!(next(&mut heir).await.envelope, held.envelope);
    }

    #[tokio::test]
    async fn a_redis_tells_no_marks_before_it_could_have_kept_them() {
        let Ok(url) = std::env::var(REDIS) else { return };
        let bus = Bus::connect(&redis(&url)).await.unwrap();
        let day = Duration::from_secs(86_400);
        bus.leave_mark("a", "1", day).await.unwrap();
        for _ in 0..2 {
            assert_eq!(bus.find_mark("a", day).await.unwrap(), Mark::Unknown, "whoever begins may lack some");
        }
    }

    #[tokio::test]
    async fn a_redis_that_is_away_is_unavailable_and_not_an_end() {
        let bus = Bus::connect(&redis("redis://127.0.0.1:1/0")).await.unwrap();
        assert!(matches!(bus.publish("topic", event("a")).await, Err(Error::Unavailable(_))));
        assert!(matches!(bus.queue("topic", "group").next().await, Err(Error::Unavailable(_))));
        assert!(matches!(bus.leave_mark("a", "1", PATIENCE).await, Err(Error::Unavailable(_))));
        assert!(matches!(bus.find_mark("a", PATIENCE).await, Err(Error::Unavailable(_))));
        assert!(bus.probe().check().await.is_err());
    }

    #[tokio::test]
    async fn a_local_publisher_waits_for_the_acknowledgement() {
        let bus = Bus::local();
        let mut queue = bus.queue("topic", "group");
        let mut publish = Box::pin(bus.publish("topic", event("a")));
        let delivery = tokio::select! {
            _ = &mut publish => panic!("published before anybody acknowledged"),
            delivery = next(&mut queue) => delivery,
        };
        delivery.ack().await.unwrap();
        publish.await.unwrap();
    }

    #[tokio::test]
    async fn a_local_publisher_learns_that_a_group_left() {
        let bus = Bus::local();
        let mut queue = bus.queue("topic", "group");
        let (sent, ()) = tokio::join!(bus.publish("topic", event("a")), async {
            let held = next(&mut queue).await;
            drop(queue);
            drop(held);
        });
        assert!(matches!(sent, Err(Error::Unacknowledged(_))));
        bus.publish("topic", event("b")).await.unwrap();
    }
}
