//! The whole mesh in one process, the demo, and the operator's commands.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod assemble;
pub mod certs;
pub mod check;
mod config;
pub mod dead_letters;
pub mod demo;
pub mod fallback;
pub mod serve;

pub use config::Config;
