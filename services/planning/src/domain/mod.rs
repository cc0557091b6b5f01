//! What planning decides: pure, without I/O, clock or protobuf.

pub mod certify;
pub mod counting;
pub mod diff;
pub mod exchange;
pub mod feed;
pub mod law;
pub mod pattern;
pub mod plan;
pub mod problem;
pub mod replacement;
pub mod rule_set;
pub mod shift;
pub mod snapshot;
pub mod swap;
pub mod template;
pub mod trame;
