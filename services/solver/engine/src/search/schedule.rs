//! Which kind of move comes next.

use crate::{rng::Rng, search::moves::Kind};

/// Picks kinds of moves in proportion to their shares.
pub(crate) struct Schedule {
    shares: [(Kind, usize); Kind::COUNT],
    total: usize,
}

// === impl Schedule ===

impl Schedule {
    /// The usual shares: cheap moves often, dear ones seldom.
    pub fn new() -> Schedule {
        let shares = [
            (Kind::Hole, 10),
            (Kind::Reassign, 30),
            (Kind::Supervisor, 8),
            (Kind::Duty, 16),
            (Kind::DutyExchange, 14),
            (Kind::Block, 20),
            (Kind::Rebuild, 2),
            (Kind::Exact, 0),
        ];
        Schedule { shares, total: shares.iter().map(|(_, share)| share).sum() }
    }

    /// The next kind.
    pub fn pick(&mut self, rng: &mut Rng) -> Kind {
        let mut ticket = rng.below(self.total);
        for (kind, share) in self.shares {
            match ticket.checked_sub(share) {
                None => return kind,
                Some(rest) => ticket = rest,
            }
        }
        Kind::Reassign
    }
}
