//! Two people exchange everything they have during some days: the days stay covered as they were.

use std::ops::Range;

use roster::problem::{DayIx, Half, PersonIx, Seat};

use crate::{repair::settle, rng::Rng, search::map::Map, state::State};

/// Two people of one profession exchange a half-day, a day or up to a week.
pub(super) fn exchange_days(state: &mut State<'_>, map: &Map, rng: &mut Rng) -> bool {
    let Some(team) = rng.pick(&map.teams) else { return false };
    let (Some(one), Some(other)) = (rng.pick(team).copied(), rng.pick(team).copied()) else { return false };
    let days = state.problem().days().len();
    if one == other || days == 0 {
        return false;
    }
    let first = rng.below(days);
    let (last, half) = match rng.below(4) {
        0 | 1 => (first, Some(Half::ALL[rng.below(2)])),
        2 => (first, None),
        _ => ((first + 1 + rng.below(6)).min(days - 1), None),
    };
    let ours = posts(state, one, first..last + 1, half);
    let theirs = posts(state, other, first..last + 1, half);
    if ours.is_empty() && theirs.is_empty() {
        return false;
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

/// What somebody holds during some days; with a half, only the posts of that half.
fn posts(state: &State<'_>, person: PersonIx, days: Range<usize>, half: Option<Half>) -> Vec<Seat> {
    let held = days.filter_map(DayIx::of).flat_map(|day| state.posts(person, day)).copied();
    held.filter(|seat| half.is_none() || state.problem().slot(seat.slot).kind.half() == half).collect()
}
