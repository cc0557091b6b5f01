//! Wrong passwords in a row: after some of them the account waits, each time longer.

use jiff::{SignedDuration, Timestamp};

/// Wrong passwords before the first wait.
const FREE: i32 = 5;
/// The first wait.
const WAIT_MIN: SignedDuration = SignedDuration::from_secs(30);
/// The longest wait.
const WAIT_MAX: SignedDuration = SignedDuration::from_mins(15);
/// After so long without an attempt everything is forgiven.
const FORGIVEN: SignedDuration = SignedDuration::from_hours(12);

/// What is remembered about an address, known or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lockout {
    /// Attempts since the last right password.
    pub failure_count: i32,
    /// Until when attempts are refused.
    pub locked_until: Option<Timestamp>,
    /// The last attempt.
    pub attempt_time: Timestamp,
}

impl Lockout {
    /// Nothing is remembered yet.
    pub fn none(now: Timestamp) -> Self {
        Self { failure_count: 0, locked_until: None, attempt_time: now }
    }

    /// Counts an attempt *before* the password is looked at, so that many at once do not slip through. A right
    /// password clears it afterwards.
    ///
    /// # Errors
    /// The time to wait, while the address is locked.
    pub fn attempt(self, now: Timestamp) -> Result<Self, SignedDuration> {
        if let Some(until) = self.locked_until
            && now < until
        {
            return Err(until.duration_since(now));
        }
        let before = if now.duration_since(self.attempt_time) > FORGIVEN { 0 } else { self.failure_count };
        let failure_count = before.saturating_add(1);
        let excess = u32::try_from(failure_count - FREE).ok();
        let locked_until = excess.map(|excess| now + wait(excess));
        Ok(Self { failure_count, locked_until, attempt_time: now })
    }
}

fn wait(excess: u32) -> SignedDuration {
    WAIT_MIN.checked_mul(2_i32.saturating_pow(excess.min(10))).map_or(WAIT_MAX, |wait| wait.min(WAIT_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fifth_wrong_password_locks_and_each_later_one_longer() {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut lockout = Lockout::none(now);
        for _ in 0..4 {
            lockout = lockout.attempt(now).unwrap();
            assert_eq!(lockout.locked_until, None);
        }
        let mut waits = vec![];
        for _ in 0..7 {
            lockout = lockout.attempt(now).unwrap();
            let wait = lockout.attempt(now).unwrap_err();
            waits.push(wait.as_secs());
            now += wait;
        }
        assert_eq!(waits, [30, 60, 120, 240, 480, 900, 900]);
    }

    #[test]
    fn half_a_day_without_attempts_forgives() {
        let now = Timestamp::UNIX_EPOCH;
        let lockout = Lockout { failure_count: 9, locked_until: Some(now), attempt_time: now };
        let later = lockout.attempt(now + SignedDuration::from_hours(13)).unwrap();
        assert_eq!((later.failure_count, later.locked_until), (1, None));
    }
}
