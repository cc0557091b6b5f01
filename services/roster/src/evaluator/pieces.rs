//! What the running score is made of, piece by piece, so that a move only counts what it leaves behind: what was there
//! before is remembered, not counted again.
//!
//! A piece is a slot, a person's day, a person's week, or something about all of a person's horizon. What a move can
//! touch at many places (sliding weeks, runs of days, fair shares of demand) is counted before and after it.

use super::state::State;
use crate::{
    problem::{DayIx, PersonIx, Problem, SlotIx},
    rules::{self, Tally},
    score::Score,
};

/// A piece of the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Slot(SlotIx),
    Day(PersonIx, DayIx),
    Week(PersonIx, usize),
    Duties(PersonIx),
    /// Sums over the horizon: OFF half-days of months, hours, fair shares of what a plan decides.
    Sums(PersonIx),
}

/// The score of every piece.
#[derive(Clone, Debug)]
pub(super) struct Pieces {
    slots: usize,
    days: usize,
    weeks: usize,
    people: usize,
    scores: Vec<Score>,
    /// What pieces were before the moves under preview, oldest first.
    journal: Vec<(usize, Score)>,
    is_journaled: bool,
}

// === impl Pieces ===

impl Pieces {
    /// The pieces of a roster.
    pub fn of(state: &State) -> Self {
        let problem = state.problem;
        let (slots, people) = (problem.slots().len(), problem.people().len());
        let (days, weeks) = (problem.days().len(), problem.week_count());
        let mut pieces = Self {
            slots,
            days,
            weeks,
            people,
            scores: vec![Score::ZERO; slots + people * (days + weeks + 2)],
            journal: Vec::new(),
            is_journaled: false,
        };
        for piece in all(problem) {
            let at = pieces.at(piece);
            pieces.scores[at] = score_of(state, piece);
        }
        pieces
    }

    fn at(&self, piece: Piece) -> usize {
        match piece {
            Piece::Slot(slot) => slot.at(),
            Piece::Day(person, day) => self.slots + person.at() * self.days + day.at(),
            Piece::Week(person, week) => {
                self.slots + self.people * self.days + person.at() * self.weeks + week
            }
            Piece::Duties(person) => self.whole(0) + person.at(),
            Piece::Sums(person) => self.whole(1) + person.at(),
        }
    }

    /// Where the pieces of whole people begin, kind after kind.
    fn whole(&self, kind: usize) -> usize {
        self.slots + self.people * (self.days + self.weeks + kind)
    }

    /// Counts a piece again and returns by how much it changed.
    pub fn refresh(&mut self, state: &State, piece: Piece) -> Score {
        let at = self.at(piece);
        let score = score_of(state, piece);
        let before = std::mem::replace(&mut self.scores[at], score);
        if self.is_journaled {
            self.journal.push((at, before));
        }
        score - before
    }

    /// From now on, remembers what changes.
    pub fn begin(&mut self) {
        self.is_journaled = true;
    }

    /// Takes back what changed since [`Pieces::begin`].
    pub fn take_back(&mut self) {
        while let Some((at, before)) = self.journal.pop() {
            self.scores[at] = before;
        }
        self.is_journaled = false;
    }
}

fn all(problem: &Problem) -> impl Iterator<Item = Piece> + use<'_> {
    let people = || problem.person_indices();
    let slots = problem.slot_indices().map(Piece::Slot);
    let days = people().flat_map(|person| problem.day_indices().map(move |day| Piece::Day(person, day)));
    let weeks =
        people().flat_map(|person| (0..problem.week_count()).map(move |week| Piece::Week(person, week)));
    let whole = people().flat_map(|own| [Piece::Duties(own), Piece::Sums(own)]);
    slots.chain(days).chain(weeks).chain(whole)
}

fn score_of(state: &State, piece: Piece) -> Score {
    let mut tally = Tally::new(state.problem);
    rules::of_piece(state, piece, &mut tally);
    tally.score
}
