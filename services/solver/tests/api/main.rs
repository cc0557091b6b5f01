//! The solver from outside: tasks from a desk the test plays, and callers who wait.

#![allow(clippy::unwrap_used, missing_docs)]

mod calls;
mod desk;
mod questions;
mod tasks;

use bus::Bus;
use chassis::testing::{Identity, Local, serve_local};
use chassis::{Clock, Peer, Service as _};
use proto::solver::v1 as pb;
use solver::{Config, Deps, Solver};

use crate::desk::Desk;

/// A solver before a desk.
pub struct World {
    pub desk: Desk,
    pub bus: Bus,
    pub clock: Clock,
    pub identity: Identity,
    planning: Peer,
    _desk: Box<dyn std::any::Any>,
}

impl World {
    pub fn fresh() -> Self {
        let clock = Clock::fixed("2026-11-23T08:00:00Z".parse().unwrap());
        let desk = Desk::default();
        let (planning, held) = desk.peer(&clock);
        let identity = Identity::new(clock.now());
        Self { desk, bus: Bus::local(), clock, identity, planning, _desk: Box::new(held) }
    }

    /// A solver with one thread and a quick rhythm, called by planning.
    pub async fn solver(&self) -> Local {
        self.solver_with(quick(), "planning").await
    }

    pub async fn solver_with(&self, config: Config, caller: &'static str) -> Local {
        let deps = Deps {
            planning: self.planning.clone(),
            bus: self.bus.clone(),
            clock: self.clock.clone(),
            keys: self.identity.keys(),
        };
        let parts = Solver::build(config, deps).await.unwrap();
        serve_local(caller, "solver", parts, self.clock.clone()).unwrap()
    }
}

pub fn quick() -> Config {
    Config { threads: 1, poll_ms: 20, report_ms: 20, checkpoint_ms: 20, ..Config::default() }
}

/// A problem with a bit of everything.
pub fn problem() -> pb::Problem {
    problem::encode(&roster::testing::small(3))
}

pub fn steps(step_limit: u64) -> pb::SolveOptions {
    pb::SolveOptions { seed: 7, step_limit, time_limit: None }
}

/// A search that ends when it is told to, and not before.
pub fn endless() -> pb::SolveOptions {
    steps(u64::MAX)
}

/// The judge's word on what was handed in.
pub fn judge(solution: &pb::Solution) -> roster::Score {
    let problem = roster::testing::small(3);
    let roster = problem::decode_roster(solution.roster.as_ref().unwrap(), &problem).unwrap();
    let score = roster::evaluator::Evaluator::new(&problem, &roster).score();
    assert_eq!(problem::decode_score(solution.score.as_ref().unwrap()), Some(score));
    score
}
