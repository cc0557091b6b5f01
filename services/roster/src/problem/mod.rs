//! The problem: self-contained, pseudonymous, dense, checked once.

mod check;
mod counter;
mod derived;
mod draft;
mod horizon;
mod index;
mod look;
mod parameters;
mod person;
mod shift;
mod slot;
mod topology;

use std::ops::Range;

pub use self::{
    check::Violation,
    counter::Counter,
    draft::{Ask, Derogation, Draft, Pin, Published, Request, Wish},
    horizon::{Day, DayKind, Half, HalfDay, Weekday},
    index::{
        DayIx, LineIx, PersonIx, RoomIx, SectorIx, ShiftIx, SiteIx, SkillIx, SlotIx, SpecialtyIx, SurgeonIx,
    },
    parameters::{RuleParameters, RuleSetting},
    person::{
        Abilities, Availability, Counterpart, DutyUnavailability, Following, History, Incompatibility,
        LegalPack, Person, Profession, WorkedDay, WorkingTime,
    },
    shift::{
        PublishedShift, SHIFT_TYPES_MAX, ShiftCover, ShiftLimits, ShiftPin, ShiftType, ShiftWish, Shifts,
    },
    slot::{Post, Seat, Slot, SlotKind},
    topology::{Line, LineKind, Room, Sector, SectorCategory, SectorLimits, Site, Topology},
};
pub(crate) use self::{
    derived::{Derived, counters_of, duty},
    look::{Look, What},
};

/// A checked problem. Read-only: a change is a new draft.
#[derive(Clone, Debug)]
pub struct Problem {
    draft: Draft,
    derived: Derived,
}

// === impl Problem ===

impl Problem {
    /// Checks a draft once and for all and prepares the tables the judge reads.
    ///
    /// # Errors
    /// All violations, not the first.
    pub fn build(draft: Draft) -> Result<Self, Vec<Violation>> {
        let violations = check::violations(&draft);
        if violations.is_empty() {
            let derived = Derived::of(&draft);
            Ok(Self { draft, derived })
        } else {
            Err(violations)
        }
    }

    /// Checks a draft that is a part of a larger problem. What a part cannot know by itself is given: each person's
    /// fair target of every counter, as in the whole, and who is only there for the posts they are pinned to and
    /// may take nothing else.
    ///
    /// # Errors
    /// All violations, not the first.
    pub fn build_part(
        draft: Draft,
        targets: Vec<[Option<i64>; Counter::COUNT]>,
        frozen: &[PersonIx],
    ) -> Result<Self, Vec<Violation>> {
        let mut part = Self::build(draft)?;
        if targets.len() == part.draft.people.len() {
            part.derived.targets = targets;
        }
        for candidates in &mut part.derived.candidates {
            candidates.retain(|person| !frozen.contains(person));
        }
        for person in frozen {
            part.derived.shifts.freeze(person.at());
        }
        Ok(part)
    }

    /// What it was built from.
    #[must_use]
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The days.
    #[must_use]
    pub fn days(&self) -> &[Day] {
        &self.draft.days
    }

    /// One day.
    #[must_use]
    pub fn day(&self, day: DayIx) -> &Day {
        &self.draft.days[day.at()]
    }

    /// The people.
    #[must_use]
    pub fn people(&self) -> &[Person] {
        &self.draft.people
    }

    /// One person.
    #[must_use]
    pub fn person(&self, person: PersonIx) -> &Person {
        &self.draft.people[person.at()]
    }

    /// The slots.
    #[must_use]
    pub fn slots(&self) -> &[Slot] {
        &self.draft.slots
    }

    /// One slot.
    #[must_use]
    pub fn slot(&self, slot: SlotIx) -> &Slot {
        &self.draft.slots[slot.at()]
    }

    /// The places.
    #[must_use]
    pub fn topology(&self) -> &Topology {
        &self.draft.topology
    }

    /// The rule set's figures.
    #[must_use]
    pub fn parameters(&self) -> &RuleParameters {
        &self.draft.parameters
    }

