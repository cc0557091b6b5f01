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
    /// One was left whose value is still owed.
    Open,
    /// The memory is younger than the time that was asked for, so one may have been lost.
    Unknown,
}

/// The marks of one process.
#[derive(Debug, Default)]
pub struct Marks(HashMap<String, Kept>);

#[derive(Debug)]
struct Kept {
    greatest: Option<String>,
    /// The last that was opened and not closed.
    open: Option<String>,
    until: Instant,
}

// === impl Marks ===

impl Marks {
    /// Leaves a mark until `now + kept`, unless a greater one is there; forgets what has expired.
    pub fn leave(&mut self, name: &str, value: &str, now: Instant, kept: Duration) {
        let own = self.entry(name, now, kept);
        if own.greatest.as_deref().is_none_or(|greatest| value > greatest) {
            own.greatest = Some(value.to_owned());
        }
    }

    /// Opens a mark until `now + kept`: whoever closes the last one that was opened knows the values of all before it.
    pub fn open(&mut self, name: &str, token: &str, now: Instant, kept: Duration) {
        self.entry(name, now, kept).open = Some(token.to_owned());
    }

    /// Leaves the value that was owed.
    pub fn close(&mut self, name: &str, token: &str, value: &str, now: Instant, kept: Duration) {
        self.leave(name, value, now, kept);
        let own = self.entry(name, now, kept);
        own.open.take_if(|open| open == token);
    }

    fn entry(&mut self, name: &str, now: Instant, kept: Duration) -> &mut Kept {
        self.0.retain(|_, own| own.until > now);
        let new = || Kept { greatest: None, open: None, until: now };
        let own = self.0.entry(name.to_owned()).or_insert_with(new);
        own.until = own.until.max(now + kept);
        own
    }

    /// The mark of a name; never unknown.
    pub fn find(&self, name: &str, now: Instant) -> Mark {
        match self.0.get(name).filter(|own| own.until > now) {
            Some(Kept { open: Some(_), .. }) => Mark::Open,
            Some(Kept { greatest: Some(value), .. }) => Mark::At(value.clone()),
            _ => Mark::None,
        }
    }
}
