//! Explanations: grounds, counterfactuals and contradictions, against brute force on tiny problems.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod contradiction;
#[path = "../support/mod.rs"]
mod support;
mod why;

use engine::{Options, solve};
use roster::{
    Problem, Roster,
    problem::{Half, SiteIx, SlotIx, SlotKind},
};
use support::World;

fn planned(problem: &Problem, steps: u64) -> Roster {
    solve(problem, &Options { seed: 5, steps, ..Options::default() }, &mut ()).roster
}

fn consultation(world: &mut World, day: usize, half: Half) -> SlotIx {
    world.slot(day, SlotKind::Consultation { half, site: SiteIx(0) })
}
