//! Leaves alone what did not answer: one asker each time a rest ends finds out whether it is back.

use std::{sync::Mutex, time::Duration};

use tokio::time::Instant;

use super::lock;

/// How long what did not answer is left alone.
const REST: Duration = Duration::from_secs(2);

/// Whether something is resting, and until when.
#[derive(Debug, Default)]
pub(super) struct Rest(Mutex<Option<Instant>>);

// === impl Rest ===

impl Rest {
    /// True while all is well, and for one asker each time a rest ends.
    pub fn may_ask(&self, now: Instant) -> bool {
        let mut until = lock(&self.0);
        match *until {
            None => true,
            Some(end) if end > now => false,
            Some(_) => {
                *until = Some(now + REST);
                true
            }
        }
    }

    pub fn begin(&self, now: Instant) {
        *lock(&self.0) = Some(now + REST);
    }

    pub fn end(&self) {
        *lock(&self.0) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_asker_finds_out_whether_it_is_back() {
        let (rest, now) = (Rest::default(), Instant::now());
        assert!(rest.may_ask(now) && rest.may_ask(now));
        rest.begin(now);
        assert!(!rest.may_ask(now));
        assert_eq!([rest.may_ask(now + REST), rest.may_ask(now + REST)], [true, false]);
        rest.end();
        assert!(rest.may_ask(now) && rest.may_ask(now));
    }
}
