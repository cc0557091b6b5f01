//! What chance does to a process, from a seed: a simulation on one thread can be replayed.

use std::cell::RefCell;

type Chance = Box<dyn FnMut() -> f64>;

thread_local! {
    static CHANCE: RefCell<Option<Chance>> = const { RefCell::new(None) };
}

/// From now on this thread simulates: jitter and the duration of work come from `chance`, which answers shares in
/// [0, 1).
pub fn begin(chance: impl FnMut() -> f64 + 'static) {
    CHANCE.set(Some(Box::new(chance)));
}

/// The next share; `None` on a thread that does not simulate.
pub(crate) fn chance() -> Option<f64> {
    CHANCE.with_borrow_mut(|chance| chance.as_mut().map(|next| next()))
}
