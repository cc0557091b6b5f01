//! What people are told, whom it concerns, and in which words. No I/O, no clock.

pub mod message;
pub mod notification;
pub mod recipient;
pub mod template;
