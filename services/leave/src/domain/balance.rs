//! The ledger: lines are added, never changed, and every figure is a sum of lines.

use calendar::Day;
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
    /// Earned month by month.
    Accrual,
    /// Brought from the year before.
    CarryOver,
    /// Brought from the year before and not used in time.
    Expiration,
    /// Taken to the next year when this one was closed.
    CarriedOut,
    /// Lost when the year was closed.
    Lapse,
    /// Received from another balance, or given to it.
    Transfer,
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
    /// Reason of an adjustment or a transfer.
    pub reason: String,
    /// The last day on which a carry-over can be used.
    pub expire: Option<Day>,
    /// Of an expiration the line that expired, of a transfer the balance on the other side (`cp-2026`).
    pub origin: Option<String>,
}

/// The sums of a balance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Figures {
    /// The year's entitlement alone.
    pub entitled: i32,
    /// Earned month by month.
    pub accrued: i32,
    /// Brought from the year before.
    pub brought: i32,
    /// Of that, not used in time; negative.
    pub expired: i32,
    /// Taken to the next year; negative.
    pub carried_out: i32,
    /// Lost when the year was closed; negative.
    pub lapsed: i32,
    /// Received from other balances less given to them.
    pub transferred: i32,
    /// Grants, accruals and adjustments.
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
            EntryKind::Accrual => {
                self.accrued += half_days;
                self.granted += half_days;
            }
            EntryKind::Adjustment => self.granted += half_days,
            EntryKind::CarryOver => self.brought += half_days,
            EntryKind::Expiration => self.expired += half_days,
            EntryKind::CarriedOut => self.carried_out += half_days,
            EntryKind::Lapse => self.lapsed += half_days,
            EntryKind::Transfer => self.transferred += half_days,
            EntryKind::Usage | EntryKind::Refund => self.used -= half_days,
            EntryKind::Reservation | EntryKind::Release => self.pending -= half_days,
        }
    }

    /// Brought from the year before, less what expired of it, went on or lapsed.
    pub fn carried(&self) -> i32 {
        self.brought + self.expired + self.carried_out + self.lapsed
    }

    /// Granted, carried and transferred, less used.
    pub fn remaining(&self) -> i32 {
        self.granted + self.carried() + self.transferred - self.used
    }

    /// Remaining less pending.
    pub fn projected(&self) -> i32 {
        self.remaining() - self.pending
    }
}

// === impl NewEntry ===

impl NewEntry {
    /// A line that says nothing but its kind.
    pub fn new(year: i32, kind: EntryKind, half_days: i32) -> Self {
        Self { year, kind, half_days, leave: None, reason: String::new(), expire: None, origin: None }
    }
}

// === impl BalanceKey ===

impl BalanceKey {
    /// The last part of its name: `cp-2026`.
    pub fn id(&self) -> String {
        format!("{}-{}", self.leave_type, self.year)
    }

    /// The same type in another year.
    pub fn of_year(&self, year: i32) -> Self {
        Self { year, ..self.clone() }
    }
}

// === impl EntryKind ===

impl EntryKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Grant,
        Self::Reservation,
        Self::Release,
        Self::Usage,
        Self::Refund,
        Self::Adjustment,
        Self::Accrual,
        Self::CarryOver,
        Self::Expiration,
        Self::CarriedOut,
        Self::Lapse,
        Self::Transfer,
    ];

    /// The word in the database.
    pub fn word(self) -> &'static str {
        match self {
            Self::Grant => "GRANT",
            Self::Reservation => "RESERVATION",
            Self::Release => "RELEASE",
            Self::Usage => "USAGE",
            Self::Refund => "REFUND",
            Self::Adjustment => "ADJUSTMENT",
            Self::Accrual => "ACCRUAL",
            Self::CarryOver => "CARRY_OVER",
            Self::Expiration => "EXPIRATION",
            Self::CarriedOut => "CARRIED_OUT",
            Self::Lapse => "LAPSE",
            Self::Transfer => "TRANSFER",
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
        fn a_balance_is_the_sum_of_its_ledger(lines in prop::collection::vec((0usize..12, -40i32..40), 0..30)) {
            let mut figures = Figures::default();
            for (kind, half_days) in &lines {
                figures.add(EntryKind::ALL[*kind], *half_days);
            }
            prop_assert_eq!(figures.projected(), lines.iter().map(|(_, half_days)| half_days).sum::<i32>());
        }
    }
}
