//! The whole mesh in one process, the demo, and the operator's commands.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod certs;
pub mod demo;
