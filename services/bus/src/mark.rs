//! Marks that the instances of a service leave for each other: the greatest of a name, forgotten after a while.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// What is known of a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Nobody has left one for as long as was asked.
    None,
    /// The greatest that was left.
    At(String),
    /// The memory is younger than the time that was asked for, so one may have been lost.
    Unknown,
}

/// The marks of one process.
#[derive(Debug, Default)]
pub struct Marks(HashMap<String, (String, Instant)>);

// === impl Marks ===

impl Marks {
    /// Leaves a mark until `now + kept`, unless a greater one is there; forgets what has expired.
    pub fn leave(&mut self, name: &str, value: &str, now: Instant, kept: Duration) {
        self.0.retain(|_, (_, until)| *until > now);
        let (greatest, until) = self.0.entry(name.to_owned()).or_insert_with(|| (value.to_owned(), now));
        if value > greatest.as_str() {
            value.clone_into(greatest);
        }
        *until = (*until).max(now + kept);
    }

    /// The mark of a name.
    pub fn find(&self, name: &str, now: Instant) -> Option<&str> {
        self.0.get(name).filter(|(_, until)| *until > now).map(|(value, _)| value.as_str())
    }
}
