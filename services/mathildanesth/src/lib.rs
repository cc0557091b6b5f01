//! The whole mesh in one process, the demo, and the operator's commands.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod assemble;
pub mod certs;
pub mod check;
mod config;
pub mod demo;
pub mod serve;

pub use config::Config;
