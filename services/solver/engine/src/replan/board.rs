//! The roster under a chain: who may move, what is wanted, what changed so far, and how to take it back.

use roster::{
    Level, Problem, RuleId, Score,
    problem::{PersonIx, Post, Profession, Seat},
    rules::catalogue,
};

use super::chain::Chains;

impl Chains<'_, '_> {
    /// Empty, and somebody is wanted there.
    pub(super) fn is_wanting(&self, seat: Seat) -> bool {
        if self.judge.get(seat).is_some() {
            return false;
        }
        match seat.post {
            Post::Performer => self.problem.slot(seat.slot).weight > 0,
            Post::Supervisor => {
                let performer = self.judge.get(Seat::performer(seat.slot));
                performer.is_some_and(|own| self.is_nurse(own))
            }
        }
    }

    /// The most that filling a place can save at the critical level.
    pub(super) fn worth(&self, seat: Seat) -> i64 {
        i64::from(self.problem.slot(seat.slot).weight) * self.hole_price
    }

    pub(super) fn is_nurse(&self, person: PersonIx) -> bool {
        self.problem.person(person).profession == Profession::Iade
    }

    /// Whether somebody may be taken from a place.
    pub(super) fn may_leave(&self, seat: Seat) -> bool {
        self.problem.pin(seat).is_none()
            && self.given != Some(seat)
            && self.problem.slot(seat.slot).day >= self.frozen_until
            && self.judge.get(seat).is_none_or(|holder| !self.banned.contains(&holder))
    }

    /// Who is not asked: the absent, and whoever has just been taken from this place.
    pub(super) fn is_out(&self, seat: Seat, person: PersonIx) -> bool {
        self.banned.contains(&person)
            || self.refused.contains(&(seat, person))
            || self.judge.get(seat) == Some(person)
            || self.journal.iter().any(|(own, before)| *own == seat && *before == Some(person))
    }

    pub(super) fn is_banned(&self, person: PersonIx) -> bool {
        self.banned.contains(&person)
    }

    pub(super) fn is_legal(&self) -> bool {
        self.judge.score().level(Level::Hard) <= self.hard_max
    }

    pub(super) fn is_spent(&self) -> bool {
        self.steps >= self.steps_max
    }

    pub(super) fn put(&mut self, seat: Seat, person: Option<PersonIx>) {
        self.steps += 1;
        let before = self.judge.set(seat, person);
        self.journal.push((seat, before));
    }

    /// Puts somebody in a place and takes others away; returns where to undo to.
    pub(super) fn apply(&mut self, taken: Option<(Seat, PersonIx)>, left: &[Seat]) -> usize {
        let mark = self.journal.len();
        if let Some((seat, person)) = taken {
            self.put(seat, Some(person));
        }
        for seat in left {
            self.put(*seat, None);
        }
        mark
    }

    pub(super) fn undo_to(&mut self, mark: usize) {
        while self.journal.len() > mark {
            if let Some((seat, before)) = self.journal.pop() {
                self.judge.set(seat, before);
            }
        }
    }

    pub(super) fn mark(&self) -> usize {
        self.journal.len()
    }

    /// Places that differ from the plan. What is empty in the rooms of fallen places does not count: it fell, or has
    /// nobody to work with.
    pub(super) fn changes(&self) -> usize {
        let mut count = self.fallen.iter().filter(|seat| self.differs(**seat)).count();
        for (position, (seat, _)) in self.journal.iter().enumerate() {
            let again = self.journal[..position].iter().any(|(own, _)| own == seat);
            count += usize::from(!again && !self.fallen.contains(seat) && self.differs(*seat));
        }
        count
    }

    pub(super) fn differs(&self, seat: Seat) -> bool {
        let holder = self.judge.get(seat);
        let fell = holder.is_none() && self.fallen.iter().any(|own| own.slot == seat.slot);
        !fell && holder != self.warm.roster().get(seat)
    }
}

/// What one unit of a hole's weight costs at most in this rule set, in thousandths.
pub(super) fn hole_price(problem: &Problem) -> i64 {
    let rules = [
        RuleId::GardeCoverage,
        RuleId::AstreinteCoverage,
        RuleId::ConsultationCoverage,
        RuleId::ClosingCoverage,
        RuleId::TheatreCoverage,
        RuleId::SupervisorMissing,
    ];
    let weight = |rule: RuleId| {
        let own = problem.parameters().settings.iter().find(|setting| setting.rule == rule);
        let default = || catalogue().iter().find(|entry| entry.id == rule).map(|entry| entry.default_weight);
        own.map(|setting| setting.weight).or_else(default).unwrap_or(1)
    };
    rules.into_iter().map(weight).max().unwrap_or(1).saturating_mul(Score::UNIT)
}
