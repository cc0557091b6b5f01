//! Shifts under judgement: changes of rows, beside changes of places.

use super::{Blocker, Evaluator, pieces::Piece};
use crate::{
    evaluator::state::State,
    problem::{DayIx, PersonIx},
    rules::{self, Breaches, Sink},
    score::Score,
    shifts::{Code, Sheet},
};

/// A change of shifts: whose, from which day on, to what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShiftMove<'c> {
    /// Whose.
    pub person: PersonIx,
    /// The first day.
    pub first: DayIx,
    /// What the person does from that day on.
    pub codes: &'c [Code],
}

// === impl Evaluator ===

impl<'p> Evaluator<'p> {
    /// Everybody's shifts with what they break and cost: ask it for deltas.
    #[must_use]
    pub fn sheet(&self) -> &Sheet<'p> {
        self.state.sheet()
    }

    /// Gives a person these shifts from a day on, and returns what was there: setting that back undoes it exactly.
    ///
    /// # Panics
    /// When the days go beyond the horizon or one is no code of the problem; in checked mode, when the score differs
    /// from a recount.
    pub fn set_shifts(&mut self, person: PersonIx, first: DayIx, codes: &[Code]) -> Vec<Code> {
        let before = self.state.sheet().row(person.at())[first.at()..][..codes.len()].to_vec();
        if before == codes {
            return before;
        }
        self.score -= self.shifts_score(person);
        self.state.put_shifts(person, first, codes);
        self.score += self.shifts_score(person);
        for day in first.0..first.0 + codes.len() as u16 {
            self.score += self.pieces.refresh(&self.state, Piece::Day(person, DayIx(day)));
        }
        if self.is_checked {
            self.check();
        }
        before
    }

    /// The score after these changes of shifts, which are then undone.
    ///
    /// # Panics
    /// As [`Evaluator::set_shifts`].
    pub fn preview_shifts(&mut self, moves: &[ShiftMove]) -> Score {
        let before = self.score;
        self.pieces.begin();
        let undo: Vec<_> = moves
            .iter()
            .map(|own| (own.person, own.first, self.set_shifts(own.person, own.first, own.codes)))
            .collect();
        let score = self.score;
        for (person, first, codes) in undo.into_iter().rev() {
            self.state.put_shifts(person, first, &codes);
        }
        self.pieces.take_back();
        self.score = before;
        score
    }

    /// Whether a person can work these shifts from a day on without breaking an inviolable rule, or breaking it more.
    ///
    /// # Errors
    /// The first rule, in the catalogue's order, that would be broken or broken more.
    ///
    /// # Panics
    /// When the days go beyond the horizon or one is no code of the problem.
    pub fn can_work(&mut self, person: PersonIx, first: DayIx, codes: &[Code]) -> Result<(), Blocker> {
        let own = self.state.sheet().row(person.at())[first.at()..][..codes.len()].to_vec();
        let before = self.shift_breaches(person, first, codes.len());
        self.state.put_shifts(person, first, codes);
        let after = self.shift_breaches(person, first, codes.len());
        self.state.put_shifts(person, first, &own);
        match after.worse_than(&before) {
            Some(rule) => Err(Blocker { rule }),
            None => Ok(()),
        }
    }

    /// Breaches of a person's row, and of the days that hold other posts too.
    fn shift_breaches(&self, person: PersonIx, first: DayIx, length: usize) -> Breaches<'p> {
        let mut breaches = Breaches::new(self.state.problem);
        rules::shift::row(&self.state, person, &mut breaches);
        of_days(&self.state, person, first, length, &mut breaches);
        breaches
    }

    /// The part of the score that a change of a row can move, but for its days.
    fn shifts_score(&self, person: PersonIx) -> Score {
        let sheet = rules::shift::score(self.state.problem, self.state.sheet().amounts());
        sheet + rules::shift::derogated(&self.state, person)
    }
}

/// What the days say where shifts meet posts and asks.
fn of_days(state: &State, person: PersonIx, first: DayIx, length: usize, sink: &mut impl Sink) {
    for day in first.0..first.0 + length as u16 {
        rules::of_piece(state, Piece::Day(person, DayIx(day)), sink);
    }
}
