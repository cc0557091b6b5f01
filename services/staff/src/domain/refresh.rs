//! The chain of refresh tokens of one session.
//!
//! Each token is derived from the one before and a seed of the session. The database holds the seed and the hash
//! of the current token only: whoever reads it can make none, and whoever holds an old token but not the seed
//! cannot make its successor. Because the chain is a function, a repeated refresh gets the *same* successor, and an
//! old token can be told from a forged one: it leads to the current one.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

/// How long the token before the current one still gets its successor: two tabs, a lost answer.
const GRACE: SignedDuration = SignedDuration::from_secs(30);

/// The longest chain that is followed; a session that refreshes every minute for 30 days stays below.
const STEPS_MAX: i64 = 50_000;

/// The secret part of a token, or a hash of it.
pub type Secret = [u8; 32];

/// The state of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Of the session, random, never told.
    pub seed: Secret,
    /// The number of the current token, from 0.
    pub generation: i64,
    /// Hash of the current token.
    pub current: Secret,
    /// When the current token was made.
    pub rotate_time: Timestamp,
    /// Hash of the request that made it, if it had an id.
    pub rotate_request: Option<Secret>,
}

/// What a presented token means.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The chain goes on: store it, answer the token.
    Rotated(Box<Chain>, Secret),
    /// The same successor again.
    Repeated(Secret),
    /// An old token of ours: somebody has a copy. The session ends.
    Reused,
    /// Not a token of this chain.
    Unknown,
}

impl Chain {
    /// A new chain and its first token. With a request id the first token follows from it.
    pub fn begin(seed: Secret, entropy: &[u8], now: Timestamp) -> (Self, Secret) {
        let first = derive(&seed, entropy);
        (Self { seed, generation: 0, current: hash(&first), rotate_time: now, rotate_request: None }, first)
    }

    /// The first token again, while nothing followed it.
    pub fn first(&self, entropy: &[u8]) -> Option<Secret> {
        let first = derive(&self.seed, entropy);
        (self.generation == 0 && hash(&first) == self.current).then_some(first)
    }

    /// Judges a token that says it is number `generation`.
    pub fn present(
        &self,
        generation: i64,
        token: &Secret,
        request: Option<Secret>,
        now: Timestamp,
    ) -> Verdict {
        let steps = self.generation - generation;
        if generation < 0 || !(0..=STEPS_MAX).contains(&steps) {
            return Verdict::Unknown;
        }
        let successor = derive(&self.seed, token);
        let newest = match steps {
            0 => *token,
            _ => (1..steps).fold(successor, |token, _| derive(&self.seed, &token)),
        };
        if hash(&newest) != self.current {
            return Verdict::Unknown;
        }
        let is_same_request = request.is_some() && request == self.rotate_request;
        match steps {
            0 => Verdict::Rotated(
                Box::new(Self {
                    seed: self.seed,
                    generation: self.generation + 1,
                    current: hash(&successor),
                    rotate_time: now,
                    rotate_request: request,
                }),
                successor,
            ),
            1 if is_same_request || now.duration_since(self.rotate_time) <= GRACE => {
                Verdict::Repeated(successor)
            }
            _ => Verdict::Reused,
        }
    }
}

/// The one-way step of the chain.
fn derive(seed: &Secret, token: &[u8]) -> Secret {
    let mut digest = Sha256::new();
    digest.update(b"refresh\0");
    digest.update(seed);
    digest.update(token);
    digest.finalize().into()
}

/// What is kept of a secret.
pub fn hash(secret: &[u8]) -> Secret {
    let mut digest = Sha256::new();
    digest.update(b"kept\0");
    digest.update(secret);
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn rotated(verdict: Verdict) -> (Chain, Secret) {
        match verdict {
            Verdict::Rotated(chain, token) => (*chain, token),
            other => panic!("not rotated: {other:?}"),
        }
    }

    #[test]
    fn each_token_leads_to_the_next_one() {
        let (mut chain, mut token) = Chain::begin([1; 32], b"entropy", NOW);
        for generation in 0..5 {
            (chain, token) = rotated(chain.present(generation, &token, None, NOW));
        }
        assert_eq!(chain.generation, 5);
    }

    #[test]
    fn two_tabs_get_the_same_successor_within_the_grace_and_no_longer() {
        let (chain, first) = Chain::begin([1; 32], b"entropy", NOW);
        let (chain, second) = rotated(chain.present(0, &first, None, NOW));
        let in_time = NOW + GRACE;
        assert_eq!(chain.present(0, &first, None, in_time), Verdict::Repeated(second));
        let late = in_time + SignedDuration::from_secs(1);
        assert_eq!(chain.present(0, &first, None, late), Verdict::Reused);
    }

    #[test]
    fn the_same_request_gets_the_same_successor_however_late() {
        let (chain, first) = Chain::begin([1; 32], b"entropy", NOW);
        let request = Some(hash(b"request"));
        let (chain, second) = rotated(chain.present(0, &first, request, NOW));
        let late = NOW + SignedDuration::from_hours(20);
        assert_eq!(chain.present(0, &first, request, late), Verdict::Repeated(second));
        assert_eq!(chain.present(0, &first, Some(hash(b"another")), late), Verdict::Reused);
    }

    #[test]
    fn an_old_token_is_told_from_a_forged_one() {
        let (chain, first) = Chain::begin([1; 32], b"entropy", NOW);
        let (chain, second) = rotated(chain.present(0, &first, None, NOW));
        let (chain, _third) = rotated(chain.present(1, &second, None, NOW));
        assert_eq!(chain.present(0, &first, None, NOW), Verdict::Reused, "even within the grace");
        assert_eq!(chain.present(0, &[9; 32], None, NOW), Verdict::Unknown);
        assert_eq!(chain.present(2, &second, None, NOW), Verdict::Unknown, "a wrong number");
        assert_eq!(chain.present(7, &second, None, NOW), Verdict::Unknown, "of the future");
        assert_eq!(chain.present(-1, &second, None, NOW), Verdict::Unknown);
    }

    #[test]
    fn the_first_token_is_answered_again_until_it_is_used() {
        let (chain, first) = Chain::begin([1; 32], b"request", NOW);
        assert_eq!(chain.first(b"request"), Some(first));
        assert_eq!(chain.first(b"other"), None);
        let (chain, _) = rotated(chain.present(0, &first, None, NOW));
        assert_eq!(chain.first(b"request"), None);
    }
}
