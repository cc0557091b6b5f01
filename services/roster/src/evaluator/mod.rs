//! The incremental judge: a roster, its score, and what a move would change.

pub(crate) mod pieces;
mod shift;
#[cfg(test)]
mod shift_tests;
pub(crate) mod state;
#[cfg(test)]
mod tests;

pub use self::shift::ShiftMove;
use self::{
    pieces::{Piece, Pieces},
    state::State,
};
use crate::{
    explain,
    problem::{Counter, DayIx, PersonIx, Problem, Seat, SlotIx},
    roster::Roster,
    rules::{self, Breaches, RuleId, Sink, Tally},
    score::Score,
};

/// Why a person cannot take a place: the inviolable rule that would be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("breaks rule {}", rule.code())]
pub struct Blocker {
    /// The rule.
    pub rule: RuleId,
}

/// A roster under judgement. Moves cost what they touch, not the size of the problem.
#[derive(Clone, Debug)]
pub struct Evaluator<'p> {
    state: State<'p>,
    pieces: Pieces,
    score: Score,
    is_checked: bool,
}

// === impl Evaluator ===

impl<'p> Evaluator<'p> {
    /// Judges a roster.
    #[must_use]
    pub fn new(problem: &'p Problem, roster: &Roster) -> Self {
        let state = State::new(problem, roster);
        let score = total(&state);
        let pieces = Pieces::of(&state);
        Self { state, pieces, score, is_checked: false }
    }

    /// Judges a roster and counts again from scratch after every move: for tests.
    #[must_use]
    pub fn checked(problem: &'p Problem, roster: &Roster) -> Self {
        Self { is_checked: true, ..Self::new(problem, roster) }
    }

