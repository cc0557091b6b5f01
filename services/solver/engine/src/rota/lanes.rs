//! Two kinds of work side by side, meeting when both have spent their share.

use std::{panic, thread};

use crate::budget::Meter;

/// Does both on this share of what is left of the budget: at the same time when there are threads for it, one after
/// the other otherwise. With a budget of steps what they do is the same either way.
pub(super) fn beside<A: Send, B: Send>(
    meter: &mut Meter<'_>,
    share: f64,
    threads: usize,
    one: impl FnOnce(&mut Meter<'_>) -> A + Send,
    other: impl FnOnce(&mut Meter<'_>) -> B + Send,
) -> (A, B) {
    let steps = (meter.left() as f64 * share / 2.0) as u64;
    if threads < 2 {
        let half = share / 2.0;
        let mut own = meter.slice(steps, half);
        let first = one(&mut own);
        meter.settle(&own);
        let mut own = meter.slice(steps, half / (1.0 - half));
        let second = other(&mut own);
        meter.settle(&own);
        return (first, second);
    }
    let (mut own, mut beside) = (meter.slice(steps, share), meter.slice(steps, share));
    let found = thread::scope(|scope| {
        let worker = scope.spawn(|| one(&mut own));
        let second = other(&mut beside);
        (worker.join().unwrap_or_else(|cause| panic::resume_unwind(cause)), second)
    });
    meter.settle(&own);
    meter.settle(&beside);
    found
}
