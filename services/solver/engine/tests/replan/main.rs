//! Re-planning: minimal changes against brute force, locks and frozen days, alternatives, leaves before they are
//! granted.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod absence;
mod freeze;
mod leave;
mod shift;
#[path = "../support/mod.rs"]
mod support;

use engine::{
    Options,
    replan::{Alternative, publish},
    solve,
};
use roster::{
    Problem, Roster,
    problem::{DayIx, PersonIx, Profession},
};
use support::World;

/// A problem whose published plan is the best the engine finds.
fn published(world: World, steps: u64) -> (Problem, Roster) {
    let mut draft = world.draft;
    let problem = Problem::build(draft.clone()).unwrap();
    let plan = solve(&problem, &Options { seed: 3, steps, ..Options::default() }, &mut ()).roster;
    draft.published = publish(&problem, &plan, DayIx(0));
    (Problem::build(draft).unwrap(), plan)
}

fn with(plan: &Roster, alternative: &Alternative) -> Roster {
    let mut roster = plan.clone();
    for change in &alternative.changes {
        assert_eq!(roster.set(change.seat, change.after), change.before);
    }
    roster
}

/// A nurse in a room nobody answers for, or an anesthetist who answers for an empty one.
fn has_somebody_alone(problem: &Problem, roster: &Roster) -> bool {
    let is_nurse = |own: PersonIx| problem.person(own).profession == Profession::Iade;
    problem.slot_indices().any(|slot| {
        problem.slot(slot).kind.is_theatre()
            && match roster.supervisor(slot) {
                None => roster.performer(slot).is_some_and(is_nurse),
                Some(_) => roster.performer(slot).is_none(),
            }
    })
}
