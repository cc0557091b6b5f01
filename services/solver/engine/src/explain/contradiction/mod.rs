//! What contradicts what: the smallest set of demands, locks, requests and absences that cannot hold together, and
//! what to give up.
//!
//! For holes: the demand alone is tried, then with the demands its takers would leave, and so on along the chains,
//! until an exact search says that no lawful roster staffs them all. Whatever can be left out of that set without
//! losing the contradiction is left out, one element after the other, so that the set is irreducible: without any one
//! of its elements the rest can be staffed, which the same exact search has shown. For locks: the same with the
//! judge's verdict on the locks alone.
//!
//! Rules, work patterns, skills and history are taken as given; what may be given up is then tried on the whole
//! roster, and only what does mend it is told.

mod elements;
mod locks;
mod matching;
mod oracle;
mod relax;

use roster::{
    Problem, Roster, RuleId, Score,
    problem::{DayIx, PersonIx, Post, Seat, SlotIx},
};

use self::{
    elements::{Kept, absences_around, locks_around},
    oracle::{Answer, Oracle},
};
use super::differences;
use crate::replan::{Chains, Limits, Warm};

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Why these slots cannot be staffed with all others.
    Holes(Vec<SlotIx>),
    /// Why the locks break a rule among themselves.
    Locks,
}

/// One thing somebody wants or decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Element {
    /// A slot is to be staffed.
    Demand(SlotIx),
    /// A place is locked.
    Lock(Seat),
    /// A request was granted: its position in the problem.
    Request(usize),
    /// Somebody is on leave, absent or unavailable on a day.
    Absence(PersonIx, DayIx),
}

/// Something to give up, tried on the whole roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relaxation {
    /// Leave a slot unstaffed, or close it.
    Close(SlotIx),
    /// Take a lock away.
    Unlock(Seat),
    /// Withdraw a granted request.
    Withdraw(usize),
    /// Call somebody back on a day, with their consent.
    CallBack(PersonIx, DayIx),
    /// Accept the breach of a rule by somebody on a day: a derogation by an administrator.
    Derogate {
        /// The rule.
        rule: RuleId,
        /// Whose breach.
        person: PersonIx,
        /// On which day.
        day: DayIx,
    },
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// These cannot hold together; in order. Irreducible when `is_irreducible`, which a search cut short cannot say.
    Contradiction {
        /// The elements.
        elements: Vec<Element>,
        /// Without any one of them the rest was shown to hold.
        is_irreducible: bool,
    },
    /// There is no contradiction: this roster holds what was asked and everything that was held before.
    Holds(Roster),
    /// The steps ended, or the circle around the hole grew too large: unknown.
    Unknown,
}

/// An answer and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// What came of it.
    pub outcome: Outcome,
    /// What may be given up, each tried; the cheapest first, with its price in weight units.
    pub relaxations: Vec<(Relaxation, i64)>,
    /// Steps spent.
    pub steps: u64,
}

/// The most demands looked at together.
const DEMANDS_MAX: usize = 48;
/// The most people moved to mend a hole.
const LINKS_MAX: usize = 4;

/// Finds what contradicts what, for holes of a roster or for locks. `steps` bounds the places tried.
#[must_use]
pub fn contradiction(problem: &Problem, roster: &Roster, question: &Question, steps: u64) -> Contradiction {
    match question {
        Question::Locks => locks::contradiction(problem, steps),
        Question::Holes(holes) => of_holes(problem, roster, holes, steps),
    }
}

fn of_holes(problem: &Problem, roster: &Roster, holes: &[SlotIx], steps: u64) -> Contradiction {
    if let Some(mended) = mended(problem, roster, holes, steps / 4) {
        return Contradiction { outcome: Outcome::Holds(mended), relaxations: Vec::new(), steps: steps / 4 };
    }
    let mut search = Search { problem, roster, steps_left: steps };
    let outcome = match search.grow(holes) {
        Some(demands) => search.shrink(&demands),
        None => Outcome::Unknown,
    };
    let relaxations = match &outcome {
        Outcome::Contradiction { elements, .. } => relax::relaxations(problem, roster, holes, elements),
        _ => Vec::new(),
    };
    Contradiction { outcome, relaxations, steps: steps - search.steps_left }
}

/// The roster with the holes filled by chains, nothing else left empty and no granted request lost, if chains find one.
pub(super) fn mended(problem: &Problem, roster: &Roster, holes: &[SlotIx], steps: u64) -> Option<Roster> {
    let warm = Warm::new(problem, roster);
    let seats = holes.iter().flat_map(|slot| Post::ALL.map(|post| Seat { slot: *slot, post }));
    let open: Vec<Seat> = seats.filter(|seat| roster.get(*seat).is_none()).collect();
    let mut chains = Chains::new(&warm, &open, &[], DayIx(0));
    chains.mend(&Limits { changes_max: open.len() + LINKS_MAX, steps });
    let staffed: Vec<SlotIx> = (problem.slot_indices())
        .filter(|slot| holes.contains(slot) || oracle::is_staffed(problem, roster, *slot))
        .collect();
    chains.rosters().into_iter().find(|after| {
        staffed.iter().all(|slot| oracle::is_staffed(problem, after, *slot))
            && !loses_a_request(problem, roster, after)
    })
}

fn loses_a_request(problem: &Problem, before: &Roster, after: &Roster) -> bool {
    !problem.draft().requests.is_empty()
        && differences(problem, before, after)
            .into_iter()
            .any(|own| own.rule == RuleId::RequestGranted && own.difference > Score::ZERO)
}

