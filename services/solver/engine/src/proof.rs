//! What is proven about a problem: a lower bound per level, and how far a roster is from it.

use roster::{Level, Score};

/// For each level, a cost that no roster is below, as long as it is not worse on the levels before; `None` where
/// nothing is known. In the score's thousandths.
///
/// Levels bound each other's worth lexicographically: a roster may well be below the bound of a level when it pays for
/// that on a heavier one. The bound of a level therefore speaks of rosters whose heavier levels cost no more than
/// those of the best roster known when it was proven.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bound([Option<i64>; Level::COUNT]);

// === impl Bound ===

impl Bound {
    /// Nothing is known.
    pub const UNKNOWN: Bound = Bound([None; Level::COUNT]);

    /// A bound of one level.
    #[must_use]
    pub fn at(level: Level, cost: i64) -> Self {
        let mut bound = Self::UNKNOWN;
        bound.raise(level, cost);
        bound
    }

    /// What is proven of a level.
    #[must_use]
    pub fn level(&self, level: Level) -> Option<i64> {
        self.0[level as usize]
    }

    /// All levels, heaviest first.
    #[must_use]
    pub fn levels(&self) -> [Option<i64>; Level::COUNT] {
        self.0
    }

    /// Notes a proof; a weaker one than is known changes nothing.
    pub fn raise(&mut self, level: Level, cost: i64) {
        let own = &mut self.0[level as usize];
        *own = Some(own.map_or(cost, |known| known.max(cost)));
    }

    /// Notes another's proofs; true when one of them was news.
    pub fn join(&mut self, other: &Bound) -> bool {
        let before = *self;
        for level in Level::ALL {
            if let Some(cost) = other.level(level) {
                self.raise(level, cost);
            }
        }
        *self != before
    }

    /// How far a roster may be from the best, as a share of its cost, 0 to 1: all levels added up, in weight units. A
    /// level nothing is known of counts as bounded by 0, for no rule ever pays. `None` when no level is known.
    #[must_use]
    pub fn gap(&self, score: &Score) -> Option<f64> {
        if self.0.iter().all(Option::is_none) {
            return None;
        }
        let cost: i64 = score.levels().iter().sum();
        let open: i64 = Level::ALL.iter().map(|level| self.open(*level, score)).sum();
        Some(if cost <= 0 { 0.0 } else { open as f64 / cost as f64 })
    }

    /// What a roster costs at a level beyond what is proven.
    #[must_use]
    pub fn open(&self, level: Level, score: &Score) -> i64 {
        (score.level(level) - self.level(level).unwrap_or(0).max(0)).max(0)
    }

    /// Nothing better than this roster exists.
    #[must_use]
    pub fn proves(&self, score: &Score) -> bool {
        Level::ALL.iter().all(|level| self.open(*level, score) == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gap_is_what_is_open_over_what_is_paid() {
        let score = Score::new([0, 60_000, 0, 0, 40_000, 0]);
        assert_eq!(Bound::UNKNOWN.gap(&score), None);
        let mut bound = Bound::at(Level::Critical, 60_000);
        assert_eq!(bound.gap(&score), Some(0.4));
        bound.raise(Level::Balance, 30_000);
        assert_eq!(bound.gap(&score), Some(0.1));
        assert!(!bound.proves(&score));
        assert!(bound.join(&Bound::at(Level::Balance, 40_000)));
        assert!(bound.proves(&score));
    }

    #[test]
    fn a_weaker_proof_changes_nothing() {
        let mut bound = Bound::at(Level::Critical, 5);
        assert!(!bound.join(&Bound::at(Level::Critical, 4)));
        assert_eq!(bound.level(Level::Critical), Some(5));
    }
}
