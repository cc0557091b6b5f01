//! What contradicts what: the smallest set of demands, locks, requests and absences that cannot hold together, and
//! what to give up.
//!
//! For holes: the demand alone is tried, then with the demands its takers would leave, and so on along the chains,
//! until an exact search, or the exact program of the day (`crate::bound`), says that no lawful roster staffs them all.
//! Whatever can be left out of that set without
//! losing the contradiction is left out, one element after the other, so that the set is irreducible: without any one
//! of its elements the rest can be staffed, which the same exact search has shown. For locks: the same with the
//! judge's verdict on the locks alone.
//!
//! Rules, work patterns, skills and history are taken as given; what may be given up is then tried on the whole
//! roster, and only what does mend it is told.

mod certificate;
mod elements;
mod locks;
mod matching;
mod oracle;
mod relax;
mod search;

use roster::{
    Problem, Roster, RuleId, Score,
    problem::{DayIx, PersonIx, Post, Seat, SlotIx},
};

use self::search::Search;
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
    let mut search = Search::new(problem, roster, steps);
    let outcome = match search.grow(holes) {
        Some(demands) => search.shrink(&demands),
        None => Outcome::Unknown,
    };
    let relaxations = match &outcome {
        Outcome::Contradiction { elements, .. } => relax::relaxations(problem, roster, holes, elements),
        _ => Vec::new(),
    };
    Contradiction { outcome, relaxations, steps: search.steps() }
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
