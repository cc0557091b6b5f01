//! Everybody's places of a half-day, chosen anew together by an exact program.
//!
//! What a person's own rules say of a set of places does not depend on who holds the others: the judge is asked once per
//! person and set ([`State::preview_alone`]). What is left couples people place by place: one performer or a hole, a
//! supervisor exactly for a nurse, nurses in the rooms and sectors that want them. That is a set partitioning problem whose linear
//! relaxation is nearly whole: milliseconds for a department, where chains of exchanges between more than a few people
//! are out of reach of the other moves.
//!
//! The judge decides what comes of it, as of every move: incompatible pairs in one room are not looked at here.

mod choices;
mod master;
mod turns;

use roster::problem::{HalfDay, PersonIx, Post, Seat, SlotIx};

pub(super) use self::turns::{Course, Turns};
use self::{choices::Choices, master::Master};
use crate::state::State;

/// Chooses everybody's places of a half-day anew. Says how many choices were looked at, and whether something was found
/// that costs less; what is not to be kept is for the caller to take back.
pub(super) fn choose(state: &mut State<'_>, half_day: HalfDay) -> (u64, bool) {
    let slots = open_slots(state, half_day);
    let Some(mut people) = Choices::of_all(state, half_day, &slots) else {
        return (slots.len() as u64, false);
    };
    let held: Vec<Seat> = people.iter().flat_map(Choices::held).copied().collect();
    for seat in held {
        state.put(seat, None);
    }
    people.iter_mut().for_each(|own| own.ask(state));
    let looked_at = people.iter().map(Choices::len).sum::<usize>() as u64;
    let chosen = Master::new(state.problem(), &slots, &people).best();
    for (own, choice) in people.iter().zip(chosen.iter().flatten()) {
        for seat in own.seats(*choice) {
            state.put(*seat, Some(own.person));
        }
    }
    (looked_at, chosen.is_some())
}

/// The slots of a half-day where nothing is pinned, in order; those whose holders have a place elsewhere then are left to
/// them.
fn open_slots(state: &State<'_>, half_day: HalfDay) -> Vec<SlotIx> {
    let problem = state.problem();
    let is_then = |slot: SlotIx| problem.slot(slot).kind.half() == Some(half_day.half());
    let seats = |slot: SlotIx| Post::ALL.map(|post| Seat { slot, post });
    let day = problem.slots_of_day(half_day.day()).iter().copied();
    let is_open = |slot: &SlotIx| seats(*slot).into_iter().all(|seat| state.is_open(seat));
    let mut slots: Vec<SlotIx> = day.filter(|slot| is_then(*slot)).filter(is_open).collect();
    slots.sort_unstable();
    loop {
        let is_bound = |person: PersonIx| {
            let held = state.posts(person, half_day.day()).iter().map(|seat| seat.slot);
            held.filter(|slot| is_then(*slot)).any(|slot| slots.binary_search(&slot).is_err())
        };
        let is_free =
            |slot: &SlotIx| !seats(*slot).iter().filter_map(|seat| state.holder(*seat)).any(is_bound);
        let free: Vec<SlotIx> = slots.iter().copied().filter(is_free).collect();
        if free.len() == slots.len() {
            return slots;
        }
        slots = free;
    }
}

/// Everybody who may hold one of these slots' places, in order.
fn candidates(state: &State<'_>, slots: &[SlotIx]) -> Vec<PersonIx> {
    let seats = slots.iter().flat_map(|slot| Post::ALL.map(|post| Seat { slot: *slot, post }));
    let mut people: Vec<PersonIx> =
        seats.flat_map(|seat| state.problem().candidates(seat)).copied().collect();
    people.sort_unstable();
    people.dedup();
    people
}

#[cfg(all(test, feature = "exact"))]
mod tests {
    use roster::{Problem, Roster, testing};

    use super::*;
    use crate::{Options, construct, fill::Effort, rng::Rng, search::acceptors::energy, solve};

    /// What floating point may have overlooked, in thousandths of a quarter of a unit of preference.
    const SMALL: i64 = 10;

    fn half_days(problem: &Problem) -> impl Iterator<Item = HalfDay> {
        (0..problem.days().len() as u32 * 2).map(HalfDay)
    }

    fn found(problem: &Problem, seed: u64, steps: u64) -> Roster {
        solve(problem, &Options { seed, steps, ..Options::default() }, &mut ()).roster
    }

    #[test]
    fn a_half_day_chosen_anew_is_legal_and_costs_less() {
        let mut better = 0;
        for seed in 0..12 {
            let mut draft = testing::small_draft(seed);
            draft.people.iter_mut().for_each(|person| person.incompatibilities.clear());
            let problem = Problem::build(draft).unwrap();
            let mut state = State::of_roster(&problem, &found(&problem, seed, 300), true);
            for half_day in half_days(&problem) {
                let before = state.score();
                let (_, is_better) = choose(&mut state, half_day);
                if is_better {
                    assert!(state.is_legal(), "seed {seed}, {half_day:?}");
                    assert!(energy(&(state.score() - before)) < 0, "seed {seed}, {half_day:?}");
                    better += 1;
                    state.commit();
                } else {
                    state.undo_to(0);
                    assert_eq!(state.score(), before);
                }
            }
        }
        assert!(better > 0);
    }

    #[test]
    fn nobody_finds_better_places_in_a_half_day_just_chosen() {
        let problem = testing::department(2);
        let mut state = State::of_roster(&problem, &found(&problem, 2, 2_000), false);
        let mut rng = Rng::new(7);
        for half_day in half_days(&problem).skip(2).take(6) {
            if choose(&mut state, half_day).1 {
                state.commit();
            } else {
                state.undo_to(0);
            }
            let chosen = state.score();
            let slots = open_slots(&state, half_day);
            for _ in 0..100 {
                for seat in slots.iter().flat_map(|slot| Post::ALL.map(|post| Seat { slot: *slot, post })) {
                    state.put(seat, None);
                }
                construct::rebuild(&mut state, &mut rng, &mut slots.clone(), Effort::WHOLE);
                assert!(!state.is_legal() || energy(&(state.score() - chosen)) > -SMALL, "{half_day:?}");
                state.undo_to(0);
            }
        }
    }
}
