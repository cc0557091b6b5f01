//! What leave is and what the hospital allows: values in, decisions out. No I/O, no clock.

pub mod arbitration;
pub mod balance;
pub mod closing;
pub mod conflict;
pub mod contract;
pub mod counting;
pub mod holiday;
pub mod leave;
pub mod leave_type;
pub mod policy;
pub mod ranking;
pub mod recurrence;
pub mod refusal;
pub mod rule;
pub mod transfer;
pub mod unavailability;
