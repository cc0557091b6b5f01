//! The ledger: lines are added, never changed, and every figure is a sum of lines.

use serde::{Deserialize, Serialize};

/// What a leave costs in one year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// The calendar year.
    pub year: i32,
    /// How many half-days count.
    pub half_days: i32,
}

/// Which balance: what a person may take of one type in one year.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct BalanceKey {
    /// Hospital id.
    pub hospital: String,
    /// Id of the person.
    pub staff_member: String,
    /// Id of the leave type.
    pub leave_type: String,
    /// The calendar year.
    pub year: i32,
}

/// Why a line was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EntryKind {
    /// The year's entitlement, or its change with the contract.
    Grant,
    /// Reserved by a pending leave.
    Reservation,
    /// A reservation given back.
    Release,
    /// Used by an approved leave.
    Usage,
    /// Usage given back.
    Refund,
    /// A correction by an administrator.
    Adjustment,
}

/// A line to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// The calendar year it counts for.
    pub year: i32,
    /// Why.
    pub kind: EntryKind,
    /// Positive gives, negative takes.
    pub half_days: i32,
    /// Id of the leave that caused it.
    pub leave: Option<String>,
    /// Reason of an adjustment.
    pub reason: String,
}

/// The sums of a balance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// The year's entitlement alone.
    pub entitled: i32,
    /// Grants and adjustments.
    pub granted: i32,
    /// Counted by approved leave.
    pub used: i32,
    /// Counted by pending leave.
    pub pending: i32,
}

/// A balance as it is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Which.
    pub key: BalanceKey,
    /// Its sums.
    pub figures: Figures,
    /// Grows with each line.
    pub version: i64,
}

// === impl Figures ===

impl Figures {
    /// Takes a line into account.
    pub fn add(&mut self, kind: EntryKind, half_days: i32) {
        match kind {
            EntryKind::Grant => {
                self.entitled += half_days;
                self.granted += half_days;
            }
            EntryKind::Adjustment => self.granted += half_days,
            EntryKind::Usage | EntryKind::Refund => self.used -= half_days,
            EntryKind::Reservation | EntryKind::Release => self.pending -= half_days,
        }
    }

    /// Granted less used.
    pub fn remaining(&self) -> i32 {
        self.granted - self.used
    }

    /// Remaining less pending.
    pub fn projected(&self) -> i32 {
        self.remaining() - self.pending
    }
}

// === impl EntryKind ===

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Grant, Self::Reservation, Self::Release, Self::Usage, Self::Refund, Self::Adjustment];

    /// The word in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Grant => "GRANT",
            Self::Reservation => "RESERVATION",
            Self::Release => "RELEASE",
            Self::Usage => "USAGE",
            Self::Refund => "REFUND",
            Self::Adjustment => "ADJUSTMENT",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Invariant: what is projected is the plain sum of all lines.
        #[test]
        fn a_balance_is_the_sum_of_its_ledger(lines in prop::collection::vec((0usize..6, -40i32..40), 0..30)) {
            let mut figures = Figures::default();
            for (kind, half_days) in &lines {
                figures.add(EntryKind::ALL[*kind], *half_days);
            }
            prop_assert_eq!(figures.projected(), lines.iter().map(|(_, half_days)| half_days).sum::<i32>());
        }
    }
}
