//! The roster under work: the judge's incremental score, who is where each day, and a journal to take moves back.
//!
//! This is the only module that speaks to the judge. A move writes through [`State::put`]; when the search does not
//! want it, [`State::undo_to`] takes it back.
//!
//! Invariant: after every commit the hard level is at most what it was before, so a search that begins with the pins
//! alone can only ever carry the breaches it inherited from them.

use roster::{
    Evaluator, Level, Problem, Roster, Score,
    problem::{DayIx, PersonIx, Post, Profession, Seat, SlotIx},
};

/// A roster with its score, ready to be changed and changed back.
pub(crate) struct State<'p> {
    problem: &'p Problem,
    judge: Evaluator<'p>,
    /// Places held, per person and day.
    posts: Vec<Vec<Seat>>,
    /// Who held each place before it was changed, oldest first.
    journal: Vec<(Seat, Option<PersonIx>)>,
    /// The most the hard level may be.
    hard_max: i64,
}

// === impl State ===

impl<'p> State<'p> {
    /// A roster exactly as it is, its breaches included. Checked: the judge recounts after every change.
    pub fn of_roster(problem: &'p Problem, roster: &Roster, is_checked: bool) -> State<'p> {
        let mut posts = vec![Vec::new(); problem.people().len() * problem.days().len()];
        for (seat, person) in roster.held() {
            posts[place(problem, person, problem.slot(seat.slot).day)].push(seat);
        }
        let judge =
            if is_checked { Evaluator::checked(problem, roster) } else { Evaluator::new(problem, roster) };
        let hard_max = judge.score().level(Level::Hard);
        State { problem, judge, posts, journal: Vec::new(), hard_max }
    }

    /// The pinned places, the shifts of `start`, and every place of it that can be held without a breach.
    pub fn from_start(problem: &'p Problem, start: &Roster, is_checked: bool) -> State<'p> {
        let mut base = Roster::pinned(problem);
        base.set_rows(start.rows());
        let wanted: Vec<(Seat, PersonIx)> = (start.held())
            .filter(|(seat, person)| {
                problem.pin(*seat).is_none() && problem.candidates(*seat).contains(person)
            })
            .collect();
        let mut whole = base.clone();
        for (seat, person) in &wanted {
            whole.set(*seat, Some(*person));
        }
        let complete = State::of_roster(problem, &whole, is_checked);
        // The usual case: what breaks nothing needs no comparison.
        if complete.hard_max == 0 {
            return complete;
        }
        let mut state = State::of_roster(problem, &base, is_checked);
        if complete.hard_max <= state.hard_max {
            return complete;
        }
        // Place by place, performers first: a supervisor without a nurse to supervise would be refused. Twice, for a
        // room may only be allowed once the room between it and another is held.
        for post in [Post::ALL, Post::ALL].concat() {
            for (seat, person) in wanted.iter().filter(|(seat, _)| seat.post == post) {
                state.put(*seat, Some(*person));
                state.commit_if_legal();
            }
        }
        state
    }

    /// The problem.
    pub fn problem(&self) -> &'p Problem {
        self.problem
    }

    /// The roster as it stands.
    pub fn roster(&self) -> &Roster {
        self.judge.roster()
    }

    /// What the roster costs as it stands.
    pub fn score(&self) -> Score {
        self.judge.score()
    }

    /// Whether no inviolable rule is broken beyond what was inherited.
    pub fn is_legal(&self) -> bool {
        self.allows(&self.judge.score())
    }

    /// Whether a roster with this score may be kept.
    pub fn allows(&self, score: &Score) -> bool {
        score.level(Level::Hard) <= self.hard_max
    }

    /// What the roster would cost with somebody in an open place; nothing changes.
    pub fn preview(&mut self, seat: Seat, person: PersonIx) -> Score {
        debug_assert!(self.is_open(seat), "a pinned place never moves");
        self.judge.preview(&[(seat, Some(person))])
    }

    /// What somebody's own rules would cost more with these empty places taken together; how the places are staffed is
    /// not counted. Nothing changes.
    pub fn preview_alone(&mut self, person: PersonIx, seats: &[Seat]) -> Score {
        self.judge.preview_alone(person, seats)
    }

    /// Who holds a place.
    pub fn holder(&self, seat: Seat) -> Option<PersonIx> {
        self.judge.roster().get(seat)
    }

    /// Who performs in a slot.
    pub fn performer(&self, slot: SlotIx) -> Option<PersonIx> {
        self.holder(Seat::performer(slot))
    }

    /// The places a person holds on a day, in no particular order.
    pub fn posts(&self, person: PersonIx, day: DayIx) -> &[Seat] {
        &self.posts[place(self.problem, person, day)]
    }

    /// Whether nobody decided who holds this place.
    pub fn is_open(&self, seat: Seat) -> bool {
        self.problem.pin(seat).is_none()
    }

    /// Whether this person is an anesthetist.
    pub fn is_mar(&self, person: PersonIx) -> bool {
        self.problem.person(person).profession == Profession::Mar
    }

    /// Gives an open place to somebody or to nobody.
    pub fn put(&mut self, seat: Seat, person: Option<PersonIx>) {
        let before = self.holder(seat);
        if before == person {
            return;
        }
        debug_assert!(self.is_open(seat), "a pinned place never moves");
        self.journal.push((seat, before));
        self.write(seat, before, person);
    }

    /// Where the journal stands: what [`State::undo_to`] goes back to.
    pub fn mark(&self) -> usize {
        self.journal.len()
    }

    /// Takes everything back that was put since the mark.
    pub fn undo_to(&mut self, mark: usize) {
        while self.journal.len() > mark {
            if let Some((seat, before)) = self.journal.pop() {
                self.write(seat, self.holder(seat), before);
            }
        }
    }

    /// Keeps everything that was put.
    pub fn commit(&mut self) {
        debug_assert!(self.is_legal(), "only a legal roster is kept");
        self.hard_max = self.hard_max.min(self.judge.score().level(Level::Hard));
        self.journal.clear();
    }

    /// Keeps what was put when it is legal, takes it back otherwise.
    pub fn commit_if_legal(&mut self) -> bool {
        let legal = self.is_legal();
        if legal {
            self.commit();
        } else {
            self.undo_to(0);
        }
        legal
    }

    /// The slots touched since the mark, without repetition, in the order they were touched first.
    pub fn touched_since(&self, mark: usize) -> Vec<SlotIx> {
        let mut slots = Vec::new();
        for (seat, _) in &self.journal[mark..] {
            if !slots.contains(&seat.slot) {
                slots.push(seat.slot);
            }
        }
        slots
    }

    fn write(&mut self, seat: Seat, before: Option<PersonIx>, after: Option<PersonIx>) {
        let day = self.problem.slot(seat.slot).day;
        if let Some(person) = before {
            self.posts[place(self.problem, person, day)].retain(|held| *held != seat);
        }
        if let Some(person) = after {
            self.posts[place(self.problem, person, day)].push(seat);
        }
        self.judge.set(seat, after);
    }
}

fn place(problem: &Problem, person: PersonIx, day: DayIx) -> usize {
    person.at() * problem.days().len() + day.at()
}
