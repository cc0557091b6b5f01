//! The protocol of tasks under the simulator that durable's own promises are tested with; see decision 0017.

#[path = "../../../../services/durable/tests/simulation/ground/mod.rs"]
#[allow(dead_code)]
mod ground;
mod tasks;
