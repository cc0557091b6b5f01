//! Parts searched side by side, round by round, and merged.

use std::{
    cmp::Reverse,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use roster::{
    Evaluator, Level, Problem, Roster, Score,
    problem::{DayIx, PersonIx, Seat},
    shifts::Code,
};

use super::cut::{Cut, Turn};
use crate::{
    Bound, Options, Solution, Statistics,
    budget::{Clock, Meter},
    follow::Reporter,
    observer::Phase,
    state::State,
};

/// What one thread is given to search: a problem that is not divided any further.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'a> {
    /// The problem.
    pub problem: &'a Problem,
    /// Where to start.
    pub start: &'a Roster,
    /// Where randomness starts.
    pub seed: u64,
    /// The start came out of construction: nobody minds what becomes of it.
    pub is_fresh: bool,
}

/// Searches one piece within a budget; an empty budget asks for a complete legal roster and nothing more.
pub(crate) type Search<'w> = dyn Fn(Piece<'_>, &mut Meter<'_>) -> Solution + Sync + 'w;

/// A divided search: the whole problem, where it is cut, and how one piece is searched.
pub(crate) struct Workshop<'w> {
    pub problem: &'w Problem,
    pub cut: &'w Cut,
    pub options: &'w Options,
    pub clock: &'w Clock,
    pub reporter: &'w Reporter,
    pub search: &'w Search<'w>,
}

/// The whole as it stands, with the best that was seen.
struct Whole<'p> {
    judge: Evaluator<'p>,
    hard_max: i64,
    best: (Roster, Score),
    statistics: Statistics,
}

/// What a part hands back: its places, and how its search went.
struct Outcome {
    places: Vec<(Seat, Option<PersonIx>)>,
    rows: Vec<(PersonIx, Vec<Code>)>,
    statistics: Statistics,
}

/// Judges a roster of the whole, without what of it would break a rule.
pub(super) fn close(problem: &Problem, roster: &Roster) -> Solution {
    let (roster, score) = Whole::of(problem, Some(roster)).best;
    let statistics = Statistics { constructed: score, ..Statistics::default() };
    Solution { roster, score, bound: Bound::UNKNOWN, statistics }
}

// === impl Workshop ===

impl Workshop<'_> {
    /// Constructs and improves the whole, part by part.
    pub fn run(&self) -> Solution {
        let mut whole = Whole::of(self.problem, self.options.start.as_ref());
        self.reporter.phase(Phase::Construct);
        for round in 0..self.cut.rounds() {
            self.round(Turn::construct(round), &mut whole);
        }
        whole.make_legal(self.problem);
        whole.statistics.constructed = whole.judge.score();
        self.reporter.phase(Phase::Search);
        self.reporter.improved(whole.judge.roster(), whole.judge.score());
        for round in 0..self.cut.rounds() {
            if self.options.steps > 0 && !self.clock.is_stopped() {
                self.round(Turn::search(round), &mut whole);
            }
        }
        whole.make_legal(self.problem);
        let (roster, score) = whole.best;
        self.reporter.phase(Phase::Done);
        Solution { roster, score, bound: Bound::UNKNOWN, statistics: whole.statistics }
    }

    /// One round: every part once, on as many threads as there are.
    fn round(&self, turn: Turn, whole: &mut Whole<'_>) {
        let base = whole.judge.roster().clone();
        let mut order: Vec<usize> = (0..self.cut.parts()).filter(|part| self.cut.size(*part) > 0).collect();
        order.sort_by_key(|part| (Reverse(self.cut.size(*part)), *part));
        let (next, left) =
            (AtomicUsize::new(0), AtomicUsize::new(order.iter().map(|part| self.cut.size(*part)).sum()));
        let threads = self.options.threads.clamp(1, order.len().max(1));
        let meter = self.meter(turn);
        let (sender, receiver) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..threads {
                let (sender, meter, base, order, next, left) =
                    (sender.clone(), &meter, &base, &order, &next, &left);
                scope.spawn(move || {
                    while let Some(part) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                        if self.clock.is_stopped() {
                            break;
                        }
                        let size = self.cut.size(*part);
                        let all = left.fetch_sub(size, Ordering::Relaxed).max(1);
                        let share = (size * threads) as f64 / all as f64;
                        // The other end lives as long as this thread.
                        let _ = sender.send(self.part(
                            turn,
                            *part,
                            base,
                            meter.slice(self.steps(turn, *part), share),
                        ));
                    }
                });
            }
            drop(sender);
            for result in receiver {
                whole.take(result);
                whole.tell(self.reporter);
            }
        });
        whole.note();
    }

    fn part(&self, turn: Turn, part: usize, base: &Roster, mut meter: Meter<'_>) -> Outcome {
        let own = self.cut.part(self.problem, base, turn, part);
        let piece = Piece {
            problem: own.problem(),
            start: own.start(),
            seed: self.cut.seed(self.options.seed, turn, part),
            is_fresh: turn.round == 0 && self.options.start.is_none(),
        };
        let found = (self.search)(piece, &mut meter);
        let places = own.give(self.problem, &found.roster).collect();
        let rows = own.give_rows(&found.roster).map(|(person, row)| (person, row.to_vec())).collect();
        Outcome { places, rows, statistics: found.statistics }
    }

    fn steps(&self, turn: Turn, part: usize) -> u64 {
        if turn.is_first { 0 } else { self.cut.steps(self.options.steps, turn.round, part) }
    }

    /// The time of a round. Construction takes what it needs: a complete roster comes before a good one.
    fn meter(&self, turn: Turn) -> Meter<'_> {
        let whole = Meter::new(self.clock, u64::MAX);
        if turn.is_first {
            return whole;
        }
        whole.part(self.cut.round_share(turn.round))
    }
}

// === impl Whole ===

impl<'p> Whole<'p> {
    fn of(problem: &'p Problem, start: Option<&Roster>) -> Self {
        let pinned = Roster::pinned(problem);
        let hard_max = Evaluator::new(problem, &pinned).score().level(Level::Hard);
        let judge = match start {
            // What of it breaks a rule is left out.
            Some(start) => Evaluator::new(problem, State::from_start(problem, start, false).roster()),
            None => Evaluator::new(problem, &pinned),
        };
        let best = (judge.roster().clone(), judge.score());
        Self { judge, hard_max, best, statistics: Statistics::default() }
    }

    fn take(&mut self, result: Outcome) {
        for (seat, person) in result.places {
            self.judge.set(seat, person);
        }
        for (person, row) in result.rows {
            self.judge.set_shifts(person, DayIx(0), &row);
        }
        self.statistics.add(&result.statistics);
    }

    fn is_legal(&self) -> bool {
        self.judge.score().level(Level::Hard) <= self.hard_max
    }

    fn tell(&self, reporter: &Reporter) {
        if self.is_legal() {
            reporter.improved(self.judge.roster(), self.judge.score());
        }
    }

    /// Remembers the whole when it is the best so far. Only at the end of a round, when the order in which the parts
    /// came in no longer shows.
    fn note(&mut self) {
        if self.is_legal() && self.judge.score() < self.best.1 {
            self.best = (self.judge.roster().clone(), self.judge.score());
        }
    }

    /// Takes out what breaks a rule across parts.
    fn make_legal(&mut self, problem: &'p Problem) {
        if !self.is_legal() {
            let legal = State::from_start(problem, self.judge.roster(), false).roster().clone();
            self.judge = Evaluator::new(problem, &legal);
            self.note();
        }
    }
}
