//! The hospital's time, as a value that tests can set.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

/// Where "now" comes from. Everything that is stored or judged asks this clock.
#[derive(Clone, Debug)]
pub struct Clock(Inner);

#[derive(Clone)]
enum Inner {
    System,
    Fixed(Arc<Mutex<Timestamp>>),
    Told(Arc<dyn Fn() -> Timestamp + Send + Sync>),
}

// === impl Clock ===

impl Clock {
    /// The clock of the machine.
    pub fn system() -> Self {
        Self(Inner::System)
    }

    /// A clock that stands still until [`Clock::advance`] moves it.
    pub fn fixed(now: Timestamp) -> Self {
        Self(Inner::Fixed(Arc::new(Mutex::new(now))))
    }

    /// A clock that asks somebody else, who may be wrong.
    pub fn told(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Inner::Told(Arc::new(now)))
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Inner::System => Timestamp::now(),
            Inner::Fixed(now) => *now.lock().unwrap_or_else(PoisonError::into_inner),
            Inner::Told(now) => now(),
        }
    }

    /// Moves a fixed clock; any other one stays where it is.
    pub fn advance(&self, by: SignedDuration) {
        if let Inner::Fixed(now) = &self.0 {
            let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
            *now = now.saturating_add(by).unwrap_or(*now);
        }
    }
}

// === impl Inner ===

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::Fixed(_) => "Fixed",
            Self::Told(_) => "Told",
        })
    }
}
