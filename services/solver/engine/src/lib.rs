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

mod budget;
mod columns;
mod conflict;
mod construct;
pub mod explain;
mod fill;
mod follow;
#[cfg(feature = "formats")]
pub mod formats;
mod observer;
mod options;
mod recommend;
mod repair;
pub mod replan;
mod rng;
mod rows;
mod search;
mod state;

use roster::{Problem, Roster, Score};

use crate::{
    budget::{Clock, Meter},
    follow::Reporter,
    state::State,
};
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
    let clock = Clock::new(observer.spent().is_some());
    follow::follow(observer, &clock, |reporter| search(problem, options, &clock, &reporter))
}

fn search(problem: &Problem, options: &Options, clock: &Clock, reporter: &Reporter) -> Solution {
    let mut rng = Rng::new(options.seed);
    let mut meter = Meter::new(clock, options.steps);
    let mut statistics = Statistics::default();
    reporter.phase(Phase::Construct);
    let mut state = match &options.start {
        Some(start) => State::from_start(problem, start, options.is_checked),
        None => State::new(problem, options.is_checked),
    };
    repair::settle_all(&mut state, &mut rng);
    let flow = construct::construct(&mut state, &mut rng, &meter);
    statistics.constructed = state.score();
    let (roster, score) = if flow.is_break() {
        (state.roster().clone(), state.score())
    } else {
        reporter.phase(Phase::Search);
        reporter.improved(state.roster(), statistics.constructed);
        let improved = |roster: &Roster, score| reporter.improved(roster, score);
        search::improve(&mut state, &mut rng, options.temperature(), &mut meter, &mut statistics, improved)
    };
    statistics.was_stopped = meter.is_stopped();
    reporter.phase(Phase::Done);
    Solution { roster, score, statistics }
}
