//! What was found, told as changes with their causes and prices.

use roster::{
    problem::{PersonIx, Post, Seat},
    roster::Roster,
};

use super::{Alternative, Cause, Change, archive::Found, chain::Chains, warm::other_post};

impl Chains<'_, '_> {
    /// The best found, ready to be told.
    pub fn alternatives(&self, limit: usize) -> Vec<Alternative> {
        let chosen = self.archive.select(limit);
        chosen.into_iter().map(|(found, is_pareto)| self.alternative(found, is_pareto)).collect()
    }

    /// The plan as each of what was found would have it, the best first.
    pub fn rosters(&self) -> Vec<Roster> {
        self.archive.select(usize::MAX).into_iter().map(|(found, _)| self.roster_of(found)).collect()
    }

    /// The plan with what was found.
    pub fn roster_of(&self, found: &Found) -> Roster {
        let mut roster = self.warm.roster().clone();
        for (seat, person) in &found.moves {
            roster.set(*seat, *person);
        }
        roster
    }

    pub(super) fn alternative(&self, found: &Found, is_pareto: bool) -> Alternative {
        let changes: Vec<Change> = (found.moves.iter())
            .map(|(seat, after)| {
                let before = self.warm.roster().get(*seat);
                let cost = self.warm.price(*seat, *after);
                Change { seat: *seat, before, after: *after, cause: self.cause(found, *seat, *after), cost }
            })
            .collect();
        let holes = changes
            .iter()
            .filter(|change| matches!(change.cause, Cause::Falls | Cause::Drops))
            .filter(|change| self.leaves_a_hole(found, change.seat))
            .map(|change| change.seat)
            .collect();
        let difference = found.score - self.base;
        Alternative { changes, changes_count: found.changes, difference, holes, is_pareto }
    }

    fn cause(&self, found: &Found, seat: Seat, after: Option<PersonIx>) -> Cause {
        let is_alone = |seat: Seat| self.holder_in(found, other_post(seat)).is_none();
        let closes = self.problem.slot(seat.slot).kind.is_theatre()
            && after.is_none()
            && is_alone(seat)
            && !self.fallen.contains(&seat)
            && (self.fallen.contains(&other_post(seat))
                || found.moves.iter().any(|own| own.0 == other_post(seat)));
        match (self.fallen.contains(&seat), self.warm.roster().get(seat), after) {
            (true, _, Some(_)) => Cause::Replaces,
            (true, _, None) => Cause::Falls,
            (false, None, _) => Cause::Joins,
            (false, Some(_), Some(_)) => Cause::Relays,
            (false, Some(_), None) if closes => Cause::Closes,
            (false, Some(_), None) => Cause::Drops,
        }
    }

    fn holder_in(&self, found: &Found, seat: Seat) -> Option<PersonIx> {
        let moved = found.moves.iter().find(|(own, _)| *own == seat);
        moved.map_or_else(|| self.warm.roster().get(seat), |(_, holder)| *holder)
    }

    /// An empty place that leaves its slot unstaffed: a supervisor's place in an anesthetist's room does not.
    fn leaves_a_hole(&self, found: &Found, seat: Seat) -> bool {
        match seat.post {
            Post::Performer => self.problem.slot(seat.slot).weight > 0,
            Post::Supervisor => {
                let performer = self.holder_in(found, Seat::performer(seat.slot));
                performer.is_none_or(|own| self.is_nurse(own))
            }
        }
    }
}
