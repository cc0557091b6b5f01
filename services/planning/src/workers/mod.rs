//! What runs without being asked.

mod expire_exchanges;
mod measure_backlog;
mod on_leave_events;
mod on_staff_events;
mod reconcile;

pub use expire_exchanges::ExpireExchanges;
pub use measure_backlog::MeasureBacklog;
pub use on_leave_events::OnLeaveEvents;
pub use on_staff_events::OnStaffEvents;
pub use reconcile::Reconcile;
