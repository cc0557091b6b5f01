//! Deliveries as the contract says them.

use chassis::Problem;
use durable::time;
use proto::{
    names::{DeliveryName, NotificationName, StaffMemberName, WebhookDeliveryName, WebhookName},
    notification::v1 as pb,
};

use super::parse;
use crate::{
    app::Recipients,
    domain::delivery::{Answer, Delivery, Recipient, State},
};

/// To whom, by the name of a person or of an endpoint.
pub fn recipients(parent: &str) -> Result<Recipients, Problem> {
    match WebhookName::parse_wild(parent) {
        Ok(webhooks) => Ok(Recipients::Webhooks(webhooks)),
        Err(_) => parse("parent", StaffMemberName::parse_wild(parent)).map(Recipients::People),
    }
}

/// A delivery.
pub fn render(delivery: Delivery) -> pb::Delivery {
    let Delivery { hospital, id, to, kind, .. } = delivery;
    let is_pending = delivery.state == State::Pending;
    let (name, notification, subject, channel) = match to {
        Recipient::Person { staff_member, notification } => (
            DeliveryName::new(&hospital, &staff_member, id).to_string(),
            NotificationName::new(hospital, staff_member, notification).to_string(),
            String::new(),
            pb::Channel::Email,
        ),
        Recipient::Webhook { webhook, subject } => {
            let name = WebhookDeliveryName::new(hospital, webhook, id).to_string();
            (name, String::new(), subject, pb::Channel::Webhook)
        }
    };
    pb::Delivery {
        name,
        notification,
        subject,
        kind,
        channel: channel.into(),
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
        Answer::AddressRefused => pb::delivery::Answer::AddressRefused,
    }
}
