//! The search: a problem in, the best roster found out.
//!
//! Pure: no async, no I/O, no clock, no protobuf. `roster` judges, this crate only searches; there is no
//! second evaluation in it.
//!
//! Invariants:
//! - the roster handed back breaks no inviolable rule but those its pins already broke, whenever the search is
//!   stopped;
//! - a pinned place keeps its holder;
//! - a nurse anesthetist performs only where an anesthetist answers for the room;
//! - same problem, seed, steps and start: same roster, on every machine. Decisions are made of integers and of the
//!   crate's own random numbers; nothing looks at time or at the order of a hash map.
//!
//! Reading order: [`solve`], `construct`, `search`, `state`.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod benches;
mod bound;
mod budget;
mod columns;
mod conflict;
mod construct;
mod duties;
pub mod explain;
mod fill;
mod follow;
#[cfg(feature = "formats")]
pub mod formats;
mod islands;
mod observer;
mod options;
pub mod partition;
mod piece;
#[cfg_attr(
    not(feature = "exact"),
    allow(dead_code, reason = "without the exact solver programs are written down and not solved")
)]
mod program;
mod proof;
mod recommend;
mod repair;
pub mod replan;
mod rng;
mod rota;
mod rows;
mod search;
mod state;
mod windows;

use roster::{Problem, Roster, Score};

pub use crate::{
    bound::holes,
    observer::{Observer, Phase, Progress},
    options::{MoveCount, Options, Statistics},
    proof::Bound,
    recommend::{Candidate, recommend},
    rng::Rng,
    search::Kind,
};
use crate::{
    budget::{Clock, Meter},
    follow::Reporter,
    partition::{Cut, Piece, Workshop},
};

/// What a search hands back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solution {
    /// The best roster found.
    pub roster: Roster,
    /// What it costs.
    pub score: Score,
    /// What is proven of the problem.
    pub bound: Bound,
    /// What the search did.
    pub statistics: Statistics,
}

/// Searches the best roster of a problem, following `options` and reporting to `observer`.
pub fn solve(problem: &Problem, options: &Options, observer: &mut impl Observer) -> Solution {
    let clock = Clock::new(observer.spent().is_some());
    follow::follow(observer, &clock, |reporter| search(problem, options, &clock, &reporter))
}

fn search(problem: &Problem, options: &Options, clock: &Clock, reporter: &Reporter) -> Solution {
    if let Some(cut) = Cut::of(problem) {
        let search = |piece: Piece<'_>, meter: &mut Meter<'_>| {
            piece::search(piece, &Options { threads: 1, ..options.clone() }, meter, None)
        };
        return Workshop { problem, cut: &cut, options, clock, reporter, search: &search }.run();
    }
    let pinned = Roster::pinned(problem);
    let start = options.start.as_ref().unwrap_or(&pinned);
    let piece = Piece { problem, start, seed: options.seed, is_fresh: options.start.is_none() };
    piece::search(piece, options, &mut Meter::new(clock, options.steps), Some(reporter))
}
