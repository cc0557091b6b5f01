//! What can go wrong on the way.

/// Why an event did not travel. All of these pass: the caller tries again later.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The transport does not answer, or answers nonsense.
    #[error("the bus is unavailable: {0}")]
    Unavailable(String),
    /// A group left before it acknowledged the event.
    #[error("a consumer group of topic `{0}` left before it acknowledged")]
    Unacknowledged(String),
    /// The address is not one.
    #[error("the bus is misconfigured: {0}")]
    Misconfigured(String),
}
