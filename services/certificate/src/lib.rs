//! A second look at a plan before everybody sees it: written from the law and the department's rules, by nobody who
//! planned it.
//!
//! [`certify`] is given [`Facts`] (who holds what, under which law, with which figures) and answers a [`Certificate`]:
//! what was looked at, what is broken, by how much, and the hash of exactly these facts. It shares no code with the
//! judge that plans are made by: what one of them gets wrong, the other one is there to find.
//!
//! Invariants: nothing here reads a clock, a file or the environment; the same facts in any order give the same
//! certificate; every figure that a rule compares with comes with the facts; hours are counted on instants, so a night
//! on which clocks change has 23 or 25.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod canon;
mod certify;
mod facts;
mod rules;
#[cfg(feature = "testing")]
pub mod testing;
mod timeline;

pub use canon::{FORMAT, hash};
pub use certify::{Breach, Certificate, Check, Unit, Verdict, certify};
pub use facts::{
    Average, Facts, Figures, Hours, Kind, Law, Line, Open, Person, Post, Profession, Role, Room, Shift,
};
pub use rules::Rule;
