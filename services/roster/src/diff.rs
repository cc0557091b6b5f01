//! What differs between two rosters of one problem.

use std::collections::BTreeSet;

use crate::{
    problem::{PersonIx, Post, Seat, SlotIx},
    roster::Roster,
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

/// How much two rosters differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disruption {
    /// The places that changed hands, in order.
    pub changes: Vec<Change>,
    /// The people concerned, in order.
    pub people: Vec<PersonIx>,
    /// Places held before and after by the same person, per thousand of those held before; 1000 when none was.
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

/// How much two rosters of the same problem differ.
#[must_use]
pub fn disruption(before: &Roster, after: &Roster) -> Disruption {
    let changes = changes(before, after);
    let people: BTreeSet<_> =
        changes.iter().flat_map(|change| [change.before, change.after]).flatten().collect();
    let held = before.held().count();
    let lost = changes.iter().filter(|change| change.before.is_some()).count();
    let stability_permille = ((held - lost) * 1_000).checked_div(held).map_or(1_000, |kept| kept as u32);
    Disruption { changes, people: people.into_iter().collect(), stability_permille }
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