    /// The problem.
    #[must_use]
    pub fn problem(&self) -> &'p Problem {
        self.state.problem
    }

    /// The roster as it stands.
    #[must_use]
    pub fn roster(&self) -> &Roster {
        &self.state.roster
    }

    /// The roster, when judging is over.
    #[must_use]
    pub fn into_roster(self) -> Roster {
        self.state.roster
    }

    /// What the roster costs.
    #[must_use]
    pub fn score(&self) -> Score {
        self.score
    }

    /// Who holds a place.
    #[must_use]
    pub fn get(&self, seat: Seat) -> Option<PersonIx> {
        self.state.roster.get(seat)
    }

    /// The places a person holds on a day, in no particular order.
    #[must_use]
    pub fn posts(&self, person: PersonIx, day: DayIx) -> &[Seat] {
        self.state.posts(person, day)
    }

    /// Days on which a person's gardes begin, ascending; those before the horizon are negative.
    #[must_use]
    pub fn gardes(&self, person: PersonIx) -> &[i32] {
        self.state.gardes(person)
    }

    /// What a person carries of a counter, in thousandths, history included.
    #[must_use]
    pub fn counter(&self, person: PersonIx, counter: Counter) -> i64 {
        self.state.counter(person, counter)
    }

    /// Whether a slot is lawfully staffed: a nurse's room needs its supervisor.
    #[must_use]
    pub fn is_covered(&self, slot: SlotIx) -> bool {
        explain::is_covered(self.state.problem, &self.state.roster, slot)
    }

    /// Gives a place to somebody or nobody and returns who held it: setting that back undoes the move exactly.
    ///
    /// # Panics
    /// In checked mode, when the score differs from a recount.
    pub fn set(&mut self, seat: Seat, person: Option<PersonIx>) -> Option<PersonIx> {
        let before = self.state.roster.get(seat);
        if before == person {
            return before;
        }
        let problem = self.state.problem;
        let mut old = Tally::new(problem);
        beyond(&self.state, seat, [before, person], &mut old);
        self.state.put(seat, person);
        let mut new = Tally::new(problem);
        beyond(&self.state, seat, [before, person], &mut new);
        self.score += new.score - old.score;
        let (state, pieces, score) = (&self.state, &mut self.pieces, &mut self.score);
        let mut refresh = |piece| *score += pieces.refresh(state, piece);
        refresh(Piece::Slot(seat.slot));
        for person in [before, person].into_iter().flatten() {
            rules::pieces_of(problem, person, seat.slot, &mut refresh);
        }
        if self.is_checked {
            self.check();
        }
        before
    }

    /// The score after these moves, which are then undone.
    pub fn preview(&mut self, moves: &[(Seat, Option<PersonIx>)]) -> Score {
        let score_before = self.score;
        self.pieces.begin();
        let undo: Vec<_> = moves.iter().map(|(seat, person)| (*seat, self.set(*seat, *person))).collect();
        let score = self.score;
        for (seat, person) in undo.into_iter().rev() {
            self.state.put(seat, person);
        }
        self.pieces.take_back();
        self.score = score_before;
        score
    }

    /// What the rules that speak of this person, and of how they fit a place, would say more if they took these empty
    /// places; how the places are staffed by several together (coverage, nurses of a sector, incompatible pairs) is not
    /// counted. Nothing changes. People's changes in one half-day add up, so that whoever chooses for all of them at once can
    /// ask person by person.
    pub fn preview_alone(&mut self, person: PersonIx, seats: &[Seat]) -> Score {
        let problem = self.state.problem;
        let mut score = Score::ZERO;
        self.pieces.begin();
        for seat in seats {
            debug_assert!(self.state.roster.get(*seat).is_none(), "the place is empty");
            let (mut old, mut new) = (Tally::new(problem), Tally::new(problem));
            rules::of_holder(&self.state, *seat, &mut old);
            rules::beyond_pieces(&self.state, person, *seat, &mut old);
            self.state.put(*seat, Some(person));
            rules::beyond_pieces(&self.state, person, *seat, &mut new);
            rules::of_holder(&self.state, *seat, &mut new);
            score += new.score - old.score;
            let (state, pieces) = (&self.state, &mut self.pieces);
            rules::pieces_of(problem, person, seat.slot, |piece| score += pieces.refresh(state, piece));
        }
        for seat in seats {
            self.state.put(*seat, None);
        }
        self.pieces.take_back();
        score
    }

    /// Whether a person can take a place, now held by somebody else or nobody, without breaking an inviolable rule:
    /// neither by coming, nor by the holder's leaving (a middle room left breaks a chain).
    ///
    /// # Errors
    /// The first rule, in the catalogue's order, that would be broken or broken more.
    pub fn can_take(&mut self, seat: Seat, person: PersonIx) -> Result<(), Blocker> {
        if let Some(pinned) = self.state.problem.pin(seat)
            && pinned != Some(person)
        {
            return Err(Blocker { rule: RuleId::Pinned });
        }
        let (without, with) = self.breaches_around(seat, person);
        let coming = with.worse_than(&without);
        let leaving = self.get(seat).filter(|holder| *holder != person).and_then(|holder| {
            let (without, with) = self.breaches_around(seat, holder);
            without.worse_than(&with)
        });
        match coming.or(leaving) {
            Some(rule) => Err(Blocker { rule }),
            None => Ok(()),
        }
    }

    /// Recounts from scratch.
    ///
    /// # Panics
    /// When the running score differs: a bug in the judge, never in the input.
    pub fn check(&self) {
        let fresh = total(&State::new(self.state.problem, &self.state.roster));
        assert_eq!(self.score, fresh, "the running score differs from a recount");
        self.state.sheet().check();
    }

    /// Breaches around an empty place, without and with this person in it.
    pub(crate) fn breaches_around(&mut self, seat: Seat, person: PersonIx) -> (Breaches<'p>, Breaches<'p>) {
        let holder = self.state.put(seat, None);
        let before = around(&self.state, seat, person);
        self.state.put(seat, Some(person));
        let after = around(&self.state, seat, person);
        self.state.put(seat, holder);
        (before, after)
    }

    pub(crate) fn state(&self) -> &State<'p> {
        &self.state
    }
}

fn total(state: &State) -> Score {
    let mut tally = Tally::new(state.problem);
    rules::everything(state, &mut tally);
    tally.score
}

/// The breaches that a person's taking a place could change.
fn around<'p>(state: &State<'p>, seat: Seat, person: PersonIx) -> Breaches<'p> {
    let mut breaches = Breaches::new(state.problem);
    touched(state, seat, [Some(person), None], &mut breaches);
    breaches
}

/// All that a change of one place between these people can change.
fn touched(state: &State, seat: Seat, people: [Option<PersonIx>; 2], sink: &mut impl Sink) {
    rules::of_piece(state, Piece::Slot(seat.slot), sink);
    rules::of_bench(state, seat.slot, sink);
    for person in people.into_iter().flatten() {
        rules::touched_by(state, person, seat, sink);
    }
}

/// Of all that, what is no piece's alone.
fn beyond(state: &State, seat: Seat, people: [Option<PersonIx>; 2], sink: &mut impl Sink) {
    rules::of_bench(state, seat.slot, sink);
    for person in people.into_iter().flatten() {
        rules::beyond_pieces(state, person, seat, sink);
    }
}
