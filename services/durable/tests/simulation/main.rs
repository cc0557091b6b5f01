//! The promises of durable under a simulator: relay, inbox and lease on one thread, in simulated time, among machines
//! that die, hang and tell the wrong time. A seed decides everything; see decision 0017.

#![allow(clippy::unwrap_used, missing_docs)]
// What other simulations use of the common ground.
#![allow(dead_code)]

mod events;
mod ground;
