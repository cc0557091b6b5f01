//! What survives a crash: the database of a service and the promises built on its transactions.
//!
//! A write is one transaction: state, ledger, outbox row and idempotency record together ([`Tx`]). After the
//! commit the [`outbox`] relays to the bus, and the [`inbox`] of each consumer applies an event exactly once; what
//! it cannot apply is put aside as a [dead letter](dead_letter).
//! The [`audit`] log says who changed what.
//! Around that: one runner per job ([`lease`]), and what a list or an update needs ([`page`], [`filter`],
//! [`mask`], [`etag`]).
//!
//! **Invariant**: an event is published if and only if its transaction committed.
//! **Invariant**: an event's effect and its inbox row are one transaction; it is acknowledged afterwards.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod access;
pub mod audit;
pub mod check;
mod config;
mod db;
pub mod dead_letter;
mod delivery;
mod entity;
pub mod etag;
pub mod event;
pub mod filter;
pub mod idempotency;
pub mod inbox;
pub mod lease;
pub mod mask;
mod metric;
mod migration;
pub mod outbox;
pub mod page;
mod problem;
mod read_only;
mod replica;
mod rows;
#[cfg(feature = "testing")]
pub mod testing;
pub mod time;

pub use access::{Policies, policies};
pub use config::DbConfig;
pub use db::{Db, Tx};
pub use idempotency::Once;
pub use inbox::Consumer;
pub use migration::migrations;
pub use problem::{Error, Result, is_unique, problem};
pub use read_only::{Windows, windows};
pub use replica::{Reader, heartbeat};
pub use rows::insert_all;

// What `store_suite!` needs in the crates that use it.
#[doc(hidden)]
#[cfg(feature = "testing")]
pub use tokio as __tokio;