struct Search<'p> {
    problem: &'p Problem,
    roster: &'p Roster,
    steps_left: u64,
}

// === impl Search ===

impl Search<'_> {
    fn ask(&mut self, problem: &Problem, demands: &[SlotIx], requests: &[usize]) -> Answer {
        let mut oracle = Oracle::new(problem, self.roster, demands, requests, self.steps_left);
        let answer = oracle.ask();
        self.steps_left = self.steps_left.saturating_sub(oracle.steps());
        answer
    }

    /// The requests that could matter to these demands: those of their days.
    fn requests_around(&self, demands: &[SlotIx]) -> Vec<usize> {
        let problem = self.problem;
        let days: Vec<DayIx> = demands.iter().map(|slot| problem.slot(*slot).day).collect();
        let asked = problem.draft().requests.iter().enumerate();
        asked
            .filter(|(_, own)| days.contains(&own.ask.day(problem.slots())))
            .map(|(position, _)| position)
            .collect()
    }

    /// Demands around the holes that cannot all be staffed; `None`: not found.
    fn grow(&mut self, holes: &[SlotIx]) -> Option<Vec<SlotIx>> {
        let mut demands = holes.to_vec();
        demands.sort_unstable();
        demands.dedup();
        loop {
            let requests = self.requests_around(&demands);
            let staffed = match self.ask(self.problem, &demands, &requests) {
                Answer::No => return Some(demands),
                Answer::Unknown => return None,
                Answer::Yes(staffed) => staffed,
            };
            let before = demands.len();
            for slot in self.left_by(&staffed) {
                if !demands.contains(&slot) {
                    demands.push(slot);
                }
            }
            if demands.len() == before {
                self.widen(&mut demands);
            }
            demands.sort_unstable();
            if demands.len() == before || demands.len() > DEMANDS_MAX {
                return None;
            }
        }
    }

    /// What the people of a partial roster leave in the whole one: the days it is about, and gardes that are near.
    fn left_by(&self, staffed: &Roster) -> Vec<SlotIx> {
        let problem = self.problem;
        let reach = i64::from(problem.parameters().garde_gap_min.max(2)) - 1;
        let moved: Vec<(Seat, PersonIx)> =
            staffed.held().filter(|(seat, person)| self.roster.get(*seat) != Some(*person)).collect();
        let is_left = |seat: Seat, person: PersonIx| {
            let held = problem.slot(seat.slot);
            moved.iter().any(|(taken, own)| {
                let slot = problem.slot(taken.slot);
                let apart = (i64::from(slot.day.0) - i64::from(held.day.0)).abs();
                let near = match (slot.kind.is_garde(), held.kind.is_garde()) {
                    (true, true) => apart <= reach,
                    (true, false) => held.day.0 == slot.day.0 || held.day.0 == slot.day.0 + 1,
                    (false, true) => apart == 0 || held.day.0 + 1 == slot.day.0,
                    (false, false) => {
                        apart == 0 && (slot.kind.half().is_none() || slot.kind.half() == held.kind.half())
                    }
                };
                *own == person && near
            })
        };
        let mut slots: Vec<SlotIx> = (self.roster.held())
            .filter(|(seat, person)| staffed.get(*seat) != Some(*person) && is_left(*seat, *person))
            .map(|(seat, _)| seat.slot)
            .filter(|slot| problem.slot(*slot).weight > 0)
            .collect();
        slots.dedup();
        slots
    }

    /// Nothing near is left and yet chains found no way: all demands of these days and the days around.
    fn widen(&self, demands: &mut Vec<SlotIx>) {
        let days: Vec<u16> = demands.iter().map(|slot| self.problem.slot(*slot).day.0).collect();
        for slot in self.problem.slot_indices() {
            let own = self.problem.slot(slot);
            let is_near = days.iter().any(|day| own.day.0.abs_diff(*day) <= 1);
            let is_held = oracle::is_staffed(self.problem, self.roster, slot);
            if is_near && is_held && own.weight > 0 && !demands.contains(&slot) {
                demands.push(slot);
            }
        }
    }

    /// Leaves out what the contradiction does not need.
    fn shrink(&mut self, demands: &[SlotIx]) -> Outcome {
        let requests = self.requests_around(demands);
        let locks = locks_around(self.problem, demands);
        let absences = absences_around(self.problem, demands);
        let mut kept = Kept { demands: demands.to_vec(), requests, locks, absences };
        let mut is_irreducible = true;
        // Decisions first, so that demands are only blamed for what decisions do not explain; all of a kind together
        // first, which is most often enough.
        for kind in [Kept::without_locks, Kept::without_requests, Kept::without_absences] {
            let less = kind(&kept);
            if less != kept && self.contradicts(&less) == Some(true) {
                kept = less;
            }
        }
        for element in kept.elements() {
            let less = kept.without(element);
            match self.contradicts(&less) {
                Some(true) => kept = less,
                Some(false) => {}
                None => is_irreducible = false,
            }
        }
        Outcome::Contradiction { elements: kept.elements(), is_irreducible }
    }

    /// Whether what is kept still cannot hold together; `None`: unknown.
    fn contradicts(&mut self, kept: &Kept) -> Option<bool> {
        let draft = kept.draft(self.problem);
        let problem = Problem::build(draft).ok()?;
        match self.ask(&problem, &kept.demands, &kept.requests) {
            Answer::No => Some(true),
            Answer::Yes(_) => Some(false),
            Answer::Unknown => None,
        }
    }
}
