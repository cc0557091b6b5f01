//! What leave does without being asked.

mod escalate_leaves;
mod expire_carry_over;
mod on_planning_events;
mod on_staff_events;

pub use escalate_leaves::EscalateLeaves;
pub use expire_carry_over::ExpireCarryOver;
pub use on_planning_events::OnPlanningEvents;
pub use on_staff_events::OnStaffEvents;
