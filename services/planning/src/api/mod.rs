//! The contract's face: parse, call, render.

pub mod convert;
mod equity;
mod operations;
mod parse;
mod planning;
mod replacements;
mod swaps;
mod tasks;
mod team;
mod wishes;
mod writes;

pub use planning::Planning;
pub use replacements::Replacements;
pub use swaps::Swaps;
pub use tasks::Tasks;
