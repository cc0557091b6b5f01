//! Filling one empty place with whom it suits best, without taking anybody from another post.
//!
//! Shared by construction and repair. A nurse is only put into a room together with the anesthetist who answers for
//! it: the engine never leaves a nurse alone.

use roster::{
    Level, Score,
    problem::{PersonIx, Seat, SlotIx},
};

use crate::{conflict::is_free, rng::Rng, state::State};

/// How many people are tried for a place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Candidates to perform.
    pub performers: usize,
    /// Candidates to supervise, for each nurse who might perform.
    pub supervisors: usize,
}

/// A way of filling, with what it is worth: fewer holes first, then fewer people taken from those still free (they
/// are what the next room will need), then the score.
type Worth = (i64, i64, Score);

// === impl Effort ===

impl Effort {
    /// Everybody.
    pub const WHOLE: Effort = Effort { performers: usize::MAX, supervisors: usize::MAX };
    /// A sample, for repairs inside moves.
    pub const SAMPLE: Effort = Effort { performers: 8, supervisors: 8 };
}

/// Fills an empty slot if that makes the roster better; `first` is tried before the others.
pub(crate) fn fill(
    state: &mut State<'_>,
    rng: &mut Rng,
    slot: SlotIx,
    effort: Effort,
    first: Option<PersonIx>,
) -> bool {
    let seat = Seat::performer(slot);
    if !state.is_open(seat) || state.holder(seat).is_some() {
        return false;
    }
    let base = worth(&state.score(), 0);
    let is_theatre = state.problem().slot(slot).kind.is_theatre();
    let mut best: Option<(Worth, PersonIx, Option<PersonIx>)> = None;
    for person in sample(state, rng, seat, effort.performers, first) {
        let taken = newly_taken(state, person, slot);
        let option = if is_theatre && !state.is_mar(person) {
            let mark = state.mark();
            state.put(seat, Some(person));
            let option = if state.is_legal() { supervisor(state, rng, slot, effort) } else { None };
            state.undo_to(mark);
            option.map(|(worth, who)| (worth, Some(who)))
        } else {
            let score = state.preview(seat, person);
            state.allows(&score).then(|| (worth(&score, taken), None))
        };
        if let Some((worth, supervisor)) = option
            && worth < base
            && best.as_ref().is_none_or(|(other, ..)| worth < *other)
        {
            best = Some((worth, person, supervisor));
        }
    }
    let Some((_, person, supervisor)) = best else { return false };
    state.put(seat, Some(person));
    if supervisor.is_some() && state.is_open(Seat::supervisor(slot)) {
        state.put(Seat::supervisor(slot), supervisor);
    }
    true
}

/// Gives a nurse's room the anesthetist it suits best; `false` when nobody may.
pub(crate) fn fill_supervisor(state: &mut State<'_>, rng: &mut Rng, slot: SlotIx, effort: Effort) -> bool {
    match supervisor(state, rng, slot, effort) {
        Some((_, person)) => {
            if state.is_open(Seat::supervisor(slot)) {
                state.put(Seat::supervisor(slot), Some(person));
            }
            true
        }
        None => false,
    }
}

/// Whom to make supervise a room a nurse performs in. Leaves the state as it was.
fn supervisor(
    state: &mut State<'_>,
    rng: &mut Rng,
    slot: SlotIx,
    effort: Effort,
) -> Option<(Worth, PersonIx)> {
    let seat = Seat::supervisor(slot);
    if !state.is_open(seat) {
        let pinned = state.holder(seat)?;
        return Some((worth(&state.score(), 0), pinned));
    }
    let mut best: Option<(Worth, PersonIx)> = None;
    for person in sample(state, rng, seat, effort.supervisors, None) {
        let taken = newly_taken(state, person, slot);
        let score = state.preview(seat, person);
        if state.allows(&score) {
            let worth = worth(&score, taken);
            if best.as_ref().is_none_or(|(other, _)| worth < *other) {
                best = Some((worth, person));
            }
        }
    }
    best
}

/// People who could take a place without giving anything up, at most so many, starting at a random one.
fn sample(
    state: &State<'_>,
    rng: &mut Rng,
    seat: Seat,
    limit: usize,
    first: Option<PersonIx>,
) -> Vec<PersonIx> {
    let candidates = state.problem().candidates(seat);
    if candidates.is_empty() {
        return Vec::new();
    }
    let start = rng.below(candidates.len());
    let others = candidates[start..].iter().chain(&candidates[..start]).copied();
    let first = first.filter(|person| candidates.contains(person));
    (first.into_iter().chain(others.filter(|person| Some(*person) != first)))
        .filter(|person| is_free(state, *person, seat.slot))
        .take(limit)
        .collect()
}

/// 1 when a theatre room would take an anesthetist who had nothing to do that half-day: one less for other rooms.
fn newly_taken(state: &State<'_>, person: PersonIx, slot: SlotIx) -> i64 {
    let wanted = state.problem().slot(slot);
    let busy = (state.posts(person, wanted.day).iter())
        .any(|seat| state.problem().slot(seat.slot).kind.half() == wanted.kind.half());
    i64::from(wanted.kind.is_theatre() && state.is_mar(person) && !busy)
}

fn worth(score: &Score, taken: i64) -> Worth {
    (score.level(Level::Critical), taken, *score)
}
