//! The contract's face: parse, call, render.

pub mod convert;
mod operations;
mod parse;
mod planning;
mod replacements;
mod swaps;
mod tasks;
mod writes;

pub use planning::Planning;
pub use replacements::Replacements;
pub use swaps::Swaps;
pub use tasks::Tasks;
