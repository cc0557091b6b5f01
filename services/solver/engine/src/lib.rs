//! The search: a problem in, the best roster found out.
//!
//! Pure: no async, no I/O, no clock, no protobuf, no thread. `roster` judges, this crate only searches; there is no
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

mod budget;
mod columns;
mod conflict;
mod construct;
mod fill;
mod observer;
mod options;
mod recommend;
mod repair;
mod rng;
mod search;
mod state;

use roster::{Problem, Roster, Score};

use crate::state::State;
pub use crate::{
    observer::{Observer, Phase, Progress},
    options::{MoveCount, Options, Statistics},
    recommend::{Candidate, recommend},
    rng::Rng,
    search::Kind,
};

/// What a search hands back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solution {
    /// The best roster found.
    pub roster: Roster,
    /// What it costs.
    pub score: Score,
    /// What the search did.
    pub statistics: Statistics,
}

/// Searches the best roster of a problem, following `options` and reporting to `observer`.
pub fn solve(problem: &Problem, options: &Options, observer: &mut impl Observer) -> Solution {
    let mut rng = Rng::new(options.seed);
    let mut statistics = Statistics::default();
    observer.phase(Phase::Construct);
    let mut state = match &options.start {
        Some(start) => State::from_start(problem, start, options.is_checked),
        None => State::new(problem, options.is_checked),
    };
    repair::settle_all(&mut state, &mut rng);
    let flow = construct::construct(&mut state, &mut rng, observer);
    statistics.constructed = state.score();
    let (roster, score) = if flow.is_break() {
        statistics.was_stopped = true;
        (state.roster().clone(), state.score())
    } else {
        observer.phase(Phase::Search);
        observer.improved(
            Progress { phase: Phase::Search, steps: 0, best: &statistics.constructed },
            state.roster(),
        );
        search::improve(&mut state, &mut rng, options, observer, &mut statistics)
    };
    observer.phase(Phase::Done);
    Solution { roster, score, statistics }
}
