//! Use cases, one file a verb: authorise → load → decide → save.

mod adjust_balance;
mod approve_leave;
mod audit;
mod balances;
mod batch_decide_leaves;
mod cancel_after_departure;
mod cancel_leave;
mod close_leave_year;
mod create_leave;
mod escalate_leaves;
mod expire_carry_over;
mod forget_person;
mod holidays;
mod leave_policy;
mod leave_series;
mod list_absences;
mod list_leaves;
mod permissions;
mod rank_leaves;
mod refuse_leave;
mod revise_leave;
mod scene;
mod simulate_leave;
mod support;
mod transfer_balance;
mod unavailabilities;

pub use adjust_balance::AdjustBalance;
pub use approve_leave::ApproveLeave;
pub use batch_decide_leaves::{BatchDecideLeaves, Verdict};
pub use cancel_leave::CancelLeave;
pub use close_leave_year::{CloseLeaveYear, Closed};
pub use create_leave::{CreateLeave, Fields};
pub use leave_policy::{FIELDS as POLICY_FIELDS, Sent as SentPolicy};
pub use leave_series::{CancelLeaveSeries, CreateLeaveSeries};
pub use list_leaves::ListLeaves;
pub use rank_leaves::Ranked;
pub use refuse_leave::RefuseLeave;
pub use revise_leave::ReviseLeave;
pub use simulate_leave::{Coverage, Simulation};
pub use support::{View, balance_name};
pub use transfer_balance::TransferBalance;
pub use unavailabilities::{
    RuleUnavailability, Ruling, UnavailabilityView, UnavailableDay, pb_state as unavailability_state,
};

use crate::{peers::Staff, store::Store};

/// What every use case works with.
#[derive(Clone)]
pub struct App {
    store: Store,
    staff: Staff,
}

// === impl App ===

impl App {
    pub fn new(store: Store, staff: Staff) -> Self {
        Self { store, staff }
    }
}
