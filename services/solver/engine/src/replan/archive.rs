//! What was found, kept by what a planner chooses between: how much changes, and who steps in.

use roster::{
    Level, Score,
    problem::{PersonIx, Seat},
};

/// A place with its new holder.
pub(crate) type SeatMove = (Seat, Option<PersonIx>);

/// One mended roster, as what differs from the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found<M = SeatMove> {
    /// Places that changed hands that count.
    pub changes: usize,
    /// What the whole roster costs.
    pub score: Score,
    /// Everything that differs from the plan, in order.
    pub moves: Vec<M>,
    /// Who holds the heaviest fallen place: what tells one suggestion from another.
    pub by: Option<PersonIx>,
}

/// The best found for each number of changes and each person who steps in.
#[derive(Clone, Debug)]
pub(super) struct Archive<M = SeatMove> {
    found: Vec<Found<M>>,
    /// The least critical cost found with at most so many changes.
    critical: Vec<Option<i64>>,
}

// === impl Found ===

impl<M> Found<M> {
    /// The score without the price of changes, which the number of changes says already.
    pub fn merit(&self) -> Score {
        let mut levels = self.score.levels();
        levels[Level::Change as usize] = 0;
        Score::new(levels)
    }

    /// The price of its changes.
    fn price(&self) -> i64 {
        self.score.level(Level::Change)
    }
}

// === impl Archive ===

impl<M> Default for Archive<M> {
    fn default() -> Self {
        Self { found: Vec::new(), critical: Vec::new() }
    }
}

impl<M> Archive<M> {
    /// Keeps a roster if it is the best of its kind.
    pub fn add(&mut self, found: Found<M>) {
        let critical = found.score.level(Level::Critical);
        if self.critical.len() <= found.changes {
            let last = self.critical.last().copied().flatten();
            self.critical.resize(found.changes + 1, last);
        }
        for least in &mut self.critical[found.changes..] {
            *least = Some(least.map_or(critical, |own| own.min(critical)));
        }
        let same = self.found.iter_mut().find(|own| own.changes == found.changes && own.by == found.by);
        let rank = |own: &Found<M>| (own.merit(), own.price());
        match same {
            None => self.found.push(found),
            Some(own) if rank(&found) < rank(own) => *own = found,
            Some(_) => {}
        }
    }

    /// Whether something with at most so many changes leaves less empty than this.
    pub fn beats(&self, changes: usize, critical: i64) -> bool {
        let known = self.critical.get(changes).or(self.critical.last()).copied().flatten();
        known.is_some_and(|least| least < critical)
    }

    /// The best roster found.
    pub fn best(&self) -> Option<&Found<M>> {
        self.found.iter().min_by_key(|own| (own.score, own.changes))
    }

    /// The frontier of changes against merit and then the best of each other person who steps in, at most so many;
    /// the best roster first. Each with whether it is on the frontier.
    pub fn select(&self, limit: usize) -> Vec<(&Found<M>, bool)> {
        let beaten = |own: &Found<M>| {
            let rank = |one: &Found<M>| (one.changes, one.merit(), one.price(), one.by);
            self.found.iter().any(|other| {
                other.changes <= own.changes && other.merit() <= own.merit() && rank(other) < rank(own)
            })
        };
        let mut order: Vec<&Found<M>> = self.found.iter().collect();
        order.sort_by_key(|own| (own.score, own.changes, own.by));
        let (front, rest): (Vec<_>, Vec<_>) = order.into_iter().partition(|own| !beaten(own));
        let mut chosen: Vec<(&Found<M>, bool)> =
            front.into_iter().take(limit).map(|own| (own, true)).collect();
        for own in rest {
            if chosen.len() < limit && chosen.iter().all(|(other, _)| other.by != own.by) {
                chosen.push((own, false));
            }
        }
        chosen.sort_by_key(|(own, _)| (own.score, own.changes, own.by));
        chosen
    }
}
