//! The contract's face: parse, call, render.

pub mod convert;
mod operations;
mod parse;
mod planning;
mod tasks;
mod writes;

pub use planning::Planning;
pub use tasks::Tasks;
