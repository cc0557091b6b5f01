//! Two people exchange everything they have during some days: the days stay covered as they were.

use roster::problem::{DayIx, Half, PersonIx, Post, Seat, SlotIx};

use crate::{repair::settle, rng::Rng, search::map::Map, state::State};

/// How many days away is near.
const NEAR: usize = 6;

/// Two people of one profession exchange a half-day, a day, up to a week, or what they have on two days far apart.
///
/// They are found from a place one of them holds and the other could: most pairs have nothing to exchange.
pub(super) fn exchange_days(state: &mut State<'_>, map: &Map, rng: &mut Rng) -> bool {
    let Some((slot, one, other)) = pair(state, map, rng) else { return false };
    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    for span in spans(state, slot, rng) {
        collect(state, one, span, &mut ours);
        collect(state, other, span, &mut theirs);
    }
    let may = |person: PersonIx, seats: &[Seat]| {
        seats.iter().all(|seat| state.is_open(*seat) && state.problem().candidates(*seat).contains(&person))
    };
    if !may(other, &ours) || !may(one, &theirs) {
        return false;
    }
    for seat in ours.iter().chain(&theirs) {
        state.put(*seat, None);
    }
    for seat in ours {
        state.put(seat, Some(other));
    }
    for seat in theirs {
        state.put(seat, Some(one));
    }
    for slot in state.touched_since(0) {
        settle(state, rng, slot);
    }
    true
}

/// Some days, or a half of each.
type Span = (usize, usize, Option<Half>);

/// A held place, who holds it, and another of the same profession who may.
fn pair(state: &State<'_>, map: &Map, rng: &mut Rng) -> Option<(SlotIx, PersonIx, PersonIx)> {
    let slot = rng.pick(&map.all).copied()?;
    let mut seat = Seat::performer(slot);
    if rng.below(2) == 0 && state.holder(Seat::supervisor(slot)).is_some() {
        seat.post = Post::Supervisor;
    }
    let one = state.holder(seat)?;
    let other = rng.pick(state.problem().candidates(seat)).copied()?;
    (one != other && state.is_mar(one) == state.is_mar(other)).then_some((slot, one, other))
}

/// What is exchanged around a slot.
fn spans(state: &State<'_>, slot: SlotIx, rng: &mut Rng) -> Vec<Span> {
    let last = state.problem().days().len() - 1;
    let own = state.problem().slot(slot);
    let day = own.day.at();
    let half = own.kind.half();
    // The day after a garde goes with it: its holder rests.
    let end = if own.kind.has_night() { day + 1 } else { day };
    match rng.below(8) {
        0..4 => vec![(day, end.min(last), half)],
        4 => vec![(day, end.min(last), None)],
        5 => vec![(day, (end + 1 + rng.below(6)).min(last), None)],
        _ => {
            // Hours are counted over seven days: half of the time the other day is near.
            let far = if rng.below(2) == 0 { rng.below(last + 1) } else { near(day, last, rng) };
            let far_half = half.map(|_| Half::ALL[rng.below(2)]);
            if far == day && (half.is_none() || half == far_half) {
                return vec![(day, end.min(last), half)];
            }
            vec![(day, day, half), (far, far, far_half)]
        }
    }
}

/// A day less than a week away.
fn near(day: usize, last: usize, rng: &mut Rng) -> usize {
    (day + rng.below(2 * NEAR + 1)).saturating_sub(NEAR).min(last)
}

/// What somebody holds during some days; with a half, only the posts of that half.
fn collect(state: &State<'_>, person: PersonIx, (first, last, half): Span, found: &mut Vec<Seat>) {
    let held = (first..=last).filter_map(DayIx::of).flat_map(|day| state.posts(person, day)).copied();
    found.extend(held.filter(|seat| half.is_none() || state.problem().slot(seat.slot).kind.half() == half));
}
