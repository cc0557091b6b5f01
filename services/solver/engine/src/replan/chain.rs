//! Chains: an empty place is given to somebody, who leaves what is in the way of it, which others take in turn.
//!
//! A depth-first search over what is still empty, the heaviest place first. For each place it is tried to give it to
//! every candidate, with every irreducible set of places that candidate must leave (`eject`), and to leave it empty.
//! The number of changes is deepened one by one, so that few changes are known first. A branch is cut when even
//! filling all that is empty could not reach what was found with as few changes: filling a place saves at most what
//! the hole costs.

use roster::{
    Evaluator, Level, Problem, Score,
    problem::{DayIx, PersonIx, Post, Profession, Seat},
};

use super::{
    Warm,
    archive::{Archive, Found},
    board::hole_price,
    warm::other_post,
};

/// How far chains may go.
pub(crate) struct Limits {
    /// The most places that change hands.
    pub changes_max: usize,
    /// The most places to try somebody in.
    pub steps: u64,
}

/// A search for the chains that mend one plan.
pub(crate) struct Chains<'w, 'p> {
    pub(super) warm: &'w Warm<'p>,
    pub(super) problem: &'p Problem,
    pub(super) judge: Evaluator<'p>,
    pub(super) fallen: Vec<Seat>,
    /// Fallen places whose turn has not come: their rooms are not closed yet.
    pub(super) undecided: Vec<Seat>,
    /// A place that is given whatever else has to move.
    pub(super) given: Option<Seat>,
    /// Who is given nothing.
    pub(super) banned: Vec<PersonIx>,
    /// Who is not to have which place: to find others.
    pub(super) refused: Vec<(Seat, PersonIx)>,
    pub(super) frozen_until: DayIx,
    /// The most the hard level may be: what was inherited.
    pub(super) hard_max: i64,
    /// What the roster costs with the fallen places empty.
    pub(super) base: Score,
    /// Who held what was changed, oldest first.
    pub(super) journal: Vec<(Seat, Option<PersonIx>)>,
    pub(super) archive: Archive,
    pub(super) changes_max: usize,
    pub(super) steps: u64,
    pub(super) steps_max: u64,
    /// What one unit of a hole's weight costs at most.
    pub(super) hole_price: i64,
}

/// One way to fill a place: who takes it, and what that person, or the other holder of the room, leaves.
struct Fill {
    seat: Seat,
    person: PersonIx,
    leaves: Vec<Seat>,
    score: Score,
}

// === impl Chains ===

impl<'w, 'p> Chains<'w, 'p> {
    /// Takes these places from whoever holds them. The banned are given nothing.
    pub fn new(warm: &'w Warm<'p>, fallen: &[Seat], banned: &[PersonIx], frozen_until: DayIx) -> Self {
        let problem = warm.problem();
        let mut judge = warm.judge();
        for seat in fallen {
            judge.set(*seat, None);
        }
        let base = judge.score();
        Chains {
            warm,
            problem,
            judge,
            fallen: fallen.to_vec(),
            undecided: Vec::new(),
            given: None,
            refused: Vec::new(),
            banned: banned.to_vec(),
            frozen_until,
            hard_max: base.level(Level::Hard),
            base,
            journal: Vec::new(),
            archive: Archive::default(),
            changes_max: 0,
            steps: 0,
            steps_max: 0,
            hole_price: hole_price(problem),
        }
    }

    /// Starts from a place given to somebody instead of its holder: what that person leaves is not decided yet.
    pub fn given(warm: &'w Warm<'p>, seat: Seat, person: PersonIx) -> Self {
        let holder: Vec<PersonIx> = warm.roster().get(seat).into_iter().collect();
        let hard_max = warm.score().level(Level::Hard);
        let mut chains = Chains::new(warm, &[seat], &holder, DayIx(0));
        chains.hard_max = hard_max;
        chains.banned = Vec::new();
        chains.given = Some(seat);
        chains.judge.set(seat, Some(person));
        chains
    }

    /// Tries all chains of 0, 1, 2 … changes; returns how far that was complete. When several places fell they are
    /// first mended one after the other, so that there is a good answer however soon the steps end.
    pub fn mend(&mut self, limits: &Limits) -> Option<usize> {
        if self.fallen.len() > 1 {
            self.steps_max = limits.steps / 2;
            self.mend_in_turn(limits.changes_max);
        }
        self.steps_max = limits.steps;
        let pending = self.fallen.clone();
        self.deepen(&pending, limits.changes_max)
    }

    /// The same after [`Chains::given`]: the place stays given, whatever else has to move.
    pub fn mend_given(&mut self, seat: Seat, person: PersonIx, limits: &Limits) -> Option<usize> {
        self.steps_max = limits.steps;
        let mut complete = None;
        for changes_max in 1..=limits.changes_max {
            self.changes_max = changes_max;
            // The place itself is one change, so that it counts it is put anew.
            for leaves in self.ejections(seat, person, changes_max - 1) {
                let mark = self.apply(None, &leaves);
                let pending: Vec<Seat> = leaves.iter().copied().chain([other_post(seat)]).collect();
                self.descend(&pending);
                self.undo_to(mark);
            }
            if self.is_spent() {
                break;
            }
            complete = Some(changes_max);
        }
        complete
    }

