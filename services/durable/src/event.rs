//! Events and their envelopes.

use jiff::Timestamp;
use prost::{DecodeError, Message, Name};
use proto::event::v1::Envelope;
use uuid::Uuid;

use crate::time;

/// Puts an event into a new envelope, with the trace of the current span.
pub fn encode<M: Message + Name>(message: &M, hospital: &str, subject: &str, now: Timestamp) -> Envelope {
    Envelope {
        id: Uuid::now_v7().to_string(),
        r#type: M::full_name(),
        hospital: hospital.to_owned(),
        subject: subject.to_owned(),
        time: Some(time::to_proto(now)),
        traceparent: chassis::telemetry::traceparent(),
        payload: message.encode_to_vec(),
    }
}

/// Whether an envelope holds an `M`.
pub fn is<M: Name>(envelope: &Envelope) -> bool {
    envelope.r#type == M::full_name()
}

/// Opens an envelope as an `M`. `None` when it holds another type of event.
pub fn decode<M: Message + Name + Default>(envelope: &Envelope) -> Option<Result<M, DecodeError>> {
    is::<M>(envelope).then(|| M::decode(envelope.payload.as_slice()))
}

/// When the event happened; the beginning of time when the envelope does not say.
pub fn happened(envelope: &Envelope) -> Timestamp {
    let time = envelope.time.unwrap_or_default();
    Timestamp::new(time.seconds, time.nanos).unwrap_or(Timestamp::UNIX_EPOCH)
}
