//! Re-planning a published plan: the least change that mends what an absence breaks.
//!
//! An absence makes the absent person's places *fall*. They are given to others by chains: somebody takes a fallen
//! place, leaves what is in the way of it, somebody else takes that, and so on. Every chain of at most so many changes
//! is tried (`chain`), the judge says what each costs, and the best are handed back for a planner to choose from
//! (`archive`): the fewest changes, the best roster, and what lies between.
//!
//! The judge is that of the published plan: the absent are given nothing, and what rules say of their own presence is
//! the same in every alternative. Holes that were there before are not the absence's, and are left.
//!
//! What is searched are chains in which everybody who is moved is moved because an inviolable or relaxed rule asks for
//! it. Within them the answer is proven best when [`Replanning::complete_up_to`] says so; changes nobody needs are
//! dearer than anything they could better at the levels below, and are not looked at.

mod archive;
mod board;
mod chain;
mod eject;
mod freeze;
mod leave;
mod publish;
mod shift;
mod told;
mod turn;
mod warm;

use roster::{
    Score,
    problem::{DayIx, Half, HalfDay, PersonIx, Problem, Seat, SlotKind},
};

pub(crate) use self::chain::{Chains, Limits};
use self::turn::SPARE;
pub use self::{
    freeze::{Freeze, Stage, freeze, keep},
    leave::{EquityShift, FallenPost, LeaveEffect, Obstacle, RemainingHole, what_if_leave},
    publish::publish,
    shift::{ShiftAlternative, ShiftChange, ShiftReplanning, absence_of_shifts},
    warm::Warm,
};

/// When somebody is away: half-days, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first half-day away.
    pub first: HalfDay,
    /// The last half-day away.
    pub last: HalfDay,
}

/// How much may change, and how long to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeBudget {
    /// The most places that may change hands, refilled ones included. As many as fell may always be refilled.
    pub changes_max: usize,
    /// Nobody is moved from a place before this day; a place that fell there may still be given to somebody.
    pub frozen_until: DayIx,
    /// The most alternatives to hand back.
    pub alternatives_max: usize,
    /// The most places to try somebody in: what bounds the time.
    pub steps: u64,
}

/// Why a place changes hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// It was the absent person's, and somebody takes it.
    Replaces,
    /// It was the absent person's, and stays empty.
    Falls,
    /// Its holder is needed elsewhere, and somebody takes it.
    Relays,
    /// Its holder is needed elsewhere, and it stays empty.
    Drops,
    /// It was empty, and somebody takes it: a nurse's room gets its supervisor.
    Joins,
    /// The room closes: no nurse works in it without an anesthetist, nobody supervises an empty one.
    Closes,
}

/// One place that changes hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The place.
    pub seat: Seat,
    /// Who held it.
    pub before: Option<PersonIx>,
    /// Who holds it now.
    pub after: Option<PersonIx>,
    /// Why.
    pub cause: Cause,
    /// What the change itself costs against the published plan (rule R6), in thousandths, at the level of changes.
    pub cost: i64,
}

/// One way to mend the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// What changes, in the order of the slots, fallen places that stay empty included.
    pub changes: Vec<Change>,
    /// How many places change hands; what stays empty in the slots of fallen places is their consequence and does not
    /// count.
    pub changes_count: usize,
    /// What the roster costs more (less, when negative) than with the fallen places simply empty, level by level.
    pub difference: Score,
    /// Fallen and dropped places that stay empty, in the order of the slots.
    pub holes: Vec<Seat>,
    /// No other alternative has at most as many changes and is at least as good, the price of changes left aside.
    pub is_pareto: bool,
}

/// What can be done about an absence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replanning {
    /// The places that fell, in the order of the slots.
    pub fallen: Vec<Seat>,
    /// Places of the absent person that are locked: nobody but an administrator may take them away.
    pub locked: Vec<Seat>,
    /// The ways to mend the plan, the best roster first. Leaving all empty is among them when nothing else is possible.
    pub alternatives: Vec<Alternative>,
    /// When places stay empty within the budget: what a few changes more would mend, if anything.
    pub beyond: Option<Alternative>,
    /// All chains of at most so many changes were tried: with no more changes, nothing is better than the first
    /// alternative with at most so many. `None`: the steps ended before.
    pub complete_up_to: Option<usize>,
    /// Steps spent.
    pub steps: u64,
}

/// The best ways to mend a published plan when a person is away.
#[must_use]
pub fn absence(warm: &Warm<'_>, person: PersonIx, span: Span, budget: &ChangeBudget) -> Replanning {
    let (fallen, locked) = warm.falls(person, span);
    let mut chains = Chains::new(warm, &fallen, &[person], budget.frozen_until);
    let limits = Limits { changes_max: budget.changes_max.max(fallen.len()), steps: budget.steps };
    let complete_up_to = chains.mend(&limits);
    let alternatives = chains.alternatives(budget.alternatives_max);
    let beyond = chains.beyond(&limits);
    Replanning { fallen, locked, alternatives, beyond, complete_up_to, steps: chains.steps() }
}

// === impl Span ===

impl Span {
    /// Whole days, both included.
    #[must_use]
    pub fn days(first: DayIx, last: DayIx) -> Self {
        Self { first: HalfDay::new(first, Half::Morning), last: HalfDay::new(last, Half::Afternoon) }
    }

    /// Whether somebody away cannot hold a slot: its half-day, either half of a duty's day, the afternoon of a closing.
    #[must_use]
    pub fn covers(&self, problem: &Problem, seat: Seat) -> bool {
        let slot = problem.slot(seat.slot);
        let (first, last) = match (slot.half_day(), slot.kind) {
            (Some(half), _) => (half, half),
            (None, SlotKind::Closing { .. }) => {
                let afternoon = HalfDay::new(slot.day, Half::Afternoon);
                (afternoon, afternoon)
            }
            (None, _) => (HalfDay::new(slot.day, Half::Morning), HalfDay::new(slot.day, Half::Afternoon)),
        };
        self.first <= last && first <= self.last
    }
}

// === impl ChangeBudget ===

impl Default for ChangeBudget {
    /// Three changes, nothing frozen, five alternatives, a twentieth of a second.
    fn default() -> Self {
        Self { changes_max: 3, frozen_until: DayIx(0), alternatives_max: 5, steps: 20_000 }
    }
}

// === impl Alternative ===

impl Alternative {
    /// The people who are given or lose a place, without the absent one, in order.
    #[must_use]
    pub fn people(&self, absent: PersonIx) -> Vec<PersonIx> {
        let concerned = self.changes.iter().flat_map(|change| [change.before, change.after]).flatten();
        let mut people: Vec<_> = concerned.filter(|person| *person != absent).collect();
        people.sort_unstable();
        people.dedup();
        people
    }
}