    /// Steps spent.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The best found.
    pub fn best(&self) -> Option<&Found> {
        self.archive.best()
    }

    fn deepen(&mut self, pending: &[Seat], changes_max: usize) -> Option<usize> {
        let mut complete = None;
        for changes_max in 0..=changes_max {
            self.changes_max = changes_max;
            self.descend(pending);
            if self.is_spent() {
                break;
            }
            complete = Some(changes_max);
        }
        complete
    }

    /// Decides the heaviest of the empty places in every way, and the others after it.
    pub(super) fn descend(&mut self, pending: &[Seat]) {
        let open: Vec<Seat> = pending.iter().copied().filter(|seat| self.is_wanting(*seat)).collect();
        let critical = self.judge.score().level(Level::Critical);
        let saved: i64 = open.iter().map(|seat| self.worth(*seat)).sum();
        if self.is_spent() || self.archive.beats(self.changes(), critical - saved) {
            return;
        }
        let Some(seat) =
            open.iter().copied().max_by_key(|seat| (self.worth(*seat), std::cmp::Reverse(*seat)))
        else {
            self.record();
            return;
        };
        let rest: Vec<Seat> = open.into_iter().filter(|own| *own != seat).collect();
        for fill in self.fills(seat) {
            let mark = self.apply(Some((fill.seat, fill.person)), &fill.leaves);
            let mut next = rest.clone();
            next.extend(fill.leaves.iter().chain([&other_post(seat)]));
            next.sort_unstable();
            next.dedup();
            self.descend(&next);
            self.undo_to(mark);
        }
        self.descend(&rest);
    }

    /// Every way to fill a place within the budget, the best first.
    fn fills(&mut self, seat: Seat) -> Vec<Fill> {
        let mut fills = Vec::new();
        let mut offer = |chains: &mut Self, seat: Seat, only: Option<Profession>| {
            if chains.problem.pin(seat).is_some() {
                return;
            }
            for person in chains.problem.candidates(seat) {
                let profession = chains.problem.person(*person).profession;
                if only.is_none_or(|only| only == profession) && !chains.is_out(seat, *person) {
                    chains.offer(seat, *person, &mut fills);
                }
            }
        };
        offer(self, seat, None);
        if seat.post == Post::Supervisor && self.may_leave(other_post(seat)) {
            // No supervisor: an anesthetist may take the nurse's room over.
            offer(self, other_post(seat), Some(Profession::Mar));
        }
        fills.sort_by_key(|fill| (fill.score, fill.leaves.len(), fill.person));
        fills
    }

    fn offer(&mut self, seat: Seat, person: PersonIx, fills: &mut Vec<Fill>) {
        let mark = self.apply(Some((seat, person)), &[]);
        let changes = self.changes();
        if changes <= self.changes_max {
            for leaves in self.ejections(seat, person, self.changes_max - changes) {
                let inner = self.apply(None, &leaves);
                fills.push(Fill { seat, person, leaves, score: self.judge.score() });
                self.undo_to(inner);
            }
        }
        self.undo_to(mark);
    }

    /// Keeps the roster as it stands, once rooms nobody answers for are closed.
    fn record(&mut self) {
        let mark = self.journal.len();
        let is_closed = self.close_rooms();
        let changes = self.changes();
        if is_closed && changes <= self.changes_max {
            let score = self.judge.score();
            let roster = self.judge.roster();
            let mut moves: Vec<_> = (self.fallen.iter().chain(self.journal.iter().map(|(seat, _)| seat)))
                .map(|seat| (*seat, roster.get(*seat)))
                .filter(|(seat, holder)| self.warm.roster().get(*seat) != *holder)
                .collect();
            moves.sort_unstable();
            moves.dedup();
            let by = self.heaviest().and_then(|seat| roster.get(seat));
            self.archive.add(Found { changes, score, moves, by });
        }
        self.undo_to(mark);
    }

    /// No nurse works without an anesthetist and nobody supervises an empty room; `false` when somebody was put into
    /// such a room, or closing it breaks a rule.
    fn close_rooms(&mut self) -> bool {
        let touched: Vec<Seat> =
            self.fallen.iter().copied().chain(self.journal.iter().map(|own| own.0)).collect();
        for seat in touched {
            let is_decided = self.undecided.iter().all(|own| own.slot != seat.slot);
            if !self.problem.slot(seat.slot).kind.is_theatre() || !is_decided {
                continue;
            }
            let (performer, supervisor) = (Seat::performer(seat.slot), Seat::supervisor(seat.slot));
            let close = match (self.judge.get(performer), self.judge.get(supervisor)) {
                (Some(nurse), None) if self.is_nurse(nurse) => performer,
                (None, Some(_)) => supervisor,
                _ => continue,
            };
            if self.warm.roster().get(close) != self.judge.get(close) {
                return false;
            }
            if self.problem.pin(close).is_none() {
                self.put(close, None);
            }
        }
        self.is_legal()
    }
}
