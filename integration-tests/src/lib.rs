//! The hospital's machines, for tests: a real PostgreSQL, a real Redis, real processes, on free ports of loopback
//! and in temporary folders.
//!
//! **Invariant:** nothing here outlives the value that started it, and nothing here knows a business rule.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod backends;
pub mod breakable;
pub mod faults;
pub mod foundation;
pub mod http;
pub mod kit;
pub mod load;
pub mod mesh;
pub mod postgres;
pub mod process;
pub mod redis;
pub mod smtp;
pub mod solver_death;
