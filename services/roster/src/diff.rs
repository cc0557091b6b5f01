//! What differs between two rosters of one problem.

use std::collections::BTreeSet;

use crate::{
    problem::{DayIx, PersonIx, Post, Seat, SlotIx},
    roster::Roster,
    shifts::{Code, OFF},
};

/// One place that changed hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The place.
    pub seat: Seat,
    /// Who held it.
    pub before: Option<PersonIx>,
    /// Who holds it.
    pub after: Option<PersonIx>,
}

/// One day on which somebody's shift changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShiftChange {
    /// Whose.
    pub person: PersonIx,
    /// Which day.
    pub day: DayIx,
    /// What the person did.
    pub before: Code,
    /// What the person does.
    pub after: Code,
}

/// How much two rosters differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disruption {
    /// The places that changed hands, in order.
    pub changes: Vec<Change>,
    /// The shifts that changed, by person and day.
    pub shifts: Vec<ShiftChange>,
    /// The people concerned, in order.
    pub people: Vec<PersonIx>,
    /// Places held before and after by the same person, and shifts worked before and after, per thousand of those before;
    /// 1000 when there was none.
    pub stability_permille: u32,
}

/// The places that changed hands, in order. Both rosters must be of the same problem.
#[must_use]
pub fn changes(before: &Roster, after: &Roster) -> Vec<Change> {
    let slots = before.slot_count().max(after.slot_count()) as u32;
    let seats = (0..slots).flat_map(|slot| Post::ALL.map(|post| Seat { slot: SlotIx(slot), post }));
    let compared = seats.map(|seat| Change { seat, before: before.get(seat), after: after.get(seat) });
    compared.filter(|change| change.before != change.after).collect()
}

/// The shifts that changed, by person and day. Both rosters must be of the same problem.
#[must_use]
pub fn shift_changes(before: &Roster, after: &Roster) -> Vec<ShiftChange> {
    let days = before.days().max(1);
    let cells = before.rows().iter().copied().zip(after.rows().iter().copied()).enumerate();
    let changed = cells.filter(|(_, (before, after))| before != after);
    let change = |(cell, (before, after))| ShiftChange {
        person: PersonIx((cell / days) as u16),
        day: DayIx((cell % days) as u16),
        before,
        after,
    };
    changed.map(change).collect()
}

/// How much two rosters of the same problem differ.
#[must_use]
pub fn disruption(before: &Roster, after: &Roster) -> Disruption {
    let changes = changes(before, after);
    let shifts = shift_changes(before, after);
    let holders = changes.iter().flat_map(|change| [change.before, change.after]).flatten();
    let people: BTreeSet<_> = holders.chain(shifts.iter().map(|change| change.person)).collect();
    let held = before.held().count() + before.worked().count();
    let lost = changes.iter().filter(|change| change.before.is_some()).count()
        + shifts.iter().filter(|change| change.before != OFF).count();
    let stability_permille = ((held - lost) * 1_000).checked_div(held).map_or(1_000, |kept| kept as u32);
    Disruption { changes, shifts, people: people.into_iter().collect(), stability_permille }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_swap_of_two_places_is_two_changes_of_two_people() {
        let problem = testing::small(1);
        let mut before = Roster::empty(&problem);
        let (one, other) = (Seat::performer(SlotIx(0)), Seat::performer(SlotIx(1)));
        before.set(one, Some(PersonIx(3)));
        before.set(other, Some(PersonIx(2)));
        before.set(Seat::performer(SlotIx(2)), Some(PersonIx(1)));
        let mut after = before.clone();
        after.set(one, Some(PersonIx(2)));
        after.set(other, Some(PersonIx(3)));
        let found = disruption(&before, &after);
        assert_eq!(found.people, [PersonIx(2), PersonIx(3)]);
        assert_eq!(found.changes.len(), 2);
        assert_eq!(found.stability_permille, 333);
        assert_eq!(changes(&after, &after), []);
    }
}
