//! How a caller follows a search and stops it. The crate has no clock: whoever calls owns the time.

use std::ops::ControlFlow;

use roster::{Roster, Score};

use crate::proof::Bound;

/// What the search is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// A first legal roster is being built, with named holes where nobody may work.
    Construct,
    /// The roster is being improved.
    Search,
    /// The search is over and the best roster found is being handed back.
    Done,
}

/// Where the search stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// What it is doing.
    pub phase: Phase,
    /// Steps made so far, by all threads.
    pub steps: u64,
    /// The score of the best roster so far.
    pub best: &'a Score,
}

/// Follows a search. Calls come from the thread that called [`crate::solve`], in order.
///
/// Everything but [`Observer::look`] may be left out. No answer but a stop changes the roster that is found.
pub trait Observer {
    /// Asked again and again, every few milliseconds: go on, or stop and hand back the best roster?
    fn look(&mut self, progress: Progress<'_>) -> ControlFlow<()>;

    /// How much of a budget of time is gone, 0 to 1; `None` when only steps count. Whoever answers owns the clock.
    fn spent(&mut self) -> Option<f64> {
        None
    }

    /// A phase begins.
    fn phase(&mut self, phase: Phase) {
        let _ = phase;
    }

    /// The best roster got better. The roster is a checkpoint: a later search can start from it.
    fn improved(&mut self, progress: Progress<'_>, roster: &Roster) {
        let _ = (progress, roster);
    }

    /// More is proven than before: everything known by now.
    fn bound(&mut self, bound: &Bound) {
        let _ = bound;
    }
}

/// Nobody watches, nothing stops the search before its budget of steps.
impl Observer for () {
    fn look(&mut self, _: Progress<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}
