//! The score: integer levels compared one after the other.

use std::{
    fmt,
    ops::{Add, AddAssign, Neg, Sub, SubAssign},
};

/// What a match counts under. Earlier levels are infinitely heavier than later ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Breaches of inviolable rules: only inherited from pins, or made by hand.
    Hard,
    /// Holes: what must be staffed and is not.
    Critical,
    /// Rules that must hold yet are relaxed under control, and reported.
    Relaxed,
    /// Changes against what was published.
    Change,
    /// Equity and fatigue (P2).
    Balance,
    /// Preferences and continuity (P3).
    Preference,
}

/// What a roster costs: lower is better, levels decide in order. Amounts are in thousandths of a weight unit.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Score([i64; Level::COUNT]);

// === impl Level ===

impl Level {
    /// How many there are.
    pub const COUNT: usize = 6;

    /// All, heaviest first.
    pub const ALL: [Level; Level::COUNT] =
        [Level::Hard, Level::Critical, Level::Relaxed, Level::Change, Level::Balance, Level::Preference];

    /// The stable code, for contracts and documents.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Level::Hard => "HARD",
            Level::Critical => "CRITICAL",
            Level::Relaxed => "RELAXED",
            Level::Change => "CHANGE",
            Level::Balance => "BALANCE",
            Level::Preference => "PREFERENCE",
        }
    }

    /// The level of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.code() == code)
    }
}

// === impl Score ===

impl Score {
    /// No cost at all.
    pub const ZERO: Score = Score([0; Level::COUNT]);

    /// One weight unit, in the score's thousandths.
    pub const UNIT: i64 = 1_000;

    /// A score from its levels, heaviest first.
    #[must_use]
    pub fn new(levels: [i64; Level::COUNT]) -> Self {
        Self(levels)
    }

    /// A cost at one level only.
    #[must_use]
    pub fn at(level: Level, cost: i64) -> Self {
        let mut score = Self::ZERO;
        score.0[level as usize] = cost;
        score
    }

    /// The cost at a level.
    #[must_use]
    pub fn level(&self, level: Level) -> i64 {
        self.0[level as usize]
    }

    /// All levels, heaviest first.
    #[must_use]
    pub fn levels(&self) -> [i64; Level::COUNT] {
        self.0
    }

    /// No inviolable rule is broken.
    #[must_use]
    pub fn is_feasible(&self) -> bool {
        self.level(Level::Hard) == 0
    }

    /// Adds a cost at one level.
    pub fn charge(&mut self, level: Level, cost: i64) {
        let own = &mut self.0[level as usize];
        *own = own.saturating_add(cost);
    }
}

impl Add for Score {
    type Output = Score;

    fn add(mut self, other: Score) -> Score {
        self += other;
        self
    }
}

impl AddAssign for Score {
    fn add_assign(&mut self, other: Score) {
        for (own, other) in self.0.iter_mut().zip(other.0) {
            *own = own.saturating_add(other);
        }
    }
}

impl Sub for Score {
    type Output = Score;

    fn sub(mut self, other: Score) -> Score {
        self -= other;
        self
    }
}

impl SubAssign for Score {
    fn sub_assign(&mut self, other: Score) {
        for (own, other) in self.0.iter_mut().zip(other.0) {
            *own = own.saturating_sub(other);
        }
    }
}

impl Neg for Score {
    type Output = Score;

    fn neg(self) -> Score {
        Score::ZERO - self
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, own) in self.0.iter().enumerate() {
            let separator = if position == 0 { "" } else { " | " };
            let sign = if *own < 0 { "-" } else { "" };
            let (whole, rest) = (own.unsigned_abs() / 1_000, own.unsigned_abs() % 1_000);
            write!(f, "{separator}{sign}{whole}")?;
            if rest != 0 {
                write!(f, ".{rest:03}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Score({self})")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_score() -> impl Strategy<Value = Score> {
        prop::array::uniform6(-1_000_000_000_i64..1_000_000_000).prop_map(Score::new)
    }

    proptest! {
        #[test]
        fn addition_and_subtraction_undo_each_other(one in any_score(), other in any_score()) {
            prop_assert_eq!(one + other - other, one);
            prop_assert_eq!(one + other, other + one);
            prop_assert_eq!(one - other, one + -other);
        }

        #[test]
        fn the_order_is_total_and_kept_by_addition(one in any_score(), two in any_score(), add in any_score()) {
            prop_assert_eq!(one.cmp(&two), two.cmp(&one).reverse());
            prop_assert_eq!(one.cmp(&two), (one + add).cmp(&(two + add)));
        }

        #[test]
        fn sums_saturate_instead_of_wrapping(cost in 0_i64..) {
            let heavy = Score::at(Level::Critical, i64::MAX);
            prop_assert_eq!(heavy + Score::at(Level::Critical, cost), heavy);
        }
    }

    #[test]
    fn a_heavier_level_decides_whatever_the_lighter_ones_say() {
        let one_breach = Score::at(Level::Hard, 1);
        let many_wishes = Score::at(Level::Preference, i64::MAX);
        assert!(many_wishes < one_breach);
        for pair in Level::ALL.windows(2) {
            assert!(Score::at(pair[1], i64::MAX) < Score::at(pair[0], 1));
        }
    }

    #[test]
    fn it_prints_in_weight_units() {
        assert_eq!(Score::new([0, 2_500, 0, 0, -1_250, 7_000]).to_string(), "0 | 2.500 | 0 | 0 | -1.250 | 7");
    }
}
