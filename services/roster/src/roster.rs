//! A roster: who holds each place. Compact, cheap to clone, ordered like the problem's slots.

use crate::problem::{PersonIx, Post, Problem, Seat, SlotIx, roster_position};

/// An empty place.
const NOBODY: u16 = u16::MAX;

/// Who holds each place of a problem's slots.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Roster {
    holders: Vec<u16>,
}

// === impl Roster ===

impl Roster {
    /// Nobody anywhere, not even on pinned places.
    #[must_use]
    pub fn empty(problem: &Problem) -> Self {
        Self { holders: vec![NOBODY; problem.slots().len() * 2] }
    }

    /// Only the pinned places are held: where every search starts.
    #[must_use]
    pub fn pinned(problem: &Problem) -> Self {
        let mut roster = Self::empty(problem);
        for pin in &problem.draft().pins {
            roster.set(pin.seat, pin.person);
        }
        roster
    }

    /// The published roster, with the pins on top.
    #[must_use]
    pub fn published(problem: &Problem) -> Self {
        let mut roster = Self::empty(problem);
        for entry in &problem.draft().published {
            roster.set(entry.seat, entry.person);
        }
        for pin in &problem.draft().pins {
            roster.set(pin.seat, pin.person);
        }
        roster
    }

    /// Who holds a place.
    #[must_use]
    pub fn get(&self, seat: Seat) -> Option<PersonIx> {
        match self.holders[roster_position(seat)] {
            NOBODY => None,
            person => Some(PersonIx(person)),
        }
    }

    /// Gives a place to somebody or to nobody, and returns who held it.
    pub fn set(&mut self, seat: Seat, person: Option<PersonIx>) -> Option<PersonIx> {
        let before = self.get(seat);
        self.holders[roster_position(seat)] = person.map_or(NOBODY, |person| person.0);
        before
    }

    /// The performer of a slot.
    #[must_use]
    pub fn performer(&self, slot: SlotIx) -> Option<PersonIx> {
        self.get(Seat::performer(slot))
    }

    /// The supervisor of a slot.
    #[must_use]
    pub fn supervisor(&self, slot: SlotIx) -> Option<PersonIx> {
        self.get(Seat::supervisor(slot))
    }

    /// Number of slots.
    #[must_use]
    pub fn slot_count(&self) -> usize {
        self.holders.len() / 2
    }

    /// The held places with their holders, in order.
    pub fn held(&self) -> impl Iterator<Item = (Seat, PersonIx)> + '_ {
        self.holders.iter().enumerate().filter(|(_, holder)| **holder != NOBODY).map(|(position, holder)| {
            let slot = SlotIx((position / 2) as u32);
            let post = Post::ALL[position % 2];
            (Seat { slot, post }, PersonIx(*holder))
        })
    }
}
