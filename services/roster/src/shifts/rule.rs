//! What a sheet counts, rule by rule, and what a search makes each weigh.

use std::ops::{Add, AddAssign, Index, IndexMut, Sub};

use crate::rules::RuleId;

/// A rule that a sheet counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ShiftRule {
    /// S1: a code the person may not have that day.
    NotOpen,
    /// S2: a code that may not follow the day before's.
    Succession,
    /// S3: beyond the most of a type.
    Most,
    /// S4: beyond the most working time.
    MinutesMax,
    /// S5: short of the least working time.
    MinutesMin,
    /// S6: beyond the most days worked in a row.
    StretchMax,
    /// S7: short of the fewest days worked in a row.
    StretchMin,
    /// S8: short of the fewest days off in a row.
    RestMin,
    /// S9: beyond the most week-ends worked.
    WeekendsMax,
    /// S11: people missing.
    Under,
    /// S12: people too many.
    Over,
    /// R2: wishes not met.
    Wish,
    /// R6: what differs from the published plan.
    Change,
}

/// How much each rule is broken, or costs, all rows and demands together.
///
/// The rules of a row (S1 to S9) count thousandths of a unit: a day, a shift, an hour, a week-end. Demands, wishes and
/// changes count thousandths of the score's weight, as in [`super::Table`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts(pub(super) [i64; ShiftRule::COUNT]);

/// What a search makes each rule weigh: a multiplier of its amount. Amounts stay below 2^53, those of a row below 2^41:
/// multipliers up to 2^9 and 2^20 never overflow a sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights(pub(super) [i64; ShiftRule::COUNT]);

// === impl ShiftRule ===

impl ShiftRule {
    /// How many there are.
    pub const COUNT: usize = 13;

    /// All, in order: rules of a row first.
    pub const ALL: [ShiftRule; ShiftRule::COUNT] = [
        ShiftRule::NotOpen,
        ShiftRule::Succession,
        ShiftRule::Most,
        ShiftRule::MinutesMax,
        ShiftRule::MinutesMin,
        ShiftRule::StretchMax,
        ShiftRule::StretchMin,
        ShiftRule::RestMin,
        ShiftRule::WeekendsMax,
        ShiftRule::Under,
        ShiftRule::Over,
        ShiftRule::Wish,
        ShiftRule::Change,
    ];

    /// The rule in the catalogue.
    #[must_use]
    pub fn id(self) -> RuleId {
        match self {
            ShiftRule::NotOpen => RuleId::ShiftNotOpen,
            ShiftRule::Succession => RuleId::ShiftSuccession,
            ShiftRule::Most => RuleId::ShiftsMost,
            ShiftRule::MinutesMax => RuleId::ShiftMinutesMax,
            ShiftRule::MinutesMin => RuleId::ShiftMinutesMin,
            ShiftRule::StretchMax => RuleId::ShiftStretchMax,
            ShiftRule::StretchMin => RuleId::ShiftStretchMin,
            ShiftRule::RestMin => RuleId::ShiftRestMin,
            ShiftRule::WeekendsMax => RuleId::ShiftWeekendsMax,
            ShiftRule::Under => RuleId::ShiftUnder,
            ShiftRule::Over => RuleId::ShiftOver,
            ShiftRule::Wish => RuleId::Wish,
            ShiftRule::Change => RuleId::Change,
        }
    }

    /// About one person's row and what a contract allows: S1 to S9.
    #[must_use]
    pub fn is_of_row(self) -> bool {
        self <= ShiftRule::WeekendsMax
    }
}

// === impl Amounts ===

impl Amounts {
    /// Nothing broken, nothing paid.
    pub const ZERO: Amounts = Amounts([0; ShiftRule::COUNT]);

    /// All rules that a row must respect are (S1 to S9).
    #[must_use]
    pub fn is_legal(&self) -> bool {
        self.breaches() == 0
    }

    /// How much the rules that a row must respect are broken, together.
    #[must_use]
    pub fn breaches(&self) -> i64 {
        self.0[..=ShiftRule::WeekendsMax as usize].iter().sum()
    }

    /// What they cost, weighed.
    #[must_use]
    #[inline]
    pub fn cost(&self, weights: &Weights) -> i64 {
        self.0.iter().zip(&weights.0).map(|(amount, weight)| amount * weight).sum()
    }
}

impl Index<ShiftRule> for Amounts {
    type Output = i64;

    #[inline]
    fn index(&self, rule: ShiftRule) -> &i64 {
        &self.0[rule as usize]
    }
}

impl IndexMut<ShiftRule> for Amounts {
    #[inline]
    fn index_mut(&mut self, rule: ShiftRule) -> &mut i64 {
        &mut self.0[rule as usize]
    }
}

impl AddAssign for Amounts {
    fn add_assign(&mut self, other: Amounts) {
        for (own, other) in self.0.iter_mut().zip(other.0) {
            *own += other;
        }
    }
}

impl Add for Amounts {
    type Output = Amounts;

    fn add(mut self, other: Amounts) -> Amounts {
        self += other;
        self
    }
}

impl Sub for Amounts {
    type Output = Amounts;

    fn sub(mut self, other: Amounts) -> Amounts {
        for (own, other) in self.0.iter_mut().zip(other.0) {
            *own -= other;
        }
        self
    }
}

// === impl Weights ===

impl Weights {
    /// Every rule of a row weighs so much a unit; demands, wishes and changes weigh what they cost.
    #[must_use]
    pub fn flat(row: i64) -> Self {
        Self(ShiftRule::ALL.map(|rule| if rule.is_of_row() { row } else { 1 }))
    }
}

impl Index<ShiftRule> for Weights {
    type Output = i64;

    fn index(&self, rule: ShiftRule) -> &i64 {
        &self.0[rule as usize]
    }
}

impl IndexMut<ShiftRule> for Weights {
    fn index_mut(&mut self, rule: ShiftRule) -> &mut i64 {
        &mut self.0[rule as usize]
    }
}
