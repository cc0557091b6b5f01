//! How a service lives: configuration, identity, errors, peers, the server stack, workers, probes, drain.
//!
//! A service says *what* it is by implementing [`Service`]: configuration and dependencies in, routes and
//! workers out. [`run`] gives that value a process of its own; the all-in-one gives several of them one
//! process; a test gives it neither. The value is the same each time.
//!
//! The path of a call, top to bottom: [`serve`] accepts the connection, [`stack`] gives the call its identity,
//! deadline, trace and [`Ctx`], the service's handler answers a resource or a [`Problem`], and the stack writes
//! the problem down as a `google.rpc.Status`.
//!
//! **Invariant:** nothing here knows a database or a business rule; the tables of who may do what stand here ([`access`])
//! because no service may know another.
//! **Invariant:** [`clock`] is the only caller of the system clock for anything that is remembered.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod access;
pub mod admin;
pub mod auth;
pub mod clock;
pub mod compute;
pub mod config;
mod ctx;
pub mod health;
pub mod keys;
pub mod metrics;
pub mod peer;
pub mod places;
mod problem;
pub mod read_only;
pub mod run;
pub mod serve;
mod service;
#[cfg(feature = "testing")]
pub mod simulation;
pub mod stack;
pub mod telemetry;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod tls;
pub mod worker;

pub use auth::{Grant, Person, Policy, Principal, Role, Target};
pub use clock::Clock;
pub use config::{Configuration, Secret};
pub use ctx::{Ctx, Locale};
pub use health::Probe;
pub use keys::{KeySource, PublicKey};
pub use peer::Peer;
pub use problem::{Problem, Violation};
pub use run::{Launch, run};
pub use service::{App, BoxError, BuildError, Parts, Process, Service, Surface};
pub use tonic::service::Routes;
pub use worker::{Next, Signal, Worker};