    /// All slot indices, in order.
    pub fn slot_indices(&self) -> impl DoubleEndedIterator<Item = SlotIx> + ExactSizeIterator + use<> {
        (0..self.draft.slots.len() as u32).map(SlotIx)
    }

    /// All person indices, in order.
    pub fn person_indices(&self) -> impl DoubleEndedIterator<Item = PersonIx> + ExactSizeIterator + use<> {
        (0..self.draft.people.len() as u16).map(PersonIx)
    }

    /// All day indices, in order.
    pub fn day_indices(&self) -> impl DoubleEndedIterator<Item = DayIx> + ExactSizeIterator + use<> {
        (0..self.draft.days.len() as u16).map(DayIx)
    }

    /// The slots of a day, in order.
    #[must_use]
    pub fn slots_of_day(&self, day: DayIx) -> &[SlotIx] {
        &self.derived.slots_of_day[day.at()]
    }

    /// The dense week of a day; weeks are ISO weeks, numbered from the horizon's first.
    #[must_use]
    pub fn week_of(&self, day: DayIx) -> usize {
        usize::from(self.derived.week_of_day[day.at()])
    }

    /// Number of weeks the horizon touches.
    #[must_use]
    pub fn week_count(&self) -> usize {
        self.derived.days_of_week.len()
    }

    /// The days of a week, as positions.
    #[must_use]
    pub fn days_of_week(&self, week: usize) -> Range<usize> {
        self.derived.days_of_week[week].clone()
    }

    /// The sector of a theatre slot.
    #[must_use]
    pub fn sector_of(&self, slot: SlotIx) -> Option<SectorIx> {
        match self.slot(slot).kind {
            SlotKind::Theatre { room, .. } => Some(self.draft.topology.rooms[room.at()].sector),
            _ => None,
        }
    }

    /// The site a slot is worked at; `None` for a duty line that serves all sites.
    #[must_use]
    pub fn site_of(&self, slot: SlotIx) -> Option<SiteIx> {
        self.derived.site_of_slot[slot.at()]
    }

    /// Who could ever hold a place, looking at nothing but the person and the slot (profession, ability, site,
    /// skill, availability, strict incompatibility with the surgeon); in order.
    #[must_use]
    pub fn candidates(&self, seat: Seat) -> &[PersonIx] {
        &self.derived.candidates[roster_position(seat)]
    }

    /// The pin of a place: `Some(None)` is a place locked empty.
    #[must_use]
    pub fn pin(&self, seat: Seat) -> Option<Option<PersonIx>> {
        self.derived.pins[roster_position(seat)]
    }

    /// What was published for a place, if anything.
    #[must_use]
    pub fn published(&self, seat: Seat) -> Option<&Published> {
        self.derived.published[roster_position(seat)].map(|position| &self.draft.published[position as usize])
    }

    /// The target of a counter for a person, in thousandths, history included; `None` when out of this counter.
    #[must_use]
    pub fn target(&self, person: PersonIx, counter: Counter) -> Option<i64> {
        self.derived.targets[person.at()][counter.at()]
    }

    /// What a person's counter stood at before the horizon, in thousandths.
    #[must_use]
    pub fn history(&self, person: PersonIx, counter: Counter) -> i64 {
        self.derived.history[person.at()][counter.at()]
    }

    /// What shifts cost and forbid; empty when the problem knows none.
    #[must_use]
    pub fn shifts(&self) -> &crate::shifts::Table {
        &self.derived.shifts
    }

    /// Whether a person works shifts.
    #[must_use]
    pub fn works_shifts(&self, person: PersonIx) -> bool {
        self.derived.shifts.limits.get(person.at()).is_some_and(Option::is_some)
    }

    /// A slot in few bytes.
    pub(crate) fn look(&self, slot: SlotIx) -> &Look {
        &self.derived.looks[slot.at()]
    }

    /// The table the judge reads.
    pub(crate) fn derived(&self) -> &Derived {
        &self.derived
    }
}

/// Position of a place in flat tables of places.
pub(crate) fn roster_position(seat: Seat) -> usize {
    seat.slot.at() * 2 + seat.post as usize
}
