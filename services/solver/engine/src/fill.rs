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
    /// Candidates to supervise the nurse who performs.
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
    let people = sample(state, rng, seat, effort.performers, first);
    let (nurses, mut others): (Vec<PersonIx>, Vec<PersonIx>) =
        people.into_iter().partition(|person| is_theatre && !state.is_mar(*person));
    let paired = pair(state, rng, slot, effort, &nurses);
    // A room that a nurse can take costs no anesthetist more than the one who answers for it.
    if paired.is_some() {
        others.retain(|person| newly_taken(state, *person, slot) == 0);
    }
    let alone = whom(state, seat, others).map(|(worth, person)| (worth, person, None));
    let paired = paired.map(|(worth, nurse, supervisor)| (worth, nurse, Some(supervisor)));
    let best = paired.into_iter().chain(alone).min_by_key(|(worth, ..)| *worth);
    let Some((_, person, supervisor)) = best.filter(|(worth, ..)| *worth < base) else { return false };
    state.put(seat, Some(person));
    if supervisor.is_some() && state.is_open(Seat::supervisor(slot)) {
        state.put(Seat::supervisor(slot), supervisor);
    }
    true
}

/// Fills the empty ones of slots that differ in nothing, as several consultations of one half-day do, and keeps that.
/// What one person takes changes nothing for another, so everybody is tried once for all of these slots.
pub(crate) fn fill_alike(state: &mut State<'_>, rng: &mut Rng, slots: &[SlotIx]) {
    let seats = slots.iter().copied().map(Seat::performer);
    let empty: Vec<Seat> =
        seats.filter(|seat| state.is_open(*seat) && state.holder(*seat).is_none()).collect();
    let Some(first) = empty.first().copied() else { return };
    let people = sample(state, rng, first, Effort::WHOLE.performers, None);
    let mut people = able(state, first, &people).into_iter();
    for seat in empty {
        let base = worth(&state.score(), 0);
        for person in people.by_ref() {
            state.put(seat, Some(person));
            if state.is_legal() && worth(&state.score(), 0) < base {
                state.commit();
                break;
            }
            state.undo_to(0);
        }
    }
}

/// The nurse and the supervisor who suit a room best.
///
/// Two people in a room cost nothing together unless they were declared incompatible: who suits one nurse best as a
/// supervisor suits every other. So supervisors are tried for the nurses in the order of their worth, and only as far
/// as the first one who goes with everybody.
fn pair(
    state: &mut State<'_>,
    rng: &mut Rng,
    slot: SlotIx,
    effort: Effort,
    nurses: &[PersonIx],
) -> Option<(Worth, PersonIx, PersonIx)> {
    let seat = Seat::performer(slot);
    let mut best: Option<(Worth, PersonIx, PersonIx)> = None;
    for nurse in able(state, seat, nurses) {
        let mark = state.mark();
        state.put(seat, Some(nurse));
        let found = supervisor(state, rng, slot, effort);
        state.undo_to(mark);
        if let Some((worth, who)) = found
            && best.as_ref().is_none_or(|(other, ..)| worth < *other)
        {
            best = Some((worth, nurse, who));
        }
        if !state.problem().has_incompatible_people(nurse) {
            break;
        }
    }
    best
}

/// The people who may take a place, best first.
fn able(state: &mut State<'_>, seat: Seat, people: &[PersonIx]) -> Vec<PersonIx> {
    let mut able: Vec<(Score, PersonIx)> = Vec::with_capacity(people.len());
    for person in people {
        let score = state.preview(seat, *person);
        if state.allows(&score) {
            able.push((score, *person));
        }
    }
    able.sort_by_key(|(score, _)| *score);
    able.into_iter().map(|(_, person)| person).collect()
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
    let people = sample(state, rng, seat, effort.supervisors, None);
    whom(state, seat, people)
}

/// Whom of these people a place suits best. A room is covered the same whoever takes it, so those who cost no other
/// room an anesthetist come first, and the rest is only tried when none of them may.
fn whom(state: &mut State<'_>, seat: Seat, people: Vec<PersonIx>) -> Option<(Worth, PersonIx)> {
    let (at_work, idle): (Vec<PersonIx>, Vec<PersonIx>) =
        people.into_iter().partition(|person| newly_taken(state, *person, seat.slot) == 0);
    let mut best: Option<(Worth, PersonIx)> = None;
    for (taken, people) in [(0, at_work), (1, idle)] {
        if best.is_some() {
            break;
        }
        for person in people {
            let score = state.preview(seat, person);
            let worth = worth(&score, taken);
            if state.allows(&score) && best.as_ref().is_none_or(|(other, _)| worth < *other) {
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

#[cfg(test)]
mod tests {
    use roster::{Problem, Roster, testing};

    use super::*;

    fn empty(problem: &Problem) -> State<'_> {
        State::of_roster(problem, &Roster::pinned(problem), false)
    }

    #[test]
    fn of_all_nurses_and_supervisors_the_best_pair_is_found() {
        let problem = testing::department(1);
        let mut state = empty(&problem);
        let mut rng = Rng::new(1);
        for slot in problem.slot_indices().filter(|slot| problem.slot(*slot).kind.is_theatre()) {
            let (performer, supervisor) = (Seat::performer(slot), Seat::supervisor(slot));
            let mut best: Option<Worth> = None;
            let mut nurses = sample(&state, &mut rng, performer, usize::MAX, None);
            nurses.retain(|person| !state.is_mar(*person));
            for nurse in &nurses {
                state.put(performer, Some(*nurse));
                for person in sample(&state, &mut rng, supervisor, usize::MAX, None) {
                    let score = state.preview(supervisor, person);
                    let worth = worth(&score, newly_taken(&state, person, slot));
                    if state.allows(&score) && best.is_none_or(|other| worth < other) {
                        best = Some(worth);
                    }
                }
                state.undo_to(0);
            }
            let found = pair(&mut state, &mut rng, slot, Effort::WHOLE, &nurses);
            assert_eq!(found.map(|(worth, ..)| worth), best);
            fill(&mut state, &mut rng, slot, Effort::WHOLE, None);
            state.commit();
        }
    }

    #[test]
    fn slots_that_are_alike_are_filled_as_well_as_one_by_one() {
        let problem = testing::department(1);
        let mut together = empty(&problem);
        let mut rng = Rng::new(1);
        for day in problem.day_indices() {
            let slots = problem.slots_of_day(day).iter().copied();
            let mut others: Vec<SlotIx> =
                slots.filter(|slot| !problem.slot(*slot).kind.is_theatre()).collect();
            while let Some(first) = others.first().copied() {
                let kind = problem.slot(first).kind;
                let alike =
                    others.extract_if(.., |slot| problem.slot(*slot).kind == kind).collect::<Vec<_>>();
                let mut one_by_one = State::of_roster(&problem, together.roster(), false);
                for slot in &alike {
                    fill(&mut one_by_one, &mut rng, *slot, Effort::WHOLE, None);
                    one_by_one.commit();
                }
                fill_alike(&mut together, &mut rng, &alike);
                assert_eq!(together.score(), one_by_one.score());
            }
        }
    }
}
