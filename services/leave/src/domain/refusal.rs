//! Why the domain says no. Each refusal has exactly one reason of `error/v1/reason.proto`.

use proto::error::v1::Reason;

use crate::domain::{
    conflict::{Conflict, ConflictKind},
    leave::State,
};

/// Why a leave cannot become what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Only a pending leave is decided.
    NotPending {
        /// Its name.
        leave: String,
        /// Where it stands.
        state: State,
    },
    /// It is over already.
    NotCancellable {
        /// Its name.
        leave: String,
        /// Where it stands.
        state: State,
    },
    /// No half-day of it counts.
    NothingCounted,
    /// The person has no contract yet, or no longer.
    OutsideContract,
    /// It is not in a state that allows this.
    UnavailabilityState {
        /// Its name.
        unavailability: String,
        /// Where it stands.
        state: &'static str,
    },
    /// The policy lets nothing move between these balances.
    TransferNotOffered,
    /// It is more than the policy lets move.
    TransferCapped {
        /// How many half-days may still move.
        left: i32,
    },
    /// The balance does not hold so much.
    TransferExceedsBalance {
        /// What it holds.
        projected: i32,
    },
    /// Something speaks against it and it was not forced. Never empty.
    Conflicts(Vec<Conflict>),
}

// === impl Refusal ===

impl Refusal {
    /// The reason, for callers that act on it.
    pub fn reason(&self) -> Reason {
        match self {
            Self::NotPending { .. } => Reason::LeaveNotPending,
            Self::NotCancellable { .. } => Reason::LeaveNotCancellable,
            Self::NothingCounted => Reason::LeaveNothingCounted,
            Self::OutsideContract => Reason::LeaveOutsideContract,
            Self::UnavailabilityState { .. } => Reason::UnavailabilityNotPending,
            Self::TransferNotOffered => Reason::LeaveTransferNotOffered,
            Self::TransferCapped { .. } => Reason::LeaveTransferCapped,
            Self::TransferExceedsBalance { .. } => Reason::LeaveBalanceExceeded,
            Self::Conflicts(conflicts) => match conflicts.first().map(|conflict| conflict.kind) {
                Some(ConflictKind::Balance) => Reason::LeaveBalanceExceeded,
                Some(ConflictKind::PublishedDuty) => Reason::LeaveOverPublishedDuty,
                Some(ConflictKind::ProfessionAbsence | ConflictKind::TeamCapacity) => {
                    Reason::LeaveQuotaReached
                }
                Some(ConflictKind::Blackout) => Reason::LeaveInBlackout,
                _ => Reason::LeaveOverlaps,
            },
        }
    }
}
