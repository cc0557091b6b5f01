//! What a caller decides about a search, and what it learns about it afterwards.

use roster::{Roster, Score};

use crate::search::Kind;

/// How to search. The same options on the same problem give the same roster.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where randomness starts.
    pub seed: u64,
    /// How many steps of search to make; 0 hands back the constructed roster.
    pub steps: u64,
    /// Threads to work on. More threads find the same roster sooner, as long as only steps limit the search.
    pub threads: usize,
    /// A roster to start from: a checkpoint, or the published plan. Places of it that would break an inviolable rule
    /// are left out and filled anew.
    pub start: Option<Roster>,
    /// Recount the score from scratch after every change and panic when it differs: for tests, hundreds of times
    /// slower.
    pub is_checked: bool,
}

/// What a search did. Counts only: the crate has no clock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// The score of the constructed roster.
    pub constructed: Score,
    /// Steps made.
    pub steps: u64,
    /// Steps whose outcome was kept.
    pub kept: u64,
    /// How often the best roster got better.
    pub improvements: u64,
    /// The observer stopped the search before its budget was spent.
    pub was_stopped: bool,
    /// Per kind of move: proposed, and kept with a different score.
    pub moves: [MoveCount; Kind::COUNT],
}

/// How one kind of move fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MoveCount {
    /// How often it was proposed.
    pub proposed: u64,
    /// How often it changed the score and was kept.
    pub kept: u64,
}

// === impl Options ===

impl Default for Options {
    /// A few seconds of work on a department's month.
    fn default() -> Self {
        Options { seed: 1, steps: 200_000, threads: 1, start: None, is_checked: false }
    }
}

// === impl Statistics ===

impl Statistics {
    /// Counts what another thread did, too.
    pub(crate) fn add(&mut self, other: &Statistics) {
        self.steps += other.steps;
        self.kept += other.kept;
        self.improvements += other.improvements;
        self.was_stopped |= other.was_stopped;
        for (own, other) in self.moves.iter_mut().zip(other.moves) {
            own.proposed += other.proposed;
            own.kept += other.kept;
        }
    }

    pub(crate) fn count(&mut self, kind: Kind, kept: bool) {
        let own = &mut self.moves[kind as usize];
        own.proposed += 1;
        own.kept += u64::from(kept);
    }
}
