//! Several places that fell together, one after the other; and what a few changes more would mend.

use roster::{
    Level,
    problem::{DayIx, Half, Seat},
};

use super::{
    Alternative,
    archive::Archive,
    chain::{Chains, Limits},
};

/// How often places that fell together are mended in turn, each time by others.
const ROUNDS: u64 = 3;
/// Changes beyond the refilled places that one half-day may take, in turn.
pub(super) const SPARE: usize = 2;
/// How many changes more than asked for are looked at when places stay empty.
const BEYOND: usize = 3;

/// A half-day, or a whole one for a duty.
type When = (DayIx, Option<Half>);

impl Chains<'_, '_> {
    /// When places stay empty within the budget: the best with a few changes more, if that leaves less empty. What was
    /// found within the budget is kept as it is.
    pub fn beyond(&mut self, limits: &Limits) -> Option<Alternative> {
        let within = self.best()?.score.level(Level::Critical);
        if within <= self.warm.score().level(Level::Critical) {
            return None;
        }
        self.steps_max = self.steps.saturating_add(limits.steps / 2);
        let archive = self.archive.clone();
        let pending = self.fallen.clone();
        let mut found = None;
        for changes_max in limits.changes_max + 1..=limits.changes_max + BEYOND {
            self.changes_max = changes_max;
            self.descend(&pending);
            found = self.best().filter(|best| best.score.level(Level::Critical) < within).cloned();
            if found.is_some() || self.is_spent() {
                break;
            }
        }
        self.archive = archive;
        found.map(|found| self.alternative(&found, false))
    }

    /// Mends half-day after half-day, the heaviest first, each as well as can be with what the ones before left; then
    /// again without those who took the heaviest place, so that there is a choice.
    pub(super) fn mend_in_turn(&mut self, changes_max: usize) {
        let parts = self.parts();
        let whole = (self.steps_max, self.steps);
        for round in 0..ROUNDS {
            let archive = std::mem::take(&mut self.archive);
            let mut found = None;
            for (position, part) in parts.iter().enumerate() {
                let later: Vec<Seat> = parts[position + 1..].concat();
                self.changes_max =
                    (self.changes() + part.len() + SPARE).min(changes_max.saturating_sub(later.len()));
                let left = (whole.0 - whole.1) / (ROUNDS * parts.len() as u64).max(1);
                self.steps_max = self.steps + left;
                self.undecided = later;
                self.archive = Archive::default();
                self.descend(part);
                found = self.archive.best().cloned().or(found);
                if let Some(best) = self.archive.best().cloned() {
                    self.undo_to(0);
                    for (seat, holder) in best.moves {
                        if !self.undecided.contains(&seat) {
                            self.put(seat, holder);
                        }
                    }
                }
            }
            self.undo_to(0);
            self.archive = archive;
            let heaviest = self.heaviest();
            match (found, heaviest) {
                (Some(found), Some(seat)) => {
                    self.refused.extend(found.by.map(|person| (seat, person)));
                    self.archive.add(found);
                }
                _ => break,
            }
            if self.refused.len() <= round as usize {
                break;
            }
        }
        self.refused.clear();
        self.undecided.clear();
    }

    /// The fallen places by half-day, those of a duty by day, the heaviest first.
    fn parts(&self) -> Vec<Vec<Seat>> {
        let mut parts: Vec<(When, Vec<Seat>)> = Vec::new();
        for seat in &self.fallen {
            let slot = self.problem.slot(seat.slot);
            let when = (slot.day, slot.kind.half());
            match parts.iter_mut().find(|(own, _)| *own == when) {
                Some((_, seats)) => seats.push(*seat),
                None => parts.push((when, vec![*seat])),
            }
        }
        parts.sort_by_key(|(_, seats)| {
            std::cmp::Reverse(seats.iter().map(|seat| self.worth(*seat)).max().unwrap_or(0))
        });
        parts.into_iter().map(|(_, seats)| seats).collect()
    }

    /// The fallen place that weighs most.
    pub(super) fn heaviest(&self) -> Option<Seat> {
        self.fallen.iter().copied().max_by_key(|seat| (self.worth(*seat), std::cmp::Reverse(*seat)))
    }
}
