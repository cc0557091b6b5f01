//! What planning decides: pure, without I/O, clock or protobuf.

pub mod certify;
pub mod counting;
pub mod diff;
pub mod equity;
pub mod exchange;
pub mod fatigue;
pub mod feed;
pub mod law;
pub mod ledger;
pub mod ledger_file;
pub mod marks;
pub mod pattern;
pub mod plan;
pub mod problem;
pub mod projection;
pub mod replacement;
pub mod rule_set;
pub mod shift;
pub mod snapshot;
pub mod swap;
pub mod team;
pub mod template;
pub mod trame;
pub mod wish;
