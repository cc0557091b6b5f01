//! A roster: who holds each place, and who works which shift. Compact, cheap to clone, ordered like the problem.

use crate::{
    problem::{DayIx, PersonIx, Post, Problem, Seat, ShiftIx, SlotIx, roster_position},
    shifts::{Code, OFF},
};

/// An empty place.
const NOBODY: u16 = u16::MAX;

/// Who holds each place of a problem's slots, and everybody's shifts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Roster {
    holders: Vec<u16>,
    /// Codes at `person * days + day`; empty when the problem knows no shifts.
    shifts: Vec<Code>,
    days: usize,
}

/// The code of a type, or of a day off.
fn code_of(shift: Option<ShiftIx>) -> Code {
    shift.map_or(OFF, |shift| shift.0 as Code + 1)
}

// === impl Roster ===

impl Roster {
    /// Nobody anywhere, not even on pinned places.
    #[must_use]
    pub fn empty(problem: &Problem) -> Self {
        let table = problem.shifts();
        Self {
            holders: vec![NOBODY; problem.slots().len() * 2],
            shifts: vec![OFF; table.people() * table.days],
            days: table.days,
        }
    }

    /// Only the pinned places are held: where every search starts.
    #[must_use]
    pub fn pinned(problem: &Problem) -> Self {
        let mut roster = Self::empty(problem);
        for pin in &problem.draft().pins {
            roster.set(pin.seat, pin.person);
        }
        roster.pin_shifts(problem);
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
        for entry in &problem.draft().shifts.published {
            roster.set_shift(entry.person, entry.day, code_of(entry.shift));
        }
        roster.pin_shifts(problem);
        roster
    }

    fn pin_shifts(&mut self, problem: &Problem) {
        for pin in &problem.draft().shifts.pins {
            self.set_shift(pin.person, pin.day, code_of(pin.shift));
        }
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

    /// What somebody does on a day.
    #[must_use]
    pub fn shift(&self, person: PersonIx, day: DayIx) -> Code {
        self.row(person).get(day.at()).copied().unwrap_or(OFF)
    }

    /// Gives somebody a shift, or a day off, and returns what it was.
    ///
    /// # Panics
    /// When the problem knows no shifts.
    pub fn set_shift(&mut self, person: PersonIx, day: DayIx, code: Code) -> Code {
        std::mem::replace(&mut self.shifts[person.at() * self.days + day.at()], code)
    }

    /// Everything one person does, day by day; empty when the problem knows no shifts.
    #[must_use]
    pub fn row(&self, person: PersonIx) -> &[Code] {
        self.shifts.get(person.at() * self.days..(person.at() + 1) * self.days).unwrap_or_default()
    }

    /// Number of days of each row; 0 when the problem knows no shifts.
    #[must_use]
    pub fn days(&self) -> usize {
        self.days
    }

    /// All rows, one after the other, as [`crate::shifts::Sheet::new`] reads them.
    #[must_use]
    pub fn rows(&self) -> &[Code] {
        &self.shifts
    }

    /// Gives everybody these rows, one after the other.
    ///
    /// # Panics
    /// When they are not as many codes as there were.
    pub fn set_rows(&mut self, rows: &[Code]) {
        self.shifts.copy_from_slice(rows);
    }

    /// The shifts worked, by person and day.
    pub fn worked(&self) -> impl Iterator<Item = (PersonIx, DayIx, Code)> + '_ {
        let cells = self.shifts.iter().copied().enumerate().filter(|(_, code)| *code != OFF);
        cells
            .map(|(cell, code)| (PersonIx((cell / self.days) as u16), DayIx((cell % self.days) as u16), code))
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
