//! Instants as they are stored: microseconds since 1970, UTC.

use jiff::Timestamp;

/// The stored form of an instant.
pub fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

/// The instant of a stored form; out of range is the nearest instant there is.
pub fn timestamp(micros: i64) -> Timestamp {
    let nearest = if micros < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_microsecond(micros).unwrap_or(nearest)
}

/// An instant as protobuf says it.
pub fn to_proto(time: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: time.as_second(), nanos: time.subsec_nanosecond() }
}

/// A stored instant as protobuf says it.
pub fn micros_to_proto(micros: i64) -> prost_types::Timestamp {
    to_proto(timestamp(micros))
}
