//! What leave does without being asked.

mod on_planning_events;

pub use on_planning_events::OnPlanningEvents;
