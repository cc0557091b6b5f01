//! Who could take one place, best first: what a planner asks when somebody falls ill.

use roster::{
    Problem, Roster, Score,
    problem::{PersonIx, Seat},
};

use crate::state::State;

/// Somebody who could take a place in a roster that otherwise stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Who.
    pub person: PersonIx,
    /// What the whole roster would cost more (or less, when negative) than with the place as it is now.
    pub difference: Score,
}

/// Everybody who could take a place without breaking an inviolable rule more than the roster already does, cheapest
/// first. Nobody for a pinned place.
#[must_use]
pub fn recommend(problem: &Problem, roster: &Roster, seat: Seat) -> Vec<Candidate> {
    let mut state = State::of_roster(problem, roster, false);
    if !state.is_open(seat) {
        return Vec::new();
    }
    let before = state.score();
    let mut found = Vec::new();
    for person in problem.candidates(seat) {
        let score = state.preview(seat, *person);
        if state.allows(&score) && roster.get(seat) != Some(*person) {
            found.push(Candidate { person: *person, difference: score - before });
        }
    }
    found.sort_by_key(|candidate| (candidate.difference, candidate.person));
    found
}
