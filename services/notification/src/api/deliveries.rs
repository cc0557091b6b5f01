//! Deliveries as the contract says them.

use durable::time;
use proto::{
    names::{DeliveryName, NotificationName},
    notification::v1 as pb,
};

use crate::domain::delivery::{Answer, Delivery, State};

/// A delivery.
pub fn render(delivery: Delivery) -> pb::Delivery {
    let Delivery { hospital, id, staff_member, notification, kind, .. } = delivery;
    let is_pending = delivery.state == State::Pending;
    pb::Delivery {
        name: DeliveryName::new(&hospital, &staff_member, id).to_string(),
        notification: NotificationName::new(hospital, staff_member, notification).to_string(),
        kind,
        channel: pb::Channel::Email.into(),
        state: match delivery.state {
            State::Pending => pb::delivery::State::Pending,
            State::Sent => pb::delivery::State::Sent,
            State::Failed => pb::delivery::State::Failed,
        }
        .into(),
        attempts: delivery.attempts,
        answer: delivery.answer.map_or(pb::delivery::Answer::Unspecified, answer).into(),
        create_time: Some(time::to_proto(delivery.create_time)),
        last_attempt_time: delivery.last_attempt_time.map(time::to_proto),
        next_attempt_time: is_pending.then(|| time::to_proto(delivery.next_attempt_time)),
    }
}

/// What a provider answered.
pub fn answer(answer: Answer) -> pb::delivery::Answer {
    match answer {
        Answer::Accepted => pb::delivery::Answer::Accepted,
        Answer::RefusedForNow => pb::delivery::Answer::RefusedForNow,
        Answer::Refused => pb::delivery::Answer::Refused,
        Answer::Unreachable => pb::delivery::Answer::Unreachable,
        Answer::NoAddress => pb::delivery::Answer::NoAddress,
    }
}
