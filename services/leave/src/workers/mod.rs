//! What leave does without being asked.

mod expire_carry_over;
mod on_planning_events;

pub use expire_carry_over::ExpireCarryOver;
pub use on_planning_events::OnPlanningEvents;
