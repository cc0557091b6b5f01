//! What runs without being asked.

mod measure_backlog;
mod on_leave_events;
mod reconcile;

pub use measure_backlog::MeasureBacklog;
pub use on_leave_events::OnLeaveEvents;
pub use reconcile::Reconcile;
